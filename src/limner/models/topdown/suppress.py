"""Non-maximum suppression: one region, one look and one pose for each body."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from limner.core.arrays import Floats, Mask
from limner.core.oks import body_sizes, oks_matrix
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.models.topdown.parts import Detection, Look

# Such a pose has this share of its seen keypoints this near the other's limbs, in sizes of
# the other's body, and is clearly less sure. That is nearer than two people come to each other.
_SHARE, _NEAR, _LESS_SURE = 0.7, 0.05, 0.8
_SEEN = 0.3
# Regions that hold one body the same way up differ by less than 45 degrees.
_SAME_WAY = 0.7
# A body read the other way round has its hips at the shoulders, a fifth of a region's side away,
# and lies at some 180 degrees to itself: 135 or more.
_REVERSED_PLACE = (0.25, 2.0)
_REVERSED_ANGLE = -0.7


def nms_regions(detections: Sequence[Detection], merge: float) -> list[Detection]:
    """Non-maximum suppression by place and size: the detections, best first, one for each body.

    Args:
        detections: of one image, from any tiles.
        merge: how near centres are for one body, in sides; sizes may differ by four times as
            much.
    """
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: -d.score):
        region = detection.region
        if not any(
            region.resembles(other.region, merge, 1 + 4 * merge)
            and math.cos(region.angle - other.region.angle) > _SAME_WAY
            for other in kept
        ):
            kept.append(detection)
    return kept


def suppress_same_body(
    looks: Sequence[Look],
    skeleton: Skeleton,
    *,
    followed: int,
    loyalty: float,
    most_alike: float,
) -> list[Look]:
    """Non-maximum suppression by OKS that is loyal to those who are followed.

    Args:
        looks: people seen in one frame.
        skeleton: of their keypoints.
        followed: how many of them, the first, were followed to this frame; they keep their
            body unless another is clearly surer.
        loyalty: how much surer that must be.
        most_alike: looks with a higher OKS than this are at one body.

    Returns:
        The looks that are left, in their order.
    """
    if len(looks) < 2:
        return list(looks)
    keypoints = np.array([look.keypoints for look in looks])
    scores = np.array([look.scores for look in looks])
    alike = oks_matrix(keypoints, keypoints, skeleton.sigmas, weights_a=scores, weights_b=scores)
    rank = [look.person_score + loyalty * (i < followed) for i, look in enumerate(looks)]
    kept: list[int] = []
    for person in sorted(range(len(looks)), key=lambda i: -rank[i]):
        if all(alike[person, other] <= most_alike for other in kept):
            kept.append(person)
    return [looks[person] for person in sorted(kept)]


def suppress_reversed(looks: Sequence[Look], followed: int = 0) -> list[Look]:
    """Suppress looks that read a body the other way round: its arms as legs and its legs as arms.

    Such a look has the place and the size of a surer one, and lies the opposite way. By their
    keypoints the two have nothing in common.

    Args:
        looks: people seen in one frame.
        followed: how many of them, the first, are known and stay in any case.

    Returns:
        The looks that are left, in their order.
    """
    return [
        look
        for i, look in enumerate(looks)
        if i < followed
        or not any(
            other.person_score > look.person_score
            and other.next_region.resembles(look.next_region, *_REVERSED_PLACE)
            and math.cos(other.next_region.angle - look.next_region.angle) < _REVERSED_ANGLE
            for other in looks
        )
    ]


def suppress_limbs(poses: Poses) -> Poses:
    """Return the poses that are not made of a surer person's limbs.

    Args:
        poses: everyone in an image, the surest first.
    """
    return poses[~made_of_limbs(poses)]


def made_of_limbs(poses: Poses) -> Mask:
    """Return (N,) which poses lie along the limbs of a clearly surer one that does not.

    Args:
        poses: everyone in an image, in any order.
    """
    sizes = body_sizes(poses.keypoints)
    limbs: Mask = np.zeros(len(poses), bool)
    bodies: list[int] = []
    for person in np.argsort(-poses.person_scores, kind="stable").tolist():
        score = poses.person_scores[person]
        points = poses.keypoints[person][poses.scores[person] >= _SEEN]
        surer = [other for other in bodies if score < _LESS_SURE * poses.person_scores[other]]
        limbs[person] = len(points) > 0 and any(
            (_to_limbs(points, poses, other) < _NEAR * sizes[other]).mean() >= _SHARE
            for other in surer
        )
        if not limbs[person]:
            bodies.append(person)
    return limbs


def _to_limbs(points: Floats, poses: Poses, person: int) -> Floats:
    """Return (P,) how far points are from a person's nearest limb, pixels."""
    begin, end = poses.keypoints[person][np.array(poses.skeleton.edges).T]
    limbs = end - begin
    squares = np.maximum((limbs**2).sum(axis=1), 1e-6)
    along = ((points[:, None] - begin) * limbs).sum(axis=2) / squares
    nearest = begin + np.clip(along, 0, 1)[..., None] * limbs
    distances: Floats = np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1)
    return distances
