"""Outlier rejection: keypoints that jump away for a frame or two.

A Hampel filter (Hampel, "The influence curve and its role in robust estimation", 1974;
Pearson et al., "Generalized Hampel filters", 2016) on each keypoint's way through the
frames around: what lies further from its median than the spread there explains is dropped.
The way is first freed of its median velocity, in pixels per second of true time, so that a
fast limb at an uneven frame rate is no outlier.
"""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Doubles, Mask

# Frames looked at on each side.
REACH = 3
# Distances beyond this many robust standard deviations are outliers ...
LIMIT = 3.0
# ... where a standard deviation is at least this part of the body's size.
FLOOR = 0.01
# With more seconds than this from the frame before to the frame after, movement cannot be
# told from a jump: a leg swings through in so long a time.
LONGEST = 0.15


def outliers(times: Doubles, points: Doubles, sizes: Doubles, middle: int) -> Mask:
    """Detect the keypoints of one frame that are outliers.

    Args:
        times: (n,) seconds of the frames around, increasing.
        points: (n, P, K, 2) pixels, NaN where missing.
        sizes: (P,) body size in pixels.
        middle: index of the frame in question.

    Returns:
        (P, K) true where the keypoint should not be trusted. Where too little is seen before
        or after to tell, or the frames are too far apart in time, none is.
    """
    near = times[min(middle + 1, len(times) - 1)] - times[middle - 1] <= LONGEST
    if not near:
        return np.zeros(points.shape[1:3], bool)
    seen = ~np.isnan(points[..., 0])
    before, after = seen[:middle].sum(axis=0), seen[middle + 1 :].sum(axis=0)
    enough = (before >= 2) & (after >= min(2, len(points) - middle - 1))
    steps = np.maximum(times[1:] - times[:-1], 1e-3)[:, None, None, None]
    velocity = _median((points[1:] - points[:-1]) / steps)
    level = points - (times - times[middle])[:, None, None, None] * velocity
    away = level - _median(level)
    away *= away
    distances = np.sqrt(away[..., 0] + away[..., 1])
    spread = np.maximum(1.4826 * _median(distances), FLOOR * sizes[:, None])
    far: Mask = enough & (distances[middle] > LIMIT * spread)
    return far


def _median(values: Doubles) -> Doubles:
    """The (lower) median over the first axis, NaN left out; numpy's nanmedian is far slower."""
    ordered = np.sort(values, axis=0).reshape(len(values), -1)
    missing = np.isnan(ordered)
    if not missing.any():
        median: Doubles = ordered[(len(values) - 1) // 2]
    else:
        last = np.maximum(len(values) - 1 - missing.sum(axis=0), 0)
        median = ordered[last // 2, np.arange(ordered.shape[1])]
    return median.reshape(values.shape[1:])
