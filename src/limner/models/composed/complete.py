"""Pose completion: one network's joints, and what another sees beside them, as one person.

The 17 joints of a network that places them best stand. Another, of a larger skeleton, looks at
the body they tell of; what it adds hangs on the joints: feet on ankles, fingers on wrists. Its own
reading of the joints says whether both see the same: where it has an ankle elsewhere, the foot is
missing, and of a body that it reads otherwise nothing is taken.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from limner.core.arrays import Floats, Mask
from limner.core.frame import Frame
from limner.core.oks import body_areas
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.models.calibration import Calibration
from limner.models.topdown import Crop, Look, PoseNetwork, Running

# The circle about the hips that holds a body has this radius, in distances to the joint that is
# farthest from them: there are a skull above the nose and feet below the ankles.
_BODY_OVER_JOINTS = 1.2
# The region's side over the circle's diameter that BlazePose's landmark network was made for.
_MARGIN = 1.25
# Joints that say where the body is.
_SEEN = 0.4
# Both networks see one body where their joints are so similar on average, and one joint where it
# is so similar.
_SAME_BODY, _SAME_JOINT = 0.4, 0.3

_WHOLE, _JOINTS = BLAZEPOSE_33, COCO_17
# Where the 17 joints are among the 33 keypoints.
_PLACES = np.array([source[0] for source in _WHOLE.sources(_JOINTS)])
_MIRROR = np.array(_WHOLE.mirror)
_SHOULDERS = [_JOINTS.index(name) for name in ("left_shoulder", "right_shoulder")]
_HIPS = [_JOINTS.index(name) for name in ("left_hip", "right_hip")]


def _anchors() -> list[tuple[int, int]]:
    """Return (added keypoint of the 33, joint of the 17 on which it hangs)."""
    hangs_on = {
        "left_eye_inner": "left_eye",
        "left_eye_outer": "left_eye",
        "right_eye_inner": "right_eye",
        "right_eye_outer": "right_eye",
        "mouth_left": "nose",
        "mouth_right": "nose",
    }
    for side in ("left", "right"):
        hangs_on |= {f"{side}_{name}": f"{side}_wrist" for name in ("pinky", "index", "thumb")}
        hangs_on |= {f"{side}_{name}": f"{side}_ankle" for name in ("heel", "foot_index")}
    return [(_WHOLE.index(added), _JOINTS.index(joint)) for added, joint in hangs_on.items()]


_ADDED, _ANCHORS = np.array(_anchors()).T


class Completion:
    """Adds BlazePose's keypoints to people of COCO's 17; see `limner.models.topdown.Refiner`.

    Args:
        whole: places BlazePose's 33 keypoints in a square about the hips, turned with the body.
        sure: people of a lower score are not looked at; what would be added is missing.
        calibration: makes the network's scores comparable with those of the joints.
    """

    def __init__(
        self, whole: PoseNetwork, sure: float, calibration: Calibration | None = None
    ) -> None:
        self._whole = whole
        self._sure = sure
        self._calibration = calibration

    def refine(self, frame: Frame, poses: Poses) -> Poses:
        """Return the poses of a frame with 33 keypoints."""
        begun: list[Running[list[Look]] | None] = []
        for person in range(len(poses)):
            sure = poses.person_scores[person] >= self._sure
            body = body_region(poses.keypoints[person], poses.scores[person]) if sure else None
            # Runs while the next patch is cut.
            begun.append(None if body is None else self._whole.start([Crop(frame, body)]))
        people = [
            join(keypoints, scores, None if run is None else self._read(run))
            for keypoints, scores, run in zip(poses.keypoints, poses.scores, begun, strict=True)
        ]
        if not people:
            return Poses.empty(_WHOLE, frame.index, frame.time)
        return Poses.build(
            _WHOLE,
            np.array([person.keypoints for person in people]),
            np.array([person.scores for person in people]),
            poses.person_scores,
            keypoints_3d=np.array([person.keypoints_3d for person in people]),
            index=poses.index,
            time=poses.time,
        )

    def _read(self, run: Running[list[Look]]) -> Look:
        (look,) = run()
        if self._calibration is None:
            return look
        return replace(look, scores=self._calibration(look.scores))


class Whole(NamedTuple):
    """One person's 33 keypoints; NaN for those that are not known.

    Attributes:
        keypoints: (33, 2) pixels.
        scores: (33,) from 0 to 1.
        keypoints_3d: (33, 3) metres about the middle of the hips.
    """

    keypoints: Floats
    scores: Floats
    keypoints_3d: Floats


def body_region(joints: Floats, scores: Floats) -> Region | None:
    """Return the square about a body, turned with it, or None where too little of it is seen.

    Args:
        joints: (17, 2) pixels.
        scores: (17,) how sure they are.
    """
    hips = joints[_HIPS].mean(axis=0)
    seen = joints[scores >= _SEEN]
    if len(seen) < 3:
        return None
    radius = _BODY_OVER_JOINTS * float(np.linalg.norm(seen - hips, axis=1).max())
    up = joints[_SHOULDERS].mean(axis=0) - hips
    x, y = hips.tolist()
    return Region.square(x, y, 2 * _MARGIN * radius, math.atan2(float(up[0]), -float(up[1])))


def join(joints: Floats, scores: Floats, whole: Look | None) -> Whole:
    """Return 17 joints with what a look at 33 keypoints adds.

    Args:
        joints: (17, 2) pixels, which stand.
        scores: (17,) how sure they are.
        whole: the look at the same person, or None.
    """
    person = Whole(
        np.full((len(_WHOLE), 2), np.nan, np.float32),
        np.full(len(_WHOLE), np.nan, np.float32),
        np.full((len(_WHOLE), 3), np.nan, np.float32),
    )
    person.keypoints[_PLACES], person.scores[_PLACES] = joints, scores
    if whole is not None:
        whole, similar = _same_way_round(joints, scores, whole)
        if np.average(similar, weights=scores + 1e-6) >= _SAME_BODY:
            same = similar >= _SAME_JOINT
            _add(person, whole, same[_ANCHORS])
            _add_metric(person, whole, same)
    return person


def _same_way_round(joints: Floats, scores: Floats, whole: Look) -> tuple[Look, Floats]:
    """Return the look at 33 keypoints, sides exchanged where that fits the joints better.

    Returns:
        The look, and (17,) how similar its joints are.
    """
    similar = _similarities(joints, whole)
    exchanged = replace(
        whole,
        keypoints=whole.keypoints[_MIRROR],
        scores=whole.scores[_MIRROR],
        keypoints_3d=None if whole.keypoints_3d is None else whole.keypoints_3d[_MIRROR],
    )
    other = _similarities(joints, exchanged)
    if other @ scores > similar @ scores:
        return exchanged, other
    return whole, similar


def _similarities(joints: Floats, whole: Look) -> Floats:
    """Return (17,) the similarity of each joint (https://cocodataset.org/#keypoints-eval)."""
    apart = ((joints - whole.keypoints[_PLACES]) ** 2).sum(axis=1)
    area = float(np.fmax(body_areas(joints[None])[0], 1))
    return np.asarray(np.exp(-apart / (8 * np.square(_JOINTS.sigmas) * area)), np.float32)


def _add(person: Whole, whole: Look, same: Mask) -> None:
    """Put the added keypoints beside the joints on which they hang, in place."""
    added, anchors = _ADDED[same], _PLACES[_ANCHORS[same]]
    moved = person.keypoints[anchors] - whole.keypoints[anchors]
    person.keypoints[added] = whole.keypoints[added] + moved
    # A foot is no surer than its ankle.
    person.scores[added] = np.minimum(whole.scores[added], person.scores[anchors])


def _add_metric(person: Whole, whole: Look, same: Mask) -> None:
    if whole.keypoints_3d is None:
        return
    known = np.zeros(len(_WHOLE), bool)
    known[_PLACES] = same
    known[_ADDED] = same[_ANCHORS]
    person.keypoints_3d[known] = whole.keypoints_3d[known]
