"""The table of a recording: one row per person per frame, the same in every format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.recording.base import Angles, seen
from limner.recording.header import Header


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a table, and the rows that fit them.

    Attributes:
        skeleton: the keypoints, each with x, y and score.
        threshold: x, y and the 3-D coordinates are missing under this score.
        metres: with ``_x_m, _y_m, _z_m`` for each keypoint.
        angles: names of angles in degrees, each a column ``<name>_deg``.
        flags: with ``_flags`` for each keypoint, a sum of `limner.core.flags.Flag`.
    """

    skeleton: Skeleton
    threshold: float
    metres: bool = False
    angles: tuple[str, ...] = ()
    flags: bool = False

    @classmethod
    def of(
        cls,
        header: Header,
        *,
        metres: bool,
        angles: Sequence[str] | None,
        threshold: float | None,
        flags: bool = False,
    ) -> Self:
        """Return the columns for a recording; the threshold is the recording's unless given."""
        limit = header.threshold if threshold is None else threshold
        return cls(header.skeleton, limit, metres, tuple(angles or ()), flags)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in order."""
        names = ["frame", "time", "person", "score"]
        names += [
            f"{name}_{part}" for name in self.skeleton.keypoints for part in ("x", "y", "score")
        ]
        if self.metres:
            names += [f"{name}_{axis}_m" for name in self.skeleton.keypoints for axis in "xyz"]
        names += [f"{name}_deg" for name in self.angles]
        if self.flags:
            names += [f"{name}_flags" for name in self.skeleton.keypoints]
        return names

    def rows(self, poses: Poses, angles: Angles | None = None) -> NDArray[np.float64]:
        """Return the (N, columns) numbers of a frame, NaN where missing.

        Raises:
            UsageError: an angle that has a column is not there.
        """
        people, width = len(poses), 3 * len(poses.skeleton)
        shown = seen(poses.keypoints, poses.scores, self.threshold)
        points = np.concatenate([shown, poses.scores[..., None]], axis=2).reshape(people, width)
        parts: list[NDArray[np.floating]] = [
            np.full((people, 1), poses.index, np.float64),
            np.full((people, 1), poses.time, np.float64),
            poses.ids[:, None].astype(np.float64),
            poses.person_scores[:, None],
            points,
        ]
        if self.metres:
            unknown = np.full((people, len(poses.skeleton), 3), np.nan, np.float32)
            metric = unknown if poses.keypoints_3d is None else poses.keypoints_3d
            parts.append(seen(metric, poses.scores, self.threshold).reshape(people, width))
        for name in self.angles:
            if angles is None or name not in angles:
                raise UsageError(
                    f"the table has a column for the angle {name}, and it was not given"
                )
            parts.append(np.asarray(angles[name]).reshape(people, 1))
        if self.flags:
            flags = np.zeros((people, len(poses.skeleton))) if poses.flags is None else poses.flags
            parts.append(flags.astype(np.float64))
        return np.concatenate(parts, axis=1)
