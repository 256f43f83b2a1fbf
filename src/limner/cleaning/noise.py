"""Noise estimation: how much each keypoint of each person shakes."""

from __future__ import annotations

import numpy as np

from limner.cleaning.window import PARTS, keep_and_grow
from limner.core.arrays import Doubles, Mask

# Standard deviation relative to the body's size: taken at first, and never less or more.
_FIRST, _LEAST, _MOST = 0.006, 0.0005, 0.02
# Smoothing takes it for no less than this: what is still may begin to move.
CALM = 0.002
# Part by which the level moves towards what a frame shows: 1 / 0.03 frames is about a second.
_RATE = 0.03
# The median length of a vector of 2 and of 3 normal numbers (the chi distribution's median).
_CHI_MEDIAN = np.array([1.1774, 1.5382])


class NoiseLevel:
    """Running estimate of the noise of keypoints, a slow median.

    The measure is how far four frames in a row are from lying on one parabola in time, as
    movements nearly do in so short a time and noise does not. A median over about a second
    lets neither single outliers nor a short fast movement count as noise.

    Attributes:
        levels: (1, P, K, 2) standard deviations at score 1, in pixels and in metres,
            relative to the body's size.
    """

    def __init__(self, keypoints: int) -> None:
        self.levels: Doubles = np.empty((1, 0, keypoints, 2))

    def align(self, kept: Mask, new: int) -> None:
        """Follow the window's columns: forget people, and make room for new ones."""
        self.levels = keep_and_grow(self.levels, kept, new, _FIRST)

    def update(self, times: Doubles, points: Doubles, weights: Doubles, sizes: Doubles) -> None:
        """Learn from four frames in a row.

        Args:
            times: (4,) seconds.
            points: (4, P, K, 5) pixels and metres, NaN where missing.
            weights: (4, P, K) by score.
            sizes: (P, 2) body size in pixels and metres.
        """
        gaps = times[:, None] - times + np.eye(len(times))
        if np.abs(gaps).min() < 1e-6:
            return
        # Third divided difference: zero for any parabola, at any spacing of the times.
        factors = 1 / gaps.prod(axis=1)
        factors /= np.sqrt(factors @ factors)
        bend = (factors @ points.reshape(len(points), -1)).reshape(points.shape[1:])
        bend *= bend
        lengths = np.sqrt(np.add.reduceat(bend, [part.start for part in PARTS], axis=-1))
        shown = lengths * np.sqrt(weights.sum(axis=0) / len(weights))[..., None] / _CHI_MEDIAN
        direction = np.sign(shown / sizes[:, None] - self.levels)
        self.levels *= 1 + _RATE * np.where(np.isnan(direction), 0, direction)
        self.levels = np.minimum(np.maximum(self.levels, _LEAST), _MOST)
