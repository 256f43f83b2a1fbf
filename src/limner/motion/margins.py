"""Margins of error: how far an angle may be from what it is.

The error of each keypoint (`limner.core.poses.Poses.errors`, which cleaning learns from how it
shakes and how sure it is) goes into the angles that it is an end of, by the usual propagation of
independent errors (Taylor, "An Introduction to Error Analysis", chapter 3): a joint is the less
certain the shorter the limbs that meet in it look. Where a person's limbs change their length in
the image more than these errors explain, as they do where a network is wrong for longer than a
frame, all of it grows in the same proportion.

What a network gets wrong in the same way all the time, such as a hip that is placed too high,
nobody can see from its results, and no margin holds it.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.flags import Flag
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.measuring import Plan, plan_for
from limner.motion.points import checked, hidden

# Errors after cleaning are so much larger than its weights alone say, as the width of each mean is
# chosen by the same values (benchmarks/margins.py).
_CHOSEN = 1.15
# Keypoints that were filled in are off by so much more than that.
_FILLED = 2.0
# Lengths are compared with their median over so many seconds around; they may explain so much.
_AROUND, _MOST = 0.5, 5.0


def margins(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    errors: NDArray[Any],
    times: NDArray[Any],
    *,
    flags: NDArray[np.uint8] | None = None,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
    level: float = 0.9,
) -> dict[str, Doubles]:
    """Return how far one person's angles may be off: half the width of their intervals.

    Args:
        keypoints: (T, K, 2) pixels, NaN where missing.
        skeleton: of the keypoints.
        errors: (T, K) pixels, the standard deviation of each coordinate.
        times: (T,) seconds, rising.
        flags: (T, K) or None. What is filled in is less certain, and the margin of what is
            doubtful unknown.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.
        level: how often the truth is to lie within, from 0 to 1.

    Returns:
        (T,) degrees for each angle of `limner.motion.angles` but the view; NaN where unknown.

    Raises:
        UsageError: the shapes do not fit, or the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise UsageError(f"level: expected a share between 0 and 1, such as 0.9, got {level:g}")
    points = hidden(checked(keypoints, skeleton, (2,)), scores, threshold)
    at = np.asarray(times, np.float64)
    for name, values, shape in (
        ("errors", errors, points.shape[:2]),
        ("times", at, points.shape[:1]),
    ):
        if values.shape != shape:
            raise UsageError(f"{name}: expected shape {shape} as the keypoints, got {values.shape}")
    spread = _CHOSEN * errors.astype(np.float64)
    if flags is not None:
        spread = np.where(flags & Flag.FILLED > 0, _FILLED * spread, spread)
        spread = np.where(flags & Flag.DOUBTFUL > 0, np.nan, spread)
    plan = plan_for(skeleton)
    deviations = np.degrees(_propagated(points, spread, plan)) * _wobble(points, spread, plan, at)
    reach = NormalDist().inv_cdf((1 + level) / 2)
    # Beyond half a period an angle can be anything.
    widths = np.minimum(reach * deviations, plan.periods / 2)
    return {angle.name: widths[:, place] for place, angle in enumerate(plan.angles)}


def _propagated(points: Doubles, spread: Doubles, plan: Plan) -> Doubles:
    """Return (T, A) standard deviations in radians, of independent errors of the keypoints."""
    u, v = plan.directions(points)
    with np.errstate(divide="ignore", invalid="ignore"):
        # How a direction turns with its end, across it: (T, A, 2).
        turns = [each / (each**2).sum(axis=-1, keepdims=True) for each in (u, v)]
    variances = np.zeros(u.shape[:2])
    for angle in range(len(plan.angles)):
        slopes: dict[int, Doubles] = {}
        u_end, u_start, v_end, v_start = plan.ends[:, angle]
        for point, slope in (
            (u_end, turns[0][:, angle]),
            (u_start, -turns[0][:, angle]),
            (v_end, -turns[1][:, angle]),
            (v_start, turns[1][:, angle]),
        ):
            if point < len(plan.sources):
                for keypoint in plan.sources[point].tolist():  # a middle is half of each
                    slopes[keypoint] = slopes.get(keypoint, 0) + slope / 2
        for keypoint, slope in slopes.items():
            variances[:, angle] += (slope**2).sum(axis=-1) * spread[:, keypoint] ** 2
    return np.sqrt(variances)


def _wobble(points: Doubles, spread: Doubles, plan: Plan, times: Doubles) -> Doubles:
    """Return (A,) how many times more an angle's limbs change than errors explain, at least 1."""
    factors: dict[tuple[int, int], float] = {}
    limit = len(plan.sources)
    places = points[:, plan.sources].mean(axis=2)
    squares = spread[:, plan.sources] ** 2
    same = plan.sources[:, 0] == plan.sources[:, 1]
    variances = np.where(same, squares[..., 0], squares.sum(axis=2) / 4)
    result = np.ones(len(plan.angles))
    for angle, (u_end, u_start, v_end, v_start) in enumerate(plan.ends.T.tolist()):
        pairs = [(min(pair), max(pair)) for pair in ((u_end, u_start), (v_end, v_start))]
        for a, b in pairs:
            if (a, b) not in factors and b < limit:
                lengths = np.linalg.norm(places[:, a] - places[:, b], axis=1)
                expected = np.sqrt(variances[:, a] + variances[:, b])
                factors[a, b] = _ratio(lengths, expected, times)
        found = np.array([factors.get(pair, 1.0) for pair in pairs])
        result[angle] = np.sqrt((found**2).mean())
    return result


def _ratio(lengths: Doubles, expected: Doubles, times: Doubles) -> float:
    """Return how many times more lengths move about their running median than is expected."""
    gaps = np.diff(times)
    gaps = gaps[gaps > 0]
    if len(gaps) == 0:
        return 1.0
    half = max(int(_AROUND / 2 / np.median(gaps)), 1)
    padded = np.pad(lengths, half, mode="edge")
    known = ~np.isnan(sliding_window_view(padded, 2 * half + 1)).any(axis=1) & (expected > 0)
    if known.sum() < 2 * half:
        return 1.0
    windows = sliding_window_view(padded, 2 * half + 1)[known]
    off = np.abs(lengths[known] - np.median(windows, axis=1))
    ratio = 1.4826 * np.median(off) / np.median(expected[known])
    return float(min(max(ratio, 1.0), _MOST))
