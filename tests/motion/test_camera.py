"""A calibrated camera, against its formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.core.arrays import Doubles
from limner.motion.scale.calibration import read_calibration
from limner.motion.scale.camera import Camera
from support.scenes import View

MATRIX = ((900.0, 0.0, 639.5), (0.0, 900.0, 359.5), (0.0, 0.0, 1.0))
GRID = np.stack(np.meshgrid(np.arange(0, 1281, 80.0), np.arange(0, 721, 80.0)), -1).reshape(-1, 2)


def camera(view: View, folder: pytest.TempPathFactory) -> Camera:
    path = folder.mktemp("camera") / "Calib.toml"
    path.write_text(view.toml())
    return read_calibration(path, view.size)


@settings(max_examples=25)
@given(
    k1=st.floats(-0.3, 0.3),
    k2=st.floats(-0.1, 0.1),
    p1=st.floats(-0.01, 0.01),
    p2=st.floats(-0.01, 0.01),
)
def test_the_lens_and_back(
    k1: float, k2: float, p1: float, p2: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Where the way back leads nowhere there is no number, and never a wrong one."""
    view = View(lens=(k1, k2, p1, p2), focal=900, size=(1280, 720))
    straight = camera(view, tmp_path_factory).undistort(GRID)
    known = np.isfinite(straight).all(axis=1)
    rays = np.concatenate([(straight[known] - view.middle) / 900, np.ones((known.sum(), 1))], 1)
    sent = view.pixels((rays - view.shift) @ view.turn)  # from the camera's axes to the world's
    assert np.abs(sent - GRID[known]).max(initial=0) < 0.15
    middle = np.linalg.norm(GRID - view.middle, axis=1) < 400
    assert np.all(known | ~middle)


def test_a_fisheye_lens() -> None:
    """Kannala and Brandt 2006: the angle from the axis is what is stretched."""
    k = (-0.02, 0.003, -0.001, 0.0002)
    lens = Camera("fish", (1280, 720), MATRIX, k, fisheye=True)
    middle = np.array([640.0, 360.0])
    rays = (GRID - middle) / 900
    far = np.linalg.norm(rays, axis=1, keepdims=True)
    angle = np.arctan(far)
    bent = angle * sum((k * angle ** (2 * n) for n, k in enumerate(k, 1)), np.ones_like(angle))
    seen = middle + 900 * rays * np.divide(bent, far, out=np.ones_like(far), where=far > 0)
    np.testing.assert_allclose(lens.undistort(seen), GRID, atol=0.1)
    np.testing.assert_allclose(lens.distort(GRID), seen, atol=1e-6)


def test_what_is_missing_stays_missing() -> None:
    points = np.array([[[10.0, 20.0], [np.nan, np.nan]]])
    for lens in ((), (0.1, 0.0, 0.0, 0.0)):
        found = Camera("plain", (1280, 720), MATRIX, lens).undistort(points)
        assert found.shape == points.shape
        assert np.isnan(found[0, 1]).all()
        assert np.isfinite(found[0, 0]).all()


@settings(max_examples=25)
@given(
    high=st.floats(1, 4),
    pitch=st.floats(0, 35),
    lean=st.floats(-15, 15),
    way=st.floats(-60, 60),
    place=st.tuples(st.floats(-2, 2), st.floats(4, 9)),
)
def test_floor_and_walls(
    high: float,
    pitch: float,
    lean: float,
    way: float,
    place: tuple[float, float],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    view = View(high, 1000, lean, pitch, (-0.1, 0.01, 0.001, 0.0), (1920, 1080))
    seen = camera(view, tmp_path_factory)
    np.testing.assert_allclose(seen.place, (0, 0, high), atol=1e-6)
    floor = np.array([[*place, 0.0]])
    pixel = view.pixels(floor)
    np.testing.assert_allclose(seen.project(floor), pixel, atol=1e-6)
    assert seen.depth(floor[0, :2]) == pytest.approx((view.turn @ floor[0] + view.shift)[2])
    found = seen.on_floor(pixel)
    if np.isfinite(found).all():
        np.testing.assert_allclose(found[0], place, atol=0.05)
    else:  # a pixel up or down is much of the distance, or the lens's way back leads nowhere
        assert pitch < 5 or np.isnan(seen.undistort(pixel)).any()
    turn = np.radians(way)
    along = np.array([np.cos(turn), np.sin(turn)])
    on_wall: Doubles = np.array([[0.0, 0.0], [0.5, 1.0], [-0.5, 1.8]])
    world = np.array([[*(np.array(place) + a * along), up] for a, up in on_wall])
    straight = seen.on_wall(view.pixels(world), np.array(place), along)
    known = np.isfinite(straight).all(axis=1)
    if abs(np.degrees(np.arctan2(*place)) + way) < 70:  # not looked at from its edge
        np.testing.assert_allclose(straight[known], on_wall[known], atol=0.02)


def test_the_sky_is_no_floor(tmp_path_factory: pytest.TempPathFactory) -> None:
    view = View(1.5, pitch=0)
    found = camera(view, tmp_path_factory).on_floor(np.array([[960.0, 100.0], [960.0, 545.0]]))
    assert np.isnan(found).all()
