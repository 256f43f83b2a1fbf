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
from limner.motion.measuring import plan_for, plane_angles, space_angles
from limner.motion.points import hidden
from limner.motion.view import has_view, in_view, view_now

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

    Besides it tells the ``view`` of each: 0 degrees from the front or the back, 90 from the side
    (`limner.motion.view`), averaged over a moment as well.

    Args:
        threshold: keypoints with a lower score count as unseen.
        facing: which way everybody faces; ``auto`` tells it from feet or face.
        linked: whether an id is the same person in the next frame. If not, each frame stands by
            itself.
        auto: leave out the angles that cannot be measured in a person's view, and add those in
            space, with ``_3d`` after their names.

    Raises:
        UsageError: ``facing`` is none of its values.
    """

    def __init__(
        self,
        threshold: float = 0.0,
        *,
        facing: Facing = "auto",
        linked: bool = True,
        auto: bool = False,
    ) -> None:
        if facing not in ("auto", "right", "left"):
            raise UsageError(f"facing must be auto, right or left, got {facing!r}")
        self._threshold = threshold
        self._facing = facing
        self._linked = linked
        self._auto = auto
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
        metres = None
        if poses.keypoints_3d is not None:
            metres = poses.keypoints_3d.astype(np.float64)
            metres[np.isnan(points[..., 0])] = np.nan
        times = [poses.time] * len(poses)
        return self.measure(points, metres, poses.skeleton, poses.ids.tolist(), times)

    def measure(
        self,
        points: Doubles,
        metres: Doubles | None,
        skeleton: Skeleton,
        ids: list[int],
        times: list[float],
    ) -> dict[str, Doubles]:
        """Return the angles of sightings, each of somebody at a time.

        Args:
            points: (n, K, 2) pixels, NaN where unseen.
            metres: (n, K, 3), NaN where unseen, or None.
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
        result = {angle.name: found[:, place] for place, angle in enumerate(plan.angles)}
        if has_view(skeleton):
            views = view_now(points, skeleton, metres).tolist()
            rows = zip(courses, views, times, strict=True)
            result["view"] = np.array([course.view.add(*each) for course, *each in rows])
        if self._auto:
            if metres is None:
                metres = np.full((*points.shape[:2], 3), np.nan)
            result = in_view(result) | space_angles(metres, skeleton)
        return result

    def _evidence(self, points: Doubles, skeleton: Skeleton) -> Doubles:
        """(n,) how clearly each person faces right."""
        if self._facing == "auto":
            return facing_now(points, skeleton)
        return np.full(len(points), 1.0 if self._facing == "right" else -1.0)

    def _course(self, identity: int, angles: int) -> _Course:
        if not self._linked or identity == 0:  # 0 is somebody whom nobody followed
            return _Course(angles)
        if identity not in self._people:
            self._people[identity] = _Course(angles)
        return self._people[identity]

    def _forget(self, time: float) -> None:
        """Let go whoever has been away for long."""
        gone = [who for who, each in self._people.items() if time - each.time > _FORGOTTEN]
        for identity in gone:
            del self._people[identity]


class _Mean:
    """The mean of what the frames of the last moment say, the newest counting most."""

    __slots__ = ("_time", "value")

    def __init__(self) -> None:
        self.value, self._time = math.nan, -math.inf

    def add(self, value: float, time: float) -> float:
        """Return the mean with another frame's value; NaN if that is unknown."""
        if math.isnan(value):
            return math.nan
        if math.isnan(self.value):
            self.value = value
        else:
            self.value += (1 - math.exp((self._time - time) / _EVIDENCE)) * (value - self.value)
        self._time = time
        return self.value


class _Course:
    """What is known of one person from the frames before.

    Attributes:
        time: of the last sighting, seconds.
        view: from which side they are seen, degrees.
    """

    __slots__ = (
        *("_evidence", "_facing", "_last", "_rest", "_seen", "_side", "_since"),
        *("time", "view"),
    )

    def __init__(self, angles: int) -> None:
        self.time = -math.inf
        self._facing, self._evidence, self.view = 0.0, _Mean(), _Mean()
        # Each angle's last value and when that was; where it rests and since when; the side then.
        self._last = np.full(angles, np.nan)
        self._seen = np.full(angles, -np.inf)
        self._rest = np.full(angles, np.nan)
        self._since = np.full(angles, np.inf)
        self._side = 0.0

    def side(self, evidence: float, time: float) -> float:
        """Return 1 if the person faces right now, -1 if left."""
        if time - self.time > _FORGOTTEN:
            self._facing, self._evidence, self.view = 0.0, _Mean(), _Mean()
        self.time = time
        mean = self._evidence.add(evidence, time)
        # Until a side is clear it is the one that was seen first.
        if abs(mean) > SIDEWAYS or (self._facing == 0 and not math.isnan(mean)):
            self._facing = -1.0 if mean < 0 else 1.0
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
