"""How long a file says it is, told from its first bytes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.media.whole import stated_size


def box(name: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


def large_box(name: bytes, content: bytes) -> bytes:
    return b"\0\0\0\1" + name + (16 + len(content)).to_bytes(8, "big") + content


MP4 = box(b"ftyp", b"isom") + large_box(b"mdat", bytes(100))
TS = (b"\x47" + bytes(187)) * 5
SEGMENT = b"\x1a\x45\xdf\xa3\x84" + bytes(4) + b"\x18\x53\x80\x67"


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (MP4, len(MP4)),
        (MP4[:-30], len(MP4)),
        # A last part without a length goes on to the end, whatever that is.
        (MP4 + b"\0\0\0\0mdat" + bytes(50), len(MP4)),
        (MP4 + b"\0\0\0\7\xff\xff\xff\xff" + bytes(50), len(MP4)),
        (b"RIFF" + (40).to_bytes(4, "little") + b"AVI " + bytes(30), 48),
        (TS, len(TS)),
        (TS[:-40], len(TS)),
        (SEGMENT + b"\x90" + bytes(16), len(SEGMENT) + 1 + 16),
        (SEGMENT + b"\x40\x20" + bytes(10), len(SEGMENT) + 2 + 32),
        # Live streams do not say where their segment ends, and some are no Matroska.
        (SEGMENT + b"\0" + bytes(16), None),
        (b"\x1a\x45\xdf\xa3\x84" + bytes(4) + b"\x11\x22\x33\x44\x90" + bytes(16), None),
        (b"\x1a\x45\xdf\xa3\0" + bytes(16), None),
        (b"hello, this is no video at all", None),
        (b"", None),
    ],
)
def test_the_size_that_is_stated(content: bytes, size: int | None, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert stated_size(path) == size


def test_what_cannot_be_read_states_nothing(tmp_path: Path) -> None:
    assert stated_size(tmp_path / "gone.mp4") is None
