"""Joint and segment angles, in degrees.

Conventions and a drawing of them: docs/angles.md. In short, for someone who faces right,
upright with hanging arms: joint angles are 0 and flexion is positive; segment angles count
anticlockwise from the right, so that the trunk is at 90 and the thigh, which is taken from
hip to knee, at -90. Someone who faces left is mirrored first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.errors import UsageError
from limner.motion.definitions import ANGLES, JOINT_ANGLES, Angle
from limner.motion.facing import Facing, facing_now, facing_over_time
from limner.motion.points import Array, checked, hidden, named_points
from limner.skeletons import Skeleton


def angle_names(skeleton: Skeleton) -> list[str]:
    """Return the names of the angles that a skeleton has the points for."""
    return [angle.name for angle in _measurable(skeleton, ANGLES)]


def angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
    *,
    facing: Facing = "auto",
) -> dict[str, Array]:
    """Return one person's joint and segment angles over time.

    Args:
        keypoints: (T, K, 2) pixels, NaN where missing.
        skeleton: of the keypoints.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.
        facing: which way the person faces; ``auto`` tells it from feet or face, frame by
            frame but without flicker.

    Returns:
        (T,) degrees for each angle the skeleton has the points for. Unwrapped: an angle
        goes on past 180 where the movement does, and its median lies in (-180, 180], or
        (-90, 90] for pelvis and shoulders. NaN where a point is unseen.

    Raises:
        UsageError: the shapes do not fit, or ``facing`` is none of its values.
    """
    points = hidden(checked(keypoints, skeleton, (2,)), scores, threshold)
    if facing == "auto":
        sides = facing_over_time(points, skeleton)
    elif facing in ("right", "left"):
        sides = np.full(len(points), 1.0 if facing == "right" else -1.0)
    else:
        raise UsageError(f"facing must be auto, right or left, got {facing!r}")
    wrapped = _angles_2d(points, skeleton, sides)
    return {
        angle.name: _unwrapped(wrapped[angle.name], angle.period)
        for angle in _measurable(skeleton, ANGLES)
    }


def frame_angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> dict[str, Array]:
    """Return the angles of everyone in one frame, for use while a video runs.

    Args:
        keypoints: (N, K, 2) pixels, NaN where missing.
        skeleton: of the keypoints.
        scores: (N, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        (N,) degrees for each angle, in (-180, 180], or (-90, 90] for pelvis and shoulders.
        Each person faces the side that this frame tells, right if it tells none.

    Raises:
        UsageError: the shapes do not fit.
    """
    points = hidden(checked(keypoints, skeleton, (2,)), scores, threshold)
    sides = np.where(facing_now(points, skeleton) < 0, -1.0, 1.0)
    return _angles_2d(points, skeleton, sides)


def angles_3d(
    keypoints_3d: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> dict[str, Array]:
    """Return joint angles in space, of one person over time or of several in one frame.

    Args:
        keypoints_3d: (T, K, 3) metres, NaN where missing.
        skeleton: of the keypoints.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        (T,) degrees for each joint angle. Zeros are those of :func:`angles`. In space a
        bend has no side, so all are from 0 to 180 but the ankle's, which is positive in
        dorsiflexion and negative in plantar flexion. NaN where a point is unseen.

    Raises:
        UsageError: the shapes do not fit.
    """
    points = hidden(checked(keypoints_3d, skeleton, (3,)), scores, threshold)
    named = named_points(points, skeleton, _names(JOINT_ANGLES))
    result = {}
    for angle in _measurable(skeleton, JOINT_ANGLES):
        u, v = _directions([named[name] for name in angle.points])
        between = np.degrees(
            np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), (u * v).sum(axis=1))
        )
        bend = _wrapped((angle.offset - between) * angle.scale, angle.period)
        result[angle.name] = bend if angle.name.endswith("ankle") else np.abs(bend)
    return result


def _angles_2d(points: Array, skeleton: Skeleton, sides: Array) -> dict[str, Array]:
    mirrored = points * np.stack([sides, np.ones_like(sides)], axis=-1)[:, None]
    named = named_points(mirrored, skeleton, _names(ANGLES))
    result = {}
    for angle in _measurable(skeleton, ANGLES):
        u, v = _directions([named[name] for name in angle.points])
        cross, dot = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], (u * v).sum(axis=1)
        degrees = -np.degrees(np.arctan2(cross, dot))
        result[angle.name] = _wrapped((degrees + angle.offset) * angle.scale, angle.period)
    return result


def _directions(points: list[Array]) -> tuple[Array, Array]:
    if len(points) == 4:
        return points[1] - points[0], points[3] - points[2]
    if len(points) == 3:
        return points[0] - points[1], points[2] - points[1]
    u = points[0] - points[1]
    horizontal = np.zeros_like(u)
    horizontal[:, 0] = 1
    return u, horizontal


def _measurable(skeleton: Skeleton, definitions: tuple[Angle, ...]) -> list[Angle]:
    names = _names(definitions)
    known = named_points(np.zeros((1, len(skeleton), 2)), skeleton, names)
    return [angle for angle in definitions if all(point in known for point in angle.points)]


def _names(definitions: tuple[Angle, ...]) -> list[str]:
    return sorted({point for angle in definitions for point in angle.points})


def _wrapped(degrees: Array, period: float) -> Array:
    """Bring degrees into (-period / 2, period / 2]."""
    half = period / 2
    return half - (half - degrees) % period


def _unwrapped(degrees: Array, period: float) -> Array:
    """Take the jumps of a whole period out of (T,) degrees, and bring the median into range."""
    seen = ~np.isnan(degrees)
    if not seen.any():
        return degrees
    smooth = np.unwrap(degrees[seen], period=period)
    middle = float(np.median(smooth))
    result = degrees.copy()
    result[seen] = smooth + float(_wrapped(np.array(middle), period)) - middle
    return result
