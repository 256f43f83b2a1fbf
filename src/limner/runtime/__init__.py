"""Run a network file on a device.

One small interface for every runtime: a network takes one batch of images, channels
last, and returns its outputs by name, channels last. What the pixels must look like is the
model family's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from limner.core.arrays import Floats
from limner.errors import BackendError, ModelError, UsageError
from limner.system.hashing import sha256_of

Running = Callable[[], dict[str, Floats]]

# Which runtime reads which kind of file; the first is what "auto" takes.
BACKENDS = {
    "openvino": (".tflite", ".pb", ".json", ".onnx", ".xml"),
    "opencv": (".pb", ".onnx"),
    "onnxruntime": (".onnx",),
}


@dataclass(frozen=True)
class Runtime:
    """How a network is to be run.

    Attributes:
        backend: ``auto`` or a name in `BACKENDS`.
        device: ``auto`` (the CPU), ``cpu``, or a device of the backend (``gpu``, ``cuda``).
        threads: CPU threads of the network; None leaves it to the backend.
        streams: how many inferences share these threads at the same time. Small networks
            gain more from that than from several threads each.
        half: compute in bfloat16 where the processor has it built in. That takes a third
            off the time, and keeps 8 of a number's 24 significant bits.
    """

    backend: str = "auto"
    device: str = "auto"
    threads: int | None = None
    streams: int = 1
    half: bool = False


class Network(Protocol):
    """A network that is loaded and ready to run.

    Attributes:
        backend: the runtime in use.
        device: the device in use.
        precision: what it computes in, ``f32`` or ``bf16``.
    """

    backend: str
    device: str
    precision: str

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        """Run the network on (B, H, W, C) images; return its outputs by name."""

    def start(self, batch: Floats) -> Running:
        """Begin to run the network, beside other runs where it can; the result waits for it."""


def load_network(
    path: Path,
    runtime: Runtime | None = None,
    *,
    input_shape: Sequence[int] | None = None,
    outputs: Sequence[str] | None = None,
) -> Network:
    """Load a network file.

    Args:
        path: the file; its ending says its format.
        runtime: backend, device and threads.
        input_shape: (B, H, W, C) to fix, for networks that take any.
        outputs: names of the outputs to compute; the others are cut off the network.

    Raises:
        UsageError: no backend of that name.
        BackendError: the backend or device is not there, or cannot read this file.
        ModelError: the file is not a network.
    """
    runtime = resolve(path, runtime)
    network: Network = _loader(runtime.backend)(path, runtime, input_shape, outputs)
    return network


def resolve(path: Path, runtime: Runtime | None = None) -> Runtime:
    """Say by which backend and on which device a network file is going to be run.

    Args:
        path: the file; its ending says its format.
        runtime: what is asked for.

    Returns:
        The runtime with the backend and the device that ``auto`` stands for, the device by
        the backend's name for it.

    Raises:
        UsageError: no backend of that name.
        BackendError: the backend or device is not there, or cannot read this file.
        ModelError: the file is not a network.
    """
    runtime = runtime or Runtime()
    backend = "openvino" if runtime.backend == "auto" else runtime.backend
    if backend not in BACKENDS:
        raise UsageError(
            f"unknown backend {backend!r}: expected auto, {', '.join(sorted(BACKENDS))}"
        )
    if not path.is_file():
        raise ModelError(f"{path}: no such network file")
    if path.suffix not in BACKENDS[backend]:
        able = [name for name, endings in BACKENDS.items() if path.suffix in endings]
        if not able:
            known = sorted({ending for endings in BACKENDS.values() for ending in endings})
            raise ModelError(
                f"{path}: expected a network file ({', '.join(known)}), got {path.suffix!r}"
            )
        raise BackendError(
            f"{path}: backend {backend} cannot read {path.suffix} files; "
            f"use --backend {' or '.join(able)}"
        )
    device: str = _loader(backend).find_device(runtime.device)
    return replace(runtime, backend=backend, device=device)


def digest(path: Path) -> str:
    """Return the SHA-256 of a network: its file's, or that of all its files' where it has several.

    Raises:
        ModelError: the file is not a network.
        OSError: a file cannot be read.
    """
    weights: list[Path] = []
    if path.suffix == ".json":
        from limner.runtime.tfjs import weight_files

        weights = weight_files(path)
    elif path.suffix == ".xml":
        weights = [file for file in [path.with_suffix(".bin")] if file.is_file()]
    elif path.suffix == ".onnx":
        from limner.runtime.external_data import external_files

        weights = external_files(path)
    if not weights:
        return sha256_of(path)
    together = "".join(sha256_of(file) for file in (path, *weights))
    return hashlib.sha256(together.encode()).hexdigest()


def is_channels_first(shape: Sequence[object]) -> bool:
    """Say whether a network's input shape is (B, 3, H, W) rather than (B, H, W, 3)."""
    return len(shape) == 4 and shape[1] == 3 and shape[3] != 3


def _loader(backend: str) -> Any:
    # Each runtime is a heavy import, so only the one in use is imported.
    if backend == "openvino":
        from limner.runtime.openvino import OpenVinoNetwork

        return OpenVinoNetwork
    if backend == "opencv":
        from limner.runtime.opencv import OpenCvNetwork

        return OpenCvNetwork
    from limner.runtime.onnxruntime import OnnxRuntimeNetwork

    return OnnxRuntimeNetwork
