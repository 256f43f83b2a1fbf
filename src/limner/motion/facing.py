"""Facing direction: which way a person faces in the image."""

from __future__ import annotations

from typing import Literal

import numpy as np

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.motion.points import named_points

Facing = Literal["auto", "right", "left"]

# Sine of the angle between foot and shank under which a foot points towards the camera
# rather than to a side.
SIDEWAYS = 0.3


def facing_now(keypoints: Doubles, skeleton: Skeleton) -> Doubles:
    """Return how clearly each person faces right (towards 1) or left (towards -1).

    A foot points forward of its shank whatever the person does, also upside down. Where the
    skeleton has no feet, the nose lies forward of the ears, seen along the trunk.

    Args:
        keypoints: (n, K, 2) pixels.
        skeleton: of the keypoints.

    Returns:
        (n,) from -1 to 1; near 0 for people seen from the front or the back, NaN where
        neither feet nor face are seen.
    """
    names = ("knee", "ankle", "heel", "foot_index", "ear")
    points = named_points(
        keypoints,
        skeleton,
        [f"{side}_{name}" for side in ("left", "right") for name in names]
        + ["nose", "neck", "mid_hip"],
    )
    nothing = np.full((len(keypoints), 2), np.nan)

    def at(name: str) -> Doubles:
        return points.get(name, nothing)

    feet = np.stack(
        [
            _sine(at(f"{side}_knee") - at(f"{side}_ankle"), at(f"{side}_foot_index") - at(heel))
            for side, heel in (("left", "left_heel"), ("right", "right_heel"))
        ]
    )
    ears = _mean_of_seen(np.stack([at("left_ear"), at("right_ear")]))
    face = _sine(at("neck") - at("mid_hip"), at("nose") - ears)
    by_feet = _mean_of_seen(feet)
    facing: Doubles = np.where(np.isnan(by_feet), face, by_feet)
    return facing


def _sine(up: Doubles, forward: Doubles) -> Doubles:
    """Sine of the angle from one direction to the other, positive clockwise in the image."""
    cross = up[:, 0] * forward[:, 1] - up[:, 1] * forward[:, 0]
    lengths = np.linalg.norm(up, axis=1) * np.linalg.norm(forward, axis=1)
    sine: Doubles = cross / np.where(lengths > 0, lengths, np.nan)
    return sine


def _mean_of_seen(values: Doubles) -> Doubles:
    """Mean over the first axis, NaN left out."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0).sum(axis=0)
    mean: Doubles = total / np.where(seen.any(axis=0), seen.sum(axis=0), np.nan)
    return mean
