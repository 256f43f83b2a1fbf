"""The sentence on a person who was asked for and is not there."""

from __future__ import annotations

from limner.tracking import Tally


def test_who_there_is() -> None:
    assert Tally(found={1, 2}).without(2) is None
    assert Tally().without(1) == "there is no person 1: nobody was found"
    assert Tally(found={2, 1}).without(9) == "there is no person 9: 2 people found, 1, 2"
    many = Tally(found=set(range(1, 31))).without(99)
    assert many == "there is no person 99: 30 people found, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ... 30"


def test_reasons_that_hold_for_nobody_are_not_named() -> None:
    assert Tally(found={1}, kept={1}).left_out() == []
    tally = Tally(found={1, 2, 3}, kept={1}, brief=1, unsure=4)
    assert tally.left_out() == [
        "2 not asked for",
        "1 seen surely for a moment only",
        "4 never seen surely",
    ]
