"""A body read upside down on a surer one is no second person."""

from __future__ import annotations

import math

import numpy as np

from limner.core.region import Region
from limner.models.topdown.parts import Look
from limner.models.topdown.suppress import suppress_reversed


def look(score: float, x: float, angle: float) -> Look:
    region = Region.square(x, 200, 500, angle)
    return Look(np.zeros((17, 2), np.float32), np.ones(17, np.float32), score, 1, region, region)


def test_only_the_less_sure_of_two_opposite_readings_goes() -> None:
    man, ghost = look(0.9, 600, 0), look(0.6, 620, math.pi)
    beside, far = look(0.7, 610, 0.3), look(0.5, 900, math.pi)
    left = suppress_reversed([ghost, man, beside, far])
    assert [each.person_score for each in left] == [0.9, 0.7, 0.5]
    assert len(suppress_reversed([ghost, man], followed=1)) == 2
