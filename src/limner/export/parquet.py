"""Parquet: the table of the CSV in columns, for pandas, DuckDB, R and the like."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.errors import UsageError
from limner.recording.base import Angles, Writer
from limner.recording.header import Header
from limner.recording.table import Columns
from limner.system.files import writing

_ROWS_AT_ONCE = 4096


class ParquetWriter(Writer):
    """Writes the table in groups of rows; the file can be read once it is closed."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        metres: bool = True,
        angles: Sequence[str] | None = None,
        flags: bool = True,
        threshold: float | None = None,
    ) -> None:
        """Open the file.

        Args:
            path: the file to write.
            header: facts of the recording.
            metres: with the 3-D coordinates.
            angles: names of the angles that every `write` will be given.
            flags: with the keypoints' flags.
            threshold: leave x and y empty under this score; the header's unless given.

        Raises:
            UsageError: pyarrow is not installed.
            OutputError: it cannot be written.
        """
        super().__init__(path, header)
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise UsageError(
                "format parquet needs pyarrow, which is not installed; "
                "install it with: pip install 'limner[parquet]'"
            ) from None
        self._columns = Columns.of(
            header, metres=metres, angles=angles, threshold=threshold, flags=flags
        )
        kinds = {"frame": pa.int64(), "person": pa.int64(), "time": pa.float64()}
        kinds |= {name: pa.uint8() for name in self._columns.names if name.endswith("_flags")}
        self._schema = pa.schema(
            [(name, kinds.get(name, pa.float32())) for name in self._columns.names]
        )
        self._waiting: list[NDArray[np.float64]] = []
        self._count = 0
        self._closed = False
        with writing(self.path):
            self._file = pq.ParquetWriter(self.path, self._schema)

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a row for each person in the frame."""
        if len(poses) == 0:
            return
        self._waiting.append(self._columns.rows(poses, angles))
        self._count += len(poses)
        if self._count >= _ROWS_AT_ONCE:
            self._put()

    def _put(self) -> None:
        import pyarrow as pa

        table = np.concatenate(self._waiting)
        self._waiting, self._count = [], 0
        # from_pandas turns NaN into null, which every reader knows as missing.
        arrays = [
            pa.array(table[:, i].astype(field.type.to_pandas_dtype()), field.type, from_pandas=True)
            for i, field in enumerate(self._schema)
        ]
        with writing(self.path):
            self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self, complete: bool = True) -> None:
        """Write the last rows and the index at the end of the file."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._waiting:
                self._put()
        finally:
            with writing(self.path):
                self._file.close()
