"""Files that are written: what may be replaced, and what the system's refusals mean."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.errors import OutputError

STANDARD_OUTPUT = Path("-")
"""Stands for standard output where a file may be named."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence.

    Raises:
        OutputError: the disk is full, the folder is missing or may not be written, ...
    """
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise OutputError(
            f"cannot write {path}: {reason}; free some space or choose another place with --output"
        ) from problem


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Refuse to replace what is there already, unless that was asked for.

    Raises:
        OutputError: something is there already; all of it is named.
    """
    existing = [str(path) for path in paths if os.path.lexists(path) and not is_stream(path)]
    if existing and not overwrite:
        are, them = ("is", "it") if len(existing) == 1 else ("are", "them")
        raise OutputError(
            f"{', '.join(existing)} {are} there already; use --overwrite to replace {them}"
        )


def refuse_foreign(path: Path, entries: str | None = None) -> None:
    """Refuse to replace anything but a result of the same kind, even where that was asked for.

    Args:
        path: a result to be.
        entries: for a folder, the pattern that the names in it match; None for a file.

    Raises:
        OutputError: a folder is in a file's place, a file in a folder's, or the folder holds
            something else.
    """
    if entries is None:
        wrong = "is a folder" if path.is_dir() else None
    elif path.is_dir():
        foreign = [entry.name for entry in path.iterdir() if not entry.match(entries)]
        wrong = f"holds something else ({foreign[0]})" if foreign else None
    else:
        wrong = "is a file" if path.exists() else None
    if wrong:
        raise OutputError(
            f"{path} {wrong}, so it is not replaced; choose another place with --output"
        )


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Say whether there is a pipe or a device, such as ``/dev/stdout``, or standard output."""
    if path == STANDARD_OUTPUT:
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def sync(path: Path) -> None:
    """Bring what was written to a file or folder to the disk, so that it survives a power loss.

    Raises:
        OSError: the system cannot; what was written may not all be there.
    """
    if path.is_dir():
        if sys.platform != "win32":
            os.sync()  # sooner done than file by file
        return
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
