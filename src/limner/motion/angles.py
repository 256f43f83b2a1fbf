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

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.definitions import JOINT_ANGLES
from limner.motion.facing import Facing
from limner.motion.measuring import plan_for, space_angles
from limner.motion.meter import AngleMeter
from limner.motion.points import checked, hidden
from limner.motion.view import has_view

# Frames per second of keypoints without times.
_RATE = 30.0


def angle_names(skeleton: Skeleton, *, auto: bool = False) -> list[str]:
    """Return the names of the angles that a skeleton has the points for, ``view`` the last.

    Args:
        skeleton: of the keypoints.
        auto: with those in space, ``left_knee_3d`` and so on.
    """
    names = [angle.name for angle in plan_for(skeleton).angles]
    names += ["view"] * has_view(skeleton)
    if auto:
        names += [f"{angle.name}_3d" for angle in plan_for(skeleton, JOINT_ANGLES).angles]
    return names


def angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
    *,
    times: NDArray[Any] | None = None,
    facing: Facing = "auto",
    linked: bool = True,
    keypoints_3d: NDArray[Any] | None = None,
    auto: bool = False,
) -> dict[str, Doubles]:
    """Return one person's joint and segment angles over time, as `AngleMeter` measures them.

    Args:
        keypoints: (T, K, 2) pixels, NaN where missing.
        skeleton: of the keypoints.
        scores: (T, K) or None.
        threshold: keypoints with a lower score count as unseen.
        times: (T,) seconds, rising; None for 30 frames per second.
        facing: which way the person faces; ``auto`` tells it from feet or face, frame by
            frame but without flicker.
        linked: whether all is one person's; if not, each row stands by itself.
        keypoints_3d: (T, K, 3) metres, which tell the view better, or None.
        auto: leave out what cannot be measured in the person's view, and add the angles in
            space, ``left_knee_3d`` and so on.

    Returns:
        (T,) degrees for each angle the skeleton has the points for. They begin in (-180, 180],
        or (-90, 90] for pelvis and shoulders, and go on past it where the movement does. NaN
        where a point is unseen. ``view`` is 0 where the person is seen from the front or the
        back and 90 from the side; see `limner.motion.view`.

    Raises:
        UsageError: the shapes do not fit, or ``facing`` is none of its values.
    """
    points = hidden(checked(keypoints, skeleton, (2,)), scores, threshold)
    at = np.arange(len(points)) / _RATE if times is None else np.asarray(times, np.float64)
    if at.shape != points.shape[:1]:
        raise UsageError(f"need one time per frame: {len(points)} frames, times {at.shape}")
    metres = None
    if keypoints_3d is not None:
        metres = checked(keypoints_3d, skeleton, (3,))
        metres[np.isnan(points[..., 0])] = np.nan
    meter = AngleMeter(facing=facing, linked=linked, auto=auto)
    return meter.measure(points, metres, skeleton, [1] * len(points), at.tolist())


def frame_angles(
    keypoints: NDArray[Any],
    skeleton: Skeleton,
    scores: NDArray[Any] | None = None,
    threshold: float = 0.0,
) -> dict[str, Doubles]:
    """Return the angles of everyone in an image that stands by itself.

    For the frames of a video use `AngleMeter`, which knows the frames before.

    Args:
        keypoints: (N, K, 2) pixels, NaN where missing.
        skeleton: of the keypoints.
        scores: (N, K) or None.
        threshold: keypoints with a lower score count as unseen.

    Returns:
        (N,) degrees for each angle, in (-180, 180], or (-90, 90] for pelvis and shoulders.
        Each person faces the side that this image tells, right if it tells none.

    Raises:
        UsageError: the shapes do not fit.
    """
    return angles(keypoints, skeleton, scores, threshold, linked=False)


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
    return {name.removesuffix("_3d"): each for name, each in space_angles(points, skeleton).items()}
