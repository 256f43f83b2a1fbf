"""Keypoints that jump away for a frame or two.

A Hampel filter (Hampel, "The influence curve and its role in robust estimation", 1974;
Pearson et al., "Generalized Hampel filters", 2016) on each keypoint's way through the
frames around: what lies further from its median than the spread there explains is dropped.
The way is first freed of its median velocity, in pixels per second of true time, so that a
fast limb at an uneven frame rate is no outlier.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Frames looked at on each side.
REACH = 3
# Distances beyond this many robust standard deviations are outliers ...
LIMIT = 4.0
# ... where a standard deviation is at least this part of the body's size.
FLOOR = 0.01


def outliers(times: Array, points: Array, sizes: Array, middle: int) -> NDArray[np.bool_]:
    """Say which keypoints of one frame are outliers.

    Args:
        times: (n,) seconds of the frames around, increasing.
        points: (n, P, K, 2) pixels, NaN where missing.
        sizes: (P,) body size in pixels.
        middle: index of the frame in question.

    Returns:
        (P, K) true where the keypoint should not be trusted.
    """
    steps = np.maximum(np.diff(times), 1e-3)[:, None, None, None]
    velocity = _median(np.diff(points, axis=0) / steps)
    offsets = (times - times[middle])[:, None, None, None]
    level = points - offsets * np.nan_to_num(velocity)
    distances = np.linalg.norm(level - _median(level), axis=-1)
    spread = np.maximum(1.4826 * _median(distances), FLOOR * sizes[:, None])
    far: NDArray[np.bool_] = distances[middle] > LIMIT * spread
    return far


def _median(values: Array) -> Array:
    """The median over the first axis, NaN left out (numpy's nanmedian is far slower)."""
    ordered = np.sort(values, axis=0)
    count = (~np.isnan(values)).sum(axis=0, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=0)[0]
    high = np.take_along_axis(ordered, np.minimum(count // 2, len(values) - 1), axis=0)[0]
    median: Array = (low + high) / 2
    return median
