"""Cadence and repetition rate: how often a movement repeats, per minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Mask
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.points import checked, hidden, named_points

# A movement repeats if it is at least this like itself one period later ...
_ALIKE = 0.5
# ... and this much less alike in between.
_DIP = 0.3
# Of several alike periods the first within this part of the best is the movement's own: its
# multiples are alike as well.
_FIRST = 0.85
# Feet that step go at least so far, as a standard deviation in parts of a leg.
_LIFT = 0.03


@dataclass(frozen=True)
class Rhythm:
    """How often a movement repeats.

    Attributes:
        per_minute: repetitions or steps per minute, NaN where nothing repeats.
        confidence: from 0 to 1, how like itself the movement is one period later (its
            autocorrelation there); 0 where nothing repeats.
    """

    per_minute: float
    confidence: float


_NONE = Rhythm(np.nan, 0.0)


def rhythm(
    signals: NDArray[Any],
    times: NDArray[Any],
    *,
    shortest: float = 0.25,
    longest: float = 3.0,
    alternating: bool = False,
) -> Rhythm:
    """Return how often signals repeat, all together.

    The period is where the autocorrelation has its first high peak.

    Args:
        signals: (T, S) in comparable units, NaN where missing.
        times: (T,) seconds, increasing.
        shortest: shortest period looked for, in seconds.
        longest: longest period looked for; the signals must last twice as long as theirs.
        alternating: look for signals that repeat with the opposite sign, as the difference
            of left and right does with each step.

    Returns:
        Repetitions per minute.

    Raises:
        UsageError: not one time per row.
    """
    at = np.asarray(times, np.float64)
    if signals.ndim != 2 or at.shape != signals.shape[:1]:
        raise UsageError(f"need (T, S) signals and T times, got {signals.shape} and {at.shape}")
    if len(at) < 4 or not np.diff(at).max() > 0:
        return _NONE
    gaps = np.diff(at)
    step = max(float(np.median(gaps)), 1e-3)
    # What lies further apart than the longest period is never compared, so a longer pause says
    # no more than that; sampled evenly, one of days would not fit into memory.
    at = at[0] + np.concatenate([[0.0], np.cumsum(np.minimum(gaps, longest + 2 * step))])
    values = _even(signals.astype(np.float64), at, step)
    lags = min(len(values) // 2, int(longest / step) + 1)
    alike = _autocorrelation(values, lags) * (-1 if alternating else 1)
    peak = _first_peak(alike, max(int(np.ceil(shortest / step)), 2))
    if peak is None:
        return _NONE
    left, top, right = alike[peak - 1 : peak + 2]
    # The top of the parabola through the highest value and its neighbours.
    shift = 0.5 * (left - right) / (left - 2 * top + right)
    return Rhythm(float(60 / ((peak + shift) * step)), float(min(top, 1.0)))


def cadence(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    times: NDArray[Any],
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> Rhythm:
    """Return the steps per minute of someone who walks or runs.

    With each step the ankles exchange their places: their difference is as one step before
    with the opposite sign, whatever the side the person is seen from. Directions in which they do
    not pass each other, or by less than a foot's lift, count for nothing: in jumping jacks the
    feet part and meet, and nobody steps.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres, NaN where missing.
        skeleton: of the keypoints.
        times: (T,) seconds, increasing.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        Steps per minute; NaN where nobody steps.

    Raises:
        UsageError: the shapes do not fit, or the skeleton has no ankles.
    """
    points = hidden(checked(keypoints, skeleton, (2, 3)), scores, threshold)
    ankles = points[:, [skeleton.index("left_ankle"), skeleton.index("right_ankle")]]
    apart = ankles[:, 0] - ankles[:, 1]
    apart[:, ~_pass_each_other(apart, _leg(points, skeleton, ankles))] = np.nan
    return rhythm(apart, times, shortest=0.2, longest=1.5, alternating=True)


def repetitions(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    times: NDArray[Any],
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> Rhythm:
    """Return how often a person's whole movement repeats: squats, jumps, strides per minute.

    What counts is the pose about the hips and the hips' own way up and down.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres, NaN where missing.
        skeleton: of the keypoints.
        times: (T,) seconds, increasing.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        Repetitions per minute; NaN where nothing repeats. A walk repeats with each stride,
        which is two steps.

    Raises:
        UsageError: the shapes do not fit.
    """
    points = hidden(checked(keypoints, skeleton, (2, 3)), scores, threshold)
    named = named_points(points, skeleton, ["mid_hip"])
    if "mid_hip" not in named:
        raise UsageError(f"repetitions need hips, which skeleton {skeleton.name} does not have")
    hips = named["mid_hip"]
    pose = (points - hips[:, None]).reshape(len(points), points.shape[1] * points.shape[2])
    return rhythm(np.concatenate([pose, hips[:, 1:2]], axis=1), times)


def _pass_each_other(apart: Doubles, leg: float) -> Mask:
    """Return (D,) in which directions (T, D) differences go far enough to both sides of zero."""
    seen = ~np.isnan(apart)
    count = np.maximum(seen.sum(axis=0), 1)
    middle = np.where(seen, apart, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(seen, apart - middle, 0) ** 2).sum(axis=0) / count)
    result: Mask = (np.abs(middle) <= spread) & (spread >= _LIFT * leg)
    return result


def _leg(points: Doubles, skeleton: Skeleton, ankles: Doubles) -> float:
    """Return the median way from hip to ankle; 0 where hips are never seen."""
    names = ("left_hip", "right_hip")
    if not set(names) <= set(skeleton.keypoints):
        return 0.0
    legs = np.linalg.norm(points[:, [skeleton.index(name) for name in names]] - ankles, axis=-1)
    legs = legs[~np.isnan(legs)]
    return float(np.median(legs)) if len(legs) else 0.0


def _even(signals: Doubles, times: Doubles, step: float) -> Doubles:
    """Sample signals evenly and free them of their trend; NaN where they are missing."""
    even = np.arange(times[0], times[-1] + step / 2, step)
    nearest = np.clip(np.searchsorted(times, even - step / 2), 0, len(times) - 1)
    result = np.full((len(even), signals.shape[1]), np.nan)
    for column, signal in enumerate(signals.T):
        seen = ~np.isnan(signal)
        if seen.sum() < 4:
            continue
        line = np.polynomial.Polynomial.fit(times[seen], signal[seen], 1)
        result[:, column] = np.interp(even, times[seen], signal[seen]) - line(even)
        result[~seen[nearest], column] = np.nan
    return result


def _autocorrelation(values: Doubles, lags: int) -> Doubles:
    """How alike (n, S) values and themselves are 0 to lags - 1 rows later, from -1 to 1."""
    seen = ~np.isnan(values)
    filled = np.where(seen, values, 0)
    squares = filled**2
    result = np.zeros(lags)
    for lag in range(lags):
        ends = len(values) - lag
        both = seen[:ends] & seen[lag:]
        energy = (squares[:ends] * both).sum() * (squares[lag:] * both).sum()
        if both.any() and energy > 0:
            result[lag] = (filled[:ends] * filled[lag:]).sum() / np.sqrt(energy)
    return result


def _first_peak(alike: Doubles, start: int) -> int | None:
    """Index of the first high peak, or None."""
    inner = np.arange(max(start, 1), len(alike) - 1)
    tops = inner[(alike[inner] > alike[inner - 1]) & (alike[inner] >= alike[inner + 1])]
    tops = np.array([top for top in tops if alike[top] - alike[:top].min() > _DIP], int)
    if len(tops) == 0 or alike[tops].max() < _ALIKE:
        return None
    return int(tops[alike[tops] >= _FIRST * alike[tops].max()][0])
