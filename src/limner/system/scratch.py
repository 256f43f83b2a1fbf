"""Folders for work in progress, which do not outlive the processes that made them for long."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from limner.system.files import remove
from limner.system.locks import Lock, lock, release

_PREFIX = ".limner-scratch-"


@contextlib.contextmanager
def scratch_folder(parent: Path, prefix: str = _PREFIX) -> Iterator[Path]:
    """Lend a hidden folder of one's own, removed when the block ends.

    What a process that was killed left of the same prefix is removed, too.

    Args:
        parent: where to make it.
        prefix: how its name begins.

    Raises:
        OSError: it cannot be made.
    """
    clear_leftovers(parent, f"{prefix}*")
    folder, held = _make(parent, prefix)
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            remove(folder)
        release(held)


def clear_leftovers(parent: Path, pattern: str) -> None:
    """Remove what matches and nobody holds the lock of; what cannot be removed stays.

    Where the system has no locks, nothing is removed.
    """
    if sys.platform == "win32":
        return
    for path in sorted(parent.glob(pattern)):
        with contextlib.suppress(OSError):
            held = lock(path)
            if held is None:
                continue
            try:
                remove(path)
            finally:
                release(held)


def _make(parent: Path, prefix: str) -> tuple[Path, Lock | None]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Until it is locked, somebody else may take it for a left-over.
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            held = lock(folder)
            if held is None or os.path.samestat(os.fstat(held), folder.stat()):
                return folder, held
            release(held)
