"""How fast keypoints move, and how long a body is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.points import checked, hidden, named_points

# From the ankle to the shoulders is this part of a body's height (Drillis and Contini 1966,
# in Winter, "Biomechanics and Motor Control of Human Movement": 0.818 less 0.039).
_ANKLE_TO_SHOULDERS = 0.779
# The limbs' length is taken where the view shortens them least, but not by a single frame.
_LONGEST = 90


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


def speeds(
    keypoints: NDArray[Any], times: NDArray[Any], *, body_length: float | None = None
) -> Doubles:
    """Return the speed of each keypoint.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres, NaN where missing.
        times: (T,) seconds.
        body_length: in the keypoints' unit, to get speeds in body lengths per second; see
            :func:`body_length`.

    Returns:
        (T, K) pixels, metres or body lengths per second. Metres of models like BlazePose
        count from the middle of the hips: their speeds are those of limbs against the hips,
        not of the person through the room.

    Raises:
        UsageError: not one time per frame.
    """
    speed: Doubles = np.linalg.norm(velocities(keypoints, times), axis=-1)
    return speed if body_length is None else speed / body_length


def body_length(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> float:
    """Return a person's height by the lengths of their limbs, whatever the pose.

    The longer leg from ankle to hip and the trunk from mid-hip to neck, each at its 90th
    percentile over time, divided by their usual part of a body's height.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres, NaN where missing.
        skeleton: of the keypoints.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        Height in the keypoints' unit; NaN if trunk, thighs or shanks are never seen.

    Raises:
        UsageError: the shapes do not fit.
    """
    points = hidden(checked(keypoints, skeleton, (2, 3)), scores, threshold)
    names = ["neck", "mid_hip"]
    names += [f"{side}_{part}" for side in ("left", "right") for part in ("hip", "knee", "ankle")]
    named = named_points(points, skeleton, names)

    def length(*ends: tuple[str, str]) -> float:
        distances = [np.linalg.norm(named[a] - named[b], axis=1) for a, b in ends]
        seen = np.concatenate(distances)
        seen = seen[~np.isnan(seen)]
        return float(np.percentile(seen, _LONGEST)) if len(seen) else np.nan

    trunk = length(("neck", "mid_hip"))
    thigh = length(("left_hip", "left_knee"), ("right_hip", "right_knee"))
    shank = length(("left_knee", "left_ankle"), ("right_knee", "right_ankle"))
    return (trunk + thigh + shank) / _ANKLE_TO_SHOULDERS
