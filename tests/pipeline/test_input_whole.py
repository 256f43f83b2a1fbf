"""A run says how much of its input could be read, and at which rate it took it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import limner
from limner.media.inputs import Input
from limner.media.read import VideoReader
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.clips import Clip, make, noisy, truncate
from support.people import FakeModel

GROUPS = (("g", "10"), ("bf", "2"))


def ends(path: Path, **options: Any) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Return the result of a run, and the first and the last line of its recording."""
    result = annotate_input(Input(path, "video"), FakeModel(), Settings(video=False, **options))
    (recording,) = [each for each in result.paths if each.suffix == ".jsonl"]
    lines = recording.read_text(encoding="utf-8").splitlines()
    return result, json.loads(lines[0]), json.loads(lines[-1])


def test_a_cut_input_is_not_complete(tmp_path: Path) -> None:
    path = make(tmp_path / "clip.mkv", Clip(frames=48, options=GROUPS), noisy)
    _, _, end = ends(path)
    assert end == {"type": "end", "frames": 48, "complete": True}
    result, _, end = ends(truncate(path, 0.6))
    assert end["complete"] is False
    assert any("cut off" in problem for problem in end["problems"])
    assert end["problems"] == result.problems
    recording = limner.load(tmp_path / "cut_clip_pose.jsonl")
    assert not recording.complete
    assert "cut off" in (recording.problem or "")


def test_a_stated_rate_is_recorded(tmp_path: Path) -> None:
    path = make(tmp_path / "slow.mp4", Clip(frames=12, audio="aac"))
    _, header, _ = ends(path, input_rate="120")
    assert header["input"]["frame_rate"] == "120"
    assert header["options"]["input_rate"] == 120
    _, header, _ = ends(path, input_rate="60000/1001", overwrite=True)
    assert header["input"]["frame_rate"] == "60000/1001"
    assert header["options"]["input_rate"] == pytest.approx(60000 / 1001)
    times = [poses.time for poses in limner.load(tmp_path / "slow_pose.jsonl").frames]
    assert times == pytest.approx([number * 1001 / 60000 for number in range(12)], abs=1e-6)
    result = annotate_input(
        Input(path, "video"), FakeModel(), Settings(input_rate=120, overwrite=True)
    )
    assert any("audio is left out" in problem for problem in result.problems)


@pytest.mark.skipif(os.name == "nt", reason="open files keep their names there")
@pytest.mark.parametrize("fate", ["deleted", "replaced"])
def test_an_input_that_goes_while_it_is_read(tmp_path: Path, fate: str) -> None:
    path = make(tmp_path / "clip.mp4", Clip(frames=48, audio="aac"))
    other = make(tmp_path / "other.mp4", Clip(frames=6))

    class Meddling(FakeModel):
        def session(self, *args: Any) -> Any:
            other.replace(path) if fate == "replaced" else path.unlink()
            return super().session(*args)

    result = annotate_input(Input(path, "video"), Meddling(), Settings())
    assert result.frames == 48
    with VideoReader(tmp_path / "clip_pose.mp4") as made:
        assert (len(list(made)), made.has_audio) == (48, True)
    said = any("another file got this name" in problem for problem in result.problems)
    assert said == (fate == "replaced")
    assert not any("cut off" in problem for problem in result.problems)
