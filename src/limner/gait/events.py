"""Foot strike and toe-off detection from keypoints.

The coordinates' method of J. A. Zeni, J. G. Richards and J. S. Higginson, "Two simple methods
for determining gait events during treadmill and overground walking using kinematic data", Gait
and Posture 27 (2008) 710-714: a foot strikes where its heel is furthest in front of the pelvis,
and leaves the floor where its toe is furthest behind. Both are told against the pelvis, so that
a treadmill or a camera that follows makes no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import signal

from limner.core.arrays import Doubles
from limner.gait.samples import Samples, stretches

Side = Literal["left", "right"]
Kind = Literal["foot strike", "toe-off"]
SIDES: tuple[Side, Side] = ("left", "right")

# Two strikes of one foot are at least this long apart: 0.4 s are 300 steps a minute.
_SHORTEST_STRIDE = 0.4
# How far, of what a foot goes forward and back, an end of its way must stand out. Noise makes
# many small ones; a walk's own are as large as the whole.
_STANDS_OUT = 0.4


@dataclass(frozen=True, slots=True)
class Event:
    """A foot meets the floor or leaves it.

    Attributes:
        side: whose foot.
        kind: which of both.
        time: seconds, between frames too.
    """

    side: Side
    kind: Kind
    time: float


def foot_points(samples: Samples, side: Side) -> tuple[Doubles, Doubles]:
    """Return the (S, 2) points of a foot that strikes and leaves: heel and toe, or the ankle."""
    points = samples.points
    if has_feet(samples):
        return points[f"{side}_heel"], points[f"{side}_foot_index"]
    return points[f"{side}_ankle"], points[f"{side}_ankle"]


def has_feet(samples: Samples) -> bool:
    """Say whether both feet's heels and toes are ever seen, rather than the ankles alone."""
    names = [f"{side}_{point}" for side in SIDES for point in ("heel", "foot_index")]
    return all(not np.isnan(samples.points[name]).all() for name in names)


def find_events(samples: Samples, part: slice, forward: float) -> list[Event]:
    """Return the foot strikes and toe-offs of a passage, in order.

    Args:
        samples: the person.
        part: the samples in which they walk one way.
        forward: 1 where that is to the right, -1 to the left.
    """
    pelvis = samples.points["mid_hip"][:, 0]
    events: list[Event] = []
    for side in SIDES:
        heel, toe = foot_points(samples, side)
        ways: list[tuple[Kind, Doubles, float]] = [
            ("foot strike", heel, 1.0),
            ("toe-off", toe, -1.0),
        ]
        for kind, point, sign in ways:
            ahead = np.full(len(pelvis), np.nan)
            ahead[part] = forward * sign * (point[part, 0] - pelvis[part])
            for place in _tops(samples.smooth(ahead), samples.rate):
                time = float(np.interp(place, np.arange(len(pelvis)), samples.times))
                events.append(Event(side, kind, time))
    return sorted(events, key=lambda event: event.time)


def _tops(values: Doubles, rate: float) -> list[float]:
    """Return where (S,) values have their tops, between the samples too."""
    seen = values[~np.isnan(values)]
    if len(seen) < 3:
        return []
    low, high = np.percentile(seen, [2, 98])
    least = _STANDS_OUT * float(high - low)
    tops: list[float] = []
    for part in stretches(~np.isnan(values)):
        found, _ = signal.find_peaks(
            values[part], prominence=max(least, 1e-9), distance=max(1, int(_SHORTEST_STRIDE * rate))
        )
        for top in (found + part.start).tolist():
            before, at, after = values[top - 1 : top + 2]
            bend = before - 2 * at + after
            tops.append(top + (0.5 * (before - after) / bend if bend < 0 else 0.0))
    return tops
