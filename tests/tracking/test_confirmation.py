from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.tracking import Confirmation, Tracker
from support.crowd import Walker, film, whose


def passed(walkers: Sequence[Walker], seconds: float, lag: int, rate: int = 30) -> list[Poses]:
    tracker, ghosts = Tracker(COCO_17), Confirmation(lag)
    ready = []
    for poses in film(walkers, np.arange(0, seconds, 1 / rate)):
        ready += ghosts.push(tracker.push(poses)[0])
    return ready + ghosts.flush()


def seen(frames: Sequence[Poses], walker: int) -> list[float]:
    return [poses.time for poses in frames if walker in whose(poses)]


def test_a_person_is_there_from_the_first_frame() -> None:
    frames = passed([Walker(300, seen=((1, 3),))], 3, lag=16)
    assert seen(frames, 0) == [poses.time for poses in frames if poses.time >= 1]


def test_without_lag_a_person_appears_once_sure() -> None:
    times = seen(passed([Walker(300, seen=((1, 3),))], 3, lag=0), 0)
    assert times[0] == pytest.approx(1.5, abs=0.04)
    assert len(times) == 45


@pytest.mark.parametrize("lag", [0, 8, 16])
def test_ghosts_are_gone(lag: int) -> None:
    walkers = [
        Walker(100),
        Walker(400, score=0.3),  # never sure
        Walker(700, seen=((1.0, 1.3),)),  # there for a moment
    ]
    frames = passed(walkers, 3, lag)
    assert seen(frames, 0)
    assert not seen(frames, 1)
    assert not seen(frames, 2)


def test_people_are_numbered_as_they_appear() -> None:
    walkers = [
        Walker(100, score=0.2),
        Walker(400, seen=((0.5, 3),)),
        Walker(700, seen=((1, 3),)),
        Walker(1000, seen=((0.2, 3),)),
    ]
    frames = passed(walkers, 3, lag=16)
    assert frames[-1].ids.tolist() == [1, 2, 3]
    assert whose(frames[-1]) == [3, 1, 2]


def test_somebody_cut_off_by_the_end_is_a_person() -> None:
    frames = passed([Walker(300, seen=((2.8, 9),)), Walker(900, score=0.3)], 3, lag=16)
    assert len(seen(frames, 0)) == 6
    assert not seen(frames, 1)


def test_a_clip_of_one_frame_keeps_its_people() -> None:
    assert [len(poses) for poses in passed([Walker(300), Walker(600)], 0.01, lag=16)] == [2]


def test_a_person_seen_unsurely_for_a_while_stays() -> None:
    tracker, ghosts, ready = Tracker(COCO_17), Confirmation(16), []
    for poses in film([Walker(300)], np.arange(0, 3, 1 / 30)):
        if poses.index % 3 == 0:
            poses.person_scores[:] = 0.3
        ready += ghosts.push(tracker.push(poses)[0])
    ready += ghosts.flush()
    # Two frames of three are sure, so half a second of being sure takes three quarters.
    assert all(poses.ids.tolist() == [1] for poses in ready if poses.time >= 0.25)


def test_a_negative_lag_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or more frames, got -1"):
        Confirmation(-1)


@given(
    st.integers(0, 20),
    st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1), st.floats(0.2, 1)), max_size=4),
)
def test_every_frame_comes_out_once_in_order(
    lag: int, people: list[tuple[float, float, float]]
) -> None:
    walkers = [
        Walker(300 * i, score=score, seen=((start, start + length),))
        for i, (start, length, score) in enumerate(people)
    ]
    frames = passed(walkers, 2, lag, rate=15)
    assert [poses.index for poses in frames] == list(range(30))
    numbers: list[int] = []
    for poses in frames:
        ids = poses.ids.tolist()
        assert len(set(ids)) == len(ids)
        numbers += [person for person in ids if person not in numbers]
    assert numbers == list(range(1, len(numbers) + 1))
