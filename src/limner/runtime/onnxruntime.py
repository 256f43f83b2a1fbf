"""ONNX Runtime, an optional extra: reads .onnx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Floats
from limner.errors import BackendError, ModelError
from limner.runtime import Running, Runtime, is_channels_first
from limner.runtime.refusals import reading, running

_PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}


class OnnxRuntimeNetwork:
    """A network in an ONNX Runtime session."""

    backend = "onnxruntime"
    precision = "f32"

    def __init__(
        self,
        path: Path,
        runtime: Runtime,
        input_shape: Sequence[int] | None,
        outputs: Sequence[str] | None,
    ) -> None:
        # A session takes any shape at run time, so there is nothing to fix for input_shape.
        del input_shape
        import onnxruntime

        self._path = path
        self.device = runtime.device
        options = onnxruntime.SessionOptions()
        # Errors only: they also come as exceptions, warnings are about the graph's making.
        options.log_severity_level = 3
        if runtime.threads is not None:
            options.intra_op_num_threads = runtime.threads
        with reading(path, "ONNX Runtime"):
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=[_PROVIDERS[self.device.lower()]]
            )
            names = [output.name for output in self._session.get_outputs()]
            entry: Any = self._session.get_inputs()[0]
            self._input_name: str = entry.name
            self._channels_first = is_channels_first(entry.shape)
        missing = [name for name in outputs or () if name not in names]
        if missing:
            raise ModelError(
                f"{path}: expected outputs {', '.join(missing)}, got {', '.join(names)}"
            )
        self.output_names = list(outputs or names)

    @staticmethod
    def find_device(wanted: str) -> str:
        """Return the name of a device, or of the one that ``auto`` stands for.

        Raises:
            BackendError: it is not there, or ONNX Runtime is not.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise BackendError(
                "backend onnxruntime is not installed; pip install 'limner[onnxruntime]', "
                "or use --backend openvino"
            ) from error
        device = "cpu" if wanted == "auto" else wanted.lower()
        available = onnxruntime.get_available_providers()
        usable = [name for name, provider in _PROVIDERS.items() if provider in available]
        if device not in usable:
            raise BackendError(
                f"device {wanted!r} is not available to ONNX Runtime; it has {', '.join(usable)}"
            )
        return device.upper()

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        """Run the network on (B, H, W, C) images; return its outputs by name."""
        if self._channels_first:
            batch = np.ascontiguousarray(batch.transpose(0, 3, 1, 2))
        with running(self._path, "ONNX Runtime", batch.shape):
            results = self._session.run(self.output_names, {self._input_name: batch})
        if self._channels_first:
            results = [
                result.transpose(0, 2, 3, 1) if result.ndim == 4 else result for result in results
            ]
        return dict(zip(self.output_names, results, strict=True))

    def start(self, batch: Floats) -> Running:
        """Run the network, at once."""
        outputs = self(batch)
        return lambda: outputs
