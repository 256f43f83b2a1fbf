"""Cache of networks that OpenVINO compiled, so that the next start need not compile them.

Reading and compiling BlazePose's two networks takes 0.8 s of CPU time, loading what was
compiled before 0.1 s. What is kept is bound to the network file's contents, OpenVINO's
version, the processor and the settings, and is verified before it is used. Whatever does
not fit is compiled again. What was not used for longest is dropped where the cache grows too
large.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from limner.system.cache import cache_folder
from limner.system.scratch import clear_leftovers, scratch_folder

log = logging.getLogger(__name__)

# Bytes of all that is kept; a network takes from a few kilobytes to some hundred megabytes.
_MOST = 500_000_000
_DIGEST = hashlib.sha256().digest_size


def key(
    core: Any,
    digest: str,
    config: dict[str, object],
    input_shape: Sequence[int] | None,
    outputs: Sequence[str] | None,
) -> str:
    """Return a name for a network compiled in a certain way, different for every way."""
    processor = core.get_property("CPU", "FULL_DEVICE_NAME")
    way = [version("openvino"), processor, config, input_shape, outputs, os.cpu_count()]
    text = digest + json.dumps(way, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def load(core: Any, device: str, config: dict[str, object], name: str) -> Any:
    """Return a network compiled earlier, or None where there is none that can be used."""
    path = _folder() / name
    clear_leftovers(path.parent, "tmp*")  # by these names they were written once
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):
        os.utime(path)  # says when it was last used
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
        with scratch_folder(folder) as scratch:
            new = scratch / name
            new.write_bytes(hashlib.sha256(content).digest() + content)
            new.replace(folder / name)
        _drop_oldest(folder, keep=name)
    except OSError as error:
        log.debug("the compiled network is not kept: %s", error)


def _drop_oldest(folder: Path, keep: str) -> None:
    """Remove what was not used for longest, until the rest is small enough."""
    files = [path for path in folder.iterdir() if path.is_file()]
    sizes = {path: path.stat().st_size for path in files}
    total = sum(sizes.values())
    for path in sorted(files, key=lambda path: path.stat().st_mtime):
        if total <= _MOST:
            return
        if path.name != keep:
            path.unlink(missing_ok=True)
            total -= sizes[path]


def _folder() -> Path:
    return cache_folder() / "compiled"
