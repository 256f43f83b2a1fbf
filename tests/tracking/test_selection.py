from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.errors import UsageError
from limner.tracking import Selector, choose, rank_people
from limner.tracking.selection import parse_person, parse_roi
from support.crowd import Walker, film, whose

# 1: small and always there; 2: large, in the middle, away for a second; 3: late.
WALKERS = (
    Walker(100, height=120),
    Walker(450, height=300, seen=((0, 1), (2, 4))),
    Walker(800, height=200, seen=((0.5, 4),)),
)
SIZE = (1000, 600)


def frames() -> list[Poses]:
    return [
        replace(poses, ids=np.array(whose(poses), np.int64) + 1)
        for poses in film(WALKERS, np.arange(0, 4, 1 / 10))
    ]


def chosen(chooser: Selector, clip: Sequence[Poses]) -> list[list[int]]:
    return [chooser.push(poses)[0].ids.tolist() for poses in clip]


def test_without_a_wish_everyone_is_kept() -> None:
    assert chosen(Selector(), frames()) == [poses.ids.tolist() for poses in frames()]


def test_the_largest_stays_chosen_through_an_occlusion() -> None:
    ids = chosen(Selector(person="largest"), frames())
    assert ids[0] == ids[-1] == [2]
    assert ids[15] == []  # hidden, and nobody takes the place


def test_a_place_is_free_again_after_a_while() -> None:
    ids = chosen(Selector(person="largest", patience=0.5), frames())
    assert ids[0] == [2]
    assert ids[19] == ids[-1] == [3]


def test_so_many_people() -> None:
    ids = chosen(Selector(max_people=2), frames())
    assert ids[0] == ids[-1] == [1, 2]  # the third came when the places were taken
    assert ids[15] == [1]


def test_the_nearest_to_the_center() -> None:
    assert chosen(Selector(person="center", size=SIZE), frames())[0] == [2]
    assert chosen(Selector(person="center", size=(200, 600)), frames())[0] == [1]


def test_a_certain_person() -> None:
    ids = chosen(Selector(person=3), frames())
    assert ids[0] == []
    assert ids[-1] == [3]


def test_only_people_in_the_area() -> None:
    assert chosen(Selector(roi=(400, 0, 600, 600)), frames())[-1] == [2, 3]
    assert chosen(Selector(max_people=1, roi=(700, 0, 300, 600)), frames())[-1] == [3]


def test_the_whole_clip_says_who_is_there_longest() -> None:
    assert rank_people(frames(), "longest") == [1, 3, 2]
    assert rank_people(frames(), "largest") == [2, 3, 1]
    assert rank_people(frames(), "center", size=SIZE)[0] == 2
    kept = choose(frames(), person="longest")
    assert [poses.ids.tolist() for poses in kept] == [[1]] * 40
    kept = choose(frames(), max_people=2, person="longest")
    assert kept[-1].ids.tolist() == [1, 3]
    assert [len(poses) for poses in choose(frames(), person=2)] == [
        int(2 in poses.ids) for poses in frames()
    ]
    assert choose([], person="longest") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_people": 0}, "expected 1 or more, got 0"),
        ({"person": "tallest"}, "person 'tallest': expected largest, center, longest or an id"),
        ({"person": 0}, "ids count from 1"),
        ({"person": "center"}, "the size of the image is needed"),
        ({"person": "longest"}, "known at the end of the clip only"),
        ({"roi": (0, 0, 0, 10)}, "roi 0,0,0,10: expected an area x,y,w,h"),
        ({"roi": (0, 0, np.nan, 10)}, "expected an area x,y,w,h"),
    ],
)
def test_wishes_that_make_no_sense(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Selector(**options)  # type: ignore[arg-type]


def test_wishes_are_read_from_text() -> None:
    assert parse_person("largest") == "largest"
    assert parse_person("12") == 12
    assert parse_roi("1,2,3.5,4") == (1, 2, 3.5, 4)
    for text in ("0", "-1", "tallest", ""):
        with pytest.raises(UsageError):
            parse_person(text)
    for text in ("1,2,3", "a,b,c,d", "", "1,2,-3,4"):
        with pytest.raises(UsageError):
            parse_roi(text)
