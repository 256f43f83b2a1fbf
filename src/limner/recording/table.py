"""The table of a recording: one row per person per frame, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.recording.base import Angles, seen


def columns(
    skeleton: Skeleton, *, metres: bool = False, angles: Sequence[str] | None = None
) -> list[str]:
    """Return the names of the columns, in order.

    Args:
        skeleton: the keypoints.
        metres: with ``_x_m, _y_m, _z_m`` for each keypoint.
        angles: names of angles in degrees, each a column ``<name>_deg``.
    """
    names = ["frame", "time", "person", "score"]
    names += [f"{name}_{part}" for name in skeleton.keypoints for part in ("x", "y", "score")]
    if metres:
        names += [f"{name}_{axis}_m" for name in skeleton.keypoints for axis in "xyz"]
    return names + [f"{name}_deg" for name in angles or ()]


def rows(
    poses: Poses,
    threshold: float,
    *,
    metres: bool = False,
    angle_names: Sequence[str] | None = None,
    angles: Angles | None = None,
) -> NDArray[np.float64]:
    """Return the (N, columns) numbers of a frame, NaN where missing.

    Raises:
        UsageError: an angle that was announced is not there.
    """
    people, width = len(poses), 3 * len(poses.skeleton)
    shown = seen(poses.keypoints, poses.scores, threshold)
    points = np.concatenate([shown, poses.scores[..., None]], axis=2).reshape(people, width)
    parts: list[NDArray[np.floating]] = [
        np.full((people, 1), poses.index, np.float64),
        np.full((people, 1), poses.time, np.float64),
        poses.ids[:, None].astype(np.float64),
        poses.person_scores[:, None],
        points,
    ]
    if metres:
        unknown = np.full((people, len(poses.skeleton), 3), np.nan, np.float32)
        metric = unknown if poses.keypoints_3d is None else poses.keypoints_3d
        parts.append(seen(metric, poses.scores, threshold).reshape(people, width))
    for name in angle_names or ():
        if angles is None or name not in angles:
            raise UsageError(f"the table has a column for the angle {name}, and it was not given")
        parts.append(np.asarray(angles[name]).reshape(people, 1))
    return np.concatenate(parts, axis=1)
