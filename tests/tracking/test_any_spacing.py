"""People are found and kept whatever the spacing of the frames: slow, in bursts, standing still."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.skeletons import COCO_17
from limner.tracking import Confirmation, Tally, Tracker
from limner.tracking.clock import LONGEST_STEP, Clock
from support.crowd import Walker, film


def ids_of(walkers: list[Walker], times: list[float]) -> tuple[list[list[int]], Tally]:
    tracker, confirmation = Tracker(COCO_17), Confirmation(15, seconds=0.5)
    ready = []
    for poses in film(walkers, times):
        ready += confirmation.push(tracker.push(poses)[0])
    ready += confirmation.flush()
    return [poses.ids.tolist() for poses in ready], confirmation.tally


@pytest.mark.parametrize(
    "when",
    [
        lambda n: n / 30,
        lambda n: n / 30 + n // 20,
        lambda n: n / 30 + 3 * (n // 20),
        lambda n: n / 60 + 3 * (n // 20),
        lambda n: 1.0 * n,
        lambda n: 3.0 * n,
        lambda n: 60.0 * n,
        lambda n: 0.0,
    ],
)
def test_people_who_stand_are_in_every_frame(when: Callable[[int], float]) -> None:
    ids, tally = ids_of([Walker(300), Walker(700)], [when(n) for n in range(50)])
    assert ids == [[1, 2]] * 50
    assert tally.found == {1, 2}
    assert tally.left_out() == ["2 not asked for"]  # nothing selected anybody here


def test_a_millisecond_between_frames_tells_no_speed() -> None:
    times = [0.0, 0.001, 0.002, 0.5, 1.0, 1.001, 4.0]
    ids, _ = ids_of([Walker(300), Walker(700)], times)
    assert ids == [[1, 2]] * len(times)


def test_each_image_of_a_slide_show_keeps_its_people() -> None:
    walkers = [Walker(300 + 900 * n, seen=((3 * n - 0.1, 3 * n + 0.1),)) for n in range(6)]
    ids, _ = ids_of(walkers, [3.0 * n for n in range(6)])
    assert ids == [[1], [2], [3], [4], [5], [6]]


@given(
    st.lists(
        st.tuples(st.floats(0.5, 100), st.floats(0.1, 1), st.floats(0.1, 1)),
        min_size=2,
        max_size=20,
    )
)
def test_of_slow_frames_whoever_is_sure_is_kept_as_in_images(
    frames: list[tuple[float, float, float]],
) -> None:
    steps, first, second = zip(*frames, strict=True)
    poses = film([Walker(300), Walker(700)], np.cumsum(steps).tolist())
    for each, *scores in zip(poses, first, second, strict=True):
        each.person_scores[:] = scores
    tracker, confirmation = Tracker(COCO_17), Confirmation(15, seconds=0.5)
    kept = [ready for each in poses for ready in confirmation.push(tracker.push(each)[0])]
    kept += confirmation.flush()
    for found, result in zip(poses, kept, strict=True):
        sure = set(found.person_scores[found.person_scores >= confirmation.sure].tolist())
        assert sure <= set(result.person_scores.tolist())


@given(
    st.floats(0.5, 100),
    st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=3),
    st.floats(60, 400),
)
def test_walkers_of_slow_frames_keep_their_ids(
    step: float, strides: list[float], height: float
) -> None:
    # So many heights from frame to frame, each in a lane of their own.
    walkers = [
        Walker(n * 12 * height, height=height, speed=stride * height / step)
        for n, stride in enumerate(strides)
    ]
    ids, _ = ids_of(walkers, [n * step for n in range(8)])
    assert ids == [list(range(1, len(walkers) + 1))] * 8


def test_who_is_left_out_is_counted_with_the_reason() -> None:
    walkers = [Walker(100), Walker(400, score=0.3), Walker(700, seen=((1.0, 1.3),))]
    _, tally = ids_of(walkers, [n / 30 for n in range(90)])
    assert (tally.found, tally.brief, tally.unsure) == ({1}, 1, 1)


# Bursts of a fast camera, usual videos, slide shows, and every mixture of them.
spacing = st.one_of(
    st.floats(1e-6, 1 / 100), st.floats(1 / 100, 0.5), st.floats(0.5, 100), st.just(1e-3)
)


@given(st.lists(spacing, min_size=2, max_size=40))
def test_people_who_stand_keep_their_ids_at_any_spacing(steps: list[float]) -> None:
    ids, _ = ids_of([Walker(300), Walker(700)], np.cumsum(steps).tolist())
    assert ids == [[1, 2]] * len(steps)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_the_clock_never_stands_still_nor_leaps(times: list[float]) -> None:
    clock = Clock()
    nows = [clock.advance(time) for time in times]
    steps = np.diff(nows)
    assert (steps > 0).all()
    assert (steps <= LONGEST_STEP + 1e-9).all()


def test_a_person_who_is_not_there_is_named_with_those_who_are() -> None:
    tally = Tally(found={1, 2})
    assert tally.without(2) is None
    assert tally.without(9) == "there is no person 9: 2 people found, 1, 2"
    assert Tally().without(1) == "there is no person 1: nobody was found"
