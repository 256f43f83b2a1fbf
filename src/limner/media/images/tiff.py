"""The pages of a TIFF file, found without decoding them (TIFF 6.0; BigTIFF)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH, _HEIGHT, _SUBFILE_TYPE = 256, 257, 254
# Bits of NewSubfileType: a smaller version of another page, and a mask of one.
_NO_PAGE = 1 | 4
# TIFF's types of whole numbers: byte, short, long, long8.
_WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}


@dataclass(frozen=True, slots=True)
class Page:
    """One image of a TIFF file.

    Attributes:
        offset: where its directory lies in the file.
        width, height: pixels as they are stored.
        reduced: whether it is a smaller version, or a mask, of another page.
    """

    offset: int
    width: int
    height: int
    reduced: bool


def pages(file: BinaryIO) -> Iterator[Page]:
    """Yield the pages of a TIFF file, as far as its directories can be read."""
    file.seek(0)
    layout = _Layout.of(file.read(16))
    offset = layout.first
    seen = set()
    while offset and offset not in seen:
        # Damaged files have directories that lead back to themselves.
        seen.add(offset)
        try:
            page, offset = layout.directory(file, offset)
        except (struct.error, OverflowError, OSError, ValueError):
            # Of places outside the file, too.
            return
        if page is not None:
            yield page


def begin_with(data: NDArray[np.uint8], page: Page) -> None:
    """Let a TIFF file that lies in memory begin with another page, so that this one is decoded.

    Decoders that are asked for a page by its number go through all before it.
    """
    layout = _Layout.of(data[:16].tobytes())
    struct.pack_into(layout.long, data.data, layout.first_at, page.offset)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a file writes its numbers.

    Attributes:
        first_at: where it says where its first directory is.
        first: where its first directory is.
        count: the format of a directory's number of entries.
        entry: of an entry: tag, type, count.
        long: of a place in the file.
    """

    first_at: int
    first: int
    count: str
    entry: str
    long: str

    @classmethod
    def of(cls, head: bytes) -> _Layout:
        order = "<" if head[:2] == b"II" else ">"
        try:
            if head[2:4] in (b"\x2b\x00", b"\x00\x2b"):
                (first,) = struct.unpack_from(order + "Q", head, 8)
                return cls(8, first, order + "Q", order + "HHQ", order + "Q")
            (first,) = struct.unpack_from(order + "I", head, 4)
        except struct.error:
            first = 0
        return cls(4, first, order + "H", order + "HHI", order + "I")

    def directory(self, file: BinaryIO, offset: int) -> tuple[Page | None, int]:
        """Read the directory at a place; return its page, and where the next one is, or 0."""
        file.seek(offset)
        (count,) = struct.unpack(self.count, file.read(struct.calcsize(self.count)))
        value_at = struct.calcsize(self.entry)
        size = value_at + struct.calcsize(self.long)
        # A count that is damaged must not ask for more than there is.
        entries = file.read(min(count, 65535) * size)
        values: dict[int, int] = {}
        for at in range(0, len(entries) - size + 1, size):
            tag, kind, length = struct.unpack_from(self.entry, entries, at)
            if tag in (_WIDTH, _HEIGHT, _SUBFILE_TYPE) and kind in _WHOLE and length == 1:
                (value,) = struct.unpack_from(self.long[0] + _WHOLE[kind], entries, at + value_at)
                # Of what is stated twice, decoders may take either.
                values[tag] = max(value, values.get(tag, 0))
        ending = file.read(struct.calcsize(self.long))
        # The last page's directory may have lost its end.
        following = struct.unpack(self.long, ending)[0] if len(ending) == size - value_at else 0
        if _WIDTH not in values or _HEIGHT not in values:
            return None, following
        reduced = bool(values.get(_SUBFILE_TYPE, 0) & _NO_PAGE)
        return Page(offset, values[_WIDTH], values[_HEIGHT], reduced), following
