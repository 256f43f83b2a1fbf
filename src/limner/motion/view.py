"""View: from which side a camera sees a person, and which angles can be measured from there.

An angle in the image is that of the joint only where the movement lies in the image's plane:
knees bend in a plane that is seen from the side, and a pelvis tilts in one that is seen from
the front.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from limner.core.arrays import Doubles, Mask
from limner.core.skeletons import Skeleton
from limner.motion.definitions import ANGLES, Angle
from limner.motion.points import named_points

# Degrees: from here on people are seen from the side, and up to there from front or back.
SAGITTAL, FRONTAL = 60.0, 30.0
# How wide shoulders and hips together are from the front, as parts of the distance between their
# middles. Of the sample clip's man and of a signer, who face the camera, it is 1.0 to 1.14.
_WIDTHS = 1.15
_POINTS = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")


def has_view(skeleton: Skeleton) -> bool:
    """Return whether a skeleton has the shoulders and hips that tell a view."""
    return set(_POINTS) <= set(skeleton.keypoints)


def view_now(points: Doubles, skeleton: Skeleton, metres: Doubles | None = None) -> Doubles:
    """Return from which side each person is seen.

    The line from one shoulder to the other, and that of the hips, lie in the image's plane for
    whoever faces the camera, and point into it for whoever is seen from the side. How far is
    read from the 3-D coordinates and from how short they look beside the trunk; the mean of
    both is taken.

    Args:
        points: (n, K, 2) pixels, NaN where unseen.
        skeleton: of the points.
        metres: (n, K, 3), z away from the camera, or None.

    Returns:
        (n,) degrees from 0 (from the front or the back) to 90 (from the side); NaN where
        shoulders or hips are unseen.
    """
    seen = named_points(points, skeleton, _POINTS)
    if len(seen) < len(_POINTS):
        return np.full(len(points), np.nan)
    shoulders, hips = _lines(seen)
    middles = [seen[f"left_{name}"] + seen[f"right_{name}"] for name in ("shoulder", "hip")]
    trunk = np.hypot(*((middles[0] - middles[1]) / 2).T)
    widths = np.hypot(*shoulders.T) + np.hypot(*hips.T)
    shares = widths / (_WIDTHS * np.where(trunk > 0, trunk, np.nan))
    flat: Doubles = np.degrees(np.arccos(np.minimum(shares, 1)))
    if metres is None:
        return flat
    shoulders, hips = _lines(named_points(metres, skeleton, _POINTS))
    lines = np.abs(shoulders) + np.abs(hips)
    deep = np.degrees(np.arctan2(lines[:, 2], np.hypot(lines[:, 0], lines[:, 1])))
    view: Doubles = np.where(np.isnan(deep), flat, (flat + deep) / 2)
    return view


def _lines(points: Mapping[str, Doubles]) -> tuple[Doubles, Doubles]:
    """Return the lines from the right to the left shoulder and hip."""
    left_shoulder, right_shoulder, left_hip, right_hip = (points[name] for name in _POINTS)
    return left_shoulder - right_shoulder, left_hip - right_hip


def suits(angle: Angle, view: Doubles) -> Mask:
    """Return (n,) true where an angle can be measured in a view; unknown views suit none."""
    side, front = view >= SAGITTAL, view <= FRONTAL
    found: Mask = {"sagittal": side, "frontal": front, "both": side | front}[angle.plane]
    return found


def in_view(angles: Mapping[str, Doubles]) -> dict[str, Doubles]:
    """Return angles, NaN where they cannot be measured from where the camera stands.

    Args:
        angles: name to degrees, ``view`` among them.
    """
    if "view" not in angles:
        return dict(angles)
    result = dict(angles)
    for angle in ANGLES:
        if angle.name in result:
            result[angle.name] = np.where(suits(angle, angles["view"]), result[angle.name], np.nan)
    return result
