"""Angles between the points of many poses at once, whatever came before and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.motion.definitions import ANGLES, JOINT_ANGLES, Angle
from limner.motion.points import point_sources


@dataclass(frozen=True)
class Plan:
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
def plan_for(skeleton: Skeleton, definitions: tuple[Angle, ...] = ANGLES) -> Plan:
    """Return how to measure those of the angles that a skeleton has the points for."""
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
    return Plan(
        measurable,
        sources=np.array([(source[0], source[-1]) for source in sources.values()], int).reshape(
            -1, 2
        ),
        ends=np.array(ends, int).reshape(-1, 4).T,
        offsets=np.array([angle.offset for angle in measurable]),
        scales=np.array([angle.scale for angle in measurable]),
        periods=np.array([angle.period for angle in measurable]),
    )


def plane_angles(points: Doubles, skeleton: Skeleton, sides: Doubles) -> Doubles:
    """Return the angles in the image's plane.

    Args:
        points: (n, K, 2) pixels, NaN where unseen.
        skeleton: of the points.
        sides: (n,) 1 where the person faces right, -1 where left.

    Returns:
        (n, A) degrees within half a period of zero.
    """
    plan = plan_for(skeleton)
    u, v = plan.directions(points * np.stack([sides, np.ones_like(sides)], axis=-1)[:, None])
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    degrees = -np.degrees(np.arctan2(cross, (u * v).sum(axis=-1)))
    return wrapped((degrees + plan.offsets) * plan.scales, plan.periods)


def space_angles(points: Doubles, skeleton: Skeleton) -> dict[str, Doubles]:
    """Return the joint angles in space, with ``_3d`` after their names.

    Args:
        points: (n, K, 3) metres, NaN where unseen.
        skeleton: of the points.

    Returns:
        (n,) degrees for each: 0 to 180, the ankle's negative in plantar flexion.
    """
    plan = plan_for(skeleton, JOINT_ANGLES)
    u, v = plan.directions(points)
    between = np.degrees(np.arctan2(np.linalg.norm(np.cross(u, v), axis=-1), (u * v).sum(axis=-1)))
    bends = wrapped((plan.offsets - between) * plan.scales, plan.periods)
    return {
        f"{angle.name}_3d": bend if angle.name.endswith("ankle") else np.abs(bend)
        for angle, bend in zip(plan.angles, bends.T, strict=True)
    }


def wrapped(degrees: Doubles, period: Doubles | float) -> Doubles:
    """Bring degrees into (-period / 2, period / 2]."""
    half = period / 2
    result: Doubles = half - (half - degrees) % period
    return result
