"""What every writer of frames' numbers has in common."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.recording.header import Header
from limner.system.files import writing

Angles = Mapping[str, NDArray[np.floating]]
"""Angle name to (N,) degrees, for the N people of one frame in their order."""


class Writer(ABC):
    """Writes one result, frame by frame, to exactly the path it is given.

    A writer is a context manager. Leaving it after an exception closes the file as
    incomplete: what was written stays, in whole lines.
    """

    def __init__(self, path: str | os.PathLike[str], header: Header) -> None:
        self.path = Path(path)
        self.header = header

    @abstractmethod
    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a frame.

        Args:
            poses: everyone in the frame, on the header's skeleton.
            angles: angle name to (N,) degrees, for formats that hold angles.

        Raises:
            OutputError: it cannot be written.
        """

    @abstractmethod
    def close(self, complete: bool = True) -> None:
        """Finish the file; further calls do nothing.

        Args:
            complete: whether the input was read to its end.

        Raises:
            OutputError: it cannot be written.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(complete=kind is None)


class TextWriter(Writer):
    """A writer of one text file that is flushed after every frame."""

    def __init__(self, path: str | os.PathLike[str], header: Header) -> None:
        super().__init__(path, header)
        with writing(self.path):
            # A file's name may hold bytes that are no UTF-8. What stands for them in a text is
            # written as JSON has it, so that the same name is read back.
            self._file = self.path.open(
                "w", encoding="utf-8", errors="backslashreplace", newline=""
            )

    def _put(self, text: str) -> None:
        """Write and flush, so that what is on the disk always ends with a whole record."""
        with writing(self.path):
            try:
                self._file.write(text)
                self._file.flush()
            except OSError:
                # Nothing more fits. Closing tries once more to write what did not.
                with suppress(OSError):
                    self._file.close()
                raise

    def _ending(self, complete: bool) -> str:
        """Return what the file ends with."""
        return ""

    def close(self, complete: bool = True) -> None:
        """Finish the file."""
        if self._file.closed:
            return
        with writing(self.path):
            try:
                self._file.write(self._ending(complete))
            finally:
                self._file.close()


def seen(keypoints: Floats, scores: Floats, threshold: float) -> Floats:
    """Return the keypoints with NaN where the score is under the threshold or missing."""
    return np.where((scores >= threshold)[..., None], keypoints, np.nan).astype(np.float32)
