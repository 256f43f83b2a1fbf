"""What the cleaner promises whatever comes: every frame once, in order, the raw values kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.cleaning import Cleaner
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.errors import UsageError
from support.figures import MOVEMENTS, Clip, as_poses, spoil, stand, walk


def clean(frames: list[Poses], **options: float) -> list[Poses]:
    cleaner = Cleaner(frames[0].skeleton, **options)  # type: ignore[arg-type]
    ready = [poses for frame in frames for poses in cleaner.push(frame)]
    return ready + cleaner.flush()


def noisy_walk(count: int = 40, seed: int = 0, **faults: float) -> Clip:
    times = np.arange(count) / 30
    return spoil(times, walk(times), np.random.default_rng(seed), **faults)  # type: ignore[arg-type]


def together(*people: list[Poses]) -> list[Poses]:
    """Put people who were made one by one into the same frames."""
    return [
        replace(
            frame[0],
            keypoints=np.concatenate([poses.keypoints for poses in frame]),
            scores=np.concatenate([poses.scores for poses in frame]),
            person_scores=np.concatenate([poses.person_scores for poses in frame]),
            boxes=np.concatenate([poses.boxes for poses in frame]),
            ids=np.concatenate([poses.ids for poses in frame]),
        )
        for frame in zip(*people, strict=True)
    ]


def random_frame(rng: np.random.Generator, ids: list[int], index: int, time: float) -> Poses:
    keypoints = rng.uniform(0, 500, (len(ids), 17, 2)).astype(np.float32)
    keypoints[rng.random((len(ids), 17)) < 0.2] = np.nan
    scores = np.where(np.isnan(keypoints[..., 0]), np.nan, rng.random((len(ids), 17)))
    return Poses(
        COCO_17,
        keypoints=keypoints,
        scores=scores.astype(np.float32),
        person_scores=rng.random(len(ids)).astype(np.float32),
        boxes=boxes_around(keypoints),
        ids=np.array(ids, np.int64),
        index=index,
        time=time,
    )


@given(
    people=st.lists(st.lists(st.integers(1, 4), unique=True, max_size=4), max_size=30),
    steps=st.lists(st.floats(0, 2), min_size=30, max_size=30),
    lag=st.integers(0, 12),
    smooth=st.booleans(),
    max_gap=st.sampled_from([0.0, 0.2, 1.0]),
    seed=st.integers(0, 99),
)
def test_every_frame_comes_out_once_in_order(
    people: list[list[int]],
    steps: list[float],
    lag: int,
    smooth: bool,
    max_gap: float,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum(steps)
    frames = [random_frame(rng, ids, index + 7, times[index]) for index, ids in enumerate(people)]
    cleaner = Cleaner(COCO_17, lag=lag, smooth=smooth, max_gap=max_gap)
    ready = []
    for count, frame in enumerate(frames):
        ready += cleaner.push(frame)
        assert len(ready) == max(count + 1 - lag, 0)
    ready += cleaner.flush()

    assert [poses.index for poses in ready] == [frame.index for frame in frames]
    assert [poses.time for poses in ready] == [frame.time for frame in frames]
    for poses, frame in zip(ready, frames, strict=True):
        came = len(frame)
        assert poses.raw_keypoints is not None
        assert poses.ids[:came].tolist() == frame.ids.tolist()
        np.testing.assert_array_equal(poses.raw_keypoints[:came], frame.keypoints)
        assert np.isnan(poses.raw_keypoints[came:]).all()
        assert len(set(poses.ids.tolist())) == len(poses)
        unseen = np.isnan(poses.keypoints).any(axis=2)
        np.testing.assert_array_equal(unseen, np.isnan(poses.scores))
        assert np.isfinite(poses.keypoints[~unseen]).all()
        assert poses.keypoints.dtype == poses.scores.dtype == poses.boxes.dtype == np.float32
        assert poses.person_scores.dtype == np.float32
        if max_gap == 0:
            assert len(poses) == came
            raw_seen = ~np.isnan(frame.scores)
            # A repaired swap takes a keypoint from the other side.
            assert (unseen | raw_seen | raw_seen[:, list(COCO_17.mirror)]).all()


@pytest.mark.parametrize("lag", [0, 1, 5, 10])
def test_one_person_does_not_depend_on_another(lag: int) -> None:
    one, two = noisy_walk(seed=1, swaps=1), noisy_walk(seed=2, swaps=1)
    two.keypoints[:] += 300
    alone = clean(as_poses(two, 2), lag=lag)
    both = clean(together(as_poses(one, 1), as_poses(two, 2)), lag=lag)
    for single, pair in zip(alone, both, strict=True):
        np.testing.assert_allclose(pair[1].keypoints, single.keypoints, rtol=1e-5)


def test_the_order_of_people_does_not_matter() -> None:
    people = as_poses(noisy_walk(seed=1), 1), as_poses(noisy_walk(seed=2), 2)
    straight = clean(together(*people), lag=6)
    # The order changes from frame to frame.
    mixed = [poses[::-1] if poses.index % 2 else poses for poses in together(*people)]
    for one, other in zip(straight, clean(mixed, lag=6), strict=True):
        other = other[np.argsort(other.ids)]
        np.testing.assert_array_equal(other.ids, one.ids)
        np.testing.assert_allclose(other.keypoints, one.keypoints, rtol=1e-5)


@pytest.mark.parametrize("lag", [0, 8])
def test_larger_pictures_and_longer_ways_scale(lag: int) -> None:
    clip = noisy_walk()
    small = clean(as_poses(clip), lag=lag)
    clip.keypoints *= 4
    for near, far in zip(clean(as_poses(clip), lag=lag), small, strict=True):
        np.testing.assert_allclose(near.keypoints, 4 * far.keypoints, rtol=1e-4)


@pytest.mark.parametrize("lag", [0, 8])
def test_the_third_dimension_is_smoothed_likewise(lag: int) -> None:
    clip = noisy_walk(dropouts=0, outliers=0)
    centre = clip.truth[:, [BLAZEPOSE_33.index("left_hip")]]
    depth = np.sin(clip.times)[:, None, None] * np.ones((1, 33, 1))
    truth = np.concatenate([(clip.truth - centre) / 300, depth], axis=2)
    noisy = truth + np.random.default_rng(5).normal(0, 0.02, truth.shape)
    frames = [
        replace(poses, keypoints_3d=noisy[None, poses.index].astype(np.float32))
        for poses in as_poses(clip)
    ]
    came = [poses.keypoints_3d for poses in clean(frames, lag=lag)]
    assert all(metres is not None for metres in came)
    shake = np.abs(np.diff(np.concatenate(came) - truth, n=2, axis=0)).mean()  # type: ignore[arg-type]
    assert shake < 0.8 * np.abs(np.diff(noisy - truth, n=2, axis=0)).mean()
    if lag:
        error = np.abs(np.concatenate(came) - truth).mean()  # type: ignore[arg-type]
        assert error < 0.6 * np.abs(noisy - truth).mean()


def test_a_model_without_a_third_dimension_has_none_after() -> None:
    assert all(poses.keypoints_3d is None for poses in clean(as_poses(noisy_walk()), lag=5))


def test_without_smoothing_good_keypoints_stay_as_they_are() -> None:
    clip = noisy_walk(outliers=0, dropouts=0.01)
    for poses in clean(as_poses(clip), lag=8, smooth=False):
        seen = ~np.isnan(clip.keypoints[poses.index, :, 0])
        np.testing.assert_allclose(
            poses.keypoints[0, seen], clip.keypoints[poses.index, seen], rtol=1e-6
        )


def test_nothing_is_left_of_people_long_gone() -> None:
    cleaner = Cleaner(BLAZEPOSE_33, lag=5)
    clip = noisy_walk(2)
    for person in range(1, 60):
        for poses in as_poses(clip, person):
            cleaner.push(replace(poses, index=0, time=float(person)))
    assert cleaner._window.points.shape[1] < 20
    assert cleaner._noise.levels.shape[1] == cleaner._window.points.shape[1]


def test_boxes_follow_their_keypoints() -> None:
    times = np.arange(30) / 30
    clip = spoil(times, stand(times), np.random.default_rng(0), outliers=0, dropouts=0)
    frames = as_poses(clip)
    for poses in clean(frames, lag=5):
        np.testing.assert_allclose(poses.boxes, boxes_around(poses.keypoints), atol=1e-3)
    # A model's own box keeps its margin.
    margins = np.array([-9, -9, 9, 9], np.float32)
    wide = [replace(frame, boxes=frame.boxes + margins) for frame in frames]
    for poses in clean(wide, lag=5):
        margin = poses.boxes - boxes_around(poses.keypoints)
        np.testing.assert_allclose(margin, margins[None], atol=1e-3)


def test_frames_of_equal_time_are_no_trouble() -> None:
    clip = noisy_walk()
    clip.times[10:13] = clip.times[10]
    for lag in (0, 8):
        out = clean(as_poses(clip), lag=lag)
        assert np.isfinite(out[11].keypoints[~np.isnan(out[11].scores)]).all()


@pytest.mark.parametrize("options", [{"lag": -1}, {"lag": 3, "max_gap": -0.1}])
def test_impossible_settings_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="0 or more"):
        Cleaner(COCO_17, **options)  # type: ignore[arg-type]


def test_another_skeleton_is_refused() -> None:
    with pytest.raises(UsageError, match=r"coco-17.*blazepose-33"):
        Cleaner(COCO_17, lag=3).push(as_poses(noisy_walk(1))[0])


@pytest.mark.parametrize("ids", [[1, 1], [0, 1]])
def test_people_without_an_id_of_their_own_are_refused(ids: list[int]) -> None:
    frame = random_frame(np.random.default_rng(0), ids, 3, 0.0)
    with pytest.raises(UsageError, match="track them first"):
        Cleaner(COCO_17, lag=3).push(frame)


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_a_single_frame_is_left_as_it_is(movement: str) -> None:
    truth = MOVEMENTS[movement](np.zeros(1))
    clip = spoil(np.zeros(1), truth, np.random.default_rng(0), dropouts=0, outliers=0)
    for lag in (0, 1, 8):
        (poses,) = clean(as_poses(clip), lag=lag)
        np.testing.assert_allclose(poses.keypoints[0], clip.keypoints[0], rtol=1e-5)
