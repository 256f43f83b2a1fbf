"""Whether a transport stream breaks off amid an image or a packet of audio.

It has no index and states no length, and each of its short packets is whole by itself: one that is
cut off between two of them looks whole. What is carried in them tells.

Source: ISO/IEC 13818-1, 2.4.3 (transport and PES packets).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_SYNC = 0x47
_SIZE = 188
# Enough of a file's end to hold the beginning of its last image.
_TAIL = 8_000_000
# Streams of audio and of images, whose content begins so; only images may state no length.
_START = b"\0\0\1"
_AUDIO, _VIDEO = range(0xC0, 0xE0), range(0xE0, 0xF0)
_HEADER = 6


@dataclass(slots=True)
class _Content:
    """What came last of one stream.

    Attributes:
        stated: the bytes it should have, None where that is not stated.
        size: the bytes that are there.
        filled: whether its last packet was filled up, as the last one of an image is unless it
            happens to fit.
    """

    stated: int | None
    size: int = 0
    filled: bool = False

    @property
    def is_whole(self) -> bool:
        return self.filled if self.stated is None else self.size >= self.stated


def packet_length(file: BinaryIO) -> tuple[int, int] | None:
    """Return how far apart a transport stream's packets are, and where in each its mark is.

    Args:
        file: a file; None is returned where it is no transport stream. On Blu-ray discs and in
            AVCHD a time stands before each packet.
    """
    for length, mark in ((_SIZE, 0), (192, 4)):
        file.seek(0)
        if file.read(3 * length + mark + 1)[mark::length] == bytes([_SYNC]) * 4:
            return length, mark
    return None


def breaks_off(path: Path) -> bool:
    """Say whether a transport stream ends amid an image or a packet of audio.

    Of images whose length is not stated, one of 184 just fits into its packets: it is taken for
    one that is cut off.

    Args:
        path: the file, which may be of another kind.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        spacing = packet_length(file)
        if spacing is None:
            return False
        length, mark = spacing
        whole = file.seek(0, os.SEEK_END) // length
        file.seek(max(whole - _TAIL // length, 0) * length)
        tail = file.read()
    last: dict[int, _Content] = {}
    for at in range(mark, len(tail) - _SIZE + 1, length):
        _take(tail[at : at + _SIZE], last)
    return not all(content.is_whole for content in last.values())


def _take(packet: bytes, last: dict[int, _Content]) -> None:
    """Note what a packet carries of its stream."""
    scrambled, has_field, has_payload = packet[3] & 0xC0, packet[3] & 0x20, packet[3] & 0x10
    if packet[0] != _SYNC or packet[1] & 0x80 or scrambled or not has_payload:
        return
    stream = (packet[1] & 0x1F) << 8 | packet[2]
    field = packet[4 : 5 + packet[4]] if has_field else b""
    payload = packet[4 + len(field) :]
    if packet[1] & 0x40:
        content = _begin(payload)
        if content is None:
            last.pop(stream, None)
        else:
            last[stream] = content
    if stream in last:
        last[stream].size += len(payload)
        last[stream].filled = has_field != 0 and len(field) > _needed(field)


def _begin(payload: bytes) -> _Content | None:
    """Return what begins here, None where its end cannot be told."""
    if len(payload) < _HEADER or payload[:3] != _START:
        return None
    kind, length = payload[3], int.from_bytes(payload[4:6], "big")
    if kind not in _VIDEO and (kind not in _AUDIO or not length):
        return None
    return _Content(_HEADER + length if length else None)


def _needed(field: bytes) -> int:
    """Return how many bytes of a packet's extra field are used; the others fill it up."""
    if len(field) < 2 or not field[1]:
        return 0
    flags, needed = field[1], 2
    needed += 6 * bool(flags & 0x10) + 6 * bool(flags & 0x08) + bool(flags & 0x04)
    for _ in range(bool(flags & 0x02) + bool(flags & 0x01)):
        needed += 1 + field[needed] if needed < len(field) else 0
    return needed
