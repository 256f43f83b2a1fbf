"""Everyone's movement in a few numbers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.motion import standing_height
from limner.recording.recording import Recording, load
from limner.recording.summary import movements
from support import walkers


def test_a_walk_of_known_pace_and_speed() -> None:
    walk = walkers.recording(seconds=6)
    for one, number in zip(movements(walk), walk.people, strict=True):
        assert one.person == number
        assert one.steps_per_minute == pytest.approx(120 * walkers.STRIDES_PER_SECOND, rel=0.03)
        assert one.repetitions_per_minute == pytest.approx(
            60 * walkers.STRIDES_PER_SECOND, rel=0.03
        )


def test_the_fastest_moment() -> None:
    walk = walkers.recording(seconds=3, people=(1,))
    height = standing_height(walk.keypoints[:, 0], BLAZEPOSE_33)
    frames = list(walk.frames)
    for index in range(50, len(frames)):  # a leap aside of half a body from one frame on
        frames[index] = replace(frames[index], keypoints=frames[index].keypoints + height / 2)
    (one,) = movements(Recording(walk.header, tuple(frames)))
    (calm,) = movements(walk)
    assert one.fastest_at == pytest.approx(walk.times[50], abs=0.04)
    assert one.fastest is not None
    assert calm.fastest is not None
    assert one.fastest > 10 * np.sqrt(0.5) > 2 * calm.fastest


def test_what_cannot_be_told_is_none() -> None:
    assert movements(Recording(walkers.header(), (Poses.empty(BLAZEPOSE_33),))) == []
    (one, _) = movements(walkers.recording()[30:31])
    assert one.steps_per_minute is None
    assert one.repetitions_per_minute is None
    assert one.fastest is None
    assert one.fastest_at is None


def test_the_sample_clip(demo_recording: Path) -> None:
    """Counted by eye: the woman's ankles make 7 steps in 129 frames, 98 a minute."""
    movement = {one.person: one for one in movements(load(demo_recording))}
    paces = [one.steps_per_minute for one in movement.values() if one.steps_per_minute]
    assert paces == [pytest.approx(98, abs=4)]
    # The man lands from the roof: six metres a second, for a man of 1.8 m.
    fastest = max(movement.values(), key=lambda one: one.fastest or 0)
    assert fastest.fastest_at == pytest.approx(6.25, abs=0.15)
    assert 2.5 < (fastest.fastest or 0) < 4
