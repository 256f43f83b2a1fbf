"""Speeds and rhythm on movements that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.skeletons import BLAZEPOSE_33, Skeleton
from limner.errors import UsageError
from limner.motion import cadence, repetitions, rhythm, speeds, velocities
from support.figures import figure, flip, jump, spoil, stand, walk

TIMES = np.arange(180) / 30


@given(
    steps=st.lists(st.floats(0.005, 0.2), min_size=4, max_size=20),
    speed=st.floats(-500, 500),
    acceleration=st.floats(-500, 500),
)
def test_velocity_of_a_thrown_ball(steps: list[float], speed: float, acceleration: float) -> None:
    times = np.cumsum(steps)
    path = speed * times + acceleration / 2 * times**2
    got = velocities(np.stack([path, 0 * path], axis=1)[:, None], times)
    expected = speed + acceleration * times
    np.testing.assert_allclose(got[1:-1, 0, 0], expected[1:-1], atol=1e-4)
    np.testing.assert_allclose(got[:, 0, 1], 0)


def test_speeds_in_pixels_and_body_heights() -> None:
    keypoints = figure(30) + 60 * (np.arange(30) / 30)[:, None, None] * [0.6, 0.8]
    times = np.arange(30) / 30
    np.testing.assert_allclose(speeds(keypoints, times), 60)
    np.testing.assert_allclose(speeds(keypoints, times, height=120), 0.5)
    solid = np.repeat(keypoints[..., :1], 3, axis=2)
    np.testing.assert_allclose(speeds(solid, times), 36 * np.sqrt(3))


def test_speed_is_unknown_beside_a_gap_and_at_equal_times() -> None:
    keypoints = figure(10) + np.arange(10)[:, None, None]
    keypoints[5, 3] = np.nan
    got = speeds(keypoints, np.arange(10.0))
    assert np.isnan(got[4:7, 3]).all()
    assert np.isnan(got).sum() == 3
    times = np.arange(10.0)
    times[2] = times[1]
    assert np.isnan(speeds(figure(10), times)[1:3]).all()
    assert np.isnan(speeds(figure(1), np.zeros(1))).all()


def test_times_must_fit() -> None:
    with pytest.raises(UsageError, match="one time per frame"):
        speeds(figure(10), np.arange(9.0))


@pytest.mark.parametrize("pace", [60, 98, 120, 180])
@pytest.mark.parametrize("rate", [25, 60])
def test_the_cadence_of_a_walk(pace: float, rate: float) -> None:
    times = np.arange(5 * rate) / rate
    clip = spoil(times, walk(times, pace), np.random.default_rng(0))
    found = cadence(clip.keypoints, BLAZEPOSE_33, times)
    assert found.per_minute == pytest.approx(pace, rel=0.03)
    assert found.confidence > 0.8
    # A stride is two steps.
    whole = repetitions(clip.keypoints, BLAZEPOSE_33, times)
    assert whole.per_minute == pytest.approx(pace / 2, rel=0.03)


def test_the_cadence_at_an_uneven_frame_rate() -> None:
    times = np.cumsum(np.random.default_rng(1).choice([1 / 60, 1 / 30, 1 / 15], 150))
    found = cadence(walk(times, 104), BLAZEPOSE_33, times)
    assert found.per_minute == pytest.approx(104, rel=0.03)


def test_the_cadence_with_a_gap() -> None:
    keypoints = walk(TIMES, 104)
    keypoints[50:65] = np.nan
    assert cadence(keypoints, BLAZEPOSE_33, TIMES).per_minute == pytest.approx(104, rel=0.03)


@pytest.mark.parametrize("rate", [0.6, 1.0, 1.5])
def test_repeated_jumps_are_counted(rate: float) -> None:
    keypoints = jump(TIMES, rate)
    assert repetitions(keypoints, BLAZEPOSE_33, TIMES).per_minute == pytest.approx(
        60 * rate, rel=0.02
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("movement", [stand, flip])
def test_where_nothing_repeats_there_is_no_rhythm(movement, seed: int) -> None:  # type: ignore[no-untyped-def]
    clip = spoil(TIMES, movement(TIMES), np.random.default_rng(seed))
    for found in (
        cadence(clip.keypoints, BLAZEPOSE_33, TIMES),
        repetitions(clip.keypoints, BLAZEPOSE_33, TIMES),
    ):
        assert np.isnan(found.per_minute)
        assert found.confidence == 0


@pytest.mark.parametrize("alternating", [False, True])
def test_noise_and_drift_have_no_rhythm(alternating: bool) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        noise = rng.normal(size=(180, 2))
        assert np.isnan(rhythm(noise, TIMES, alternating=alternating).per_minute)
    line = TIMES[:, None] * 40 + 3
    assert np.isnan(rhythm(line, TIMES, alternating=alternating).per_minute)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_frames_have_no_rhythm(count: int) -> None:
    assert np.isnan(cadence(walk(TIMES)[:count], BLAZEPOSE_33, TIMES[:count]).per_minute)
    empty = np.full((60, 33, 2), np.nan)
    assert np.isnan(cadence(empty, BLAZEPOSE_33, TIMES[:60]).per_minute)


def test_bad_input_is_refused() -> None:
    with pytest.raises(UsageError, match="T times"):
        rhythm(np.zeros((4, 1)), np.zeros(5))
    hand = Skeleton("hand", ("wrist", "thumb"), edges=((0, 1),), sigmas=(0.1, 0.1))
    with pytest.raises(UsageError, match="left_ankle"):
        cadence(np.zeros((9, 2, 2)), hand, np.arange(9.0))
    with pytest.raises(UsageError, match="need hips"):
        repetitions(np.zeros((9, 2, 2)), hand, np.arange(9.0))
