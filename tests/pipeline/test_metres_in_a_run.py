"""A run that is told a height, a distance or a calibration keeps metres in its recording."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import limner
from limner.core.arrays import Floats
from limner.core.skeletons import COCO_17
from limner.errors import UsageError
from limner.media.inputs import expand
from limner.pipeline.annotate import annotate_input
from limner.pipeline.result import Result
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel
from support.scenes import View, Walker, film

VIEW = View(focal=500, size=(640, 360))
WALKER = Walker(1.8, (-1.5, 6))


def _bodies() -> list[Floats]:
    """Return (17, 2) keypoints by frame, the head about where heads are."""
    result = []
    for poses in film(VIEW, {1: WALKER}, seconds=2, skeleton=COCO_17):
        points = poses.keypoints[0].copy()
        top = points[5:7].mean(axis=0) - (0, 20)
        result.append(np.where(np.isnan(points), top, points).astype(np.float32))
    return result


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(
        tmp_path_factory.mktemp("clip") / "cam1.mp4", Clip(frames=60, width=640, height=360)
    )


def run(path: Path, model: FakeModel | None = None, **options: Any) -> Result:
    (source,) = expand([str(path)])
    bodies = _bodies()
    model = model or FakeModel(lambda index, width, height: [bodies[index]])
    return annotate_input(source, model, Settings(video=False, **options))


def test_the_recording_keeps_them(clip: Path, tmp_path: Path) -> None:
    made = run(clip, output=tmp_path, height="1=180", format="csv,jsonl,trc")
    assert made.problems == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cam1_pose.csv",
        "cam1_pose.jsonl",
        "cam1_pose.trc",
    ]
    recording = limner.load(tmp_path / "cam1_pose.jsonl")
    assert recording.complete
    assert len(recording) == 60
    scale = recording.header.scale
    assert scale is not None
    assert scale.source == "height 1=1.8"
    assert scale.people[1].metres_per_pixel == pytest.approx(6 / 500, rel=0.03)
    assert scale.people[1].on_floor
    hips = recording.metres()[:, 0, [COCO_17.index("left_hip"), COCO_17.index("right_hip")]]
    truth = WALKER.places(recording.times)["left_hip"][:, [0, 2]]
    assert np.abs(hips.mean(axis=1) - truth).max() < 0.1
    again = limner.load(tmp_path / "cam1_pose.jsonl").scaled(height={1: 1.8})
    np.testing.assert_allclose(again.metres(), recording.metres())


def test_a_calibration_is_of_the_video_it_is_called_after(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "Calib.toml").write_text(
        View(focal=9, size=(9, 9)).toml("cam10") + VIEW.toml("cam1").replace("[metadata]", "[more]")
    )
    run(clip, output=tmp_path, calibration=tmp_path / "Calib.toml")
    scale = limner.load(tmp_path / "cam1_pose.jsonl").header.scale
    assert scale is not None
    assert scale.camera is not None
    assert scale.camera.size == (640, 360)
    assert scale.people[1].metres_per_pixel == pytest.approx(6 / 500, rel=0.03)


def test_who_is_not_there_is_said_and_the_rest_is_kept(clip: Path, tmp_path: Path) -> None:
    made = run(clip, output=tmp_path, height="9=1.8")
    (problem,) = made.problems
    assert "no metres: height: " in problem
    assert "has no person 9; it has 1" in problem
    assert limner.load(tmp_path / "cam1_pose.jsonl").header.scale is None


def test_what_cannot_be_used_is_refused_before_anything_is_measured(
    clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "Calib.toml").write_text(View().toml())
    (tmp_path / "two.toml").write_text(VIEW.toml("left") + VIEW.toml("right").split("[meta")[0])
    (tmp_path / "none.toml").write_text("[a]\nb = 1\n")
    (tmp_path / "bad.toml").write_text(VIEW.toml().replace("matrix = [[", "matrix = [[1.0, "))
    (tmp_path / "text.toml").write_text("what?")
    for name, sentence in {
        "Calib.toml": "of images of 1920x1080 pixels, and the video has 640x360",
        "two.toml": "cameras left, right, and the name of the video, cam1.mp4, does not begin",
        "none.toml": "holds no camera: expected a table with size, matrix",
        "bad.toml": "camera cam, cannot be used: ",
        "text.toml": "is no TOML file",
        "missing.toml": "cannot read the calibration .*missing.toml: No such file",
        "board.mp4": "give the checkerboard in it as well",
    }.items():
        model = FakeModel()
        with pytest.raises(UsageError, match=sentence):
            run(clip, model, output=tmp_path / "made", calibration=tmp_path / name)
        assert model.frames == []
        assert not list((tmp_path / "made").iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_cannot_take_them(clip: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cam1_pose.jsonl")
    with pytest.raises(UsageError, match="is a pipe; write it into a file"):
        run(clip, output=tmp_path, height=1.8, format="jsonl")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"height": 1.75, "format": "csv"}, "ask for jsonl as well: --format jsonl,csv"),
        ({"height": 1.75, "distance": "1m:0,0,9,9"}, "give either this or distance"),
        ({"height": 1.75, "track": False}, "where nobody is followed"),
        ({"height": 17.5}, "or in centimetres such as 175"),
        ({"height": {1: 0.2}}, "or in centimetres such as 175"),
        ({"height": "tall"}, "height: expected a height such as 1.75"),
        ({"height": {}}, "height: expected a height such as 1.75"),
        ({"distance": "far"}, "distance: expected a length and the two points"),
        ({"checkerboard": "big"}, "checkerboard: expected its inner corners"),
    ],
)
def test_what_settings_refuse(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        Settings(**options)


def test_settings_with_heights_have_a_hash() -> None:
    assert hash(Settings(height=1.75)) is not None
