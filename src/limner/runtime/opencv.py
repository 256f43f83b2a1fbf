"""OpenCV's DNN module: reads frozen TensorFlow graphs (.pb) and .onnx, on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.errors import BackendError, ModelError
from limner.runtime import BACKENDS, Running, Runtime
from limner.runtime.graphdef import check_graph
from limner.runtime.refusals import reading, running
from limner.system.opencv import quiet
from limner.system.process import ProcessSetting

_THREADS = ProcessSetting(cv2.getNumThreads, cv2.setNumThreads)


class OpenCvNetwork:
    """A network in OpenCV's DNN module."""

    backend = "opencv"
    precision = "f32"

    def __init__(
        self,
        path: Path,
        runtime: Runtime,
        input_shape: Sequence[int] | None,
        outputs: Sequence[str] | None,
    ) -> None:
        # OpenCV takes any shape at run time, so there is nothing to fix for input_shape.
        del input_shape
        self.device = runtime.device
        self._threads = runtime.threads
        self._path = path
        if path.suffix == ".pb":
            check_graph(path)
        read = cv2.dnn.readNetFromTensorflow if path.suffix == ".pb" else cv2.dnn.readNetFromONNX
        with reading(path, "OpenCV"):
            try:
                with quiet():
                    self._network = read(str(path))
                    names = self._network.getUnconnectedOutLayersNames()
            except cv2.error as error:
                raise _unreadable(path, error) from error
            available = [str(name) for name in names]
        missing = [name for name in outputs or () if name not in available]
        if missing or not available:
            raise ModelError(
                f"{path}: expected outputs {', '.join(missing) or 'of some name'}, got "
                f"{', '.join(available) or 'none'}"
            )
        self.output_names = list(outputs or available)
        self._available = available

    @staticmethod
    def find_device(wanted: str) -> str:
        """Return the name of the one device there is.

        Raises:
            BackendError: another one is wanted.
        """
        if wanted.lower() not in ("auto", "cpu"):
            raise BackendError(f"device {wanted!r} is not available to OpenCV; it has cpu only")
        return "CPU"

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        """Run the network on (B, H, W, C) images; return its outputs by name."""
        with running(self._path, "OpenCV", batch.shape):
            try:
                with quiet(), self._on_threads():
                    self._network.setInput(np.ascontiguousarray(batch.transpose(0, 3, 1, 2)))
                    # OpenCV 5 computes all outputs or none.
                    results = self._network.forward(self._available)
            except cv2.error as error:
                raise _unreadable(self._path, error, batch.shape) from error
        every = dict(zip(self._available, results, strict=True))
        return {name: _channels_last(every[name]) for name in self.output_names}

    def _on_threads(self) -> AbstractContextManager[None]:
        # OpenCV counts threads for the whole process, not for a network.
        return nullcontext() if self._threads is None else _THREADS.held(self._threads)

    def start(self, batch: Floats) -> Running:
        """Run the network, at once."""
        outputs = self(batch)
        return lambda: outputs


def _channels_last(result: NDArray[Any]) -> Floats:
    return np.asarray(result.transpose(0, 2, 3, 1) if result.ndim == 4 else result, np.float32)


def _unreadable(path: Path, error: cv2.error, shape: tuple[int, ...] | None = None) -> BackendError:
    others = [
        name for name, endings in BACKENDS.items() if path.suffix in endings and name != "opencv"
    ]
    what = "read it" if shape is None else f"run it on input of shape {shape}"
    reason = (error.err or str(error)).strip().splitlines()[0]
    return BackendError(
        f"{path}: OpenCV {cv2.__version__} cannot {what} ({reason}); "
        f"use --backend {' or '.join(others)}"
    )
