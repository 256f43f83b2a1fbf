"""Arrays of the user's own program are annotated and estimated like files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import limner
from limner.core.arrays import Image
from limner.errors import InputError, UsageError
from limner.media.image import read_image
from limner.media.read import VideoReader
from support.people import FakeModel

RED = np.full((120, 160, 3), (200, 30, 30), np.uint8)


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("limner.api.open_model", lambda _: FakeModel())
    monkeypatch.chdir(tmp_path)


def moving(count: int) -> Iterator[Image]:
    """Give images as a camera does that uses its buffer again."""
    buffer = np.empty_like(RED)
    for number in range(count):
        buffer[:] = number * 10
        yield buffer


def test_arrays_become_a_video_at_their_rate() -> None:
    result = limner.annotate(moving(12), channels="rgb", rate=10, output="made.mp4")
    assert (result.paths[0], result.frames, result.people) == (Path("made.mp4"), 12, 1)
    with VideoReader("made.mp4") as video:
        frames = list(video)
        assert [round(frame.time, 3) for frame in frames] == [n / 10 for n in range(12)]
        for number, frame in enumerate(frames):
            assert abs(int(frame.image[0, 0, 0]) - number * 10) <= 4
    assert len(limner.load("made.jsonl")) == 12


@pytest.mark.parametrize("channels", ["rgb", "bgr"])
def test_one_array_is_an_image(channels: Any) -> None:
    given = RED.copy() if channels == "rgb" else RED[..., ::-1]
    before = given.copy()
    result = limner.annotate(given, channels=channels)
    assert [path.name for path in result.paths] == [
        "arrays_pose.png",
        "arrays_pose.csv",
        "arrays_pose.jsonl",
    ]
    assert read_image(result.paths[0]).image[0, 0].tolist() == [200, 30, 30]
    assert np.array_equal(given, before)


def test_arrays_are_estimated() -> None:
    poses = list(limner.estimate(np.stack([RED] * 8), channels="bgr", rate=50))
    assert [round(each.time, 3) for each in poses] == [n / 50 for n in range(8)]
    assert [each.ids.tolist() for each in poses] == [[1]] * 8
    assert len(list(limner.estimate(RED, channels="rgb"))) == 1


def test_what_is_not_said_is_not_guessed() -> None:
    with pytest.raises(UsageError, match=r"channels: expected rgb or bgr.*got None"):
        limner.annotate(RED)
    with pytest.raises(UsageError, match="rate: expected frames per second up to 1000, got 0"):
        limner.annotate([RED], channels="rgb", rate=0)
    with pytest.raises(UsageError, match="for arrays only, got a path"):
        limner.annotate("a.mp4", channels="rgb")
    with pytest.raises(InputError, match=r"expected BGR arrays of 8 bits.*got uint8 \(120, 160\)"):
        limner.annotate(RED[..., 0], channels="bgr")
