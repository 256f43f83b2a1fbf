"""A transport stream in which other streams begin in mid-file."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.media.probe import probe
from limner.media.read import VideoReader
from support.clips import Clip, make, number_of

_PACKET = 188


def _other_streams(data: bytes) -> bytes:
    """Return the packets of a transport stream, its streams under other numbers."""
    moved = bytearray(data)
    for at in range(0, len(moved), _PACKET):
        number = (moved[at + 1] & 0x1F) << 8 | moved[at + 2]
        if number >= 0x100:
            number += 0x40
            moved[at + 1] = moved[at + 1] & 0xE0 | number >> 8
            moved[at + 2] = number & 0xFF
    return bytes(moved)


@pytest.mark.parametrize("audio", [False, True])
def test_streams_that_begin_later(tmp_path: Path, audio: bool) -> None:
    path = make(tmp_path / "a.ts", Clip(frames=48, audio="aac"))
    data = path.read_bytes()
    path.write_bytes(data + _other_streams(data))
    assert probe(path).has_audio
    with VideoReader(path, audio=audio) as reader:
        assert [number_of(frame.image) for frame in reader] == list(range(48))
        sound = reader.audio()
        assert sound is not None
        while sound.take() is not None:
            pass
        sound.close()
