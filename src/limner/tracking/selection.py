"""Track selection: so many people, a certain one, or those in an area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.oks import body_sizes, on_body
from limner.core.poses import Poses
from limner.core.steps import AtOnce
from limner.errors import UsageError
from limner.tracking.clock import Clock
from limner.tracking.tally import Tally

Way = Literal["largest", "center", "longest"]
Person = Way | int
Roi = tuple[float, float, float, float]
Size = tuple[int, int]

_WAYS: tuple[Way, ...] = ("largest", "center", "longest")
_AREA = "expected an area x,y,w,h in pixels with a width and height above 0"


class Selector(AtOnce):
    """Selects tracks in a video as it comes; who is selected stays selected.

    A person takes one of `max_people` places when one is free, and keeps it through an
    occlusion. The place is free again when they have not been seen for `patience` seconds.

    Attributes:
        max_people: how many places there are; None for no limit (one, if `person` is given).
        person: who goes first when a place is free: the ``largest`` (the default), the one
            nearest to the ``center`` of the image, or, as a number, nobody but that id.
        roi: x, y, width, height in pixels; only people whose middle is inside are kept.
        size: width and height of the image, for ``center``.
        patience: seconds, as a `Clock` counts them.
        tally: takes note of who is selected.

    Raises:
        UsageError: a value out of range, or ``longest``, which needs the whole clip:
            see `choose`.
    """

    def __init__(
        self,
        max_people: int | None = None,
        person: Person | None = None,
        roi: Roi | None = None,
        *,
        size: Size | None = None,
        patience: float = 3.0,
        tally: Tally | None = None,
    ) -> None:
        if person == "longest":
            raise UsageError(
                "person 'longest': who is seen longest is known at the end of the clip only; "
                "choose from a whole recording, or ask for largest, center or an id"
            )
        _check(max_people, person, roi, size)
        self.max_people = _places(max_people, person)
        self.person = person
        self.roi = roi
        self.size = size
        self.patience = patience
        self.tally = Tally() if tally is None else tally
        self._clock = Clock()
        self._chosen: dict[int, float] = {}  # id: when they were last seen

    def push(self, poses: Poses) -> list[Poses]:
        """Return the chosen people of the next frame, at once.

        Args:
            poses: people with ids, ghosts removed.
        """
        selected = self._select(poses, self._clock.advance(poses.time))
        self.tally.kept.update(selected.ids.tolist())
        return [selected]

    def _select(self, poses: Poses, now: float) -> Poses:
        poses = _inside(poses, self.roi)
        if isinstance(self.person, int):
            return poses[poses.ids == self.person]
        if self.max_people is None:
            return poses

        self._chosen = {
            person: time for person, time in self._chosen.items() if now - time <= self.patience
        }
        rank = _ranks(poses, self.person or "largest", self.size)
        for person in poses.ids[np.argsort(-rank, kind="stable")].tolist():
            if person in self._chosen or len(self._chosen) < self.max_people:
                self._chosen[person] = now
        return poses[np.isin(poses.ids, list(self._chosen))]


def choose(
    frames: Sequence[Poses],
    max_people: int | None = None,
    person: Person | None = None,
    roi: Roi | None = None,
    *,
    size: Size | None = None,
) -> list[Poses]:
    """Select tracks knowing the whole clip: the same ones in every frame.

    Args:
        frames: every frame of the clip, people with ids.
        max_people: how many to keep; None for all (for one, if `person` is given).
        person: ``largest``, ``center``, ``longest`` (see `rank_people`) or an id.
        roi: x, y, width, height in pixels; only people whose middle is inside are kept.
        size: width and height of the image, for ``center``.

    Raises:
        UsageError: a value out of range.
    """
    _check(max_people, person, roi, size)
    frames = [_inside(poses, roi) for poses in frames]
    if isinstance(person, int):
        return [poses[poses.ids == person] for poses in frames]
    places = _places(max_people, person)
    if places is None:
        return frames
    chosen = rank_people(frames, person or "largest", size=size)[:places]
    return [poses[np.isin(poses.ids, chosen)] for poses in frames]


def rank_people(
    frames: Iterable[Poses],
    by: Way = "longest",
    *,
    size: Size | None = None,
) -> list[int]:
    """Rank tracks: everyone's ids, the first in rank first.

    What counts is a sum over the frames a person is seen in: of 1 (``longest``), of the
    body's size (``largest``), or of the closeness to the image's middle (``center``).

    Args:
        frames: every frame of the clip, people with ids.
        by: what counts.
        size: width and height of the image, for ``center``.
    """
    _check(None, by, None, size)
    totals: dict[int, float] = {}
    for poses in frames:
        for person, rank in zip(poses.ids.tolist(), _ranks(poses, by, size).tolist(), strict=True):
            totals[person] = totals.get(person, 0.0) + rank
    return sorted(totals, key=lambda person: (-totals[person], person))


def parse_person(text: str) -> Person:
    """Read ``largest``, ``center``, ``longest`` or an id.

    Raises:
        UsageError: anything else.
    """
    if text.isdecimal():
        _check(None, int(text), None, None)
        return int(text)
    for way in _WAYS:
        if text == way:
            return way
    raise UsageError(f"person {text!r}: expected {', '.join(_WAYS)} or an id such as 1")


def parse_roi(text: str) -> Roi:
    """Read an area ``x,y,w,h`` in pixels.

    Raises:
        UsageError: not four numbers, or an area of nothing.
    """
    try:
        x, y, width, height = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"roi {text!r}: {_AREA}") from None
    _check(None, None, (x, y, width, height), None)
    return x, y, width, height


def _check(
    max_people: int | None, person: Person | None, roi: Roi | None, size: Size | None
) -> None:
    if max_people is not None and max_people < 1:
        raise UsageError(f"max people: expected 1 or more, got {max_people}")
    if isinstance(person, int):
        if person < 1:
            raise UsageError(f"person {person}: ids count from 1")
    elif person is not None and person not in _WAYS:
        raise UsageError(f"person {person!r}: expected {', '.join(_WAYS)} or an id such as 1")
    if person == "center" and size is None:
        raise UsageError("person 'center': the size of the image is needed to find its middle")
    if roi is not None and not (np.isfinite(roi).all() and min(roi[2:]) > 0):
        raise UsageError(f"roi {','.join(f'{value:g}' for value in roi)}: {_AREA}")


def _places(max_people: int | None, person: Person | None) -> int | None:
    return 1 if max_people is None and person is not None else max_people


def _inside(poses: Poses, roi: Roi | None) -> Poses:
    if roi is None:
        return poses
    low = np.array(roi[:2])
    middles = _middles(poses)
    inside: NDArray[np.bool_] = (middles >= low) & (middles < low + roi[2:])
    return poses[inside.all(axis=1)]


def _middles(poses: Poses) -> Floats:
    """Return (N, 2) the middles of the people's boxes."""
    return (poses.boxes[:, :2] + poses.boxes[:, 2:]) / np.float32(2)


def _ranks(poses: Poses, by: str, size: Size | None) -> Floats:
    """Return (N,) what people are ranked by in a frame, higher first."""
    if by == "longest":
        return np.ones(len(poses), np.float32)
    if by == "largest" or size is None:
        return np.nan_to_num(body_sizes(on_body(poses.skeleton, poses.keypoints)))
    middle = np.array(size, np.float32) / 2
    away = np.linalg.norm(_middles(poses) - middle, axis=1) / np.linalg.norm(middle)
    closeness: Floats = np.nan_to_num(1 - away.astype(np.float32))
    return closeness
