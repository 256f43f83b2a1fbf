"""Tracking time: seconds of video, in which no pause between two frames counts for long."""

from __future__ import annotations

# What a frame says holds for half a second at most: frames further apart than this are as good
# as images of their own, and how long nobody looked says nothing about who is there.
LONGEST_STEP = 0.5
# Steps shorter than this are taken for longer, so that no speed is beyond all measure.
_SHORTEST_STEP = 0.001
# The first step, where the times do not tell it.
_USUAL_STEP = 1 / 30


class Clock:
    """Counts a video's seconds so that a pause is half a second at most.

    In a video of two frames a second or more these are the seconds of its frames. Where frames
    are further apart, in a slide show or after a pause of a screen recording, each counts for
    half a second: what is remembered for three seconds is remembered for six such frames.

    Attributes:
        now: seconds since the first frame.
        step: of them, those since the frame before; 0 for the first frame.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.step = 0.0
        self._usual = _USUAL_STEP
        self._time: float | None = None

    def advance(self, time: float) -> float:
        """Take the next frame's time in seconds; return `now`."""
        if self._time is not None:
            if time > self._time:
                self._usual = min(max(time - self._time, _SHORTEST_STEP), LONGEST_STEP)
            self.step = self._usual
            self.now += self.step
        self._time = time
        return self.now
