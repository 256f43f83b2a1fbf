"""What is left out of a damaged Matroska or GIF, silently, is said; a whole one is complete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from limner.media.gif import read_blocks
from limner.media.read import VideoReader
from support.clips import FORMATS, Clip, make, noisy

CLUSTER = bytes.fromhex("1f43b675")
CLIPS = {
    "a.mkv": Clip(frames=48, options=(("g", "10"),), audio="aac"),
    "a.webm": Clip("libvpx-vp9", frames=48, options=(("g", "10"),), audio="libopus"),
}


@pytest.fixture(scope="module", params=sorted(CLIPS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("whole") / request.param, CLIPS[request.param], noisy)


def read(path: Path, **options: Any) -> tuple[int, bool, list[str]]:
    with VideoReader(path, **options) as reader:
        return sum(1 for _ in reader), reader.complete, reader.problems


def block(path: Path, number: int) -> int:
    """Return where the block of an image lies."""
    container: Any
    with av.open(str(path)) as container:
        packets = [each for each in container.demux(video=0) if each.size]
    return path.read_bytes().rindex(b"\xa3", 0, packets[number].pos)


def test_a_whole_file_is_complete(whole: Path) -> None:
    assert read(whole) == (48, True, [])
    assert read(whole, start=0.5)[1:] == (True, [])


@pytest.mark.parametrize("broken", [b"\x00", b"\x21"])
def test_a_broken_element_is_said(tmp_path: Path, whole: Path, broken: bytes) -> None:
    data = bytearray(whole.read_bytes())
    place = block(whole, 22)
    data[place : place + 1] = broken
    path = tmp_path / whole.name
    path.write_bytes(data)
    frames, complete, problems = read(path)
    assert frames < 48
    assert not complete
    assert f"damaged at byte {place}: " in problems[0]
    assert f"of its {len(data)} bytes were passed over" in problems[0]
    # What lies before it is whole, and what is read up to a time after it is not.
    assert read(path, end=0.2) == (6, True, [])
    assert read(path, end=1.5)[1:] == (False, problems)


def test_free_space_is_no_damage(tmp_path: Path, whole: Path) -> None:
    data = whole.read_bytes()
    second = data.index(CLUSTER, data.index(CLUSTER) + 4)
    void = b"\xec\x53\x88" + bytes(5000)
    path = tmp_path / whole.name
    path.write_bytes(data[:second] + void + data[second:] + void)
    assert read(path) == (48, True, [])


def test_a_broken_gif_is_said(tmp_path: Path) -> None:
    path = make(tmp_path / "a.gif", replace(FORMATS["gif.gif"], frames=12), noisy)
    assert read(path) == (12, True, [])
    data = bytearray(path.read_bytes())
    extension = b"\x21\xf9\x04"
    place = data.index(extension, len(data) // 2)
    data[place] = 0x99
    path.write_bytes(data)
    frames, complete, problems = read(path)
    assert 4 < frames < 8
    assert not complete
    assert f"damaged at byte {place}: {len(data) - place} of its {len(data)} bytes" in problems[0]


@pytest.mark.parametrize("after", [b"", b"\0", b"anything"])
def test_what_comes_after_the_end_of_a_gif(tmp_path: Path, after: bytes) -> None:
    path = tmp_path / "a.gif"
    first, *others = [Image.new("RGB", (20, 20), (50 * value, 0, 9)) for value in range(5)]
    first.save(path, save_all=True, append_images=others, duration=40, comment=b"of us")
    path.write_bytes(path.read_bytes() + after)
    blocks = read_blocks(path)
    assert blocks is not None
    assert (blocks.images, blocks.broken) == (5, None)
