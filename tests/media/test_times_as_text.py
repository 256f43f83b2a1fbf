"""Times are stated alike wherever they are asked for: in seconds, or as h:mm:ss."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import UsageError
from limner.media.read import VideoReader
from support import walkers
from support.clips import Clip, make


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("text") / "a.mp4", Clip(frames=60))


def numbers(path: Path, start: float | str | None, end: float | str | None) -> list[int]:
    with VideoReader(path, start=start, end=end) as reader:
        return [frame.index for frame in reader]


def test_a_video_is_read_from_and_to_them(clip: Path) -> None:
    assert numbers(clip, "0:01", "0:00:01.5") == list(range(30, 45))
    assert numbers(clip, "0:00", "0.1") == [0, 1, 2]
    assert numbers(clip, 1.0, 1.5) == list(range(30, 45))


def test_a_recording_is_cut_at_them() -> None:
    walk = walkers.recording()
    expected = walk.between(1, 2)
    assert 0 < len(expected) < len(walk)
    for part in (walk.between("0:01", "0:02"), walk.between("1", "0:00:02.0")):
        assert part.indices.tolist() == expected.indices.tolist()
    assert len(walk.between("0:00")) == len(walk)


@pytest.mark.parametrize("wrong", ["soon", "1:2:3:4", "", "-1", -1])
def test_what_is_no_time_is_refused(clip: Path, wrong: float | str) -> None:
    walk = walkers.recording()
    with pytest.raises(UsageError, match="end: expected"):
        walk.between(0, wrong)
    with pytest.raises(UsageError, match="start: expected"):
        VideoReader(clip, start=wrong)
