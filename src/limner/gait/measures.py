"""Gait measures: means and spreads over strides, and how left and right differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Doubles
from limner.gait.cycles import Cycles
from limner.gait.strides import Stride

# Values of a side from which on it is compared with the other one.
FEWEST_COMPARED = 3


@dataclass(frozen=True)
class Statistic:
    """Mean and spread of a measure.

    Attributes:
        mean: NaN where there is no value.
        spread: the standard deviation of a sample (n - 1); NaN below two values.
        count: of values.
    """

    mean: float
    spread: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float] | Doubles) -> Statistic:
        """Return the statistic of values, those that are NaN left out."""
        known = np.asarray(values, np.float64)
        known = known[np.isfinite(known)]
        return cls(
            float(known.mean()) if len(known) else np.nan,
            float(known.std(ddof=1)) if len(known) > 1 else np.nan,
            len(known),
        )


@dataclass(frozen=True)
class Measure:
    """A measure of both legs, or of the whole walk.

    Attributes:
        name: as in the tables, such as ``step_time``.
        label: for people, such as ``step time``.
        unit: such as ``s``.
        left: None where the measure is of the whole walk.
        right: likewise.
        both: of all strides, left and right.
    """

    name: str
    label: str
    unit: str
    both: Statistic
    left: Statistic | None = None
    right: Statistic | None = None

    @property
    def asymmetry(self) -> float:
        """The symmetry index in per cent, positive where the right is larger.

        100 (R - L) / ((R + L) / 2), after Robinson, Herzog and Nigg (1987). NaN where a side has
        fewer than three values: one or two say nothing of a difference.
        """
        if self.left is None or self.right is None:
            return np.nan
        if min(self.left.count, self.right.count) < FEWEST_COMPARED:
            return np.nan
        middle = (self.left.mean + self.right.mean) / 2
        return 100 * (self.right.mean - self.left.mean) / middle if middle > 0 else np.nan


def measure(strides: Sequence[Stride], cycles: Sequence[Cycles], unit: str) -> list[Measure]:
    """Return all measures of a person's strides.

    Args:
        strides: with lengths in the unit.
        cycles: the angles over them.
        unit: of lengths: ``m`` or ``leg lengths``.
    """
    result = [
        Measure("cadence", "cadence", "steps/min", Statistic.of([120 / s.time for s in strides])),
        Measure("speed", "walking speed", f"{unit}/s", Statistic.of([s.speed for s in strides])),
        Measure(
            "double_support",
            "double support",
            "% of stride",
            Statistic.of([s.double_support for s in strides]),
        ),
    ]
    each = [
        ("stride_time", "stride time", "s", [s.time for s in strides]),
        ("stride_length", "stride length", unit, [s.length for s in strides]),
        ("step_time", "step time", "s", [s.step_time for s in strides]),
        ("step_length", "step length", unit, [s.step_length for s in strides]),
        ("stance", "stance", "% of stride", [s.stance for s in strides]),
        ("swing", "swing", "% of stride", [s.swing for s in strides]),
    ]
    for name, label, one_unit, values in each:
        sides = {
            side: [v for v, s in zip(values, strides, strict=True) if s.side == side]
            for side in ("left", "right")
        }
        result.append(_both_sides(name, label, one_unit, sides["left"], sides["right"]))
    for joint in dict.fromkeys(each.joint for each in cycles):
        ranges = {each.side: each.ranges.tolist() for each in cycles if each.joint == joint}
        result.append(
            _both_sides(
                f"{joint}_range",
                f"{joint} range of motion",
                "degrees",
                ranges["left"],
                ranges["right"],
            )
        )
    return result


def _both_sides(name: str, label: str, unit: str, left: list[float], right: list[float]) -> Measure:
    return Measure(
        name, label, unit, Statistic.of([*left, *right]), Statistic.of(left), Statistic.of(right)
    )
