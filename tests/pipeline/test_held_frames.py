"""How many frames wait in memory depends on their size, not on a rate that a header states."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.steps import Seen
from limner.pipeline.steps import track_and_clean
from limner.settings import Settings
from support.people import FakeModel


def held(rate: int, size: tuple[int, int], frames: int = 400) -> int:
    """Return how many frames wait at most."""
    info = FakeModel().info
    step = track_and_clean(info, Settings(), Fraction(rate), size)
    image = np.zeros((2, 2, 3), np.uint8)
    waiting = most = 0
    for number in range(frames):
        time = number / rate
        nobody = Poses.empty(info.skeleton, number, time)
        waiting += 1 - len(step.push(Seen(Frame(image, number, time), nobody, nobody)))
        most = max(most, waiting)
    return most


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160), (7680, 4320)])
@pytest.mark.parametrize("rate", [240, 1000])
def test_what_waits_is_bounded_by_bytes(rate: int, size: tuple[int, int]) -> None:
    assert held(rate, size) * size[0] * size[1] * 1.5 <= 450e6


def test_usual_videos_wait_as_long_as_is_best() -> None:
    assert held(30, (1920, 1080)) == held(30, (3840, 2160)) == held(30, (640, 360)) == 25
