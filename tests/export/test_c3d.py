"""C3D, read back with ezc3d and byte by byte."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.errors import OutputError, RecordingError, UsageError
from limner.export import export
from limner.recording.recording import Recording
from support import walkers

ezc3d = pytest.importorskip("ezc3d", reason="needs ezc3d")


def read(path: Path) -> tuple[Any, Any]:
    """Return POINT's parameters, and (K, S, 3) positions."""
    found = ezc3d.c3d(str(path))
    return found, found["data"]["points"][:3].transpose(1, 2, 0)


def test_three_dimensions_in_millimetres(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), skeleton=COCO_17)
    assert export(walk, "c3d", tmp_path / "walk.c3d") == [tmp_path / "walk.c3d"]
    found, points = read(tmp_path / "walk.c3d")
    head = found["parameters"]["POINT"]
    assert head["LABELS"]["value"] == list(COCO_17.keypoints)
    assert head["UNITS"]["value"] == ["mm"]
    assert head["RATE"]["value"] == [30]
    assert walk.keypoints_3d is not None
    truth = walk.keypoints_3d[:, 0] * [1000, -1000, -1000]
    knee = COCO_17.index("left_knee")
    np.testing.assert_allclose(points[knee], truth[:, knee], atol=0.01)
    wrist = COCO_17.index("left_wrist")
    assert np.isnan(points[wrist]).all()
    residuals = found["data"]["meta_points"]["residuals"][0]
    assert (residuals[wrist] == -1).all()
    assert (np.delete(residuals, wrist, axis=0) == 0).all()


def test_height_gives_the_plane_and_the_time_is_kept(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1, 2), unsure=())
    export(walk, "c3d", tmp_path / "walk.c3d", person=2, height=walkers.HEIGHT)
    found, points = read(tmp_path / "walk.c3d")
    assert found["header"]["points"]["first_frame"] == 15  # from 0 in ezc3d: half a second
    nose = points[BLAZEPOSE_33.index("nose")]
    truth = walk.keypoints[15:, 1, 0] / walkers.PIXELS_PER_METRE
    np.testing.assert_allclose(nose[:, 0] / 1000, truth[:, 0], rtol=0.01)
    np.testing.assert_allclose(
        nose[:, 1] / 1000, 720 / walkers.PIXELS_PER_METRE - truth[:, 1], rtol=0.01
    )
    assert (nose[:, 2] == 0).all()


def test_pixels_say_that_they_are(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), metric=False, seconds=0.5)
    export(walk, "c3d", tmp_path / "walk.c3d")
    found, points = read(tmp_path / "walk.c3d")
    assert found["parameters"]["POINT"]["UNITS"]["value"] == ["px"]
    np.testing.assert_allclose(points[0, :, 0], walk.keypoints[:, 0, 0, 0], atol=0.001)
    np.testing.assert_allclose(points[0, :, 1], 720 - walk.keypoints[:, 0, 0, 1], atol=0.001)


def test_a_missing_marker_is_zeros_to_readers_that_know_no_nan(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), skeleton=COCO_17, seconds=0.5)
    frames = list(walk.frames)
    frames[4] = Poses.empty(COCO_17, 4, frames[4].time)
    export(Recording(walk.header, tuple(frames)), "c3d", tmp_path / "walk.c3d")
    found, _ = read(tmp_path / "walk.c3d")
    start = 512 * (int(found["parameters"]["POINT"]["DATA_START"]["value"][0]) - 1)
    raw = (tmp_path / "walk.c3d").read_bytes()[start : start + 15 * 17 * 16]
    table = np.frombuffer(raw, "<f4").reshape(15, 17, 4)
    assert (table[4, :, :3] == 0).all()
    assert (table[4, :, 3] == -1).all()
    assert (table[5, 0, 3]) == 0


def test_the_names_of_pose2sim(tmp_path: Path) -> None:
    export(walkers.recording(people=(1,)), "c3d", tmp_path / "walk.c3d", markers="pose2sim")
    found, _ = read(tmp_path / "walk.c3d")
    assert {"RKnee", "LBigToe"} <= set(found["parameters"]["POINT"]["LABELS"]["value"])


def test_more_frames_than_it_counts_are_refused(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=2)
    with pytest.raises(RecordingError, match=r"up to 65,535, .* until frame 78,667; give a lower"):
        export(walk, "c3d", tmp_path / "walk.c3d", rate=40_000)
    assert not list(tmp_path.iterdir())


def test_a_plain_message_without_ezc3d(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ezc3d", None)
    with pytest.raises(UsageError, match=r"pip install 'limner\[c3d\]'"):
        export(walkers.recording(people=(1,)), "c3d", tmp_path / "walk.c3d")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # ezc3d says nothing on a full disk.
    monkeypatch.setattr(ezc3d.c3d, "write", lambda _, path: Path(path).write_bytes(b""))
    with pytest.raises(OutputError, match=r"cannot write walk.c3d: No space left"):
        export(walkers.recording(people=(1,)), "c3d", tmp_path / "walk.c3d")
    assert not list(tmp_path.iterdir())
