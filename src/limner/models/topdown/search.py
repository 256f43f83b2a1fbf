"""Tiled detection: squares that together cover the image, spread over time in videos."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from limner.core.frame import Frame
from limner.core.region import Region

# Neighbouring tiles share this part of a side, so that nobody is cut by every tile.
OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class WhenTurned:
    """When people may be turned: the detector sees somebody, and nobody is surely read upright.

    Attributes:
        detected: the detector's score from which it sees somebody.
        read: the person score from which somebody is surely read.
        period: in videos one turned tile is searched each time so many seconds have gone by, a
            quarter further than the last.
    """

    detected: float
    read: float
    period: float = 1.0


@dataclass(frozen=True, slots=True)
class Search:
    """How hard to look for people.

    Attributes:
        parts: the tiles' sides, as parts of the image's long side; 1 is the whole image.
        finest: where the smallest of these tiles has a longer side than this, in pixels, such
            tiles are searched as well, so that the size of a person in pixels says whether
            they are found, and not how much of the scene is around them. None for not.
        finer: they are searched only where the other tiles are more than so many times as large.
        threshold: the least score of the detector.
        threshold_in_videos: the same in videos, which give it many chances to see somebody; None
            for the same.
        threshold_in_finest: the same in the finest tiles of a video, where small things look like
            people; None for that of videos.
        passes: how often the pose network looks at a person in an image that stands by
            itself, each time where the last look says the body is.
        merge: detections whose centres are this near, in sides, are one.
        most: at so many detections of a search, the surest, the pose network looks at the most.
        turned: when and how often the tiles are searched in three quarter turns as well; None for
            networks that know turned people.
        period: in this many seconds of a video as many tiles are searched as `parts` makes. Where
            there are finest ones every other tile is one of them, so that they cost time until
            somebody new is found, and no more computing.
    """

    parts: tuple[float, ...] = (1.0,)
    finest: float | None = None
    finer: float = 1.0
    threshold: float = 0.35
    threshold_in_videos: float | None = None
    threshold_in_finest: float | None = None
    passes: int = 1
    merge: float = 0.15
    most: int | None = None
    turned: WhenTurned | None = None
    period: float = 0.5


def tiles(width: int, height: int, part: float) -> list[Region]:
    """Return the squares of one size that together cover the image.

    Args:
        width: the image's width, pixels.
        height: the image's height, pixels.
        part: their side, as a part of the image's long side.
    """
    side = max(width, height) * part
    return [
        Region.square(x, y, side) for y in _centres(height, side) for x in _centres(width, side)
    ]


def all_tiles(frame: Frame, search: Search) -> list[Region]:
    """Return every square a search looks through, the largest first."""
    return _tiles_of_parts(frame, search) + _finest_tiles(frame, search)


def turned(squares: Sequence[Region]) -> list[Region]:
    """Return squares turned by one, two and three quarters."""
    return [
        replace(square, angle=square.angle + quarters * math.pi / 2)
        for quarters in (1, 2, 3)
        for square in squares
    ]


def _tiles_of_parts(frame: Frame, search: Search) -> list[Region]:
    return [tile for part in search.parts for tile in tiles(frame.width, frame.height, part)]


def _finest_tiles(frame: Frame, search: Search) -> list[Region]:
    smallest = min(search.parts) * max(frame.width, frame.height)
    if search.finest is None or smallest <= search.finer * search.finest:
        return []
    return tiles(frame.width, frame.height, search.finest / max(frame.width, frame.height))


def _in_turns(parts: Sequence[Region], finest: Sequence[Region]) -> list[Region]:
    """Return tiles in the order in which a video is searched: every other one is a finest one."""
    if not finest:
        return list(parts)
    turns = range(max(len(parts), len(finest)))
    return [
        each for turn in turns for each in (parts[turn % len(parts)], finest[turn % len(finest)])
    ]


def _centres(length: int, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    # The small allowance keeps rounding from adding a tile.
    steps = math.ceil((length - side) / (side * (1 - OVERLAP)) - 1e-6)
    return [side / 2 + (length - side) * step / steps for step in range(steps + 1)]


class Sweep:
    """Spreads a search over the frames of a video, so that each period covers the image once.

    Attributes:
        tiles: every square, once the first frame is known.
        finest: those of them that are the finest tiles.
    """

    def __init__(self, search: Search) -> None:
        self.tiles: list[Region] = []
        self.finest: list[Region] = []
        self._order: list[Region] = []
        self._search = search
        self._per_period = 0
        self._due = 0.0
        self._next = 0
        self._time = 0.0
        self._turned: list[Region] = []
        self._turned_next = 0
        self._turned_at = 0.0

    def squares(self, frame: Frame, *, needed: bool) -> list[Region]:
        """Return the squares to look through in the next frame.

        In the first frame, and where frames are a period or more apart, that is all of them.

        Args:
            frame: the next frame.
            needed: whether anybody is looked for at all.
        """
        elapsed, self._time = max(frame.time - self._time, 0.0), frame.time
        if not self.tiles:
            parts = _tiles_of_parts(frame, self._search)
            self.finest = _finest_tiles(frame, self._search)
            self.tiles, self._order = parts + self.finest, _in_turns(parts, self.finest)
            self._per_period = len(parts)
            self._turned_at = frame.time
            if self._search.turned is not None:
                self._turned = turned(self.tiles[:1])
            return self.tiles
        if not needed:
            return []
        period, count = self._search.period, len(self.tiles)
        self._due += count if elapsed >= period else self._per_period * elapsed / period
        # The small allowance is for the rounding of times.
        many = min(int(self._due + 1e-6), count)
        self._due = max(self._due - many, 0.0)
        if many == count:
            return self.tiles
        first, self._next = self._next, (self._next + many) % len(self._order)
        return [self._order[(first + i) % len(self._order)] for i in range(many)]

    def turned(self, frame: Frame, *, needed: bool) -> list[Region]:
        """Return the turned square to look through in the next frame as well, if it is time.

        Args:
            frame: the next frame.
            needed: whether anybody is looked for at all.
        """
        when = self._search.turned
        if when is None or not needed or frame.time - self._turned_at < when.period:
            return []
        self._turned_at = frame.time
        self._turned_next = (self._turned_next + 1) % len(self._turned)
        return [self._turned[self._turned_next]]
