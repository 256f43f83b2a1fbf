"""Each step of cleaning by itself: swaps, outliers, gaps, smoothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from limner.cleaning import Cleaner
from limner.cleaning.cleaner import FILLED
from limner.cleaning.outliers import outliers
from limner.cleaning.smoothing import local_kernels
from limner.cleaning.swaps import groups_of
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, SKELETONS
from support.figures import Clip, as_poses, body_size, figure, spoil, walk

TIMES = np.arange(60) / 30
SWAP = list(BLAZEPOSE_33.mirror)
LEGS = [
    number
    for number, name in enumerate(BLAZEPOSE_33.keypoints)
    if any(part in name for part in ("knee", "ankle", "heel", "foot"))
]


def clean(clip: Clip, lag: int = 10, **options: float) -> list[Poses]:
    cleaner = Cleaner(BLAZEPOSE_33, lag=lag, **options)  # type: ignore[arg-type]
    ready = [poses for frame in as_poses(clip) for poses in cleaner.push(frame)]
    return ready + cleaner.flush()


def stacked(frames: list[Poses]) -> np.ndarray:
    return np.stack([poses.keypoints[0] for poses in frames]).astype(float)


def good_walk(**faults: float) -> Clip:
    faults = {"outliers": 0, "dropouts": 0, "jitter": 0.003} | faults
    return spoil(TIMES, walk(TIMES), np.random.default_rng(0), **faults)  # type: ignore[arg-type]


def front_view(times: np.ndarray = TIMES) -> np.ndarray:
    """Someone seen from the front who waves, so that left and right lie apart."""
    return figure(len(times), width=0.5, shoulder=40 * np.sin(4 * times), knee=5.0)


# --- swaps -------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 3, 6, 9])
@pytest.mark.parametrize("part", ["legs", "everything"])
def test_a_short_swap_is_repaired(length: int, part: str) -> None:
    truth = front_view()
    clip = spoil(TIMES, truth, np.random.default_rng(1), jitter=0.003, outliers=0, dropouts=0)
    joints = LEGS if part == "legs" else list(range(33))
    clip.scores[:, BLAZEPOSE_33.index("left_knee")] = 0.9
    clip.scores[:, BLAZEPOSE_33.index("right_knee")] = 0.5
    rows = np.arange(25, 25 + length)[:, None]
    for values in (clip.keypoints, clip.scores):
        values[rows, joints] = values[rows, np.array(SWAP)[joints]]
    ready = clean(clip)
    moved = np.linalg.norm(stacked(ready) - truth, axis=-1) / body_size(truth)
    assert moved[20 : 30 + length].max() < 0.02
    # The scores went back with their keypoints, and the raw ones were left.
    left, right = BLAZEPOSE_33.index("left_knee"), BLAZEPOSE_33.index("right_knee")
    assert ready[25].scores[0, left] == pytest.approx(0.9)
    assert ready[25].scores[0, right] == pytest.approx(0.5)
    raw = ready[25].raw_keypoints
    assert raw is not None
    np.testing.assert_allclose(raw[0], clip.keypoints[25], rtol=1e-6)


def test_repair_can_be_switched_off() -> None:
    clip = spoil(TIMES, front_view(), np.random.default_rng(1), outliers=0, dropouts=0)
    clip.keypoints[25:33] = clip.keypoints[25:33][:, SWAP]
    knee = BLAZEPOSE_33.index("left_knee")
    result = stacked(clean(clip, repair_swaps=False))[29, knee]
    np.testing.assert_allclose(result, clip.truth[29, SWAP[knee]], atol=10)


def test_a_swap_that_stays_is_believed() -> None:
    clip = spoil(TIMES, front_view(), np.random.default_rng(1), outliers=0, dropouts=0)
    clip.keypoints[25:] = clip.keypoints[25:][:, SWAP]
    result = stacked(clean(clip))
    expected = clip.truth[:, SWAP]
    assert np.linalg.norm(result - expected, axis=-1)[30:].mean() < 0.01 * body_size(clip.truth)


@pytest.mark.parametrize("pace", [60, 108, 180])
def test_legs_that_pass_each_other_are_not_swapped(pace: float) -> None:
    """In a walk seen from the side the legs cross twice in each cycle."""
    times = np.arange(150) / 30
    truth = walk(times, pace)
    clip = spoil(times, truth, np.random.default_rng(2), outliers=0, dropouts=0)
    with_repair, without = clean(clip), clean(clip, repair_swaps=False)
    np.testing.assert_array_equal(stacked(with_repair), stacked(without))


@pytest.mark.parametrize("name", SKELETONS)
def test_every_pair_of_every_skeleton_is_in_a_group(name: str) -> None:
    skeleton = SKELETONS[name]
    assert len(groups_of(skeleton)) == len(skeleton.pairs)
    assert None not in groups_of(skeleton)


@pytest.mark.parametrize("name", SKELETONS)
@pytest.mark.parametrize("length", [1, 5, 9])
def test_legs_close_together_go_with_the_body(name: str, length: int) -> None:
    """Someone closes a jumping jack: the arms tell of the exchange, the feet hardly do."""
    skeleton = SKELETONS[name]
    closing = np.clip((TIMES - 0.6) / 0.5, 0, 1)
    truth = figure(60, width=0.2, knee=2.0)
    # Knees and feet come together at the middle, the arms down from the sides.
    for joint, keypoint in enumerate(BLAZEPOSE_33.keypoints):
        sign = -1 if "left" in keypoint else 1
        if joint in LEGS:
            truth[:, joint, 0] += sign * (40 * (1 - closing) - 26 * closing)
        elif any(part in keypoint for part in ("elbow", "wrist", "pinky", "index", "thumb")):
            truth[:, joint, 0] += sign * (100 - 40 * closing)
            truth[:, joint, 1] += -150 * (1 - closing)
    clip = spoil(TIMES, truth, np.random.default_rng(1), jitter=0.004, outliers=0, dropouts=0)
    clip.keypoints[26 : 26 + length] = clip.keypoints[26 : 26 + length][:, SWAP]
    cleaner = Cleaner(skeleton, lag=10, smooth=False, reject_outliers=False)
    frames = [poses.to(skeleton) for poses in as_poses(clip)]
    ready = [poses for frame in frames for poses in cleaner.push(frame)] + cleaner.flush()
    unexchanged = clip.keypoints.copy()
    unexchanged[26 : 26 + length] = unexchanged[26 : 26 + length][:, SWAP]
    clip.keypoints = unexchanged
    expected = [poses.to(skeleton) for poses in as_poses(clip)]
    np.testing.assert_allclose(stacked(ready), stacked(expected), atol=1e-3)


@pytest.mark.parametrize("rate", [8, 15, 60])
def test_legs_that_pass_at_other_frame_rates_are_not_swapped(rate: float) -> None:
    times = np.arange(int(5 * rate)) / rate
    clip = spoil(times, walk(times), np.random.default_rng(2), outliers=0, dropouts=0)
    lag = int(np.ceil(rate / 3))
    with_repair, without = clean(clip, lag), clean(clip, lag, repair_swaps=False)
    np.testing.assert_array_equal(stacked(with_repair), stacked(without))


def test_a_swap_longer_than_the_look_ahead_is_left_alone() -> None:
    """What is handed out cannot be taken back, so there is no half repair."""
    clip = spoil(TIMES, front_view(), np.random.default_rng(1), outliers=0, dropouts=0)
    clip.keypoints[20:35] = clip.keypoints[20:35][:, SWAP]
    ready = clean(clip, smooth=False, reject_outliers=False)
    np.testing.assert_allclose(stacked(ready), clip.keypoints, rtol=1e-6)


@pytest.mark.parametrize("length", [6, 9, 20])
@pytest.mark.parametrize("before", [8, 10, 14])
def test_a_swap_is_not_mended_elsewhere(length: int, before: int) -> None:
    """Where left and right are close together an exchange is cheap; that says nothing."""
    start = 28
    truth = front_view()
    near = np.exp(-(((np.arange(60) - start + before) / 2.0) ** 2))[:, None]
    middle = truth[..., 0].mean(axis=1, keepdims=True)
    truth[..., 0] = middle + (truth[..., 0] - middle) * (1 - 0.9 * near)
    clip = spoil(TIMES, truth, np.random.default_rng(1), jitter=0.004, outliers=0, dropouts=0)
    expected = clip.keypoints.copy()
    clip.keypoints[start : start + length] = clip.keypoints[start : start + length][:, SWAP]
    if length > 10:
        expected = clip.keypoints
    ready = clean(clip, smooth=False, reject_outliers=False)
    np.testing.assert_allclose(stacked(ready), expected, rtol=1e-6)


# --- outliers ----------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2])
def test_a_jump_away_is_dropped_and_filled(length: int) -> None:
    clip = good_walk()
    wrist = BLAZEPOSE_33.index("left_wrist")
    size = body_size(clip.truth)
    clip.keypoints[30 : 30 + length, wrist] += 0.3 * size
    ready = clean(clip)
    moved = np.linalg.norm(stacked(ready) - clip.truth, axis=-1)
    assert moved[25:36, wrist].max() < 0.02 * size
    assert ready[30].scores[0, wrist] <= FILLED * np.nanmax(clip.scores[25:36, wrist]) + 1e-6
    kept = stacked(clean(clip, reject_outliers=False))
    assert np.linalg.norm(kept[30, wrist] - clip.truth[30, wrist]) > 0.1 * size


def test_fast_movement_at_an_uneven_rate_is_no_outlier() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.choice([1 / 120, 1 / 60, 1 / 15], 40))
    # A body of 400 px that is 1.75 m tall falls freely, and is thrown sideways.
    gravity = 9.81 / 1.75 * 400
    fall = np.stack([900 * times, gravity / 2 * times**2], axis=1)[:, None, None]
    points = fall + rng.normal(0, 2, (40, 1, 5, 2))
    for middle in range(3, 37):
        around = slice(middle - 3, middle + 4)
        assert not outliers(times[around], points[around], np.array([400.0]), 3).any()


def test_where_little_is_seen_nothing_is_dropped() -> None:
    points = np.full((7, 1, 2, 2), 100.0)
    points[3] = 300
    points[4:, 0, 0] = np.nan
    far = outliers(np.arange(7) / 30, points, np.array([400.0]), 3)
    assert far.tolist() == [[False, True]]


def test_frames_far_apart_drop_nothing() -> None:
    """At five frames a second a leg that swings through is where nobody expects it."""
    times = np.arange(40) / 5
    for pace in (80, 108, 140):
        clip = spoil(times, walk(times, pace), np.random.default_rng(0), outliers=0, dropouts=0)
        assert not np.isnan(stacked(clean(clip, lag=2, max_gap=0))).any()


# --- gaps --------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 3, 5])
def test_a_short_gap_of_a_keypoint_is_filled(length: int) -> None:
    clip = good_walk()
    ankle = BLAZEPOSE_33.index("right_ankle")
    rows = slice(20, 20 + length)
    clip.keypoints[rows, ankle] = clip.scores[rows, ankle] = np.nan
    ready = clean(clip)
    error = np.linalg.norm(stacked(ready)[rows, ankle] - clip.truth[rows, ankle], axis=-1)
    assert error.max() < 0.03 * body_size(clip.truth)
    lower = min(clip.scores[19, ankle], clip.scores[20 + length, ankle])
    for poses in ready[rows]:
        assert poses.scores[0, ankle] == pytest.approx(FILLED * lower)


def test_a_long_gap_stays_a_gap() -> None:
    clip = good_walk()
    clip.keypoints[20:32, 5] = clip.scores[20:32, 5] = np.nan
    for poses in clean(clip, lag=15, max_gap=0.25):
        missing = 20 <= poses.index < 32
        assert bool(np.isnan(poses.keypoints[0, 5]).all()) is missing
        assert bool(np.isnan(poses.scores[0, 5])) is missing
    filled = clean(clip, lag=15, max_gap=0.5)
    assert not np.isnan(stacked(filled)).any()


def without_person(frames: list[Poses], absent: range) -> list[Poses]:
    return [frame[:0] if frame.index in absent else frame for frame in frames]


def run(frames: list[Poses], **options: float) -> list[Poses]:
    cleaner = Cleaner(BLAZEPOSE_33, **options)  # type: ignore[arg-type]
    return [poses for frame in frames for poses in cleaner.push(frame)] + cleaner.flush()


def test_a_person_missing_for_a_moment_is_filled_in() -> None:
    clip = good_walk()
    ready = run(without_person(as_poses(clip, 7), range(20, 25)), lag=10)
    for poses in ready:
        assert poses.ids.tolist() == [7]
    error = np.linalg.norm(stacked(ready) - clip.truth, axis=-1)
    assert error[20:25].mean() < 0.015 * body_size(clip.truth)
    assert ready[22].person_scores[0] == pytest.approx(0.9 * FILLED)
    assert (ready[22].boxes[0, :2] < ready[22].keypoints[0, 0]).all()
    raw = ready[22].raw_keypoints
    assert raw is not None
    assert np.isnan(raw).all()


@pytest.mark.parametrize(
    ("absent", "options"),
    [
        (range(20, 25), {"lag": 10, "max_gap": 0.0}),
        (range(20, 25), {"lag": 3}),  # the return is not seen in time
        (range(20, 32), {"lag": 15}),
        (range(20), {"lag": 10}),
        (range(40, 60), {"lag": 10}),
    ],
)
def test_a_person_is_not_invented(absent: range, options: dict[str, float]) -> None:
    ready = run(without_person(as_poses(good_walk()), absent), **options)
    seen = [poses.index for poses in ready if len(poses)]
    if options["lag"] == 3:  # only the end of the gap lies within the lag
        assert set(absent) - set(seen)
    else:
        assert not set(absent) & set(seen)


# --- smoothing ---------------------------------------------------------------------------


@given(
    shifts=arrays(float, 9, elements=st.floats(-0.02, 0.02)),
    weights=arrays(float, (9, 1), elements=st.floats(0.05, 1)),
    curve=arrays(float, 3, elements=st.floats(-100, 100)),
)
def test_a_parabola_is_met_exactly(
    shifts: np.ndarray, weights: np.ndarray, curve: np.ndarray
) -> None:
    offsets = np.linspace(-0.2, 0.2, 9) + shifts
    values = np.polyval(curve, offsets)
    fits = np.einsum("hnm,n->hm", local_kernels(offsets, weights), values)
    np.testing.assert_allclose(fits[:, 0], curve[2], atol=0.02)


@pytest.mark.parametrize("width", [0.045, 0.1])
def test_the_fit_is_that_of_numpy(width: float) -> None:
    rng = np.random.default_rng(0)
    offsets = np.sort(rng.uniform(-0.4, 0.4, 25))
    weights, values = rng.uniform(0.1, 1, 25), rng.normal(size=25)
    kernel = np.exp(-0.5 * (offsets / width) ** 2)
    # polyfit's weights multiply the residuals, so they are the square roots of ours.
    expected = np.polyfit(offsets, values, 2, w=np.sqrt(weights * kernel))[2]
    kernels = local_kernels(offsets, weights[:, None], np.array([width]))
    assert kernels[0, :, 0] @ values == pytest.approx(expected, abs=1e-4)
    assert kernels.sum() == pytest.approx(1)


def test_one_and_two_points_give_a_mean_and_a_line() -> None:
    offsets = np.array([-0.05, 0.0, 0.05])
    weights = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
    values = np.array([10.0, 0.0, 30.0])
    fits = np.einsum("hnm,n->hm", local_kernels(offsets, weights), values)
    np.testing.assert_allclose(fits[:, 0], 10, rtol=1e-4)
    np.testing.assert_allclose(fits[:, 1], 20, rtol=1e-4)


def test_surer_keypoints_count_more() -> None:
    clip = good_walk(jitter=0)
    nose = 0
    noise = np.random.default_rng(1).normal(0, 5, (60, 2))
    clip.keypoints[:, nose] += noise
    clip.scores[:] = 0.9
    clip.scores[::2, nose] = 0.15
    clip.keypoints[1::2, nose] = clip.truth[1::2, nose]
    near = stacked(clean(clip, reject_outliers=False))[:, nose] - clip.truth[:, nose]
    clip.scores[:, nose] = 0.9
    even = stacked(clean(clip, reject_outliers=False))[:, nose] - clip.truth[:, nose]
    assert np.abs(near).mean() < 0.7 * np.abs(even).mean()


def test_a_swap_of_the_whole_body_takes_the_hips_along() -> None:
    """Hips lie so near each other that by themselves they would not tell."""
    truth = figure(60, width=0.18, shoulder=80.0, knee=5.0)
    arms = [BLAZEPOSE_33.index(f"{side}_wrist") for side in ("left", "right")]
    for name in ("elbow", "wrist", "index", "pinky", "thumb", "knee", "ankle", "heel"):
        for side, sign in (("left", -1), ("right", 1)):
            truth[:, BLAZEPOSE_33.index(f"{side}_{name}"), 0] += sign * 60
    clip = spoil(TIMES, truth, np.random.default_rng(1), jitter=0.003, outliers=0, dropouts=0)
    clip.keypoints[25:29] = clip.keypoints[25:29][:, SWAP]
    # Before and after they come together for a frame, as networks turn them around.
    hips = [BLAZEPOSE_33.index(f"{side}_hip") for side in ("left", "right")]
    for frame, half in ((24, -20), (29, 2)):
        middle = clip.truth[frame, hips].mean(axis=0)
        clip.keypoints[frame, hips] = middle + np.array([[half, 0], [-half, 0]])
    moved = np.linalg.norm(stacked(clean(clip)) - truth, axis=-1) / body_size(truth)
    assert moved[25:29, arms].max() < 0.02
    assert moved[25:29, hips].max() < 0.04
