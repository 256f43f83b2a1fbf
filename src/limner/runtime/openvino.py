"""OpenVINO, the default runtime: reads .tflite, .pb and .onnx as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openvino as ov

from limner.errors import BackendError, ModelError
from limner.runtime import Runtime, Tensor


class OpenVinoNetwork:
    """A network compiled by OpenVINO."""

    backend = "openvino"

    def __init__(
        self,
        path: Path,
        runtime: Runtime,
        input_shape: Sequence[int] | None,
        outputs: Sequence[str] | None,
    ) -> None:
        core = ov.Core()
        self.device = _device(core, runtime.device)
        try:
            model = core.read_model(path)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ModelError(f"{path}: OpenVINO cannot read it as a network ({reason})") from error
        if input_shape is not None:
            model.reshape(list(input_shape))
        self.output_names = [output.get_any_name() for output in model.outputs]
        if outputs is not None:
            self.output_names = list(outputs)
            try:
                kept = [model.output(name) for name in outputs]
            except RuntimeError as error:
                raise ModelError(
                    f"{path}: expected outputs {', '.join(outputs)}, got "
                    f"{', '.join(output.get_any_name() for output in model.outputs)}"
                ) from error
            model = ov.Model(kept, model.get_parameters())
        self.input_shape = tuple(
            dimension.get_length() if dimension.is_static else None
            for dimension in model.input(0).partial_shape
        )
        config: dict[str, object] = {
            # bfloat16, which OpenVINO picks by itself where the CPU has it, moves
            # BlazePose's landmarks by up to 39 of 256 pixels.
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        if runtime.threads is not None and self.device == "CPU":
            config["INFERENCE_NUM_THREADS"] = runtime.threads
        self._request = core.compile_model(model, self.device, config).create_infer_request()

    def __call__(self, batch: Tensor) -> dict[str, Tensor]:
        """Run the network on (B, H, W, C) pictures; return its outputs by name."""
        # The result is copied: the request's own buffers are overwritten by the next run.
        results = self._request.infer([batch], share_inputs=True, share_outputs=False)
        return {name: results[i] for i, name in enumerate(self.output_names)}


def _device(core: ov.Core, wanted: str) -> str:
    if wanted == "auto":
        return "CPU"
    available = core.available_devices
    for device in available:
        if device.upper() == wanted.upper() or device.upper().startswith(f"{wanted.upper()}."):
            return str(device)
    raise BackendError(
        f"device {wanted!r} is not available to OpenVINO; it has "
        f"{', '.join(name.lower() for name in available)}"
    )
