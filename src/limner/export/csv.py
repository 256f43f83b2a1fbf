"""CSV: one row per person per frame, every joint by name.

A keypoint below the run's threshold leaves x and y empty and keeps its score. Frames with
nobody in them have no row. Rows are printed with one format string, for speed.

Cells are numbers and names of keypoints, which begin with a letter, a digit or ``_``: nothing in
them is a formula to a spreadsheet. One in a country with decimal commas takes ``1.5`` for the
first of May and a comma for part of a number, so the table can be had with semicolons and commas;
a byte order mark then says that it is UTF-8.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from limner.core.poses import Poses
from limner.errors import UsageError
from limner.recording.base import Angles, TextWriter
from limner.recording.header import Header
from limner.recording.table import Columns

# By the decimal sign: what stands between cells, and what becomes what in a row of numbers.
_DECIMALS: dict[str, tuple[str, dict[int, str]]] = {
    "point": (",", {}),
    "comma": (";", str.maketrans({",": ";", ".": ","})),
}


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
        decimal: str = "point",
    ) -> None:
        """Open the file and write the names of the columns.

        Args:
            path: the file to write.
            header: facts of the recording.
            metres: add the 3-D coordinates.
            angles: names of the angles that every `write` will be given.
            flags: add the keypoints' flags.
            threshold: leave x and y empty under this score; the header's unless given.
            decimal: ``point``, or ``comma`` with semicolons between the cells.

        Raises:
            UsageError: there is no such decimal sign.
            OutputError: it cannot be written.
        """
        if decimal not in _DECIMALS:
            raise UsageError(f"expected --decimal {' or '.join(_DECIMALS)}, got {decimal!r}")
        super().__init__(path, header)
        self._separator, self._signs = _DECIMALS[decimal]
        self._columns = Columns.of(
            header, metres=metres, angles=angles, threshold=threshold, flags=flags
        )
        count = len(header.skeleton)
        self._row = "%d,%.6f,%d,%.4f" + ",%.2f,%.2f,%.4f" * count
        self._row += ",%.4f" * (3 * count * metres) + ",%.2f" * len(self._columns.angles)
        self._row += ",%d" * (count * flags) + "\n"
        names = self._separator.join(self._columns.names) + "\n"
        self._put(names if decimal == "point" else f"\ufeff{names}")

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a row for each person in the frame."""
        if len(poses) == 0:
            return
        table = self._columns.rows(poses, angles)
        text = "".join([self._row % tuple(row) for row in table.tolist()])
        text = text.replace("nan", "")
        self._put(text.translate(self._signs) if self._signs else text)
