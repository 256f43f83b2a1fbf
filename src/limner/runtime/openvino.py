"""OpenVINO, the default runtime: reads .tflite, .pb, .onnx and TensorFlow.js graph models."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from limner.core.arrays import Floats
from limner.errors import BackendError, ModelError
from limner.runtime import Running, Runtime, compiled, digest, is_channels_first
from limner.runtime.graphdef import check_graph
from limner.runtime.refusals import reading, running
from limner.runtime.tfjs import frozen_graph


@contextmanager
def _unreported() -> Iterator[None]:
    """Keep what is imported from telling anybody.

    OpenVINO reports every import to its makers over the network, unless the package that does
    it is missing; it has no other switch than a file in the user's home. Nothing about
    anybody's videos leaves their machine through limner.
    """
    name = "openvino_telemetry"
    hidden = {name: sys.modules[name]} if name in sys.modules else {}
    sys.modules[name] = None  # type: ignore[assignment] # cannot be imported
    try:
        yield
    finally:
        del sys.modules[name]
        sys.modules.update(hidden)


with _unreported():
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

Shape = tuple[int | None, ...]

# The first time a type is translated to numpy's, OpenVINO looks numpy up, in a way in which two
# threads that come at once wait for each other for ever. So it is done here, by one.
ov.Type.f32.to_dtype()


@cache
def _core() -> ov.Core:
    """Return OpenVINO's one entry, made once for the process.

    Each gives the thread that makes it a stack for signal handlers, where the processor has AMX,
    and puts the one before back when it goes. Two that go in another order than the reverse
    leave a stack that is no memory any more, and the next signal ends the process.
    """
    return ov.Core()


def read_shapes(path: Path) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Say what a network takes and gives, without compiling it.

    Args:
        path: a network file.

    Returns:
        Shapes of the inputs and of the outputs by name, with None for what may vary; an
        empty shape where even the rank may.

    Raises:
        ModelError: the file is not a network.
    """
    with reading(path, "OpenVINO"):
        model = _read(_core(), path)
        return (
            {port.get_any_name(): _shape(port.partial_shape) for port in model.inputs},
            {port.get_any_name(): _shape(port.partial_shape) for port in model.outputs},
        )


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
        core = _core()
        self._path = path
        self.device = runtime.device
        # OpenVINO would pick bfloat16 by itself where the processor has it, for every network,
        # and would imitate it slowly on some that have not.
        half = runtime.half and "BF16" in core.get_property(
            self.device, "OPTIMIZATION_CAPABILITIES"
        )
        self.precision = "bf16" if half else "f32"
        config: dict[str, object] = {
            "INFERENCE_PRECISION_HINT": self.precision,
            "PERFORMANCE_HINT": "LATENCY",
            # Decoding, drawing and encoding run beside the network: the system knows best
            # which core is free.
            "ENABLE_CPU_PINNING": False,
        }
        if runtime.threads is not None and self.device == "CPU":
            config["INFERENCE_NUM_THREADS"] = runtime.threads
            config["NUM_STREAMS"] = runtime.streams
        network = key = None
        if self.device == "CPU":
            key = compiled.key(core, digest(path), config, input_shape, outputs)
            network = compiled.load(core, self.device, config, key)
        with reading(path, "OpenVINO"):
            if network is None:
                model = _prepared(core, path, input_shape, outputs)
                network = core.compile_model(model, self.device, config)
                if key is not None:
                    compiled.save(network, key)
            self.output_names = [output.get_any_name() for output in network.outputs]
            if outputs is not None:
                self.output_names = list(outputs)
            self.input_shape = _shape(network.input(0).partial_shape)
        self._channels_first = is_channels_first(self.input_shape)
        self._network = network
        # Requests that nobody uses; several threads may run the network.
        self._free: SimpleQueue[Any] = SimpleQueue()

    @staticmethod
    def find_device(wanted: str) -> str:
        """Return OpenVINO's name for a device, or for the one that ``auto`` stands for.

        Raises:
            BackendError: it is not there.
        """
        if wanted == "auto":
            return "CPU"
        available = _core().available_devices
        for device in available:
            if device.upper() == wanted.upper() or device.upper().startswith(f"{wanted.upper()}."):
                return str(device)
        raise BackendError(
            f"device {wanted!r} is not available to OpenVINO; it has "
            f"{', '.join(name.lower() for name in available)}"
        )

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        """Run the network on (B, H, W, C) images; return its outputs by name."""
        with running(self._path, "OpenVINO", batch.shape):
            request = self._request()
            # In this thread: waiting for another one would cost a turn of the scheduler.
            request.infer([self._input(batch)], share_inputs=True)
            return self._outputs(request)

    def start(self, batch: Floats) -> Running:
        """Begin to run the network; as many runs go on at a time as there are streams."""
        with running(self._path, "OpenVINO", batch.shape):
            request = self._request()
            # The request gets a copy: a result that nobody takes, because a stage failed, must
            # not leave a run behind that reads memory given back.
            request.start_async([self._input(batch)])

        def finish() -> dict[str, Floats]:
            with running(self._path, "OpenVINO", batch.shape):
                request.wait()
                return self._outputs(request)

        return finish

    def _request(self) -> Any:
        try:
            return self._free.get_nowait()
        except Empty:
            return self._network.create_infer_request()

    def _input(self, batch: Floats) -> Floats:
        return np.ascontiguousarray(batch.transpose(0, 3, 1, 2)) if self._channels_first else batch

    def _outputs(self, request: Any) -> dict[str, Floats]:
        """Return what a request that is done has computed, and free it."""
        outputs = {}
        for i, name in enumerate(self.output_names):
            # A copy: the request's own buffers are overwritten by its next run.
            output = request.get_output_tensor(i).data.copy()
            if self._channels_first and output.ndim == 4:
                output = output.transpose(0, 2, 3, 1)
            outputs[name] = output
        self._free.put(request)
        return outputs


def _prepared(
    core: ov.Core, path: Path, input_shape: Sequence[int] | None, outputs: Sequence[str] | None
) -> Any:
    """Return the network read, of a fixed size if asked for, without unwanted outputs."""
    model = _read(core, path)
    if input_shape is not None:
        channels_first = is_channels_first(_shape(model.input(0).partial_shape))
        _reshape(path, model, input_shape, channels_first)
    if model.input(0).element_type != ov.Type.f32:
        # Some take whole numbers; images are floating point here.
        steps = PrePostProcessor(model)
        steps.input().tensor().set_element_type(ov.Type.f32)
        model = steps.build()
    if outputs is None:
        return model
    try:
        kept = [model.output(name) for name in outputs]
    except RuntimeError as error:
        raise ModelError(
            f"{path}: expected outputs {', '.join(outputs)}, got "
            f"{', '.join(output.get_any_name() for output in model.outputs)}"
        ) from error
    return ov.Model(kept, model.get_parameters())


def _read(core: ov.Core, path: Path) -> Any:
    if path.suffix == ".pb":
        check_graph(path)
    if path.suffix == ".json":
        # OpenVINO reads TensorFlow's graphs from files only.
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            graph = Path(folder, "graph.pb")
            graph.write_bytes(frozen_graph(path))
            return core.read_model(graph)
    return core.read_model(path)


def _reshape(path: Path, model: Any, shape: Sequence[int], channels_first: bool) -> None:
    batch, height, width, channels = shape
    wanted = [batch, channels, height, width] if channels_first else list(shape)
    try:
        model.reshape(wanted)
    except RuntimeError as error:
        raise BackendError(
            f"{path}: the network cannot be made to take images of {width}x{height}; "
            f"it takes {_shape(model.input(0).partial_shape)}"
        ) from error


def _shape(partial: ov.PartialShape) -> Shape:
    if partial.rank.is_dynamic:
        return ()
    return tuple(dimension.get_length() if dimension.is_static else None for dimension in partial)
