"""How tall a person stands, by the lengths of their limbs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.points import checked, hidden, named_points

_SIDES = ("left", "right")
# The segments that are added up, by the joints at their ends.
_ENDS = {"shank": ("ankle", "knee"), "thigh": ("knee", "hip"), "trunk": ("hip", "shoulder")}
# From the ankle to the shoulder, as a part of the height: 0.818 less 0.039, after Drillis and
# Contini (1966), in D. A. Winter, Biomechanics and Motor Control of Human Movement, figure 4.1.
_ANKLE_TO_SHOULDER = 0.818 - 0.039

# People's heights in metres, of a newborn and of more than the tallest; those in centimetres are
# a hundred times as much.
_SHORTEST, _TALLEST = 0.4, 3.0


def in_metres(height: float) -> float:
    """Return a person's height in metres, given in metres (1.75) or in centimetres (175).

    Raises:
        UsageError: it is no person's height in either.
    """
    for unit in (1, 100):
        if _SHORTEST <= height / unit <= _TALLEST:
            return height / unit
    raise UsageError(
        f"expected --height above 0 in metres such as 1.75, "
        f"or in centimetres such as 175 ({_SHORTEST:g} to {_TALLEST:g} m), got {height:g}"
    )


def standing_height(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> float:
    """Return a person's standing height by segment proportions, whatever their posture.

    Shank, thigh and trunk are taken at their usual lengths (`segment_lengths`) and are
    together 0.779 of the height (Drillis and Contini 1966, in Winter, Biomechanics and Motor
    Control of Human Movement, figure 4.1).

    In pixels it holds for a camera that looks straight ahead and a person at about one
    distance from it: limbs seen from above or from below are shorter in the image.

    Args:
        keypoints: (T, K, 2) pixels or (T, K, 3) metres of one person, NaN where missing.
        skeleton: of the keypoints.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        The height in the keypoints' unit; NaN if one of the segments is never seen.

    Raises:
        UsageError: the shapes do not fit.
    """
    lengths = segment_lengths(keypoints, skeleton, scores, threshold)
    return sum(lengths.values()) / _ANKLE_TO_SHOULDER


def segment_lengths(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> dict[str, float]:
    """Return the usual lengths of a person's shank, thigh and trunk.

    In each frame that is the longer of the left and the right one, and over time the median.
    A leg that swings towards the camera looks short while the other stands; noise makes one
    frame's segment too long as often as too short, so the longest over time would be too long.

    Args:
        keypoints: as for `standing_height`.
        skeleton: as for `standing_height`.
        scores: as for `standing_height`.
        threshold: as for `standing_height`.

    Returns:
        Segment to length in the keypoints' unit; NaN where it is never seen.

    Raises:
        UsageError: the shapes do not fit.
    """
    points = hidden(checked(keypoints, skeleton, (2, 3)), scores, threshold)
    joints = {joint for ends in _ENDS.values() for joint in ends}
    names = [f"{side}_{joint}" for side in _SIDES for joint in joints]
    never = np.full((len(points), points.shape[2]), np.nan)
    place = dict.fromkeys(names, never) | named_points(points, skeleton, names)
    result = {}
    for segment, (lower, upper) in _ENDS.items():
        left, right = (
            np.linalg.norm(place[f"{side}_{upper}"] - place[f"{side}_{lower}"], axis=1)
            for side in _SIDES
        )
        longer = np.fmax(left, right)  # of one that is seen and one that is not, the seen one
        seen = longer[~np.isnan(longer)]
        result[segment] = float(np.median(seen)) if len(seen) else np.nan
    return result
