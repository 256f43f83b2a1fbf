from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.errors import OutputError
from limner.evaluation.steadiness import evaluate_recording
from limner.evaluation.timeline import draw_timeline, write_timeline
from support.crowd import Walker, film, whose


def recorded(walkers: list[Walker], times: np.ndarray, noise: float = 0.0) -> list[Poses]:
    return [
        replace(poses, ids=np.array(whose(poses), np.int64) + 1, keypoints_3d=None)
        for poses in film(walkers, times, noise=noise)
    ]


def moved(poses: Poses, x: float) -> Poses:
    return replace(poses, keypoints=poses.keypoints + np.array([x, 0], np.float32))


def still(times: np.ndarray) -> list[Poses]:
    (pose,) = recorded([Walker(300)], np.zeros(1))
    return [replace(pose, index=i, time=float(time)) for i, time in enumerate(times)]


def test_a_known_acceleration_is_measured() -> None:
    # x = a t² / 2 with a = 100 px/s², on uneven times, of a body of 0.92 * 200 px.
    times = np.cumsum([0, 0.03, 0.04, 0.02, 0.05, 0.03, 0.03])
    frames = [moved(poses, 50 * poses.time**2) for poses in still(times)]
    figures = evaluate_recording(frames)
    assert figures.keypoints.jitter == pytest.approx(100 / 184, rel=1e-2)
    assert figures.keypoints.bone_variation == pytest.approx(0, abs=1e-4)


def test_even_motion_has_no_jitter() -> None:
    frames = [moved(poses, 300 * poses.time) for poses in still(np.arange(30) / 30)]
    assert evaluate_recording(frames).keypoints.jitter == pytest.approx(0, abs=0.01)


def test_jitter_does_not_depend_on_the_size_of_the_body() -> None:
    frames = recorded([Walker(300)], np.arange(60) / 30, noise=0.01)
    large = [replace(poses, keypoints=poses.keypoints * np.float32(3)) for poses in frames]
    assert evaluate_recording(large).keypoints.jitter == pytest.approx(
        evaluate_recording(frames).keypoints.jitter, rel=1e-3
    )


def test_unseen_keypoints_do_not_count() -> None:
    frames = still(np.arange(30) / 30)
    random = np.random.default_rng(0)
    for poses in frames:
        poses.keypoints = poses.keypoints.copy()
        poses.scores = poses.scores.copy()
        poses.keypoints[:, 9] += random.normal(0, 50, 2)
        poses.scores[:, 9] = 0.1
        poses.keypoints[:, 10] = poses.scores[:, 10] = np.nan
    assert evaluate_recording(frames).keypoints.jitter == pytest.approx(0, abs=1e-6)
    assert evaluate_recording(frames, threshold=0).keypoints.jitter != pytest.approx(0, abs=1)


def test_a_gap_is_no_acceleration() -> None:
    frames = [moved(poses, 500.0 * (poses.index > 10)) for poses in still(np.arange(20) / 30)]
    frames[10] = frames[10][:0]
    figures = evaluate_recording(frames)
    assert figures.keypoints.jitter == pytest.approx(0, abs=1e-6)
    assert figures.returns == 1


def test_raw_and_clean_are_compared_over_the_same_sightings() -> None:
    frames = recorded([Walker(300)], np.arange(60) / 30, noise=0.02)
    clean = recorded([Walker(300)], np.arange(60) / 30)
    both = [replace(c, raw_keypoints=r.keypoints) for c, r in zip(clean, frames, strict=True)]
    for poses in both[20:30]:  # filled by the cleaning
        assert poses.raw_keypoints is not None
        poses.raw_keypoints[:, 5] = np.nan
    figures = evaluate_recording(both)
    assert figures.raw_keypoints is not None
    assert figures.raw_keypoints.jitter is not None
    assert figures.keypoints.jitter is not None
    assert figures.raw_keypoints.jitter > 5 * figures.keypoints.jitter
    assert (figures.raw_keypoints.bone_variation or 0) > (figures.keypoints.bone_variation or 0)


def test_bones_that_change_are_measured() -> None:
    frames = still(np.arange(10) / 30)
    for poses in frames:
        scale = np.float32(1.1 if poses.index % 2 else 0.9)
        poses.keypoints = poses.keypoints * scale
        poses.keypoints_3d = np.dstack([poses.keypoints, poses.scores]).astype(np.float32)
    figures = evaluate_recording(frames)
    assert figures.keypoints.bone_variation == pytest.approx(0.1, abs=1e-3)
    assert figures.keypoints_3d is not None
    assert figures.keypoints_3d.bone_variation == pytest.approx(0.1, abs=1e-2)


def test_births_deaths_and_coverage() -> None:
    walkers = [
        Walker(100),
        Walker(400, seen=((1, 3),)),  # born, dies
        Walker(700, seen=((0, 2), (5, 99))),  # returns
    ]
    figures = evaluate_recording(recorded(walkers, np.arange(60) / 10))
    assert (figures.people, figures.births, figures.deaths, figures.returns) == (3, 1, 1, 1)
    assert figures.seconds == pytest.approx(6)
    assert [figures.births_per_minute, figures.deaths_per_minute] == pytest.approx([10, 10])
    assert figures.coverage == 1
    assert figures.coverage_by_id == {
        1: 1,
        2: pytest.approx(21 / 60),
        3: pytest.approx(31 / 60),
    }
    json.dumps(figures.to_dict(), allow_nan=False)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_recording_without_people_has_no_figures(count: int) -> None:
    figures = evaluate_recording([Poses.empty(COCO_17, i, i / 30) for i in range(count)])
    assert figures.people == 0
    assert figures.keypoints.jitter is None
    assert figures.coverage == (0 if count else None)
    json.dumps(figures.to_dict(), allow_nan=False)


def test_the_timeline_shows_when_each_id_is_seen() -> None:
    walkers = [Walker(100), Walker(700, seen=((0, 0.99), (2, 9)))]
    image = draw_timeline(recorded(walkers, np.arange(30) / 10))

    def colored(row: int, seconds: float) -> bool:
        x, y = 70 + round(1100 * seconds / 3), 40 + 34 * row + 17
        return bool(np.ptp(image[y, x].astype(int)) > 50)

    assert [colored(0, s) for s in (0.5, 1.5, 2.5)] == [True, True, True]
    assert [colored(1, s) for s in (0.5, 1.5, 2.5)] == [True, False, True]


@pytest.mark.parametrize("count", [0, 1])
def test_the_timeline_of_nothing_is_a_picture(count: int, tmp_path: Path) -> None:
    write_timeline(tmp_path / "who.png", [Poses.empty(COCO_17)] * count)
    assert (tmp_path / "who.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OutputError, match="cannot write"):
        write_timeline(tmp_path / "nowhere" / "who.png", [])
