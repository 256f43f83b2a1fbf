"""Poses made of somebody else's limbs: a second, smaller body seen in an arm or a pair of legs."""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Floats
from limner.core.oks import body_sizes
from limner.core.poses import Poses

# Such a pose has this share of its seen keypoints this near the other's limbs, in sizes of
# the other's body, and is clearly less sure. That is nearer than two people come to each other.
_SHARE, _NEAR, _LESS_SURE = 0.7, 0.05, 0.8
_SEEN = 0.3


def suppress_limbs(poses: Poses) -> Poses:
    """Return the poses that are not made of a surer person's limbs.

    Args:
        poses: everyone in an image, the surest first.
    """
    sizes = body_sizes(poses.keypoints)
    kept: list[int] = []
    for person, score in enumerate(poses.person_scores):
        points = poses.keypoints[person][poses.scores[person] >= _SEEN]
        surer = [other for other in kept if score < _LESS_SURE * poses.person_scores[other]]
        if len(points) == 0 or not any(
            (_to_limbs(points, poses, other) < _NEAR * sizes[other]).mean() >= _SHARE
            for other in surer
        ):
            kept.append(person)
    return poses[kept]


def _to_limbs(points: Floats, poses: Poses, person: int) -> Floats:
    """Return (P,) how far points are from a person's nearest limb, pixels."""
    begin, end = poses.keypoints[person][np.array(poses.skeleton.edges).T]
    limbs = end - begin
    squares = np.maximum((limbs**2).sum(axis=1), 1e-6)
    along = ((points[:, None] - begin) * limbs).sum(axis=2) / squares
    nearest = begin + np.clip(along, 0, 1)[..., None] * limbs
    distances: Floats = np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1)
    return distances
