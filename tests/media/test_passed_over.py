"""What is left out of a damaged Matroska file, silently, is said; a whole one raises no alarm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from limner.media.read import VideoReader
from support.clips import Clip, make, noisy

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


def test_free_space_is_no_damage(tmp_path: Path, whole: Path) -> None:
    data = whole.read_bytes()
    second = data.index(CLUSTER, data.index(CLUSTER) + 4)
    void = b"\xec\x53\x88" + bytes(5000)
    path = tmp_path / whole.name
    path.write_bytes(data[:second] + void + data[second:] + void)
    assert read(path) == (48, True, [])
