"""Stance: where feet stand on the floor, and when a person stands upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Mask
from limner.core.skeletons import Skeleton
from limner.motion.points import named_points

_SIDES = ("left", "right")
# What of a foot touches the floor, else its ankle, which is this part of the height above it
# (Drillis and Contini, in Winter, Biomechanics and Motor Control of Human Movement, figure 4.1).
_SOLE = ("heel", "foot_index", "big_toe")
ANKLE = 0.039

# A foot stands while a point of it stays within a circle of this radius, as a part of the height,
# for these seconds. In a jump's highest point it falls twice that far in half that time.
_RADIUS, _SECONDS = 0.02, 0.24
# Fewer frames than that many in the window cannot tell.
_FRAMES = 3
# A foot that is higher than the lowest one by more than this part of the height is in the air.
_LOWEST = 0.1
# Hips are that much of the height above a foot that carries somebody: 0.53 when they stand.
_HIPS = 0.15

# Somebody is upright whose hip and knee are bent by less than these degrees on one side, and
# whose segments are about as long against each other as they are in people: a thigh that points
# at the camera looks straight and short.
_STRAIGHT = 35.0
_THIGH_TO_SHANK, _TRUNK_TO_LEG = (0.7, 1.4), (0.42, 0.85)


@dataclass(frozen=True)
class Stance:
    """A stay of a foot on the floor.

    Attributes:
        x, y: the place of the sole in pixels, the median over the stay.
        start, end: seconds.
    """

    x: float
    y: float
    start: float
    end: float


def upright(keypoints: NDArray[Any], skeleton: Skeleton) -> Mask:
    """Return in which frames a person stands or steps upright.

    Args:
        keypoints: (T, K, 2) pixels, NaN where unseen.
        skeleton: of the keypoints.

    Returns:
        (T,) whether one side's ankle, knee, hip and shoulder are nearly in line, and far from
        each other as in a person seen from the front, from behind or from a side.
    """
    result = np.zeros(len(keypoints), bool)
    for side in _SIDES:
        names = [f"{side}_{joint}" for joint in ("ankle", "knee", "hip", "shoulder")]
        found = named_points(keypoints.astype(np.float64), skeleton, names)
        if len(found) < len(names):
            continue
        ankle, knee, hip, shoulder = (found[name] for name in names)
        shank, thigh, trunk = ankle - knee, knee - hip, hip - shoulder
        lower, upper, middle = (np.linalg.norm(each, axis=1) for each in (shank, thigh, trunk))
        with np.errstate(divide="ignore", invalid="ignore"):
            straight = _between(shank, thigh) < _STRAIGHT
            straight &= _between(thigh, trunk) < _STRAIGHT
            ratio, torso = upper / lower, middle / (upper + lower)
        long_enough = (ratio > _THIGH_TO_SHANK[0]) & (ratio < _THIGH_TO_SHANK[1])
        long_enough &= (torso > _TRUNK_TO_LEG[0]) & (torso < _TRUNK_TO_LEG[1])
        result |= straight & long_enough
    return result


def find_stances(
    keypoints: NDArray[Any], skeleton: Skeleton, times: NDArray[Any], height: float
) -> list[Stance]:
    """Return where a person's feet stand, in order of time.

    A foot that stands stays where it is while the body moves over it. So nothing is found where
    the camera moves, on a treadmill, and in single images.

    Args:
        keypoints: (T, K, 2) pixels of one person, NaN where unseen.
        skeleton: of the keypoints.
        times: (T,) seconds, rising.
        height: the person's standing height in pixels.
    """
    points = _soles(keypoints.astype(np.float64), skeleton, height)
    if not points or not height > 0:
        return []
    hips = named_points(keypoints.astype(np.float64), skeleton, ["mid_hip"]).get("mid_hip")
    feet = np.stack(list(points.values()))  # (S, T, 2)
    lowest = np.fmax.reduce(feet[..., 1], axis=0)
    stances = []
    for foot in feet:
        with np.errstate(invalid="ignore"):
            stands = _stays(foot, times, _RADIUS * height)
            stands &= foot[:, 1] > lowest - _LOWEST * height
            if hips is not None:
                stands &= foot[:, 1] - hips[:, 1] > _HIPS * height
        edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(int)))
        for first, last in edges.reshape(-1, 2):
            x, y = np.median(foot[first:last], axis=0).tolist()
            stances.append(Stance(x, y, float(times[first]), float(times[last - 1])))
    return sorted(stances, key=lambda stance: (stance.start, stance.x))


def has_feet(skeleton: Skeleton) -> bool:
    """Say whether a skeleton has anything that stands on the floor."""
    names = {f"{side}_{name}" for side in _SIDES for name in (*_SOLE, "ankle")}
    return not names.isdisjoint(skeleton.keypoints)


def _soles(keypoints: Doubles, skeleton: Skeleton, height: float) -> dict[str, Doubles]:
    """Return (T, 2) places of what touches the floor, by name."""
    found: dict[str, Doubles] = {}
    for side in _SIDES:
        names = [f"{side}_{part}" for part in _SOLE if f"{side}_{part}" in skeleton.keypoints]
        if names:
            found |= named_points(keypoints, skeleton, names)
            continue
        ankle = named_points(keypoints, skeleton, [f"{side}_ankle"])
        found |= {name: place + np.array([0.0, ANKLE * height]) for name, place in ankle.items()}
    return found


def _stays(points: Doubles, times: NDArray[Any], radius: float) -> Mask:
    """Return (T,) whether a point is in a window of time in which it stays within a circle."""
    stays = np.zeros(len(points), bool)
    ends = np.searchsorted(times, times + _SECONDS - 1e-6)
    for first, last in enumerate(ends.tolist()):
        last = min(last + 1, len(points))
        window = points[first:last]
        if len(window) < _FRAMES or times[last - 1] - times[first] < _SECONDS - 1e-6:
            continue
        # A frame in which the foot is unseen ends the stay.
        far = np.linalg.norm(window - np.median(window, axis=0), axis=1)
        if np.isfinite(far).all() and far.max() <= radius:
            stays[first:last] = True
    return stays


def _between(one: Doubles, other: Doubles) -> Doubles:
    """Return (T,) degrees between (T, 2) vectors."""
    crossed = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    degrees: Doubles = np.abs(np.degrees(np.arctan2(crossed, (one * other).sum(axis=1))))
    return degrees
