"""Track confirmation: ghosts, people found by mistake for a moment, are kept out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from limner.core.poses import Poses
from limner.tracking.clock import LONGEST_STEP, Clock
from limner.tracking.tally import Tally

# Seconds without a sighting after which a track is forgotten; trackers remember for less.
_FORGET_AFTER = 30.0


@dataclass(slots=True)
class _Life:
    """What is known of one track.

    Attributes:
        frame: the number of the frame pushed when it was last seen.
        time: that frame's tracking time in seconds.
        sure: whether it was seen surely then.
        sure_for: seconds for which it was sure, in all.
        sightings: in how many frames it was seen, and in how many surely.
        sure_sightings: see sightings.
        real: whether it is a person and no ghost.
        number: the id it was written under; 0 before that.
    """

    frame: int = -1
    time: float = 0.0
    sure: bool = False
    sure_for: float = 0.0
    sightings: int = 0
    sure_sightings: int = 0
    real: bool = False
    number: int = 0


# So many sightings at least: half a second of usual video.
_ENOUGH = 15


class Confirmation:
    """Confirms tentative tracks that are sure for a while, with ids 1, 2, 3... as they appear.

    A track is a person once it has been sure for half a second in all: each sure sighting
    counts for the time its frame stands for, which is half of the time to the frame before and
    half of that to the frame after, as a `Clock` counts. So of frames half a second or more
    apart a single one is enough, as of an image, and of a fast camera's `most` are.

    With a lag, frames are held back until that can be known, and the person is there from the
    first of them; without one, they appear once they are sure.

    Attributes:
        lag: how many frames are held back at least.
        sure: the person score from which a sighting counts as sure.
        least: seconds for which a track has to be sure.
        seconds: for so long frames are held back at least; half a second or more is best.
        most: so many frames are never held back; in more of them, or 15, nobody need be sure.
        tally: who was found, and who was left out.
    """

    def __init__(
        self,
        lag: int = 0,
        *,
        sure: float = 0.45,
        least: float = LONGEST_STEP,
        seconds: float = 0.0,
        most: int = 1000,
        tally: Tally | None = None,
    ) -> None:
        if lag < 0:
            raise ValueError(f"lag: expected 0 or more frames, got {lag}")
        self.lag = lag
        self.sure = sure
        self.least = least
        self.seconds = seconds
        self.most = most
        self.tally = Tally() if tally is None else tally
        self._clock = Clock()
        self._window: deque[tuple[float, Poses]] = deque()
        self._lives: dict[int, _Life] = {}
        self._pushed = 0
        self._people = 0

    def push(self, poses: Poses) -> list[Poses]:
        """Take the next frame, its people with the ids of a `Tracker`.

        Returns:
            The frames that are ready, in order: none while the window fills.
        """
        now = self._clock.advance(poses.time)
        self._count_last(self._clock.step / 2)
        for track, score in zip(poses.ids.tolist(), poses.person_scores.tolist(), strict=True):
            self._see(self._lives.setdefault(track, _Life()), score >= self.sure)
        self._pushed += 1
        for track, life in list(self._lives.items()):
            if now - life.time > _FORGET_AFTER:
                self._forget(track)
        self._window.append((now, poses))
        ready = []
        while self._window and self._is_ready(now):
            ready.append(self._emit())
        return ready

    def flush(self) -> list[Poses]:
        """Return the frames still held back, in order, at the end of the video.

        Somebody whom the end cut off cannot have been sure for long: they count as a person
        if they were sure more often than not, for a quarter of that time or in half of all frames.
        """
        # The last frame stands for as long after it as before it.
        self._count_last(self._clock.step / 2)
        for life in self._lives.values():
            often = 2 * life.sure_sightings > life.sightings
            enough = life.sure_for >= self.least / 4 or 2 * life.sightings >= self._pushed
            life.real = life.real or (life.frame == self._pushed - 1 and often and enough)
        ready = [self._emit() for _ in range(len(self._window))]
        for track in list(self._lives):
            self._forget(track)
        return ready

    def _count_last(self, seconds: float) -> None:
        """Count the time from the last frame on for whoever was sure in it."""
        for life in self._lives.values():
            if life.frame == self._pushed - 1 and life.sure:
                # Nothing is before the first frame, so what is after it counts twice.
                life.sure_for += seconds if self._pushed > 1 else 2 * seconds
                self._judge(life)

    def _see(self, life: _Life, sure: bool) -> None:
        life.frame, life.time, life.sure = self._pushed, self._clock.now, sure
        life.sightings += 1
        if sure:
            life.sure_sightings += 1
            life.sure_for += self._clock.step / 2
            self._judge(life)

    def _judge(self, life: _Life) -> None:
        # The slack is for the rounding of a sum of frame times.
        long = life.sure_for >= self.least - 1e-6
        # Where no frame is held back there is all the time to see who is there.
        many = self.most > 0 and life.sure_sightings >= max(self.most, _ENOUGH)
        life.real = life.real or long or many

    def _is_ready(self, now: float) -> bool:
        """Whether the oldest frame has been held back for long enough."""
        after = len(self._window) - 1
        if after > self.most:
            return True
        return after >= self.lag and now - self._window[0][0] >= self.seconds - 1e-6

    def _forget(self, track: int) -> None:
        life = self._lives.pop(track)
        if not life.real:
            self.tally.brief += life.sure_sightings > 0
            self.tally.unsure += life.sure_sightings == 0

    def _emit(self) -> Poses:
        _, poses = self._window.popleft()
        numbers = np.zeros(len(poses), np.int64)
        for person in np.argsort(poses.ids):
            life = self._lives.get(int(poses.ids[person]))
            if life is not None and life.real:
                if not life.number:
                    self._people += 1
                    life.number = self._people
                    self.tally.found.add(life.number)
                numbers[person] = life.number
        order = np.argsort(numbers)
        return replace(poses, ids=numbers)[order[numbers[order] > 0]]
