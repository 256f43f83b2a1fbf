"""Files that are written: their partial names, and what the system refuses in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.errors import OutputError


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


def partial(path: Path) -> Path:
    """Return the name a result has until it is whole: ``dance_pose.partial.mp4``."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")
