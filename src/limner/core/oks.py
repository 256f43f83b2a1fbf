"""Object keypoint similarity (OKS) of poses, and non-maximum suppression by it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from limner.core.arrays import Floats, Indices
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton

# The area of a person's outline over that of the box around the keypoints is 0.84 in the
# median over COCO's labels. A body seen from its side has a thin box and is no smaller, so
# the box counts as at least this share of the square of its longer side.
_OUTLINE_OVER_BOX = 0.84
_LEAST_OVER_SQUARE = 0.2
_NOWHERE = 1e12


def body_areas(keypoints: Floats) -> Floats:
    """Estimate how many pixels each body covers.

    Args:
        keypoints: (N, K, 2) pixels; NaN where there is none.

    Returns:
        (N,) square pixels; NaN for a person without keypoints.
    """
    width, height = _extents(keypoints)
    longer = np.maximum(width, height)
    areas: Floats = np.maximum(
        _OUTLINE_OVER_BOX * width * height, _LEAST_OVER_SQUARE * longer * longer
    )
    return areas


def body_sizes(keypoints: Floats) -> Floats:
    """Return each body's size, the longer side of the box around its (N, K, 2) keypoints.

    Returns:
        (N,) pixels; NaN for a person without keypoints.
    """
    width, height = _extents(keypoints)
    sizes: Floats = np.maximum(width, height)
    return sizes


def on_body(skeleton: Skeleton, values: Floats) -> Floats:
    """Return (N, K, ...) values at the B keypoints that a person is recognised by, (N, B, ...)."""
    return values if len(skeleton.body) == len(skeleton) else values[:, list(skeleton.body)]


def body_sigmas(skeleton: Skeleton) -> tuple[float, ...]:
    """Return the (B,) deviations of the keypoints that a person is recognised by."""
    return tuple(skeleton.sigmas[index] for index in skeleton.body)


def _extents(keypoints: Floats) -> Floats:
    """Return (2, N) widths and heights of the boxes around the keypoints."""
    # Keypoints first: reducing over the first axis is ten times faster than over a middle one.
    places = np.ascontiguousarray(keypoints.transpose(1, 2, 0))
    extents: Floats = np.fmax.reduce(places, axis=0) - np.fmin.reduce(places, axis=0)
    return extents


def oks_matrix(
    keypoints_a: Floats,
    keypoints_b: Floats,
    sigmas: ArrayLike,
    areas: Floats | None = None,
    *,
    weights_a: Floats | None = None,
    weights_b: Floats | None = None,
) -> Floats:
    """Object keypoint similarity (OKS) of every pose in one set to every one in another.

    OKS is the mean of exp(-d² / (2 · area · (2 sigma)²)) over the keypoints that both poses have
    (https://cocodataset.org/#keypoints-eval): 1 for equal poses, 0 for poses apart.

    Args:
        keypoints_a: (N, K, 2) pixels; NaN where there is none.
        keypoints_b: (M, K, 2) pixels; NaN where there is none.
        sigmas: (K,) the skeleton's labelling deviations.
        areas: (N,) square pixels of the bodies in the first set; by default the mean of
            what `body_areas` says of the two poses.
        weights_a: (N, K) how much each keypoint counts (its score), or None for 1.
        weights_b: (M, K) the same for the second set; a pair's weight is the product.

    Returns:
        (N, M) from 0 to 1; 0 where two poses have no keypoint in common.
    """
    if len(keypoints_a) == 0 or len(keypoints_b) == 0:
        return np.zeros((len(keypoints_a), len(keypoints_b)), np.float32)
    scale: Floats
    if areas is None:
        areas_a = body_areas(keypoints_a)
        areas_b = areas_a if keypoints_b is keypoints_a else body_areas(keypoints_b)
        scale = np.asarray((areas_a[:, None] + areas_b) / 2, np.float32)
    else:
        scale = areas[:, None]
    # A pose without extent (a single keypoint) is compared as if a pixel large.
    inverse = (-1 / np.fmax(scale, 1)).astype(np.float32)

    # What can be done on (N, K) is not done on (N, M, K): keypoints are measured in their
    # sigmas from the start, and missing ones are put where they are like nothing else.
    unit = np.asarray(1 / (math.sqrt(8) * np.asarray(sigmas, np.float32)[:, None]), np.float32)
    a, counts_a = _measured(keypoints_a, unit, weights_a, _NOWHERE)
    b, counts_b = _measured(keypoints_b, unit, weights_b, -_NOWHERE)
    distance = a[:, None, :, 0] - b[None, :, :, 0]
    dy = a[:, None, :, 1] - b[None, :, :, 1]
    distance *= distance
    dy *= dy
    distance += dy
    distance *= inverse[:, :, None]
    similarity = np.exp(distance, out=distance)

    # Sums over keypoints as matrix products: the weight of a pair is the product of two.
    total = counts_a @ counts_b.T
    if weights_b is not None:
        similarity *= counts_b
    weighted = np.matmul(similarity, counts_a[:, :, None])[:, :, 0]
    result: Floats = np.divide(weighted, total, out=np.zeros_like(total), where=total > 0)
    return result


def _measured(
    keypoints: Floats, unit: Floats, weights: Floats | None, nowhere: float
) -> tuple[Floats, Floats]:
    """Measure keypoints in another unit, and say what each counts.

    Args:
        keypoints: (N, K, 2).
        unit: (K, 1) factors.
        weights: (N, K), or None for 1.
        nowhere: coordinate of what is missing.

    Returns:
        (N, K, 2) points, and (N, K) weights that are 0 for what is missing.
    """
    points: Floats = keypoints * unit
    missing = np.isnan(points[:, :, 0] + points[:, :, 1])
    if missing.any():
        points[missing] = nowhere
    if weights is None:
        return points, (~missing).astype(np.float32)
    return points, np.where(missing | np.isnan(weights), np.float32(0), weights)


def exchanged(poses: Poses) -> Poses:
    """Return poses with left and right exchanged, as a network sees a front that is a back."""
    mirror = list(poses.skeleton.mirror)
    metres = poses.keypoints_3d
    return replace(
        poses,
        keypoints=poses.keypoints[:, mirror],
        scores=poses.scores[:, mirror],
        keypoints_3d=None if metres is None else metres[:, mirror],
    )


def pose_similarity(a: Poses, b: Poses) -> Floats:
    """Return the (N, M) OKS between two sets of poses of one skeleton, weighted by scores.

    It counts on the body part of the skeleton, where there is one: 68 keypoints of a face
    would outvote the body.
    """
    keypoints_a = on_body(a.skeleton, a.keypoints)
    return oks_matrix(
        keypoints_a,
        keypoints_a if b is a else on_body(b.skeleton, b.keypoints),
        body_sigmas(a.skeleton),
        weights_a=on_body(a.skeleton, a.scores),
        weights_b=on_body(b.skeleton, b.scores),
    )


def best_first(poses: Poses) -> Indices:
    """Sort people by score, the surest first.

    Equal scores are ordered by place, so the same people in another order give the same list.
    """
    order = np.argsort(-poses.person_scores)
    scores = poses.person_scores[order]
    if (scores[1:] < scores[:-1]).all():
        return order
    places = np.nan_to_num(poses.keypoints.reshape(len(poses), 2 * len(poses.skeleton)), nan=-1.0)
    keys = np.column_stack([-poses.person_scores, places])
    return np.lexsort(keys.T[::-1])


def nms_oks(poses: Poses, most_alike: float = 0.5, *, either_side: bool = False) -> Indices:
    """Non-maximum suppression by OKS: keep one pose for each body, the surest.

    Args:
        poses: everyone found in an image.
        most_alike: poses with a higher OKS than this are taken for the same body.
        either_side: whether those are, too, that are so alike with left and right exchanged.

    Returns:
        Indices of the people to keep, the surest first.
    """
    order = best_first(poses)
    if len(poses) < 2:
        return order
    similarity = pose_similarity(poses, poses)
    if either_side:
        similarity = np.maximum(similarity, pose_similarity(poses, exchanged(poses)))
    alike = (similarity > most_alike).tolist()
    kept: list[int] = []
    for person in order.tolist():
        if not any(alike[person][other] for other in kept):
            kept.append(person)
    return np.array(kept, np.intp)
