"""Pose completion: one network's joints, and what another sees beside them, as one person.

The 17 joints of a network that places them best stand. Another, of a larger skeleton, looks at
the body they tell of; what it adds hangs on the joints: feet on ankles, fingers on wrists. Its own
reading of the joints says whether both see the same: where it has an ankle elsewhere, the foot is
missing, and of a body that it reads otherwise nothing is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from limner.core.arrays import Floats, Mask
from limner.core.oks import body_areas
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.models.calibration import Calibration
from limner.models.topdown import Crop, Detection, Look, PoseNetwork, Running

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


class Completed:
    """A pose network of 33 keypoints, of one that places 17 joints and one that adds the others.

    Args:
        joints: places COCO's 17 joints.
        whole: places BlazePose's 33 keypoints in a square about the hips, turned with the body.
        sure: people of a lower score are not completed.
        calibration: makes the second network's scores comparable with the first one's.
    """

    def __init__(
        self,
        joints: PoseNetwork,
        whole: PoseNetwork,
        sure: float,
        calibration: Calibration | None = None,
    ) -> None:
        self._joints = joints
        self._whole = whole
        self._sure = sure
        self._calibration = calibration

    @property
    def skeleton(self) -> Skeleton:
        """BlazePose's 33 keypoints."""
        return _WHOLE

    def region(self, detection: Detection) -> Region:
        """Return where the joints' network is to look."""
        return self._joints.region(detection)

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        """Begin to look at people: at their joints, and when these are there, at the rest."""
        looking = self._joints.start(crops)

        def complete() -> list[Look]:
            begun = []
            for crop, look in zip(crops, looking(), strict=True):
                body = body_region(look) if look.person_score >= self._sure else None
                run = None if body is None else self._whole.start([Crop(crop.frame, body)])
                begun.append((look, run))
            return [join(look, None if run is None else self._read(run)) for look, run in begun]

        return complete

    def _read(self, run: Running[list[Look]]) -> Look:
        (look,) = run()
        if self._calibration is None:
            return look
        return replace(look, scores=self._calibration(look.scores))


def body_region(look: Look) -> Region | None:
    """Return the square about a body, turned with it, or None where too little of it is seen.

    Args:
        look: at COCO's 17 joints.
    """
    hips = look.keypoints[_HIPS].mean(axis=0)
    seen = look.keypoints[look.scores >= _SEEN]
    if len(seen) < 3:
        return None
    radius = _BODY_OVER_JOINTS * float(np.linalg.norm(seen - hips, axis=1).max())
    up = look.keypoints[_SHOULDERS].mean(axis=0) - hips
    x, y = hips.tolist()
    return Region.square(x, y, 2 * _MARGIN * radius, math.atan2(float(up[0]), -float(up[1])))


def join(look: Look, whole: Look | None) -> Look:
    """Return a look at 17 joints with what a look at 33 keypoints adds.

    Args:
        look: at the joints, which stand.
        whole: at the same person, or None.

    Returns:
        The look at 33 keypoints; NaN for those that are not known.
    """
    keypoints = np.full((len(_WHOLE), 2), np.nan, np.float32)
    scores = np.full(len(_WHOLE), np.nan, np.float32)
    metric = np.full((len(_WHOLE), 3), np.nan, np.float32)
    keypoints[_PLACES], scores[_PLACES] = look.keypoints, look.scores
    if whole is not None:
        whole, similar = _same_way_round(look, whole)
        if np.average(similar, weights=look.scores + 1e-6) >= _SAME_BODY:
            same = similar >= _SAME_JOINT
            _add(keypoints, scores, look, whole, same[_ANCHORS])
            _add_metric(metric, whole, same)
    return replace(look, keypoints=keypoints, scores=scores, keypoints_3d=metric)


def _same_way_round(look: Look, whole: Look) -> tuple[Look, Floats]:
    """Return the look at 33 keypoints, sides exchanged where that fits the joints better.

    Returns:
        The look, and (17,) how similar its joints are.
    """
    similar = _similarities(look, whole)
    exchanged = replace(
        whole,
        keypoints=whole.keypoints[_MIRROR],
        scores=whole.scores[_MIRROR],
        keypoints_3d=None if whole.keypoints_3d is None else whole.keypoints_3d[_MIRROR],
    )
    other = _similarities(look, exchanged)
    if other @ look.scores > similar @ look.scores:
        return exchanged, other
    return whole, similar


def _similarities(look: Look, whole: Look) -> Floats:
    """Return (17,) the similarity of each joint (https://cocodataset.org/#keypoints-eval)."""
    apart = ((look.keypoints - whole.keypoints[_PLACES]) ** 2).sum(axis=1)
    area = float(np.fmax(body_areas(look.keypoints[None])[0], 1))
    return np.asarray(np.exp(-apart / (8 * np.square(_JOINTS.sigmas) * area)), np.float32)


def _add(keypoints: Floats, scores: Floats, look: Look, whole: Look, same: Mask) -> None:
    """Put the added keypoints beside the joints on which they hang, in place."""
    added, anchors = _ADDED[same], _ANCHORS[same]
    moved = look.keypoints[anchors] - whole.keypoints[_PLACES[anchors]]
    keypoints[added] = whole.keypoints[added] + moved
    # A foot is no surer than its ankle.
    scores[added] = np.minimum(whole.scores[added], look.scores[anchors])


def _add_metric(metric: Floats, whole: Look, same: Mask) -> None:
    if whole.keypoints_3d is None:
        return
    known = np.zeros(len(_WHOLE), bool)
    known[_PLACES] = same
    known[_ADDED] = same[_ANCHORS]
    metric[known] = whole.keypoints_3d[known]
