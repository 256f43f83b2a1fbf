"""Which parts of a Matroska or WebM file were passed over: FFmpeg leaves them out silently.

Where an element is broken, FFmpeg looks for the next group of packets or for the file's end, and
no error is told. What lies between two packets is then far more than their headers.

Source: RFC 8794 (EBML: elements of an id, a length and a content) and RFC 9559 (Matroska).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

# What lies between packets takes some bytes each; less than this is not looked at.
_LEAST = 1024
_BLOCKS = frozenset((0xA1, 0xA3))
# Segment, Cluster and BlockGroup: what holds the packets.
_PARENTS = frozenset((0x18538067, 0x1F43B675, 0xA0))
# What lies beside packets in a cluster, in a block's group, in the file (indexes,
# then attachments, chapters and tags), and free space.
_IN_CLUSTER = (0xE7, 0x5854, 0xA7, 0xAB)
_IN_GROUP = (0x75A1, 0x9B, 0xFA, 0xFB, 0xFD, 0xA4, 0x75A2, 0x8E, 0xC8)
_INDEXES = (0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1C53BB6B)
_EXTRAS = (0x1941A469, 0x1043A770, 0x1254C367)
_FREE = (0xEC, 0xBF)
_OTHERS = frozenset((*_IN_CLUSTER, *_IN_GROUP, *_INDEXES, *_EXTRAS, *_FREE))


class Gap(NamedTuple):
    """What lies between two packets that follow each other in a file.

    Attributes:
        packet: where the content of the first begins.
        end: where that of the second begins; None for the end of the file.
    """

    packet: int
    end: int | None


class Gaps:
    """Notes where packets lie, and what is left out between them."""

    def __init__(self) -> None:
        self.found: list[Gap] = []
        self._packet: int | None = None
        self._until = 0

    def note(self, position: int | None, size: int) -> None:
        """Note the next packet that has a content.

        Args:
            position: where it begins, None where that is not known.
            size: its bytes.
        """
        if position is None or position < 0:
            return
        if self._packet is not None and position > self._until + _LEAST:
            self.found.append(Gap(self._packet, position))
        if self._packet is None or position >= self._packet:
            self._packet = position
            self._until = max(self._until, position + size)

    def restart(self) -> None:
        """Forget where reading was, as it goes on elsewhere."""
        self.found, self._packet, self._until = [], None, 0

    def unread(self, path: Path, *, to_end: bool) -> tuple[int, int] | None:
        """Return where the first packets lie that were passed over.

        Args:
            path: the file.
            to_end: whether it was read to its end, so that nothing may be left there.

        Returns:
            Its first byte, and how many bytes were passed over in all; None if there is none.

        Raises:
            OSError: the file cannot be read.
        """
        places: list[tuple[int, int]] = []
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            gaps = list(self.found)
            if to_end and self._packet is not None and size > self._until + _LEAST:
                gaps.append(Gap(self._packet, None))
            for gap in gaps:
                end = size if gap.end is None else gap.end
                place = _broken_at(file, gap.packet, end)
                if place is not None:
                    places.append((place, end - place))
        if not places:
            return None
        return places[0][0], sum(lost for _, lost in places)


def _broken_at(file: BinaryIO, packet: int, end: int) -> int | None:
    """Return where something lies in a gap that holds packets, or makes no sense; else None."""
    place = _end_of_block(file, packet)
    while place is not None and place < end:
        file.seek(place)
        head = file.read(12)
        name, begin = _number(head, 0)
        length, content = _number(head, begin, marked=False)
        if place + content >= end:
            return None  # the next packet, or one that is cut off with the file
        if name in _PARENTS:
            place += content
        elif name in _OTHERS and length is not None:
            place += content + length
        else:
            return place
    return None


def _end_of_block(file: BinaryIO, packet: int) -> int | None:
    """Return where the block ends whose content begins at a place; None where there is none.

    The sizes of packets do not tell, as several may share a block, or be compressed.
    """
    file.seek(max(packet - 9, 0))
    before = file.read(min(packet, 9))
    for count in range(1, len(before)):
        length, end = _number(before, len(before) - count, marked=False)
        if end == len(before) and before[-count - 1] in _BLOCKS and length is not None:
            return packet + length
    return None


def _number(data: bytes, begin: int, *, marked: bool = True) -> tuple[int | None, int]:
    """Read a number whose first bits state how many bytes it has.

    Args:
        data: where it lies.
        begin: its first byte.
        marked: whether those bits belong to it, as in an id.

    Returns:
        The number, None where it is unknown or none; and where it ends.
    """
    first = data[begin] if begin < len(data) else 0
    if not first:
        return None, begin + 1
    count = 9 - first.bit_length()
    end = begin + count
    value = int.from_bytes(data[begin:end], "big")
    if marked:
        return value, end
    value -= 1 << 7 * count
    return (None if value == (1 << 7 * count) - 1 else value), end
