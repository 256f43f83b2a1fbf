"""Frame times: strictly increasing, and changed as little as possible."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from limner.core.frame import Frame, VideoFrame

if TYPE_CHECKING:
    from limner.media.decode import Decoded

# A step back of a second or more is a new start of the clock, not a frame out of order.
RESTART = Fraction(1)
# How many frames without a time may come before the first that has one.
_LEAD_IN = 16


class Timeline:
    """Gives every frame its tick on a timeline that only moves forward.

    A timestamp that is missing follows the one before it by a frame. One that repeats or
    steps back a little becomes the next tick. Where the clock starts anew (a step back of
    a second or more) everything after is moved so that it follows on.

    Attributes:
        time_base: seconds per tick.
        missing: how many timestamps were missing.
        repaired: how many repeated or stepped back.
        restarts: how often the clock started anew.
    """

    def __init__(self, time_base: Fraction, frame_rate: Fraction | None) -> None:
        self.time_base = time_base
        self.missing = 0
        self.repaired = 0
        self.restarts = 0
        self._step = 1 / ((frame_rate or Fraction(25)) * time_base)
        self._expected = Fraction(0)
        self._offset = 0
        self._last: int | None = None

    @property
    def last(self) -> int | None:
        """The tick of the last frame that was placed, None before the first."""
        return self._last

    @property
    def step(self) -> int:
        """The usual distance of two frames in ticks, at least 1."""
        return max(1, round(self._step))

    def place(self, timestamp: int | None) -> int:
        """Return the tick of the next frame.

        Args:
            timestamp: what the container says, in ticks, or None.
        """
        if timestamp is None:
            self.missing += 1
            tick = round(self._expected)
        else:
            tick = timestamp + self._offset
            if self._last is not None and tick <= self._last:
                tick = self._repair(tick, self._last)
        if self._last is not None:
            tick = max(tick, self._last + 1)
        # Counting on in fractions keeps 29.97 exact where every timestamp is missing.
        counted_on = timestamp is None and tick == round(self._expected)
        self._expected = (self._expected if counted_on else tick) + self._step
        self._last = tick
        return tick

    def _repair(self, tick: int, last: int) -> int:
        if (last - tick) * self.time_base < RESTART:
            self.repaired += 1
            return last + 1
        self.restarts += 1
        follow = last + self.step
        self._offset += follow - tick
        return follow


def with_lead_in(images: Iterator[Decoded], step: int) -> Iterator[Decoded]:
    """Yield images, those without a time at the beginning timed back from the first that has one.

    Args:
        images: as they are decoded.
        step: the usual distance of two, in ticks.
    """
    held: list[Decoded] = []
    for image in images:
        held.append(image)
        if image.timestamp is not None or len(held) == _LEAD_IN:
            break
    known = held[-1].timestamp if held else None
    for left, image in zip(reversed(range(len(held))), held, strict=True):
        yield image if known is None else image._replace(timestamp=known - left * step)
    yield from images


def place_evenly(frame: Frame, number: int, rate: Fraction) -> None:
    """Give a frame the time that it has in a video of evenly timed frames.

    Args:
        frame: is changed.
        number: how many frames come before it.
        rate: frames per second.
    """
    frame.time = float(number / rate)
    if isinstance(frame, VideoFrame):
        # Fine enough for any container, and a whole number of ticks per frame.
        ticks = max(1, round(90000 / rate))
        frame.decoded.time_base = 1 / (rate * ticks)
        frame.decoded.duration = ticks
