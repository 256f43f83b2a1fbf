"""Whether a file is as long as it says itself: one that is cut off may open all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from limner.media.transport import packet_length

_Step = Callable[[bytes], int | None]

_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
_GIF_TRAILER = b"\x3b"


def stated_size(path: Path) -> int | None:
    """Return how many bytes a file should have at least, by the lengths stated in it.

    Sources: ISO/IEC 14496-12 (boxes of MP4 and MOV), RFC 8794 and 9559 (Matroska, WebM),
    Microsoft's RIFF (AVI, with OpenDML's further RIFF chunks), ISO/IEC 13818-1 (the packets of a
    transport stream, with a time before each on Blu-ray discs and in AVCHD).

    Args:
        path: the file.

    Returns:
        The size; None where the format does not say, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            head = file.read(12)
            if head[:4] == _EBML:
                return _matroska(file)
            if head[:4] == b"RIFF":
                return _chain(file, size, _riff)
            if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp"):
                return _chain(file, size, _box)
            transport = packet_length(file)
            if transport is not None:
                return -(-size // transport[0]) * transport[0]
            if head[:4] == b"GIF8":
                file.seek(-1, os.SEEK_END)
                return None if file.read(1) in (_GIF_TRAILER, b"\0") else size + 1
    except (OSError, ValueError):
        pass
    return None


def _chain(file: BinaryIO, size: int, step: _Step) -> int | None:
    """Return where the last of the parts ends that make up a file one after the other."""
    end = 0
    while end + 8 <= size:
        file.seek(end)
        length = step(file.read(16))
        if length is None:
            # The last part goes on to the end of the file, or this is none.
            return end
        end += length
    return end


def _box(head: bytes) -> int | None:
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:16], "big")
    return length if length >= 8 and head[4:8].isalnum() else None


def _riff(head: bytes) -> int | None:
    return 8 + int.from_bytes(head[4:8], "little") if head[:4] == b"RIFF" else None


def _matroska(file: BinaryIO) -> int | None:
    """Return where the segment ends; live streams do not say."""
    file.seek(4)
    length = _vint(file)
    if length is None:
        return None
    file.seek(length, os.SEEK_CUR)
    if file.read(4) != _SEGMENT:
        return None
    length = _vint(file)
    return None if length is None else file.tell() + length


def _vint(file: BinaryIO) -> int | None:
    """Read an element's length; None where it is unknown."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0x7F >> more)]) + file.read(more), "big")
    return None if value == (1 << 7 * (more + 1)) - 1 else value
