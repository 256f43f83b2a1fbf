"""Foot strikes, toe-offs and strides of walkers whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from limner.core.skeletons import BODY_25, COCO_17, HALPE_26, Skeleton
from limner.gait.analysis import Gait, analyse
from support.gaits import Walk, recording, walk


def gait_of(found: Walk, skeleton: Skeleton | None = None) -> Gait:
    made = recording(found.keypoints, found.times)
    if skeleton is not None:
        made = recording(found.keypoints, found.times, skeleton=skeleton)
    (gait,) = analyse(made)
    return gait


def worst(found: Walk, gait: Gait) -> float:
    """Return the largest distance of an event from the true one beside it, seconds."""
    events = [event for passage in gait.passages for event in passage.events]
    truth = {"foot strike": found.strikes, "toe-off": found.toe_offs}
    assert len(events) >= sum(map(len, found.strikes.values())) + 3  # most, and both kinds
    return max(float(np.min(np.abs(truth[e.kind][e.side] - e.time))) for e in events)


@pytest.mark.parametrize("rate", [25.0, 30.0, 50.0])
@pytest.mark.parametrize(("stride", "length"), [(1.5, 1.0), (1.1, 1.6), (0.9, 1.8)])
@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("treadmill", [False, True])
def test_events_are_within_a_frame_of_usual_video(
    rate: float, stride: float, length: float, direction: int, treadmill: bool
) -> None:
    times = np.arange(round(8 * rate)) / rate
    found = walk(
        times, stride=stride, length=length, direction=direction, treadmill=treadmill, noise=0.5
    )
    gait = gait_of(found)
    (passage,) = [passage for passage in gait.passages if passage.used]
    assert passage.direction == ("right" if direction > 0 else "left")
    assert worst(found, gait) < 1 / min(rate, 30)


@pytest.mark.parametrize("rate", [60.0, 120.0, 240.0])
def test_fast_cameras(rate: float) -> None:
    times = np.arange(round(6 * rate)) / rate
    found = walk(times, noise=1.0)
    assert worst(found, gait_of(found)) < 0.025


@pytest.mark.parametrize("noise", [1.0, 2.0, 4.0])
def test_noise(noise: float) -> None:
    """Of a leg of 198 pixels; limner's own keypoints, cleaned, have less than 2."""
    times = np.arange(300) / 30
    for seed in range(5):
        found = walk(times, noise=noise, seed=seed)
        assert worst(found, gait_of(found)) < 1 / 30


@pytest.mark.parametrize("skeleton", [BODY_25, HALPE_26])
def test_skeletons_with_feet(skeleton: Skeleton) -> None:
    found = walk(np.arange(240) / 30)
    gait = gait_of(found, skeleton)
    assert worst(found, gait) < 1 / 30
    assert {cycle.joint for cycle in gait.cycles} == {"hip", "knee", "ankle"}


def test_ankles_alone_are_said() -> None:
    found = walk(np.arange(240) / 30, direction=-1)
    gait = gait_of(found, COCO_17)
    assert worst(found, gait) < 2.5 / 30
    assert any("no heels and toes" in note for note in gait.notes)
    assert {cycle.joint for cycle in gait.cycles} == {"hip", "knee"}
    assert [p.direction for p in gait.passages if p.used] == ["left"]
    assert any("the right leg is the far one" in note for note in gait.notes)


@pytest.mark.parametrize("treadmill", [False, True])
@pytest.mark.parametrize(("stride", "length"), [(1.5, 1.0), (1.1, 1.6)])
def test_measures_are_true(stride: float, length: float, treadmill: bool) -> None:
    found = walk(np.arange(300) / 30, stride=stride, length=length, treadmill=treadmill)
    measures = {each.name: each.both for each in gait_of(found).measures}
    assert measures["cadence"].mean == pytest.approx(120 / stride, rel=0.005)
    assert measures["stride_time"].mean == pytest.approx(stride, rel=0.005)
    assert measures["stride_length"].mean == pytest.approx(length, rel=0.01)
    assert measures["step_length"].mean == pytest.approx(length / 2, rel=0.01)
    assert measures["speed"].mean == pytest.approx(length / stride, rel=0.01)
    assert measures["stance"].mean == pytest.approx(62, abs=3)
    assert measures["swing"].mean == pytest.approx(38, abs=3)
    assert measures["double_support"].mean == pytest.approx(24, abs=6)
    assert measures["stride_time"].count >= 8


def test_a_limp_is_an_asymmetry() -> None:
    """The right foot strikes 6 % of the stride late: its step takes 0.56, the left one's 0.44."""
    found = walk(np.arange(300) / 30, limp=0.06)
    measures = {each.name: each for each in gait_of(found).measures}
    step = measures["step_time"]
    assert step.left is not None
    assert step.right is not None
    assert step.left.mean == pytest.approx(0.44 * 1.1, abs=0.01)
    assert step.right.mean == pytest.approx(0.56 * 1.1, abs=0.01)
    assert step.asymmetry == pytest.approx(24, abs=3)
    assert measures["stride_time"].asymmetry == pytest.approx(0, abs=1)
    assert abs(measures["stance"].asymmetry) < 2


def test_metres_by_a_height() -> None:
    found = walk(np.arange(300) / 30)
    (gait,) = analyse(recording(found.keypoints, found.times), height=1.80)
    # Shank, thigh and trunk, 2.65 trunks here, are 0.779 of the height.
    metres = found.stride_length * 1.80 * 0.779 / (2.65 * 120)
    length = next(each for each in gait.measures if each.name == "stride_length")
    assert length.unit == "m"
    assert length.both.mean == pytest.approx(metres, rel=0.01)


def test_metres_by_the_recordings_own_scale() -> None:
    found = walk(np.arange(300) / 30)
    known = recording(found.keypoints, found.times).scaled(distance="2m:10,100,210,100")
    (gait,) = analyse(known)
    length = next(each for each in gait.measures if each.name == "stride_length")
    assert length.unit == "m"
    assert length.both.mean == pytest.approx(found.stride_length / 100, rel=0.01)
    assert any("2m:10,100,210,100" in note for note in gait.notes)


def test_frames_at_their_own_times() -> None:
    """A phone's frames: 24 to 40 ms apart, some left out."""
    rng = np.random.default_rng(4)
    times = np.cumsum(rng.uniform(0.024, 0.04, 300))
    times = np.delete(times, rng.choice(299, 30, replace=False))
    found = walk(times, noise=0.5)
    assert worst(found, gait_of(found)) < 0.033
