"""Trial reading: whether a runtime survives a network's file, told by a process of its own.

OpenVINO ends the process on some files that are damaged or badly made, such as an ONNX node that
has fewer inputs than its operator takes; nothing that Python can catch comes of it. So a network
that nobody has verified is first read where nothing is lost, once for each content and version of
OpenVINO, which takes about a second. Catalogued files need none of that.

    python -m limner.runtime.trial PATH
"""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from limner.errors import ModelError
from limner.runtime import digest
from limner.system.cache import cache_folder

log = logging.getLogger(__name__)


def try_reading(path: Path) -> None:
    """Check in another process that reading a network's file does not end the process.

    Whether it is a good network shows when it is read here.

    Raises:
        ModelError: it does, or the file is not a network.
        OSError: the file cannot be read.
    """
    mark = _mark(path)
    if os.path.exists(mark):
        return
    # It finds limner where this process has found it.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        trial = subprocess.run(
            [sys.executable, "-m", __name__, os.fspath(path.absolute())],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, ValueError) as error:
        log.debug("%s is read without a trial: %s", path, error)
        return
    # A signal on POSIX; Windows has numbers of its own for what ends a process.
    if trial.returncode < 0 or trial.returncode > 255:
        raise ModelError(
            f"{path}: OpenVINO crashes when it reads this file; it is damaged or badly made; fetch "
            f"or convert it again"
        )
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _mark(path: Path) -> Path:
    """Return the file whose being there says that a content was read before."""
    name = hashlib.sha256(f"{digest(path)} {version('openvino')}".encode()).hexdigest()
    return cache_folder() / "read" / name[:32]


def _read(path: Path) -> None:
    """Read a network, whatever comes of it."""
    with suppress(ImportError):
        import resource

        # A crash that was looked for needs no dump of the memory.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from limner.runtime.openvino import read_shapes

    with suppress(ModelError):
        read_shapes(path)


if __name__ == "__main__":
    _read(Path(sys.argv[1]))
