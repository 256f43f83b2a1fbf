"""Joint and segment angles, in degrees.

Conventions and a drawing of them: docs/angles.md. In short, for someone who faces right,
upright with hanging arms: joint angles are 0 and flexion is positive; segment angles count
anticlockwise from the right, so that the trunk is at 90 and the thigh, which is taken from
hip to knee, at -90. Someone who faces left is mirrored first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.definitions import ANGLES, JOINT_ANGLES, Angle
from limner.motion.facing import Facing, facing_now, facing_over_time
from limner.motion.points import checked, hidden, point_sources


def angle_names(skeleton: Skeleton) -> list[str]:
    """Return the names of the angles that a skeleton has the points for."""
    return [angle.name for angle in _plan(skeleton, ANGLES).angles]


def angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
    *,
    facing: Facing = "auto",
) -> dict[str, Doubles]:
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
        for angle in _plan(skeleton, ANGLES).angles
    }


def frame_angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> dict[str, Doubles]:
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
) -> dict[str, Doubles]:
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
    plan = _plan(skeleton, JOINT_ANGLES)
    u, v = plan.directions(points)
    between = np.degrees(np.arctan2(np.linalg.norm(np.cross(u, v), axis=-1), (u * v).sum(axis=-1)))
    bends = _wrapped((plan.offsets - between) * plan.scales, plan.periods)
    return {
        angle.name: bend if angle.name.endswith("ankle") else np.abs(bend)
        for angle, bend in zip(plan.angles, bends.T, strict=True)
    }


def _angles_2d(points: Doubles, skeleton: Skeleton, sides: Doubles) -> dict[str, Doubles]:
    plan = _plan(skeleton, ANGLES)
    u, v = plan.directions(points * np.stack([sides, np.ones_like(sides)], axis=-1)[:, None])
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    degrees = -np.degrees(np.arctan2(cross, (u * v).sum(axis=-1)))
    wrapped = _wrapped((degrees + plan.offsets) * plan.scales, plan.periods)
    return {angle.name: wrapped[:, number] for number, angle in enumerate(plan.angles)}


@dataclass(frozen=True)
class _Plan:
    """How to measure all angles of a skeleton at once.

    Attributes:
        angles: A definitions, those the skeleton has the points for.
        sources: (P, 2) keypoints whose middle each point is, twice the same for one.
        ends: (4, A) points between which the two directions go: the first from the second
            to the first, the second from the fourth to the third. Points P and P + 1 are the
            ends of the horizontal.
    """

    angles: tuple[Angle, ...]
    sources: NDArray[np.int64]
    ends: NDArray[np.int64]
    offsets: Doubles
    scales: Doubles
    periods: Doubles

    def directions(self, keypoints: Doubles) -> tuple[Doubles, Doubles]:
        """Return the (n, A, D) pairs of directions between which the angles are."""
        count, _, depth = keypoints.shape
        points = np.zeros((count, len(self.sources) + 2, depth))
        points[:, :-2] = keypoints[:, self.sources].mean(axis=2)
        points[:, -1, 0] = 1
        u_end, u_start, v_end, v_start = self.ends
        return points[:, u_end] - points[:, u_start], points[:, v_end] - points[:, v_start]


@cache
def _plan(skeleton: Skeleton, definitions: tuple[Angle, ...]) -> _Plan:
    sources = point_sources(
        skeleton, sorted({point for angle in definitions for point in angle.points})
    )
    places = {name: place for place, name in enumerate(sources)}
    origin, right = len(places), len(places) + 1
    measurable = tuple(
        angle for angle in definitions if all(point in places for point in angle.points)
    )
    ends = []
    for angle in measurable:
        at = [places[point] for point in angle.points]
        if len(at) == 4:
            ends.append((at[1], at[0], at[3], at[2]))
        elif len(at) == 3:
            ends.append((at[0], at[1], at[2], at[1]))
        else:
            ends.append((at[0], at[1], right, origin))
    return _Plan(
        measurable,
        sources=np.array([(source[0], source[-1]) for source in sources.values()], int).reshape(
            -1, 2
        ),
        ends=np.array(ends, int).reshape(-1, 4).T,
        offsets=np.array([angle.offset for angle in measurable]),
        scales=np.array([angle.scale for angle in measurable]),
        periods=np.array([angle.period for angle in measurable]),
    )


def _wrapped(degrees: Doubles, period: Doubles | float) -> Doubles:
    """Bring degrees into (-period / 2, period / 2]."""
    half = period / 2
    wrapped: Doubles = half - (half - degrees) % period
    return wrapped


def _unwrapped(degrees: Doubles, period: float) -> Doubles:
    """Take the jumps of a whole period out of (T,) degrees, and bring the median into range."""
    seen = ~np.isnan(degrees)
    if not seen.any():
        return degrees
    smooth = np.unwrap(degrees[seen], period=period)
    middle = float(np.median(smooth))
    result = degrees.copy()
    result[seen] = smooth + float(_wrapped(np.array(middle), period)) - middle
    return result
