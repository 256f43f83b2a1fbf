"""Regions map to patches whatever their place, size, aspect and angle."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.frame import Frame
from limner.core.region import Region

PLACES = st.floats(-2000, 2000)
SIDES = st.floats(1, 3000)


@given(
    x=PLACES,
    y=PLACES,
    width=SIDES,
    height=SIDES,
    angle=st.floats(-math.pi, math.pi),
    size=st.tuples(st.integers(1, 512), st.integers(1, 512)),
)
def test_the_matrix_maps_corners_to_corners(
    x: float, y: float, width: float, height: float, angle: float, size: tuple[int, int]
) -> None:
    w, h = size
    matrix = Region(x, y, width, height, angle).matrix(size)
    corners = matrix @ np.array([[0, w, w, 0, w / 2], [0, 0, h, h, h / 2], [1] * 5])
    right = np.array([math.cos(angle), math.sin(angle)]) * width / 2
    down = np.array([-math.sin(angle), math.cos(angle)]) * height / 2
    offsets = [-right - down, right - down, right + down, down - right, 0 * right]
    expected = np.array([x, y])[:, None] + np.array(offsets).T
    scale = width + height + abs(x) + abs(y)
    np.testing.assert_allclose(corners, expected, atol=1e-6 * scale)


def test_crops_are_one_batch_of_turned_rectangles() -> None:
    image = np.zeros((120, 160, 3), np.uint8)
    image[30:50, 40:100] = (255, 0, 0)  # lies from (40, 30) to (100, 50)
    image[30:50, 90:100] = (0, 255, 0)  # its right end
    along = Region(70, 40, 60, 20)
    upright = Region(70, 40, 20, 60, math.pi / 2)  # the same, seen with its head to the right
    batch = Frame(image).crops([along, upright], (20, 60))
    assert batch.shape == (2, 60, 20, 3)
    assert batch.dtype == np.uint8
    lying, turned = batch
    assert tuple(lying[30, 3]) == (255, 0, 0)
    assert tuple(lying[30, 18]) == (0, 255, 0)  # squeezed: the end is at the right
    assert tuple(turned[3, 10]) == (0, 255, 0)  # turned: the end is at the top
    assert tuple(turned[40, 10]) == (255, 0, 0)


def test_crops_are_black_outside() -> None:
    batch = Frame(np.full((10, 10, 3), 200, np.uint8)).crops([Region.square(0, 0, 10)], (10, 10))
    assert batch[0, 2, 2].tolist() == [0, 0, 0]
    assert batch[0, 8, 8].tolist() == [200, 200, 200]
    assert Frame(np.zeros((4, 4, 3), np.uint8)).crops([], (6, 5)).shape == (0, 5, 6, 3)


@pytest.mark.parametrize(("width", "height", "size"), [(30, 40, 40), (40, 30, 40)])
def test_its_size_is_the_longer_side(width: float, height: float, size: float) -> None:
    assert Region(0, 0, width, height).size == size
