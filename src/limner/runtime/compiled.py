"""Cache of networks that OpenVINO compiled, so that the next start need not compile them.

Reading and compiling BlazePose's two networks takes 0.8 s of CPU time, loading what was
compiled before 0.1 s. What is kept is bound to the network file's contents, OpenVINO's
version, the processor and the settings, and is verified before it is used. Whatever does
not fit is compiled again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from limner.system.cache import cache_folder
from limner.system.hashing import sha256_of

log = logging.getLogger(__name__)

_DIGEST = hashlib.sha256().digest_size


def key(
    core: Any,
    path: Path,
    config: dict[str, object],
    input_shape: Sequence[int] | None,
    outputs: Sequence[str] | None,
) -> str:
    """Return a name for a network compiled in a certain way, different for every way."""
    processor = core.get_property("CPU", "FULL_DEVICE_NAME")
    way = [version("openvino"), processor, config, input_shape, outputs, os.cpu_count()]
    text = sha256_of(path) + json.dumps(way, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def load(core: Any, device: str, config: dict[str, object], name: str) -> Any:
    """Return a network compiled earlier, or None where there is none that can be used."""
    path = _folder() / name
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, network = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(network).digest() != digest:
        log.debug("%s is damaged; compiling again", path)
        return None
    try:
        return core.import_model(network, device, config)
    except RuntimeError as error:
        log.debug("%s cannot be used (%s); compiling again", path, error)
        return None


def save(network: Any, name: str) -> None:
    """Keep a compiled network. Where that is not possible, the next start compiles again."""
    content = network.export_model()
    if not isinstance(content, bytes):
        content = content.getvalue()
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(stream.name, folder / name)
    except OSError as error:
        log.debug("the compiled network is not kept: %s", error)


def _folder() -> Path:
    return cache_folder() / "compiled"
