"""Gait cycles: joint angles over 0 to 100 % of the stride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Doubles
from limner.gait.events import SIDES, Side
from limner.gait.samples import Samples
from limner.gait.strides import Stride
from limner.motion.angles import angle_names, angles
from limner.motion.facing import Facing

JOINTS = ("hip", "knee", "ankle")
# 0 to 100 % of the stride.
PERCENT = np.arange(101)


@dataclass(frozen=True)
class Cycles:
    """A joint's angle over the strides of its side.

    Attributes:
        side: the leg's.
        joint: hip, knee or ankle.
        curves: (C, 101) degrees at each per cent, of the strides in which the joint is seen
            throughout.
    """

    side: Side
    joint: str
    curves: Doubles

    @property
    def count(self) -> int:
        """The number C of strides."""
        return len(self.curves)

    @property
    def mean(self) -> Doubles:
        """(101,) degrees; NaN without strides."""
        return self.curves.mean(axis=0) if self.count else np.full(len(PERCENT), np.nan)

    @property
    def spread(self) -> Doubles:
        """(101,) standard deviations of a sample; NaN below two strides."""
        if self.count < 2:
            return np.full(len(PERCENT), np.nan)
        spread: Doubles = self.curves.std(axis=0, ddof=1)
        return spread

    @property
    def ranges(self) -> Doubles:
        """(C,) degrees between the highest and the lowest of each stride."""
        ranges: Doubles = np.ptp(self.curves, axis=1)
        return ranges


def find_cycles(
    samples: Samples, passages: Sequence[tuple[slice, float, Sequence[Stride]]]
) -> list[Cycles]:
    """Return the angles of hips, knees and ankles over all strides, in the image's plane.

    Args:
        samples: the person.
        passages: the samples of each, which way it goes, and its strides.

    Returns:
        Left and right of each joint that the skeleton has the points for.
    """
    names = angle_names(samples.skeleton)
    curves: dict[str, list[Doubles]] = {
        f"{side}_{joint}": [] for joint in JOINTS for side in SIDES if f"{side}_{joint}" in names
    }
    for part, forward, strides in passages:
        facing: Facing = "right" if forward > 0 else "left"
        times = samples.times[part]
        found = angles(samples.smooth_keypoints[part], samples.skeleton, times=times, facing=facing)
        for stride in strides:
            at = stride.start + stride.time * PERCENT / 100
            for joint in JOINTS:
                name = f"{stride.side}_{joint}"
                if name in curves:
                    curve = np.interp(at, times, found[name])
                    if not np.isnan(curve).any():
                        curves[name].append(curve)
    return [
        Cycles(
            "left" if name.startswith("left") else "right",
            name.split("_")[1],
            np.array(each).reshape(-1, len(PERCENT)),
        )
        for name, each in curves.items()
    ]
