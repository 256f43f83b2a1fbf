from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.tracking import Tracker
from support.crowd import Walker, film, whose

TIMES_30 = np.arange(90) / 30


def follow(frames: Sequence[Poses]) -> list[Poses]:
    tracker = Tracker(COCO_17)
    return [tracker.push(poses)[0] for poses in frames]


def identities(walkers: Sequence[Walker], tracked: Sequence[Poses]) -> list[set[int]]:
    """Return the ids each walker had."""
    ids: list[set[int]] = [set() for _ in walkers]
    for poses in tracked:
        for walker, person in zip(whose(poses), poses.ids.tolist(), strict=True):
            ids[walker].add(person)
    return ids


def test_people_side_by_side_keep_their_ids() -> None:
    walkers = [Walker(100 + 150 * i, speed=20 * i) for i in range(5)]
    ids = identities(walkers, follow(film(walkers, TIMES_30, shuffle=1)))
    assert sorted(map(list, ids)) == [[1], [2], [3], [4], [5]]


@pytest.mark.parametrize("rate", [10, 25, 30, 60, 240])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_people_who_cross_keep_their_ids(rate: float, seed: int) -> None:
    walkers = [Walker(100, speed=150), Walker(700, speed=-150, phase=1.5, height=210)]
    times = np.arange(0, 4, 1 / rate)
    ids = identities(walkers, follow(film(walkers, times, seed=seed, shuffle=seed)))
    assert sorted(map(list, ids)) == [[1], [2]]


@pytest.mark.parametrize("hidden", [0.3, 0.6, 1.0])
def test_who_hides_behind_another_comes_back_as_themselves(hidden: float) -> None:
    middle = 2.0  # seconds, when they meet
    span = ((-1.0, middle - hidden / 2), (middle + hidden / 2, 9.0))
    walkers = [Walker(100, speed=150), Walker(700, speed=-150, height=190, seen=span)]
    ids = identities(walkers, follow(film(walkers, np.arange(0, 4, 1 / 30), shuffle=3)))
    assert sorted(map(list, ids)) == [[1], [2]]


def test_who_is_away_for_a_while_comes_back_as_themselves() -> None:
    walkers = [Walker(300, speed=80, seen=((0, 1), (2.5, 4)))]
    assert identities(walkers, follow(film(walkers, np.arange(0, 4, 1 / 30)))) == [{1}]


def test_who_is_away_too_long_is_somebody_new() -> None:
    walkers = [Walker(300, seen=((0, 1), (4.2, 5)))]
    assert identities(walkers, follow(film(walkers, np.arange(0, 5, 1 / 30)))) == [{1, 2}]


def test_somebody_far_from_who_left_is_somebody_new() -> None:
    walkers = [Walker(100, seen=((0, 1),)), Walker(900, seen=((1.5, 3),))]
    assert identities(walkers, follow(film(walkers, TIMES_30))) == [{1}, {2}]


def test_a_child_does_not_become_the_parent_who_left() -> None:
    walkers = [
        Walker(300, height=300, seen=((0, 1),)),
        Walker(310, height=150, seen=((1.3, 3),)),
    ]
    assert identities(walkers, follow(film(walkers, TIMES_30))) == [{1}, {2}]


def test_variable_frame_times_are_used() -> None:
    # 150 pixels per second: between frames 0.4 s apart the body moves by a third of itself.
    times = np.cumsum(np.tile([1 / 60, 1 / 60, 0.4, 1 / 30], 8))
    walkers = [Walker(100, speed=150), Walker(220, speed=150)]
    ids = identities(walkers, follow(film(walkers, times, shuffle=2)))
    assert sorted(map(list, ids)) == [[1], [2]]


def test_equal_and_backward_times_do_no_harm() -> None:
    walkers = [Walker(100, speed=100), Walker(700)]
    frames = film(walkers, TIMES_30)
    frames = [
        replace(poses, time=max(poses.time - 0.1 * (i % 3), 0)) for i, poses in enumerate(frames)
    ]
    ids = identities(walkers, follow(frames))
    assert [len(each) for each in ids] == [1, 1]


def test_two_poses_on_one_body_are_one_person() -> None:
    walkers = [Walker(300, score=0.9), Walker(304, score=0.6), Walker(600)]
    tracked = follow(film(walkers, TIMES_30, noise=0.003, shuffle=5))
    assert all(len(poses) == 2 for poses in tracked)
    assert {float(score) for poses in tracked for score in poses.person_scores.round(2)} == {
        float(np.float32(0.9))
    }


def test_an_unsure_sighting_continues_a_sure_person() -> None:
    frames = film([Walker(300, speed=50)], TIMES_30)
    for poses in frames[20:60]:
        poses.person_scores[:] = 0.2
    assert {int(i) for poses in follow(frames) for i in poses.ids} == {1}


def test_missing_keypoints_are_no_obstacle() -> None:
    walkers = [Walker(100, speed=150), Walker(700, speed=-150)]
    frames = film(walkers, np.arange(0, 4, 1 / 30))
    random = np.random.default_rng(0)
    for poses in frames:
        lost = random.random(poses.scores.shape) < 0.5
        poses.keypoints[lost] = np.nan
        poses.scores[lost] = np.nan
    # Where the two are in one place, one of them is taken for a second pose of the other.
    apart = [poses for poses in follow(frames) if abs(poses.time - 2) > 0.1]
    ids = identities(walkers, apart)
    assert all(len(poses) == 2 for poses in apart)
    assert sorted(map(list, ids)) == [[1], [2]]


def test_who_has_no_keypoint_at_all_is_left_out() -> None:
    frames = film([Walker(300), Walker(600)], [0.0])
    frames[0].keypoints[0] = np.nan
    assert len(follow(frames)[0]) == 1


def test_nobody_is_no_obstacle() -> None:
    assert len(follow([Poses.empty(COCO_17)])[0]) == 0


def test_another_skeleton_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected skeleton coco-17, got blazepose-33"):
        Tracker(COCO_17).push(Poses.empty(BLAZEPOSE_33))[0]


walker_strategy = st.builds(
    Walker,
    x=st.floats(0, 1000),
    y=st.floats(200, 600),
    speed=st.floats(-300, 300),
    height=st.floats(50, 400),
    score=st.floats(0.1, 1),
    seen=st.lists(st.tuples(st.floats(0, 1), st.floats(1, 2)), max_size=2).map(tuple),
    phase=st.floats(0, 6),
)


@given(st.lists(walker_strategy, max_size=6), st.integers(0, 99), st.sampled_from([5, 25, 60]))
def test_whatever_people_do(walkers: list[Walker], seed: int, rate: int) -> None:
    times = np.arange(0, 2, 1 / rate)
    frames = film(walkers, times)
    shuffled = film(walkers, times, shuffle=seed)
    for before, poses, other in zip(frames, follow(frames), follow(shuffled), strict=True):
        assert len(set(poses.ids.tolist())) == len(poses) <= len(before)
        assert (poses.ids > 0).all()
        # The order of the detections does not matter, not even to the order of the results.
        np.testing.assert_array_equal(poses.ids, other.ids)
        np.testing.assert_array_equal(poses.keypoints, other.keypoints)


@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.floats(-40, 40), st.floats(0, 6)), min_size=1, max_size=5
    ),
    st.sampled_from([15, 30]),
)
def test_people_with_room_between_them_never_change_ids(
    people: list[tuple[float, float, float]], rate: int
) -> None:
    # Each has a lane of their own, enters at a time of their own, and is away for half a second.
    walkers = [
        Walker(200 + 400 * i, speed=v, phase=p, seen=((start, 1.5), (2.0, 3.0)))
        for i, (start, v, p) in enumerate(people)
    ]
    ids = identities(walkers, follow(film(walkers, np.arange(0, 3, 1 / rate), shuffle=1)))
    assert all(len(each) == 1 for each in ids)
    assert len(set.union(*ids)) == len(walkers)


def test_a_crowd_in_which_who_is_behind_is_hidden() -> None:
    random = np.random.default_rng(1)
    walkers = [
        Walker(
            x=random.uniform(0, 1500),
            speed=random.choice([-1, 1]) * random.uniform(60, 200),
            height=random.uniform(180, 230),
            phase=random.uniform(0, 6),
        )
        for _ in range(8)
    ]
    tracker = Tracker(COCO_17)
    sightings: list[Counter[int]] = [Counter() for _ in walkers]
    for poses in film(walkers, np.arange(0, 6, 1 / 30), noise=0.015, shuffle=1):
        places = [walker.x + walker.speed * poses.time for walker in walkers]
        seen = [
            all(abs(places[i] - places[j]) > 60 for j in range(i)) and random.random() > 0.05
            for i in range(len(walkers))
        ]
        poses = poses[[seen[i] for i in whose(poses)]]
        poses.person_scores[:] = random.uniform(0.35, 0.9, len(poses))
        tracked = tracker.push(poses)[0]
        for walker, person in zip(whose(tracked), tracked.ids.tolist(), strict=True):
            sightings[walker][person] += 1
    # Each is nearly always under the id they have most often.
    assert sum(max(each.values()) for each in sightings) > 0.95 * sum(
        sum(each.values()) for each in sightings
    )
