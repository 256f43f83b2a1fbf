"""Single-shot detector inputs and outputs: a box and points at each anchor."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from limner.core.frame import Frame
from limner.models.blazepose.conventions import LIMNER, Conventions

# Boxes that share more of their union than this are of one object.
_SAME = 0.3


@cache
def anchors(layers: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Return the (N, 2) centres of a network's anchors, x and y from 0 to 1.

    Args:
        layers: cells of each feature map's side, and how many anchors each cell has.
    """
    centres = []
    for cells, repeats in layers:
        steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(steps, steps)
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(centres)


def patch(
    frame: Frame, matrix: NDArray[np.float64], size: int, conventions: Conventions = LIMNER
) -> NDArray[np.float32]:
    """Return a patch as these networks take it: a batch of one, RGB from -1 to 1.

    Args:
        frame: the image.
        matrix: (2, 3) map from the patch to the image.
        size: the patch's side, pixels.
        conventions: how it is cut.
    """
    batch = conventions.cut(frame, matrix, size)
    batch *= 2 / 255
    batch -= 1
    return batch


def found(
    values: NDArray[np.float32],
    logits: NDArray[np.float32],
    layers: tuple[tuple[int, int], ...],
    size: int,
    threshold: float,
) -> list[tuple[NDArray[np.floating], float]]:
    """Return what a network found, the surest first.

    Args:
        values: box centre, box size and points of each anchor, pixels of the patch, but for
            the size all from the anchor's centre.
        logits: each anchor's score as log-odds.
        layers: see `anchors`.
        size: the patch's side, pixels.
        threshold: the least score.

    Returns:
        (P, 2) box centre, box size and points, from 0 to 1 of the patch; and the score.
    """
    logits = logits.reshape(-1)
    # The inverse of the sigmoid, so that only the few sure anchors are looked at.
    chosen = np.flatnonzero(logits > np.log(threshold / (1 - threshold)))
    if len(chosen) == 0:
        return []
    scores = 1 / (1 + np.exp(-logits[chosen]))
    points = values.reshape(len(logits), -1, 2)[chosen] / size
    centres = anchors(layers)[chosen]
    points[:, 0] += centres
    points[:, 2:] += centres[:, None]
    return weighted_nms(points, scores)


def weighted_nms(
    values: NDArray[np.floating], scores: NDArray[np.floating]
) -> list[tuple[NDArray[np.floating], float]]:
    """Weighted non-maximum suppression: one weighted mean per object.

    Args:
        values: (N, P, 2) box centre, box size and points of each anchor.
        scores: (N,) the anchors' scores.
    """
    low = values[:, 0] - values[:, 1] / 2
    high = values[:, 0] + values[:, 1] / 2
    areas = np.prod(values[:, 1], axis=1)
    left = np.argsort(-scores, kind="stable")
    merged = []
    while len(left):
        best = left[0]
        sides = np.minimum(high[best], high[left]) - np.maximum(low[best], low[left])
        shared = np.prod(np.clip(sides, 0, None), axis=1)
        same = shared > _SAME * (areas[best] + areas[left] - shared)
        same[0] = True
        group = left[same]
        weights = scores[group] / scores[group].sum()
        merged.append((np.einsum("n,npc->pc", weights, values[group]), float(scores[best])))
        left = left[~same]
    return merged
