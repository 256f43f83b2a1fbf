"""Frames of a model that needs no memory are estimated at the same time, in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.steps import Seen, run
from limner.models.onestage import SideBySide
from support.people import FakeModel


class Parallel(FakeModel):
    """Takes two frames at a time; says how many were in work at once."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = self.most = 0
        self.lock = threading.Lock()
        self.fail_frame: int | None = None

    def look(self, frame: Frame) -> Poses:
        with self.lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
        threading.Event().wait(0.02 if frame.index % 2 else 0.04)
        with self.lock:
            self.busy -= 1
        if frame.index == self.fail_frame:
            raise ValueError("no more")
        return Poses.empty(self.skeleton, frame.index, frame.time)


def film(count: int, taken: list[int]) -> Iterator[Frame]:
    for index in range(count):
        taken.append(index)
        yield Frame(np.zeros((8, 8, 3), np.uint8), index, index / 30)


def seen(frames: Iterator[Frame], model: Parallel, at_once: int = 2) -> Iterator[Seen]:
    return run(frames, SideBySide(model.look, at_once))


def test_in_order_and_at_the_same_time() -> None:
    model, taken = Parallel(), list[int]()
    pairs = list(seen(film(9, taken), model))
    assert [each.frame.index for each in pairs] == [*range(9)]
    assert [each.people.index for each in pairs] == [*range(9)]
    assert model.most == 2


def test_no_further_ahead_than_needed() -> None:
    model, taken = Parallel(), list[int]()
    pairs = seen(film(100, taken), model)
    next(pairs)
    assert len(taken) <= 4
    pairs.close()  # type: ignore[attr-defined]


def test_an_error_comes_in_its_turn() -> None:
    model = Parallel()
    model.fail_frame = 5
    done: list[int] = []
    with pytest.raises(ValueError, match="no more"):
        done.extend(each.frame.index for each in seen(film(9, []), model))
    assert done in ([], [0, 1, 2, 3, 4])
