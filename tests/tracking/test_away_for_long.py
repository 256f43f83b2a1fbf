"""Who is away for two to three seconds is joined again where place and build agree, else not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.skeletons import COCO_17
from limner.tracking import Tracker
from support.crowd import Walker, film, whose

gaps = st.floats(2.1, 2.8)
heights = st.floats(60, 400)
speeds = st.floats(-0.8, 0.8)  # body heights per second
phases = st.floats(0, 6)


def ids_of(walkers: list[Walker], seconds: float = 5.5, rate: float = 30) -> list[set[int]]:
    """Return the ids each walker had."""
    tracker = Tracker(COCO_17)
    ids: list[set[int]] = [set() for _ in walkers]
    for poses in film(walkers, np.arange(0, seconds, 1 / rate), shuffle=1):
        tracked = tracker.push(poses)[0]
        for walker, person in zip(whose(tracked), tracked.ids.tolist(), strict=True):
            ids[walker].add(person)
    return ids


@pytest.mark.parametrize("rate", [2, 10, 30, 120])
@pytest.mark.parametrize("speed", [0, 60])
def test_a_person_away_for_nearly_three_seconds_is_joined_again(rate: float, speed: float) -> None:
    walker = Walker(300, speed=speed, seen=((0, 1), (3.8, 6)))
    assert ids_of([walker], rate=rate) == [{1}]


@given(gaps, heights, speeds, phases)
def test_whoever_goes_on_where_they_should_be_is_joined(
    gap: float, height: float, speed: float, phase: float
) -> None:
    seen = ((0.0, 1.5), (1.5 + gap, 9.0))
    walker = Walker(600, height=height, speed=speed * height, phase=phase, seen=seen)
    assert ids_of([walker]) == [{1}]


@given(gaps, heights, st.floats(1.4, 3), st.booleans(), st.floats(-0.5, 0.5), phases)
def test_somebody_of_another_build_is_not_joined(
    gap: float, height: float, ratio: float, larger: bool, offset: float, phase: float
) -> None:
    other = height * ratio if larger else height / ratio
    walkers = [
        Walker(600, height=height, seen=((0, 1.5),)),
        Walker(600 + offset * height, height=other, phase=phase, seen=((1.5 + gap, 9),)),
    ]
    assert ids_of(walkers) == [{1}, {2}]


@given(gaps, heights, st.floats(1.3, 4), st.sampled_from([-1, 1]), phases)
def test_somebody_of_the_same_build_in_another_place_is_not_joined(
    gap: float, height: float, offset: float, side: int, phase: float
) -> None:
    walkers = [
        Walker(600, height=height, seen=((0, 1.5),)),
        Walker(600 + side * offset * height, height=height, phase=phase, seen=((1.5 + gap, 9),)),
    ]
    assert ids_of(walkers) == [{1}, {2}]


@given(gaps, heights, st.floats(0.6, 1.2), phases)
def test_who_enters_where_another_walked_away_from_is_not_joined(
    gap: float, height: float, speed: float, phase: float
) -> None:
    # One walks off to the right; the next comes after them by the same way.
    walkers = [
        Walker(600, height=height, speed=speed * height, seen=((0, 1.5),)),
        Walker(600, height=height, phase=phase, seen=((1.5 + gap, 9),)),
    ]
    assert ids_of(walkers) == [{1}, {2}]


@given(gaps, heights, st.floats(0, 1))
def test_of_two_who_come_back_each_is_joined_as_themselves(
    gap: float, height: float, later: float
) -> None:
    walkers = [
        Walker(600, height=height, seen=((0, 1.5), (1.5 + gap, 9))),
        Walker(600 + 3 * height, height=height, seen=((0, 1.4), (1.4 + gap, 9))),
    ]
    ids = ids_of(walkers)
    assert sorted(map(list, ids)) == [[1], [2]]


@given(heights, st.floats(3.2, 4))
def test_longer_than_three_seconds_is_too_long(height: float, gap: float) -> None:
    walker = Walker(600, height=height, seen=((0.0, 1.5), (1.5 + gap, 9.0)))
    assert ids_of([walker], seconds=6) == [{1, 2}]
