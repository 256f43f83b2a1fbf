"""How much each keypoint of each person shakes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Standard deviation relative to the body's size: taken at first, and never less or more.
_FIRST, _LEAST, _MOST = 0.006, 0.004, 0.02
# Part by which the level moves towards what a frame shows: 1 / 0.03 frames is about a second.
_RATE = 0.03
# The median length of a vector of D normal numbers (the chi distribution's median).
_CHI_MEDIAN = {2: 1.1774, 3: 1.5382}


class NoiseLevel:
    """Follows the noise of keypoints with a slow running median.

    The measure is how far four frames in a row are from lying on one parabola in time, as
    movements nearly do in so short a time and noise does not. A median over about a second
    lets neither single outliers nor a short fast movement count as noise.
    """

    def __init__(self, keypoints: int, coordinates: int) -> None:
        self._scale = _CHI_MEDIAN[coordinates]
        self.levels: Array = np.empty((0, keypoints))

    def update(
        self, kept: NDArray[np.bool_], times: Array, points: Array, weights: Array, sizes: Array
    ) -> None:
        """Learn from four frames in a row.

        Args:
            kept: (P before,) which people remain; new ones follow them.
            times: (4,) seconds.
            points: (4, P, K, D) coordinates, NaN where missing.
            weights: (4, P, K) by score.
            sizes: (P,) body size in the coordinates' unit.
        """
        new = ((0, len(sizes) - int(kept.sum())), (0, 0))
        self.levels = np.pad(self.levels[kept], new, constant_values=_FIRST)
        gaps = times[:, None] - times + np.eye(4)
        if np.abs(gaps).min() < 1e-6:
            return
        # Third divided difference: zero for any parabola, at any spacing of the times.
        factors = 1 / gaps.prod(axis=1)
        factors /= np.linalg.norm(factors)
        bend = np.einsum("n,npkd->pkd", factors, points)
        shown = np.linalg.norm(bend, axis=-1) * np.sqrt(weights.mean(axis=0)) / self._scale
        direction = np.nan_to_num(np.sign(shown / sizes[:, None] - self.levels))
        self.levels = np.clip(self.levels * (1 + _RATE * direction), _LEAST, _MOST)
