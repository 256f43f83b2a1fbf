"""Two runs at the same time never mix their results, and the second is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import limner
from limner.media.read import VideoReader
from support.clips import Clip, make
from support.processes import start

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks"),
]


@pytest.mark.parametrize("option", [(), ("--overwrite",)])
def test_two_runs_into_one_folder(tmp_path: Path, option: tuple[str, ...]) -> None:
    for number, (frames, width) in enumerate([(30, 160), (40, 192)]):
        (tmp_path / f"cam{number}").mkdir()
        make(tmp_path / f"cam{number}" / "trial.mp4", Clip(frames=frames, width=width))
    runs = [
        start(tmp_path, f"cam{number}/trial.mp4", "-o", "made", *option, seconds=0.05)
        for number in range(2)
    ]
    said = [run.communicate(timeout=60)[1] for run in runs]
    codes = [run.returncode for run in runs]
    assert sorted(codes) == [0, 1], said
    second = said[codes.index(1)]
    assert "is being written by another run" in second
    assert "Traceback" not in second
    names = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert names == ["trial_pose.csv", "trial_pose.jsonl", "trial_pose.mp4"]
    frames, width = [(30, 160), (40, 192)][codes.index(0)]
    recording = limner.load(tmp_path / "made" / "trial_pose.jsonl")
    assert (len(recording), recording.header.input.width) == (frames, width)
    with VideoReader(tmp_path / "made" / "trial_pose.mp4") as reader:
        assert (reader.info.frame_count, reader.width) == (frames, width)
