"""NWB, read back with pynwb."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.errors import UsageError
from limner.export import export
from limner.media.inputs import expand
from limner.pipeline.annotate import annotate_input
from limner.recording.recording import Recording
from limner.settings import Settings
from support import walkers
from support.people import FakeModel

pynwb = pytest.importorskip("pynwb", reason="needs pynwb")
pytest.importorskip("ndx_pose", reason="needs ndx-pose")


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    with pynwb.NWBHDF5IO(str(path), "r") as file:
        yield file.read()


def test_keypoints_and_their_confidence(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), skeleton=COCO_17)
    frames = list(walk.frames)
    frames[5] = Poses.empty(COCO_17, 5, frames[5].time)
    walk = Recording(walk.header, tuple(frames))
    export(walk, "nwb", tmp_path / "walk.nwb")
    assert pynwb.validate(path=str(tmp_path / "walk.nwb")) in ([], ([], 0))
    with opened(tmp_path / "walk.nwb") as file:
        module = file.processing["behavior"]
        pose = module["PoseEstimation"]
        assert list(pose.skeleton.nodes[:]) == list(COCO_17.keypoints)
        assert pose.skeleton.edges[:].tolist() == [list(edge) for edge in COCO_17.edges]
        assert pose.source_software == "limner"
        assert set(pose.pose_estimation_series) == set(COCO_17.keypoints)
        for name in ("left_knee", "left_wrist"):  # sure and not
            series, at = pose[name], COCO_17.index(name)
            assert series.unit == "pixels"
            np.testing.assert_array_equal(series.data[:], walk.keypoints[:, 0, at])
            np.testing.assert_array_equal(series.confidence[:], walk.scores[:, 0, at])
            np.testing.assert_allclose(series.timestamps[:], walk.times)
        assert np.isnan(pose["nose"].data[5]).all()
        space = module["PoseEstimation3D"]["left_knee"]
        assert space.unit == "meters"
        assert walk.keypoints_3d is not None
        truth = walk.keypoints_3d[:, 0, COCO_17.index("left_knee")]
        np.testing.assert_array_equal(space.data[:], truth)


def test_a_file_for_each_person_from_when_they_come(tmp_path: Path) -> None:
    paths = export(walkers.recording(metric=False, skeleton=COCO_17), "nwb", tmp_path / "walk.nwb")
    assert [path.name for path in paths] == ["walk_person1.nwb", "walk_person2.nwb"]
    with opened(paths[1]) as file:
        assert file.subject.subject_id == "person2"
        assert file.processing["behavior"]["PoseEstimation"]["nose"].timestamps[0] == 0.5
        assert "PoseEstimation3D" not in file.processing["behavior"].data_interfaces


@pytest.mark.parametrize(
    ("created", "expected", "said"),
    [
        ("2024-08-20T17:27:55.000000Z", "2024-08-20T17:27:55+00:00", 0),
        ("2024-08-20T17:27:55+02:00", "2024-08-20T17:27:55+02:00", 0),
        (None, "1970-01-01T00:00:00+00:00", 1),
        ("last summer", "1970-01-01T00:00:00+00:00", 1),
    ],
)
def test_when_it_was_taken(created: str | None, expected: str, said: int, tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=0.2, skeleton=COCO_17)
    facts = replace(walk.header.input, created=created)
    notes: list[str] = []
    dated = replace(walk, header=replace(walk.header, input=facts))
    export(dated, "nwb", tmp_path / "walk.nwb", notes=notes)
    with opened(tmp_path / "walk.nwb") as file:
        assert file.session_start_time.isoformat() == expected
    assert len(notes) == said
    assert all(note.startswith("walk.nwb: when the video was taken is not known") for note in notes)


def test_a_plain_message_without_pynwb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ndx_pose", None)
    with pytest.raises(UsageError, match=r"pip install 'limner\[nwb\]'"):
        export(walkers.recording(people=(1,)), "nwb", tmp_path / "walk.nwb")
    assert not list(tmp_path.iterdir())


def test_a_run_says_it_too(clip: Path, tmp_path: Path) -> None:
    settings = Settings(output=tmp_path / "out", format=("jsonl", "nwb"), video=False)
    (source,) = expand([str(clip)])
    made = annotate_input(source, FakeModel(), settings)
    assert [path.name for path in made.paths] == ["walk_pose.jsonl", "walk_pose.nwb"]
    assert [problem for problem in made.problems if "walk_pose.nwb: when the video" in problem]
