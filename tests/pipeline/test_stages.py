"""Stages overlap, and whatever one of them does, nothing hangs and no error is lost."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.pipeline import stages as stages_module
from limner.pipeline.stages import Stages

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


class FakeError(Exception):
    pass


def counting(stop: int, seen: list[int] | None = None) -> Iterator[int]:
    for number in range(stop):
        if seen is not None:
            seen.append(number)
        yield number


def raising(items: Iterator[int], at: int, error: BaseException) -> Iterator[int]:
    for number in items:
        if number == at:
            raise error
        yield number


def three_stages(stages: Stages, wrap: Callable[[int, Iterator[int]], Iterator[int]]) -> list[int]:
    """Chain three stages, each made by `wrap` from its place and what comes before it."""
    items: Iterator[int] = counting(50)
    for place in range(3):
        items = stages.overlap(wrap(place, items), f"stage {place}", depth=2)
    return list(items)


@given(items=st.lists(st.integers()), depth=st.integers(1, 5), count=st.integers(1, 4))
def test_items_keep_their_order(items: list[int], depth: int, count: int) -> None:
    with Stages() as stages:
        chain: Iterator[int] = iter(items)
        for _ in range(count):
            chain = stages.overlap(chain, depth=depth)
        assert list(chain) == items


def test_each_stage_has_a_thread_of_its_own() -> None:
    def tell(items: Iterator[int]) -> Iterator[str]:
        for _ in items:
            yield threading.current_thread().name

    with Stages() as stages:
        names = set(stages.overlap(tell(counting(3)), "telling"))
    assert names == {"telling"}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives threads priorities")
def test_only_the_stage_that_is_told_to_gives_way() -> None:
    def tell(items: Iterator[int]) -> Iterator[int]:
        for _ in items:
            yield os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    with Stages() as stages:
        assert set(stages.overlap(tell(counting(3)), gives_way=True)) == {min(mine + 10, 19)}
        assert set(stages.overlap(tell(counting(3)))) == {mine}


def test_the_work_ahead_is_bounded() -> None:
    seen: list[int] = []
    with Stages() as stages:
        items = stages.overlap(counting(1000, seen), depth=3)
        for taken in range(5):
            assert next(items) == taken
            # In the queue, in the hand of the thread, and those already taken.
            assert len(seen) <= taken + 1 + 3 + 1
    assert len(seen) <= 5 + 3 + 1


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("at", [0, 1, 49])
@pytest.mark.parametrize("error", [FakeError("broken"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_in_any_stage_reaches_the_consumer(
    place: int, at: int, error: BaseException
) -> None:
    def wrap(here: int, items: Iterator[int]) -> Iterator[int]:
        return raising(items, at, error) if here == place else items

    with pytest.raises(type(error)) as caught, Stages() as stages:
        three_stages(stages, wrap)
    assert caught.value is error


def test_what_came_before_an_error_arrives() -> None:
    with Stages() as stages:
        items = stages.overlap(raising(counting(9), 4, FakeError()))
        assert [next(items) for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(FakeError):
            next(items)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_stage_that_ends_early_ends_the_chain(place: int) -> None:
    def wrap(here: int, items: Iterator[int]) -> Iterator[int]:
        return (
            (number for number, _ in zip(items, range(7), strict=False)) if here == place else items
        )

    with Stages() as stages:
        assert three_stages(stages, wrap) == list(range(7))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_stage_that_blocks_does_not_keep_leaving(
    place: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stages_module, "_PATIENCE", 0.5)
    release = threading.Event()

    def blocking(items: Iterator[int]) -> Iterator[int]:
        for number in items:
            if number == 3:
                release.wait()
            yield number

    items: Iterator[int] = counting(50)
    with Stages() as stages:
        for here in range(3):
            items = stages.overlap(blocking(items) if here == place else items, f"stage {here}")
        assert [next(items) for _ in range(3)] == [0, 1, 2]
    assert f"the stage {place} stage does not stop" in caplog.text
    release.set()
    for thread in threading.enumerate():
        if thread.name.startswith("stage "):
            thread.join(10)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_error_reaches_the_consumer_while_another_stage_blocks(
    place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stage waits for ever; a later one fails on what it already has."""
    monkeypatch.setattr(stages_module, "_PATIENCE", 0.5)
    release = threading.Event()

    def blocking() -> Iterator[int]:
        yield from range(3)
        release.wait()

    def run() -> None:
        items: Iterator[int] = blocking()
        with Stages() as stages:
            for here in range(3):
                if here == place and place > 0:
                    items = raising(items, 2, FakeError())
                items = stages.overlap(items, f"stage {here}")
            for number in items:
                if place == 0 and number == 2:
                    raise FakeError

    with pytest.raises(FakeError):
        run()
    release.set()
    for thread in threading.enumerate():
        if thread.name.startswith("stage "):
            thread.join(10)


def test_leaving_in_the_middle_closes_generators_in_their_threads() -> None:
    closed: list[str] = []

    def closing() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.append(threading.current_thread().name)

    with Stages() as stages:
        next(stages.overlap(closing(), "closing"))
    assert closed == ["closing"]


def test_a_generator_that_fails_while_closing_does_not_hang() -> None:
    class Stubborn:
        """Ends as it should, and then cannot be closed."""

        def __init__(self) -> None:
            self.left = iter(range(3))

        def __iter__(self) -> Stubborn:
            return self

        def __next__(self) -> int:
            return next(self.left)

        def close(self) -> None:
            raise FakeError("cannot close")

    with pytest.raises(FakeError, match="cannot close"), Stages() as stages:
        list(stages.overlap(Stubborn()))


def test_an_interrupt_in_the_consumer_stops_the_stages() -> None:
    seen: list[int] = []

    def run() -> None:
        with Stages() as stages:
            for number in stages.overlap(counting(10**9, seen), depth=2):
                if number == 5:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert len(seen) < 20


def test_a_stage_nobody_takes_from_stops() -> None:
    with Stages() as stages:
        stages.overlap(counting(1000))
