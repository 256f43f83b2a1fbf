"""The demo's scale against Sports2D's, which ships its own calibration of that clip.

``Sports2D/Demo/Calib_demo.toml`` of its release 0.8.34 was made by Sports2D from the same film and
the woman's height of 1.65 m: 2520.09 pixels of focal length at 10 m are 252.0 pixels a metre,
and its world's origin and axes put the floor at y = 928.6 in the middle of the image, falling
by 0.077 degrees to the right.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import RecordingError
from limner.motion.scale.value import Plane
from limner.recording.recording import load

PIXELS_PER_METRE, FLOOR, ANGLE = 252.009, 928.6, -0.0768
CALIBRATION = """
[demo]
name = "demo"
size = [1768, 994]
matrix = [[2520.08970582, 0.0, 884.0], [0.0, 2520.08970582, 497.0], [0.0, 0.0, 1.0]]
distortions = [0.0, 0.0, 0.0, 0.0]
rotation = [1.20821269, 1.20983286, -1.20821269]
translation = [-3.51010352, 1.70793100, 10.0]
fisheye = false
"""


def woman(people: dict[int, Plane]) -> tuple[int, Plane]:
    """She walks before the house, the man stands on its roof."""
    return max(people.items(), key=lambda item: item[1].origin[1] * item[1].on_floor)


def test_a_height_agrees_with_sports2d(demo_recording: Path) -> None:
    scale = load(demo_recording).scaled(height=1.65).header.scale
    assert scale is not None
    _, plane = woman(dict(scale.people))
    # limner takes her for 431 pixels tall, Sports2D for 416, a ruler for 418.
    assert 1 / plane.metres_per_pixel == pytest.approx(PIXELS_PER_METRE, rel=0.045)
    assert plane.on_floor
    assert plane.origin[1] == pytest.approx(FLOOR, abs=4)
    assert scale.floor_angle is not None
    assert scale.floor_error is not None
    assert scale.floor_angle == pytest.approx(ANGLE, abs=2 * scale.floor_error)
    assert scale.floor_error < 0.5
    assert scale.horizon is None  # one of the two is on a roof


def test_its_calibration_gives_its_metres(demo_recording: Path, tmp_path: Path) -> None:
    (tmp_path / "Calib_demo.toml").write_text(CALIBRATION)
    recording = load(demo_recording).scaled(calibration=tmp_path / "Calib_demo.toml")
    scale = recording.header.scale
    assert scale is not None
    who, plane = woman(dict(scale.people))
    assert 1 / plane.metres_per_pixel == pytest.approx(PIXELS_PER_METRE, rel=0.01)
    assert scale.floor_angle == pytest.approx(ANGLE, abs=0.001)
    # The camera sees the roof from below its feet.
    others = set(recording.people) - {who}
    assert not others & set(scale.people)
    with pytest.raises(RecordingError, match="and not of person"):
        scale.plane(others.pop())
