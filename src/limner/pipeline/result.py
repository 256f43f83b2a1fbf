"""How a run goes and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from limner.core.info import ModelInfo
from limner.core.poses import Poses


class Progress:
    """Hears how a run goes; this one says nothing.

    A command line or a notebook overrides what it wants to show.
    """

    def start(self, name: str, frames: int | None, model: ModelInfo) -> None:
        """An input is begun; `frames` is how many will come, where known."""

    def advance(self, poses: Poses) -> None:
        """A frame is done."""

    def finish(self) -> None:
        """The input is done, or was given up."""


@dataclass(frozen=True)
class Result:
    """What came of one input.

    Attributes:
        source: the input.
        paths: the files that were made, the annotated one first.
        frames: how many frames were done.
        people: how many different people were seen.
        seconds: how long it took.
        problems: sentences on what went wrong on the way without ending it.
        left_out: how many of those who were found are not among the people, and why: such as
            ``3 seen surely for a moment only``.
    """

    source: Path
    paths: list[Path]
    frames: int = 0
    people: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
