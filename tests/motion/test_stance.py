"""Feet that stand, and the line they stand on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Doubles
from limner.core.skeletons import BLAZEPOSE_33
from limner.motion.scale.floor import find_horizon, fit_floor
from limner.motion.scale.stance import Stance, find_stances, upright
from support.figures import figure

TIMES = np.arange(60) / 30
HEIGHT = 400.0
FEET = [
    BLAZEPOSE_33.index(f"{side}_{end}")
    for side in ("left", "right")
    for end in ("heel", "foot_index")
]


def standing(count: int = 60) -> Doubles:
    return np.asarray(figure(count, size=150), np.float64)


def test_who_stands_stands_on_both_feet() -> None:
    found = find_stances(standing(), BLAZEPOSE_33, TIMES, HEIGHT)
    assert len(found) == 4
    assert {(stance.start, stance.end) for stance in found} == {(0.0, TIMES[-1])}
    points = standing()[0, FEET]
    assert sorted(stance.x for stance in found) == pytest.approx(sorted(points[:, 0]))


def test_the_top_of_a_jump_is_no_stance() -> None:
    """Free fall of somebody of 1.75 m."""
    up = (9.81 * (TIMES - 1) ** 2 / 2) * HEIGHT / 1.75
    jump = standing() + np.stack([np.zeros(60), up], axis=1)[:, None]
    assert find_stances(jump, BLAZEPOSE_33, TIMES, HEIGHT) == []


def test_a_foot_that_is_held_up_does_not_stand() -> None:
    points = standing()
    points[:, FEET[:2], 1] -= 0.3 * HEIGHT
    found = find_stances(points, BLAZEPOSE_33, TIMES, HEIGHT)
    assert {round(stance.y, 3) for stance in found} <= {round(y, 3) for y in points[0, FEET[2:], 1]}
    assert len(found) == 2


def test_a_handstand_is_none() -> None:
    points = standing()
    points[..., 1] = -points[..., 1]
    assert find_stances(points, BLAZEPOSE_33, TIMES, HEIGHT) == []


def test_a_foot_that_is_not_seen_ends_its_stay() -> None:
    points = standing()
    points[30, FEET] = np.nan
    found = find_stances(points, BLAZEPOSE_33, TIMES, HEIGHT)
    assert {(stance.start, stance.end) for stance in found} == {
        (0.0, TIMES[29]),
        (TIMES[31], TIMES[59]),
    }


@pytest.mark.parametrize("rate", [10, 24, 60, 240])
def test_at_other_rates(rate: int) -> None:
    times = np.arange(rate) / rate
    assert len(find_stances(standing(rate), BLAZEPOSE_33, times, HEIGHT)) == 4
    slides = standing(rate) + (times * HEIGHT * 0.3)[:, None, None] * (1.0, 0.0)
    assert find_stances(slides, BLAZEPOSE_33, times, HEIGHT) == []


def test_single_images_tell_nothing() -> None:
    assert find_stances(standing(1), BLAZEPOSE_33, TIMES[:1], HEIGHT) == []
    assert find_stances(standing(2), BLAZEPOSE_33, np.array([0.0, 5.0]), HEIGHT) == []
    assert find_stances(standing(), BLAZEPOSE_33, TIMES, np.nan) == []


@pytest.mark.parametrize(
    ("angles", "stands"),
    [
        ({}, True),
        ({"knee": 25, "hip": 20}, True),
        ({"knee": 60, "hip": 50}, False),
        ({"hip": 90, "knee": 90}, False),
        ({"trunk": 20, "hip": 70}, False),
    ],
)
def test_upright(angles: dict[str, Any], stands: bool) -> None:
    assert upright(figure(3, **angles), BLAZEPOSE_33).tolist() == [stands] * 3


@given(
    slope=st.floats(-0.3, 0.3),
    level=st.floats(100, 900),
    wrong=st.lists(st.tuples(st.floats(0, 2000), st.floats(-300, 300)), max_size=3),
    seed=st.integers(0, 99),
)
def test_a_few_wrong_stances_do_no_harm(
    slope: float, level: float, wrong: list[tuple[float, float]], seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(0, 2, 16)
    x = np.linspace(0, 1900, 16)
    y = level + slope * (x - 960) + noise
    places = [*zip(x, y, strict=True)]
    places += [(at, level + slope * (at - 960) + off) for at, off in wrong]
    floor = fit_floor({1: [Stance(*place, 0, 1) for place in places]}, {1: HEIGHT}, 960)
    assert floor.angle == pytest.approx(-np.degrees(np.arctan(slope)), abs=0.5)
    assert floor.levels[1] == pytest.approx(level, abs=6)


def test_stairs_are_no_floor_and_two_places_no_slope() -> None:
    stairs = [Stance(200.0 * step, 900.0 - 120 * step, step, step + 1) for step in range(4)]
    more = [Stance(800.0 - 200 * step, 300.0 - 130 * step, step, step + 1) for step in range(4)]
    floor = fit_floor({1: stairs + more}, {1: HEIGHT}, 960)
    assert floor.angle is None
    assert floor.levels == {}
    near = [Stance(500.0, 800, 0, 1), Stance(560.0, 806, 0, 1)]
    floor = fit_floor({1: near, 2: []}, {1: HEIGHT, 2: HEIGHT}, 960)
    assert (floor.angle, floor.error, floor.slope) == (None, None, 0.0)
    assert floor.levels == {1: pytest.approx(803)}


def test_the_horizon_needs_three_who_agree() -> None:
    scale = {1: 100.0, 2: 150.0, 3: 220.0}  # pixels a metre

    def floor(levels: dict[int, float]) -> float | None:
        stances = {who: [Stance(960, y, 0, 1)] for who, y in levels.items()}
        found = find_horizon(
            fit_floor(stances, dict.fromkeys(levels, HEIGHT), 960),
            {who: 1 / scale[who] for who in levels},
        )
        return None if found is None else found.level

    level = {who: 400 + 1.5 * pixels for who, pixels in scale.items()}
    assert floor(level) == pytest.approx(400)
    assert floor({1: level[1], 2: level[2]}) is None
    assert floor({**level, 2: level[2] - 60}) is None
    assert floor(dict.fromkeys(scale, 700.0)) is None
