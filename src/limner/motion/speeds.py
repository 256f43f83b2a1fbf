"""Keypoint velocity: how fast keypoints move."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.errors import UsageError


def velocities(keypoints: NDArray[Any], times: NDArray[Any]) -> Doubles:
    """Return the velocity of each keypoint, by central differences in true time.

    Args:
        keypoints: (T, K, D) coordinates, NaN where missing.
        times: (T,) seconds; they need not be evenly spaced.

    Returns:
        (T, K, D) coordinates per second. NaN where the keypoint is missing there or in a
        frame beside, and where two frames have the same time. At both ends the difference to
        the one neighbour.

    Raises:
        UsageError: not one time per frame.
    """
    points, at = keypoints.astype(np.float64), np.asarray(times, np.float64)
    if at.shape != points.shape[:1]:
        raise UsageError(f"need one time per frame: {len(points)} frames, times {at.shape}")
    if len(at) < 2:
        return np.full(points.shape, np.nan)
    step = np.diff(at)
    step = np.where(step > 0, step, np.nan)[:, None, None]
    slope = np.diff(points, axis=0) / step
    before, after = step[:-1], step[1:]
    # The slope of the parabola through a frame and its neighbours.
    middle = (slope[:-1] * after + slope[1:] * before) / (before + after)
    velocity: Doubles = np.concatenate([slope[:1], middle, slope[-1:]])
    return velocity


def speeds(keypoints: NDArray[Any], times: NDArray[Any], *, height: float | None = None) -> Doubles:
    """Return the speed of each keypoint.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres, NaN where missing.
        times: (T,) seconds.
        height: the person's, in the keypoints' unit, to get speeds in body heights per second;
            see `limner.motion.height.standing_height`.

    Returns:
        (T, K) pixels, metres or body heights per second. Metres of models like BlazePose
        count from the middle of the hips: their speeds are those of limbs against the hips,
        not of the person through the room.

    Raises:
        UsageError: not one time per frame.
    """
    speed: Doubles = np.linalg.norm(velocities(keypoints, times), axis=-1)
    return speed if height is None else speed / height
