"""The angles of everyone in a video, frame by frame: the one way in which limner measures them.

What is drawn, written, charted and returned comes from here, so the same frame has the same
angle everywhere. Two things of an angle rest on the frames before, never on those after:

* **the side** that a person faces, which says what flexion is. The evidence of each frame
  (`limner.motion.facing.facing_now`) is averaged over a moment; the side changes only where the
  other one is clear.
* **the turn**: an angle goes on past 180 where the movement does, until it is measured anew.
"""

from __future__ import annotations

import math

import numpy as np

from limner.core.arrays import Doubles
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.facing import SIDEWAYS, Facing, facing_now
from limner.motion.measuring import plan_for, plane_angles
from limner.motion.points import hidden

# Seconds over which the evidence for a side is averaged.
_EVIDENCE = 0.2
# Where an angle is unseen for longer, in seconds, nobody knows how often it went round meanwhile.
_LONGEST_GAP = 0.5
# Somebody who is not in the image for longer, in seconds, may come back otherwise.
_FORGOTTEN = 2.0
# An angle that rests beyond this part of its period, for this long in seconds and within this part
# of it, has gone round: a trunk after a somersault is at 90 again. An arm held a little past the
# vertical has not, nor has somebody who still turns.
_ROUND, _SETTLED, _RESTS = 2 / 3, 1.0, 1 / 6


class AngleMeter:
    """Measures the angles of everyone in one video.

    Frames come in order; people are told apart by their ids. It remembers whom it saw in the
    last two seconds.

    Args:
        threshold: keypoints with a lower score count as unseen.
        facing: which way everybody faces; ``auto`` tells it from feet or face.
        linked: whether an id is the same person in the next frame. If not, each frame stands by
            itself.

    Raises:
        UsageError: ``facing`` is none of its values.
    """

    def __init__(
        self, threshold: float = 0.0, *, facing: Facing = "auto", linked: bool = True
    ) -> None:
        if facing not in ("auto", "right", "left"):
            raise UsageError(f"facing must be auto, right or left, got {facing!r}")
        self._threshold = threshold
        self._facing = facing
        self._linked = linked
        self._people: dict[int, _Course] = {}

    def push(self, poses: Poses) -> dict[str, Doubles]:
        """Return the angles of everyone in the next frame.

        Args:
            poses: the people, on the skeleton of the frames before.

        Returns:
            (N,) degrees for each angle the skeleton has the points for, NaN where a point is
            unseen.
        """
        points = hidden(poses.keypoints.astype(np.float64), poses.scores, self._threshold)
        return self.measure(points, poses.skeleton, poses.ids.tolist(), [poses.time] * len(poses))

    def measure(
        self, points: Doubles, skeleton: Skeleton, ids: list[int], times: list[float]
    ) -> dict[str, Doubles]:
        """Return the angles of sightings, each of somebody at a time.

        Args:
            points: (n, K, 2) pixels, NaN where unseen.
            skeleton: of the points.
            ids: n identities.
            times: n times in seconds, rising for each person.

        Returns:
            (n,) degrees for each angle.
        """
        plan = plan_for(skeleton)
        if times:
            self._forget(times[0])
        courses = [self._course(identity, len(plan.angles)) for identity in ids]
        evidence = self._evidence(points, skeleton)
        sides = np.array(
            [
                course.side(*each)
                for course, *each in zip(courses, evidence.tolist(), times, strict=True)
            ]
        )
        found = plane_angles(points, skeleton, sides)
        for row, side, course, time in zip(found, sides.tolist(), courses, times, strict=True):
            row[:] = course.turned(row, plan.periods, side, time)
        return {angle.name: found[:, place] for place, angle in enumerate(plan.angles)}

    def _evidence(self, points: Doubles, skeleton: Skeleton) -> Doubles:
        """(n,) how clearly each person faces right."""
        if self._facing == "auto":
            return facing_now(points, skeleton)
        return np.full(len(points), 1.0 if self._facing == "right" else -1.0)

    def _course(self, identity: int, angles: int) -> _Course:
        if not self._linked:
            return _Course(angles)
        if identity not in self._people:
            self._people[identity] = _Course(angles)
        return self._people[identity]

    def _forget(self, time: float) -> None:
        """Let go whoever has been away for long."""
        gone = [who for who, each in self._people.items() if time - each.time > _FORGOTTEN]
        for identity in gone:
            del self._people[identity]


class _Course:
    """What is known of one person from the frames before."""

    __slots__ = ("_facing", "_last", "_mean", "_rest", "_seen", "_side", "_since", "_told", "time")

    def __init__(self, angles: int) -> None:
        self.time = -math.inf  # of the last sighting
        # The side, the mean evidence for it, and when there was some last.
        self._facing, self._mean, self._told = 0.0, math.nan, -math.inf
        # Each angle's last value and when that was; where it rests and since when; the side then.
        self._last = np.full(angles, np.nan)
        self._seen = np.full(angles, -np.inf)
        self._rest = np.full(angles, np.nan)
        self._since = np.full(angles, np.inf)
        self._side = 0.0

    def side(self, evidence: float, time: float) -> float:
        """Return 1 if the person faces right now, -1 if left."""
        if time - self.time > _FORGOTTEN:
            self._facing, self._mean, self._told = 0.0, math.nan, -math.inf
        self.time = time
        if not math.isnan(evidence):
            known = not math.isnan(self._mean)
            share = 1 - math.exp((self._told - time) / _EVIDENCE) if known else 1.0
            self._mean = self._mean + share * (evidence - self._mean) if known else evidence
            self._told = time
            # Until a side is clear it is the one that was seen first.
            if self._facing == 0 or abs(self._mean) > SIDEWAYS:
                self._facing = -1.0 if self._mean < 0 else 1.0
        return self._facing or 1.0

    def turned(self, degrees: Doubles, periods: Doubles, side: float, time: float) -> Doubles:
        """Return (A,) degrees, each as many periods on as it has gone round.

        Seen from the other side angles are others: they begin anew.
        """
        if side != self._side:
            self._seen[:] = -np.inf
            self._side = side
        known = time - self._seen <= _LONGEST_GAP
        turns = np.where(known, np.rint((self._last - degrees) / periods), 0)
        values = degrees + np.nan_to_num(turns) * periods
        seen = ~np.isnan(values)
        moved = seen & ~(np.abs(values - self._rest) <= _RESTS * periods)
        self._rest = np.where(moved, values, self._rest)
        self._since = np.where(moved, time, self._since)
        around = (np.abs(values) > _ROUND * periods) & (time - self._since >= _SETTLED)
        values = np.where(around, degrees, values)
        self._last = np.where(seen, values, self._last)
        self._seen = np.where(seen, time, self._seen)
        return values
