"""Stride measures: what lies between two strikes of one foot.

Terms and measures are those of the clinic (Whittle's Gait Analysis; Perry and Burnfield, Gait
Analysis): a step is named after the foot that ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from limner.core.arrays import Doubles
from limner.gait.events import SIDES, Event, Side, foot_points, has_feet
from limner.gait.samples import Samples

# A stride that takes longer or shorter than the passage's usual one by more than this part of it
# is one of somebody who starts, stops or stumbles, or has a wrong event.
_UNSTEADY = 0.25
# Seconds; slower is standing between two steps.
_LONGEST = 2.5
# When, as parts of a stride after its strike, a foot lies flat on the floor, and both are on it.
_FLAT = (0.15, 0.35)
_BOTH = (0.01, 0.1)


@dataclass(frozen=True)
class Stride:
    """One gait cycle of a foot, from its strike to its next.

    Lengths are in pixels until `scaled`. What cannot be told is NaN.

    Attributes:
        side: the foot's.
        start: time of the strike that begins it, seconds.
        end: time of the next.
        toe_off: when the foot leaves the floor.
        other_strike: when the other foot strikes in between.
        other_toe_off: when the other foot leaves the floor.
        step_length: from where the other foot stands to where this one strikes at the end, along
            the image.
        other_step_length: that of the other foot's step in between.
    """

    side: Side
    start: float
    end: float
    toe_off: float
    other_strike: float
    other_toe_off: float
    step_length: float
    other_step_length: float

    def scaled(self, scale: float) -> Stride:
        """Return the stride with its lengths times a scale."""
        return replace(
            self,
            step_length=self.step_length * scale,
            other_step_length=self.other_step_length * scale,
        )

    @property
    def time(self) -> float:
        """Seconds."""
        return self.end - self.start

    @property
    def step_time(self) -> float:
        """Seconds from the other foot's strike to this one's."""
        return self.end - self.other_strike

    @property
    def stance(self) -> float:
        """Per cent of the stride in which the foot is on the floor."""
        return 100 * (self.toe_off - self.start) / self.time

    @property
    def swing(self) -> float:
        """Per cent of the stride in which it is not."""
        return 100 - self.stance

    @property
    def double_support(self) -> float:
        """Per cent of the stride in which both feet are on the floor."""
        both = (self.other_toe_off - self.start) + (self.toe_off - self.other_strike)
        return 100 * both / self.time

    @property
    def length(self) -> float:
        """The two steps together."""
        return self.step_length + self.other_step_length

    @property
    def speed(self) -> float:
        """Length a second."""
        return self.length / self.time


@dataclass(frozen=True)
class Strides:
    """The strides of a passage, and why others are none.

    Attributes:
        used: those that can be measured, in order.
        left_out: a sentence for each kind of those that cannot, with their number.
    """

    used: list[Stride]
    left_out: list[str]


def find_strides(samples: Samples, events: list[Event], forward: float) -> Strides:
    """Return the strides that a passage's events bound.

    A stride counts if, between two strikes of a foot, it leaves the floor once, and the other
    foot leaves it before and strikes again: in a walk both are on the floor in between.

    Args:
        samples: the person.
        events: of one passage, in order.
        forward: 1 where they walk to the right, -1 to the left.
    """
    found: list[Stride] = []
    broken = running = 0
    for side in SIDES:
        strikes = [e for e in events if e.side == side and e.kind == "foot strike"]
        for first, last in pairwise(strikes):
            between = [e for e in events if first.time < e.time < last.time]
            own = [e for e in between if e.side == side]
            other = {
                kind: [e for e in between if e.side != side and e.kind == kind]
                for kind in ("foot strike", "toe-off")
            }
            one_each = len(own) == len(other["foot strike"]) == len(other["toe-off"]) == 1
            if not one_each or last.time - first.time > _LONGEST:
                broken += 1
                continue
            (toe_off,), (strike,), (other_off,) = own, other["foot strike"], other["toe-off"]
            if not other_off.time < strike.time < toe_off.time:
                running += 1
                continue
            found.append(
                Stride(
                    side,
                    first.time,
                    last.time,
                    toe_off.time,
                    strike.time,
                    other_off.time,
                    _step(samples, side, last, strike, last.time - first.time, forward),
                    _step(samples, strike.side, strike, first, last.time - first.time, forward),
                )
            )
    found.sort(key=lambda stride: stride.start)
    usual = float(np.median([stride.time for stride in found])) if found else np.nan
    used = [stride for stride in found if abs(stride.time / usual - 1) <= _UNSTEADY]
    counts = {
        "without one strike and one toe-off of each foot": broken,
        "without both feet on the floor in between, as in a run": running,
        "much longer or shorter than the others": len(found) - len(used),
    }
    return Strides(used, [f"{n} {why}" for why, n in counts.items() if n])


def _step(
    samples: Samples, side: Side, strike: Event, other: Event, stride: float, forward: float
) -> float:
    """Return how far before the other foot's heel a foot strikes, pixels.

    That is told while both are on the floor. The other heel has risen by then; where it stood
    follows from its toe, which has not. So a treadmill, or a camera that follows, makes no
    difference.
    """
    heel, _ = foot_points(samples, side)
    other_heel, other_toe = foot_points(samples, other.side)

    def usual(values: Doubles, since: float, window: tuple[float, float]) -> float:
        start, end = (since + part * stride for part in window)
        known = values[(samples.times >= start) & (samples.times <= end)]
        known = known[~np.isnan(known)]
        return forward * float(np.median(known)) if len(known) else np.nan

    apart = usual(heel[:, 0] - other_toe[:, 0], strike.time, _BOTH)
    if not has_feet(samples):
        return apart
    return apart + usual(other_toe[:, 0] - other_heel[:, 0], other.time, _FLAT)
