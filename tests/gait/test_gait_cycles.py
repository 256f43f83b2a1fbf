"""Joint angles over the gait cycle, of figures whose every angle is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from limner.core.arrays import Doubles
from limner.gait.cycles import PERCENT, find_cycles
from limner.gait.events import SIDES
from limner.gait.measures import Measure, Statistic
from limner.gait.samples import sample
from limner.gait.strides import Stride
from support.figures import figure
from support.gaits import recording

PERIOD = 1.1


def true_angle(joint: str, part: Doubles, deeper: Doubles | float = 0.0) -> Doubles:
    wave = 2 * np.pi * part
    if joint == "hip":
        return 8 + 25 * np.cos(wave)
    if joint == "knee":
        return 30 - (25 + deeper) * np.cos(wave - 0.7)
    return 10 * np.sin(wave)


def strides(count: int) -> list[Stride]:
    result = []
    for number in range(count):
        for side, late in zip(SIDES, (0.0, 0.5), strict=True):
            start = PERIOD * (number + late)
            end, off, strike, other = (start + PERIOD * part for part in (1, 0.6, 0.5, 0.1))
            result.append(Stride(side, start, end, off, strike, other, 1.0, 1.0))
    return result


def keypoints(times: Doubles, deepest: Doubles | float = 0.0) -> Doubles:
    angles: dict[str, Any] = {
        f"{side}_{joint}": true_angle(joint, times / PERIOD - late, deepest)
        for side, late in (("left", 0.0), ("right", 0.5))
        for joint in ("hip", "knee", "ankle")
    }
    return figure(len(times), **angles)


@pytest.mark.parametrize("forward", [1, -1])
def test_the_curves_are_the_true_ones(forward: int) -> None:
    times = np.arange(250) / 50
    points = keypoints(times)
    points[..., 0] *= forward
    samples = sample(recording(points, times).track(1))
    cycles = find_cycles(samples, [(slice(0, 250), forward, strides(4))])
    assert {(c.side, c.joint) for c in cycles} == {
        (side, joint) for side in ("left", "right") for joint in ("hip", "knee", "ankle")
    }
    for cycle in cycles:
        assert cycle.count == 4
        np.testing.assert_allclose(cycle.mean, true_angle(cycle.joint, PERCENT / 100), atol=0.5)
        assert cycle.spread.max() < 0.5
        truth = np.ptp(true_angle(cycle.joint, PERCENT / 100))
        np.testing.assert_allclose(cycle.ranges, truth, atol=0.5)


def test_the_band_is_the_spread_of_the_strides() -> None:
    """Each stride bends the knee 6 degrees more than the last: 1, 7, 13, 19 at its deepest."""
    times = np.arange(500) / 100
    deeper = 6 * np.floor(times / PERIOD)
    samples = sample(recording(keypoints(times, deeper), times).track(1))
    cycles = find_cycles(samples, [(slice(0, 500), 1, strides(4))])
    knee = next(c for c in cycles if (c.side, c.joint) == ("left", "knee"))
    deepest = int(true_angle("knee", PERCENT / 100).argmax())
    assert knee.spread[deepest] == pytest.approx(np.std([0, 6, 12, 18], ddof=1), abs=0.3)
    assert knee.mean[deepest] == pytest.approx(55 + 9, abs=0.3)


def test_strides_in_which_a_joint_is_hidden_do_not_count() -> None:
    times = np.arange(250) / 50
    points = keypoints(times)
    points[60:75, 25] = np.nan  # the left knee, 0.3 s in the second left stride
    points[20:23, 26] = np.nan  # the right one, for a moment that is filled
    samples = sample(recording(points, times).track(1))
    counts = {
        (c.side, c.joint): c.count for c in find_cycles(samples, [(slice(0, 250), 1, strides(4))])
    }
    assert counts["left", "knee"] == counts["left", "hip"] == counts["left", "ankle"] == 3
    assert counts["right", "knee"] == 4


def test_few_values_say_nothing_of_a_difference() -> None:
    one, two = Statistic.of([1.0]), Statistic.of([1.0, 1.2, np.nan])
    assert np.isnan(one.spread)
    assert two.count == 2
    sound, lame = Statistic.of([1.0, 1.1, 1.2]), Statistic.of([2.0, 2.1, 2.2])
    assert np.isnan(Measure("a", "a", "s", sound, two, sound).asymmetry)
    assert np.isnan(Measure("a", "a", "s", sound, sound, two).asymmetry)
    assert Measure("a", "a", "s", sound, sound, lame).asymmetry == pytest.approx(100 / 1.6)
