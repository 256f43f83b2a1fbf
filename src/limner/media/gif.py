"""Where the order of a GIF breaks: FFmpeg leaves out the images that follow, silently.

Source: CompuServe's Graphics Interchange Format, version 89a, section 12 and appendix B.
"""

from __future__ import annotations

import mmap
from pathlib import Path

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_HEADER = 13
# Where the flags lie in the file's and in an image's header, and how long the latter is.
_FILE_FLAGS, _IMAGE_FLAGS, _IMAGE_HEADER = 10, 9, 10


def unread(path: Path) -> tuple[int, int] | None:
    """Return where a GIF's blocks stop making sense.

    Args:
        path: the file, which may be of another kind.

    Returns:
        The first byte that is no block's, and how many there are from there on; None where all
        blocks up to the end of the file or of the animation are in order.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GIF8":
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            place = _broken_at(data)
            return None if place is None else (place, len(data) - place)


def _broken_at(data: mmap.mmap) -> int | None:
    size = len(data)
    if size < _HEADER:
        return None
    place = _HEADER + _colours(data[_FILE_FLAGS])
    while place < size and data[place] != _TRAILER:
        begin = place
        if data[place] == _EXTENSION:
            place += 2
        elif data[place] == _IMAGE and place + _IMAGE_FLAGS < size:
            # After the colours comes a byte that belongs to the compression.
            place += _IMAGE_HEADER + _colours(data[place + _IMAGE_FLAGS]) + 1
        elif data[place] == 0:
            # Some programs end a block twice.
            place += 1
            continue
        else:
            return begin
        while place < size and data[place]:
            place += data[place] + 1
        place += 1
    return None


def _colours(flags: int) -> int:
    """Return how many bytes a table of colours has, by the flags before it."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
