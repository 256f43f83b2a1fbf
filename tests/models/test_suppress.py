"""Poses made of somebody else's limbs are dropped, and nobody else is."""

import numpy as np
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.models.topdown.suppress import suppress_limbs
from support.people import body

# BlazePose's keypoints that COCO has, drawn as a standing body; the others beside them.
NAMES = [BLAZEPOSE_33.index(name) for name in COCO_17.keypoints]


def standing(x: float, y: float, height: float) -> NDArray[np.float32]:
    """Return (33, 2) keypoints of somebody whose head's top is at a place."""
    coco = body(x, y, height)
    points = np.tile(coco.mean(axis=0), (33, 1)).astype(np.float32)
    points[NAMES] = coco
    for name, near in [("foot_index", "ankle"), ("heel", "ankle")]:
        for side in ("left", "right"):
            points[BLAZEPOSE_33.index(f"{side}_{name}")] = coco[COCO_17.index(f"{side}_{near}")]
    for name in ("pinky", "index", "thumb"):
        for side in ("left", "right"):
            points[BLAZEPOSE_33.index(f"{side}_{name}")] = coco[COCO_17.index(f"{side}_wrist")]
    for name in (
        *(f"{s}_eye_{e}" for s in ("left", "right") for e in ("inner", "outer")),
        "mouth_left",
        "mouth_right",
    ):
        points[BLAZEPOSE_33.index(name)] = coco[0]
    return points


def people(*keypoints: NDArray[np.float32], scores: list[float]) -> Poses:
    return Poses.build(
        BLAZEPOSE_33,
        np.stack(keypoints),
        np.full((len(keypoints), 33), 0.9, np.float32),
        np.array(scores, np.float32),
    )


def leg(person: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a body whose every keypoint lies on a person's left leg."""
    hip, ankle = (person[BLAZEPOSE_33.index(name)] for name in ("left_hip", "left_ankle"))
    along = np.linspace(0, 1, 33, dtype=np.float32)[:, None]
    return np.asarray(hip + (ankle - hip) * along, np.float32)


def test_a_body_seen_in_a_leg_is_dropped() -> None:
    person = standing(100, 50, 300)
    kept = suppress_limbs(people(person, leg(person), scores=[0.8, 0.5]))
    assert kept.person_scores.tolist() == [np.float32(0.8)]


def test_it_stays_where_it_is_as_sure() -> None:
    person = standing(100, 50, 300)
    assert len(suppress_limbs(people(person, leg(person), scores=[0.8, 0.7]))) == 2


def test_a_child_before_a_grown_up_and_a_neighbour_stay() -> None:
    crowd = [standing(100, 50, 300), standing(112, 190, 160), standing(150, 50, 290)]
    assert len(suppress_limbs(people(*crowd, scores=[0.9, 0.6, 0.5]))) == 3


def test_nobody_and_the_unseen() -> None:
    assert len(suppress_limbs(Poses.empty(BLAZEPOSE_33))) == 0
    person = standing(100, 50, 300)
    hidden = people(person, leg(person), scores=[0.8, 0.5])
    hidden.scores[1] = 0.1
    assert len(suppress_limbs(hidden)) == 2
