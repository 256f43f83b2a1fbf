"""A network that takes a front for a back exchanges left and right: the person stays the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.oks import exchanged, nms_oks
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.tracking import Confirmation, Tally, Tracker
from support.crowd import Walker, film


def turned(walkers: list[Walker], frames: int, exchange: set[int], rate: float = 30) -> list[Poses]:
    """Return the poses of walkers, in some frames with left and right exchanged."""
    poses = film(walkers, np.arange(frames) / rate)
    return [exchanged(each) if number in exchange else each for number, each in enumerate(poses)]


def twice(frames: list[Poses]) -> list[Poses]:
    """Return frames of two people, the second of them with left and right exchanged."""
    for poses in frames:
        poses.keypoints[1] = poses.keypoints[1, list(poses.skeleton.mirror)]
        poses.person_scores[1] = 0.7
    return frames


def ids_of(frames: list[Poses], skeleton: Skeleton = COCO_17) -> tuple[list[list[int]], Tally]:
    tracker, confirmation = Tracker(skeleton), Confirmation(15, seconds=1.0)
    ready = [done for each in frames for done in confirmation.push(tracker.push(each)[0])]
    ready += confirmation.flush()
    return [poses.ids.tolist() for poses in ready], confirmation.tally


@pytest.mark.parametrize("first", [1, 3, 8, 40])
@pytest.mark.parametrize("speed", [0, 200])
@pytest.mark.parametrize("skeleton", [COCO_17, BLAZEPOSE_33], ids=lambda each: each.name)
def test_a_person_seen_reversed_from_a_frame_on_keeps_the_id(
    first: int, speed: float, skeleton: Skeleton
) -> None:
    frames = turned([Walker(100, speed=speed)], 60, set(range(first, 60)))
    ids, tally = ids_of([poses.to(skeleton) for poses in frames], skeleton)
    assert ids == [[1]] * 60
    assert tally.left_out() == ["1 not asked for"]  # nothing selected anybody here


def test_who_was_not_surely_seen_yet_keeps_the_id_when_reversed() -> None:
    # With arms and legs apart the two are far from each other, keypoint by keypoint.
    frames = turned([Walker(300)], 60, set(range(4, 60)))
    for number, poses in enumerate(frames):
        poses.keypoints[..., 0] = 300 + 4 * (poses.keypoints[..., 0] - 300)
        poses.person_scores[:] = 0.3 if number < 5 else 0.9
    ids, tally = ids_of(frames)
    assert ids == [[1]] * 60
    assert tally.unsure == 0


def test_a_reversed_pose_on_a_body_is_no_second_person() -> None:
    # As sure and as near as the right one; for three frames there is nothing but it.
    frames = []
    for number, both in enumerate(twice(film([Walker(300), Walker(300)], np.arange(60) / 30))):
        frames.append(both[1] if number in (20, 21, 22) else both)
    ids, tally = ids_of(frames)
    assert ids == [[1]] * 60
    assert tally.brief == tally.unsure == 0


@given(
    st.lists(st.tuples(st.floats(-40, 40), st.floats(0, 6)), min_size=1, max_size=4),
    st.sets(st.integers(0, 59)),
)
def test_people_with_room_between_them_keep_ids_however_often_they_are_reversed(
    people: list[tuple[float, float]], exchange: set[int]
) -> None:
    walkers = [Walker(200 + 400 * n, speed=v, phase=p) for n, (v, p) in enumerate(people)]
    ids, _ = ids_of(turned(walkers, 60, exchange))
    assert ids == [list(range(1, len(walkers) + 1))] * 60


def test_bodies_that_are_alike_with_exchanged_sides_are_one_only_when_asked() -> None:
    (both,) = twice(film([Walker(300), Walker(300)], [0.0]))
    assert len(nms_oks(both, 0.6)) == 2
    assert len(nms_oks(both, 0.6, either_side=True)) == 1
