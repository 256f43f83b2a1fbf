"""One network's joints and what another adds become one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.models.calibration import Calibration
from limner.models.composed.complete import Completion, Whole, body_region, join
from limner.models.composed.several import SeveralLooks
from limner.models.topdown import Crop, Detection, Look, Running
from support.skeletons import standing

REGION = Region.square(200, 200, 400)
FRAME = Frame(np.zeros((400, 400, 3), np.uint8))


def look(keypoints: Floats, score: float = 0.9, person: float = 0.9) -> Look:
    scores = np.full(len(keypoints), score, np.float32)
    return Look(keypoints, scores, person, 1.0, REGION, REGION)


def joints(size: float = 300) -> Look:
    return look(place(COCO_17, size))


def whole(size: float = 300) -> Look:
    metric = np.arange(99, dtype=np.float32).reshape(33, 3)
    return replace(look(place(BLAZEPOSE_33, size), 0.8), keypoints_3d=metric)


def place(skeleton: Skeleton, size: float) -> Floats:
    """Return the keypoints of somebody who stands in the middle, so many pixels high."""
    body = standing(BLAZEPOSE_33)
    low, high = body.min(axis=0), body.max(axis=0)
    scaled = (body - (low + high) / 2) * size / (high[1] - low[1]) + 200
    if skeleton is BLAZEPOSE_33:
        return np.asarray(scaled, np.float32)
    return np.asarray(scaled[[source[0] for source in BLAZEPOSE_33.sources(skeleton)]], np.float32)


def at(person: Whole, name: str) -> Floats:
    place: Floats = person.keypoints[BLAZEPOSE_33.index(name)]
    return place


def test_joints_stand_and_feet_move_along() -> None:
    mine, theirs = joints(), whole()
    mine.keypoints[COCO_17.index("left_ankle")] += (6, -4)
    person = join(mine.keypoints, mine.scores, theirs)
    assert at(person, "left_ankle") == pytest.approx(mine.keypoints[COCO_17.index("left_ankle")])
    heel = theirs.keypoints[BLAZEPOSE_33.index("left_heel")]
    assert at(person, "left_heel") == pytest.approx(heel + np.array([6, -4]), abs=1e-4)
    right = theirs.keypoints[BLAZEPOSE_33.index("right_heel")]
    assert at(person, "right_heel") == pytest.approx(right, abs=1e-4)
    assert np.isfinite(person.keypoints).all()
    np.testing.assert_array_equal(person.keypoints_3d, theirs.keypoints_3d)


def test_there_is_no_foot_beside_a_leg() -> None:
    mine, theirs = joints(), whole()
    mine.keypoints[COCO_17.index("left_ankle")] += (120, 0)
    person = join(mine.keypoints, mine.scores, theirs)
    assert np.isnan(at(person, "left_heel")).all()
    assert np.isnan(person.scores[BLAZEPOSE_33.index("left_foot_index")])
    assert np.isnan(person.keypoints_3d[BLAZEPOSE_33.index("left_ankle")]).all()
    assert np.isfinite(at(person, "right_heel")).all()
    assert at(person, "left_ankle") == pytest.approx(mine.keypoints[COCO_17.index("left_ankle")])


def test_a_foot_is_no_surer_than_its_ankle() -> None:
    mine = joints()
    mine.scores[COCO_17.index("left_ankle")] = 0.1
    person = join(mine.keypoints, mine.scores, whole())
    assert person.scores[BLAZEPOSE_33.index("left_heel")] == pytest.approx(0.1)
    assert person.scores[BLAZEPOSE_33.index("right_heel")] == pytest.approx(0.8)


def test_exchanged_sides_are_put_right() -> None:
    theirs = whole()
    mirror = np.array(BLAZEPOSE_33.mirror)
    assert theirs.keypoints_3d is not None
    exchanged = replace(
        theirs, keypoints=theirs.keypoints[mirror], keypoints_3d=theirs.keypoints_3d[mirror]
    )
    mine = joints()
    ours, same = (join(mine.keypoints, mine.scores, look) for look in (exchanged, theirs))
    np.testing.assert_allclose(ours.keypoints, same.keypoints, atol=1e-4)
    np.testing.assert_array_equal(ours.keypoints_3d, same.keypoints_3d)


def test_nothing_is_taken_of_another_body() -> None:
    theirs = whole()
    mine, away = joints(), replace(theirs, keypoints=theirs.keypoints + 250)
    person = join(mine.keypoints, mine.scores, away)
    assert np.isnan(at(person, "left_heel")).all()
    assert np.isnan(person.keypoints_3d).all()
    known = [source[0] for source in BLAZEPOSE_33.sources(COCO_17)]
    assert np.isfinite(person.keypoints[known]).all()


@given(angle=st.floats(-3, 3), size=st.floats(40, 360))
def test_the_region_turns_with_the_body(angle: float, size: float) -> None:
    upright = joints(size)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]], np.float32)
    turned = replace(upright, keypoints=(upright.keypoints - 200) @ turn.T + 200)
    before, after = (body_region(one.keypoints, one.scores) for one in (upright, turned))
    assert before is not None
    assert after is not None
    assert after.size == pytest.approx(before.size, rel=1e-3)
    assert np.cos(after.angle - before.angle - angle) == pytest.approx(1, abs=1e-4)
    centre = turn @ (np.array([before.x, before.y]) - 200) + 200
    assert (after.x, after.y) == pytest.approx(tuple(centre), abs=0.01 * size)


def test_a_body_of_which_nothing_is_seen_has_no_region() -> None:
    unseen = look(place(COCO_17, 300), score=0.05)
    assert body_region(unseen.keypoints, unseen.scores) is None


class Fixed:
    """A pose network that sees the same person wherever it looks."""

    def __init__(self, skeleton: Skeleton, seen: Look, moved: Sequence[float] = ()) -> None:
        self.skeleton = skeleton
        self.seen = seen
        self.crops: list[Crop] = []
        self._moved = list(moved)

    def region(self, detection: Detection) -> Region:
        return detection.region

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        self.crops += crops
        moves = [self._moved.pop(0) if self._moved else 0.0 for _ in crops]
        return lambda: [
            replace(self.seen, keypoints=self.seen.keypoints + move, region=crop.region)
            for crop, move in zip(crops, moves, strict=True)
        ]


def found(score: float) -> Poses:
    mine = joints()
    scores = np.array([score], np.float32)
    return Poses.build(COCO_17, mine.keypoints[None], mine.scores[None], scores, index=7, time=0.5)


@pytest.mark.parametrize(("score", "looks"), [(0.9, 1), (0.2, 0)])
def test_only_who_is_surely_there_is_completed(score: float, looks: int) -> None:
    adds = Fixed(BLAZEPOSE_33, whole())
    poses = Completion(adds, 0.3).refine(FRAME, found(score))
    assert len(adds.crops) == looks
    assert (poses.skeleton, poses.index, poses.time) == (BLAZEPOSE_33, 7, 0.5)
    heel = poses.keypoints[0, BLAZEPOSE_33.index("left_heel")]
    assert np.isfinite(heel).all() == bool(looks)
    assert poses.person_scores[0] == np.float32(score)


def test_nobody_has_33_keypoints_too() -> None:
    poses = Completion(Fixed(BLAZEPOSE_33, whole()), 0.3).refine(FRAME, found(0.9)[:0])
    assert (len(poses), poses.skeleton) == (0, BLAZEPOSE_33)


def test_what_is_added_is_calibrated() -> None:
    halved = Calibration(1, -np.log(9))  # 0.9 becomes 0.5
    adds = Fixed(BLAZEPOSE_33, replace(whole(), scores=np.full(33, 0.9, np.float32)))
    poses = Completion(adds, 0.3, halved).refine(FRAME, found(0.9))
    heel, ankle = (BLAZEPOSE_33.index(name) for name in ("left_heel", "left_ankle"))
    assert poses.scores[0, heel] == pytest.approx(0.5, abs=1e-3)
    assert poses.scores[0, ankle] == pytest.approx(0.9)


def test_looks_that_agree_are_averaged() -> None:
    pose = SeveralLooks(Fixed(COCO_17, joints(), [-1, 0, 1]), (0.9, 1.0, 1.1))
    (person,) = pose.start([Crop(FRAME, REGION)])()
    np.testing.assert_allclose(person.keypoints, joints().keypoints, atol=1e-3)
    assert 0.85 < person.person_score <= 0.9


def test_looks_that_disagree_are_no_person() -> None:
    pose = SeveralLooks(Fixed(COCO_17, joints(), [-90, 0, 90]), (0.9, 1.0, 1.1))
    (person,) = pose.start([Crop(FRAME, REGION)])()
    assert person.person_score < 0.1
    assert person.keypoints[:, 0] == pytest.approx(person.keypoints[:, 0], abs=1)


def test_each_person_is_looked_at_in_every_size() -> None:
    network = Fixed(COCO_17, joints())
    pose = SeveralLooks(network, (0.5, 1.0, 2.0))
    people = pose.start([Crop(FRAME, REGION, 0.3), Crop(FRAME, Region.square(9, 9, 10))])()
    assert len(people) == 2
    assert [crop.region.size for crop in network.crops] == [200, 400, 800, 5, 10, 20]
    assert [crop.detected for crop in network.crops] == [0.3] * 3 + [None] * 3
