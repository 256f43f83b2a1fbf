"""Who never moves is told from who does, whatever the jitter and the size."""

from __future__ import annotations

import numpy as np
import pytest

from limner.motion.stillness import Stillness
from support.people import body, people

RATE = 30


@pytest.mark.parametrize("height", [60, 400, 1500])
def test_jitter_is_no_motion_and_swaying_is(height: int) -> None:
    random = np.random.default_rng(0)
    stillness = Stillness(0.3)
    for index in range(4 * RATE):
        jitter = random.normal(0, 0.005 * height, (3, 17, 2)).astype(np.float32)
        bodies = np.stack([body(x, 10, height) for x in (100, 900, 1700)]) + jitter
        bodies[1, :, 0] += 0.02 * height * np.sin(index / RATE * 3)  # sways
        bodies[2, 9:11] += 0.1 * height * np.sin(index / RATE * 3)  # only a hand waves
        bodies[2, 7:9] += 0.05 * height * np.sin(index / RATE * 3)
        bodies[2, 5:7] += 0.02 * height * np.sin(index / RATE * 3)
        poses = people(*bodies)
        poses.index, poses.time = index, index / RATE
        stillness.add(poses)
    assert stillness.still() == {1}


def test_who_is_seen_too_briefly_or_nowhere_is_not_still() -> None:
    stillness = Stillness(0.3)
    for index in range(RATE):
        poses = people(body(100, 10, 200), *[body(500, 10, 200)] * (index < 5))
        poses.scores[0] = 0.1
        poses.time = index / RATE
        stillness.add(poses)
    assert stillness.still() == set()
