"""The blocks of a GIF: FFmpeg leaves out images among them, silently.

It leaves out what follows where the order of the blocks breaks, and all but the first of images
that have no control block before them.

Source: CompuServe's Graphics Interchange Format, version 89a, sections 12 and 23 and appendix B.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_CONTROL = 0xF9
_HEADER = 13
# Where the flags lie in the file's and in an image's header, and how long the latter is.
_FILE_FLAGS, _IMAGE_FLAGS, _IMAGE_HEADER = 10, 9, 10


@dataclass(slots=True)
class Blocks:
    """What the blocks of a GIF are.

    Attributes:
        images: how many are images.
        controls: how many say how long the next image is shown.
        broken: the first byte that is no block's; None where all of them are in order, up to
            the end of the file or of the animation.
    """

    images: int = 0
    controls: int = 0
    broken: int | None = None


def read_blocks(path: Path) -> Blocks | None:
    """Go through the blocks of a GIF.

    Args:
        path: the file, which may be of another kind.

    Returns:
        What they are; None for another kind.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != b"GIF8":
            return None
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(data)


def _read(data: mmap.mmap) -> Blocks:
    blocks, size = Blocks(), len(data)
    if size < _HEADER:
        return blocks
    place = _HEADER + _colours(data[_FILE_FLAGS])
    while place < size and data[place] != _TRAILER:
        if data[place] == _EXTENSION:
            blocks.controls += data[place + 1 : place + 2] == bytes([_CONTROL])
            place += 2
        elif data[place] == _IMAGE:
            blocks.images += 1
            flags = data[place + _IMAGE_FLAGS] if place + _IMAGE_FLAGS < size else 0
            # After the colours comes a byte that belongs to the compression.
            place += _IMAGE_HEADER + _colours(flags) + 1
        elif data[place] == 0:
            # Some programs end a block twice.
            place += 1
            continue
        else:
            blocks.broken = place
            break
        while place < size and data[place]:
            place += data[place] + 1
        place += 1
    return blocks


def _colours(flags: int) -> int:
    """Return how many bytes a table of colours has, by the flags before it."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
