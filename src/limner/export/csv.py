"""CSV: one row per person per frame, every joint by name.

A keypoint below the run's threshold leaves x and y empty and keeps its score. Frames with
nobody in them have no row. Rows are printed with one format string, for speed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from limner.core.poses import Poses
from limner.recording.base import Angles, TextWriter
from limner.recording.header import Header
from limner.recording.table import Columns


class CsvWriter(TextWriter):
    """Writes the table."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        metres: bool = False,
        angles: Sequence[str] | None = None,
        flags: bool = False,
        threshold: float | None = None,
    ) -> None:
        """Open the file and write the names of the columns.

        Args:
            path: the file to write.
            header: facts of the recording.
            metres: add the 3-D coordinates.
            angles: names of the angles that every `write` will be given.
            flags: add the keypoints' flags.
            threshold: leave x and y empty under this score; the header's unless given.

        Raises:
            OutputError: it cannot be written.
        """
        super().__init__(path, header)
        self._columns = Columns.of(
            header, metres=metres, angles=angles, threshold=threshold, flags=flags
        )
        count = len(header.skeleton)
        self._row = "%d,%.6f,%d,%.4f" + ",%.2f,%.2f,%.4f" * count
        self._row += ",%.4f" * (3 * count * metres) + ",%.2f" * len(self._columns.angles)
        self._row += ",%d" * (count * flags) + "\n"
        self._put(",".join(self._columns.names) + "\n")

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a row for each person in the frame."""
        if len(poses) == 0:
            return
        table = self._columns.rows(poses, angles)
        text = "".join([self._row % tuple(row) for row in table.tolist()])
        self._put(text.replace("nan", ""))
