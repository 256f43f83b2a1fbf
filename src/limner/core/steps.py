"""Steps: the one shape of everything between a frame and its results."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from limner.core.frame import Frame
from limner.core.poses import Poses

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Step(Protocol[In, Out]):
    """Takes items in order and gives results in the same order, at once or some items later.

    Each item comes out exactly once.
    """

    def push(self, item: In, /) -> Sequence[Out]:
        """Take the next item; return the results that are ready now, in order."""

    def flush(self) -> Sequence[Out]:
        """Return the results that were held back, in order, after the last item."""


class AtOnce:
    """What steps share that answer each item before the next one comes."""

    def flush(self) -> Sequence[Any]:
        """Return nothing: no item is held back."""
        return []


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame, and everybody in it.

    Attributes:
        frame: the pixels.
        found: everyone who is found, ghosts and people who will not be shown included.
        people: who is shown.
    """

    frame: Frame
    found: Poses
    people: Poses


class Chain:
    """Steps one after the other, as one step."""

    def __init__(self, *steps: Step[Any, Any]) -> None:
        self._steps = steps

    def push(self, item: Any) -> Sequence[Any]:
        """Take the next item through all steps."""
        return _through(self._steps, [item])

    def flush(self) -> Sequence[Any]:
        """Empty the steps, the first one first: what it held back goes through the others."""
        results: list[Any] = []
        for place, step in enumerate(self._steps):
            results += _through(self._steps[place + 1 :], step.flush())
        return results


class OnPeople:
    """Does to the people of what was seen what a step does to poses, frame by frame."""

    def __init__(self, step: Step[Poses, Poses]) -> None:
        self._step = step
        self._waiting: deque[Seen] = deque()

    def push(self, item: Seen) -> Sequence[Seen]:
        """Take what was seen in the next frame."""
        self._waiting.append(item)
        return self._with_their_frames(self._step.push(item.people))

    def flush(self) -> Sequence[Seen]:
        """Return what was held back."""
        return self._with_their_frames(self._step.flush())

    def _with_their_frames(self, people: Sequence[Poses]) -> list[Seen]:
        return [replace(self._waiting.popleft(), people=poses) for poses in people]


def run(items: Iterable[Item], step: Step[Item, Result]) -> Iterator[Result]:
    """Yield the results of all items; each is asked for when the one before it is through."""
    for item in items:
        yield from step.push(item)
    yield from step.flush()


def _through(steps: Sequence[Step[Any, Any]], items: Sequence[Any]) -> Sequence[Any]:
    for step in steps:
        items = [result for item in items for result in step.push(item)]
    return items
