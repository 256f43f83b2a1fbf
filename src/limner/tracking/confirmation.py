"""Track confirmation: ghosts, people found by mistake for a moment, are kept out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from limner.core.poses import Poses

# Seconds without a sighting after which a track is forgotten; trackers remember for less.
_FORGET_AFTER = 30.0


@dataclass(slots=True)
class _Life:
    """What is known of one track.

    Attributes:
        frame: the number of the frame pushed when it was last seen.
        time: that frame's time in seconds.
        sure_for: seconds for which it was sure, in all: a sure sighting counts for the
            time since the frame before, if it was seen there.
        sightings: in how many frames it was seen, and in how many surely.
        sure_sightings: see sightings.
        real: whether it is a person and no ghost.
        number: the id it was written under; 0 before that.
    """

    frame: int = -1
    time: float = 0.0
    sure_for: float = 0.0
    sightings: int = 0
    sure_sightings: int = 0
    real: bool = False
    number: int = 0


class Confirmation:
    """Confirms tentative tracks that are sure for a while, with ids 1, 2, 3... as they appear.

    A track is a person once it has been sure for half a second in all. With a lag, frames
    are held back until that can be known, and the person is there from the first of them;
    without one, they appear once they are sure. Memory is that of `lag` frames.

    Attributes:
        lag: how many frames are held back; half a second of them or more is best.
        sure: the person score from which a sighting counts as sure.
        least: seconds for which a track has to be sure.
    """

    def __init__(self, lag: int = 0, *, sure: float = 0.45, least: float = 0.5) -> None:
        if lag < 0:
            raise ValueError(f"lag: expected 0 or more frames, got {lag}")
        self.lag = lag
        self.sure = sure
        self.least = least
        self._window: deque[Poses] = deque()
        self._lives: dict[int, _Life] = {}
        self._pushed = 0
        self._time = 0.0
        self._people = 0

    def push(self, poses: Poses) -> list[Poses]:
        """Take the next frame, its people with the ids of a `Tracker`.

        Returns:
            The frames that are ready, in order: none while the window fills, then one.
        """
        for track, score in zip(poses.ids.tolist(), poses.person_scores.tolist(), strict=True):
            self._see(self._lives.setdefault(track, _Life()), score >= self.sure, poses.time)
        self._pushed += 1
        self._time = poses.time
        self._lives = {
            track: life
            for track, life in self._lives.items()
            if poses.time - life.time <= _FORGET_AFTER
        }
        self._window.append(poses)
        if len(self._window) <= self.lag:
            return []
        return [self._emit()]

    def flush(self) -> list[Poses]:
        """Return the frames still held back, in order, at the end of the video.

        Somebody whom the end cut off cannot have been sure for long: they count as a person
        if they were sure more often than not.
        """
        for life in self._lives.values():
            if life.frame == self._pushed - 1 and 2 * life.sure_sightings > life.sightings:
                life.real = True
        return [self._emit() for _ in range(len(self._window))]

    def _see(self, life: _Life, sure: bool, time: float) -> None:
        if sure and life.frame == self._pushed - 1:
            life.sure_for += max(time - self._time, 0.0)
        life.frame, life.time = self._pushed, time
        life.sightings += 1
        life.sure_sightings += sure
        # The slack is for the rounding of a sum of frame times.
        life.real = life.real or life.sure_for >= self.least - 1e-6

    def _emit(self) -> Poses:
        poses = self._window.popleft()
        numbers = np.zeros(len(poses), np.int64)
        for person in np.argsort(poses.ids):
            life = self._lives.get(int(poses.ids[person]))
            if life is not None and life.real:
                if not life.number:
                    self._people += 1
                    life.number = self._people
                numbers[person] = life.number
        order = np.argsort(numbers)
        return replace(poses, ids=numbers)[order[numbers[order] > 0]]
