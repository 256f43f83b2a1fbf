"""NanoDet's decoding: made-up outputs that tell of known boxes, and what the network is given."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.region import Region
from limner.models.nanodet import SIZE, NanoDet
from limner.models.topdown import Detection
from limner.runtime import Running

STRIDES = (8, 16, 32)
Box = tuple[float, float, float, float]


class Outputs:
    """A network that gives what a test has written, and remembers what it was given."""

    backend, device, precision = "none", "none", "f32"

    def __init__(self) -> None:
        self.given: list[Floats] = []
        self.scores = {s: np.zeros((1, (SIZE // s) ** 2, 80), np.float32) for s in STRIDES}
        self.steps = {s: np.zeros((1, (SIZE // s) ** 2, 44), np.float32) for s in STRIDES}

    def tell(
        self, stride: int, cell: tuple[int, int], box: Box, score: float, kind: int = 0
    ) -> None:
        """Let a cell (column, row) tell of a box (left, top, right, bottom) in input pixels."""
        column, row = cell
        number = row * (SIZE // stride) + column
        self.scores[stride][0, number, kind] = score
        x, y = (column + 0.5) * stride, (row + 0.5) * stride
        reach = np.array([x - box[0], y - box[1], box[2] - x, box[3] - y]) / stride
        for side, value in enumerate(reach):
            # All the probability is on the two steps about the value, as its mean wants it.
            likely = np.full(11, 1e-12)
            low = min(int(value), 9)
            likely[low], likely[low + 1] = low + 1 - value, value - low
            logits = np.log(np.maximum(likely, 1e-12)) + 100  # any number may be added
            self.steps[stride][0, number, 11 * side : 11 * side + 11] = logits

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        self.given.append(batch)
        pairs = [*self.scores.values(), *self.steps.values()]
        # Outputs have no names to go by.
        return {str(number): pairs[number] for number in (3, 0, 5, 1, 4, 2)}

    def start(self, batch: Floats) -> Running:
        answer = self(batch)
        return lambda: answer


def look(network: Outputs, square: Region | None = None, threshold: float = 0.3) -> list[Detection]:
    square = square or Region.square(SIZE / 2, SIZE / 2, SIZE)
    frame = Frame(np.zeros((SIZE, SIZE, 3), np.uint8))
    return NanoDet(network).start(frame, [square], threshold)()


def corners(found: Detection) -> Box:
    box = found.region
    return (
        box.x - box.width / 2,
        box.y - box.height / 2,
        box.x + box.width / 2,
        box.y + box.height / 2,
    )


@pytest.mark.parametrize(
    ("stride", "cell", "box"),
    [
        (8, (20, 31), (150.0, 230.0, 180.0, 300.0)),
        (16, (10, 3), (110.0, 12.0, 200.0, 190.0)),
        (32, (6, 6), (48.0, 20.0, 330.0, 400.0)),
    ],
)
def test_a_cell_of_each_grid_tells_of_a_box(stride: int, cell: tuple[int, int], box: Box) -> None:
    network = Outputs()
    network.tell(stride, cell, box, 0.8)
    (found,) = look(network)
    assert corners(found) == pytest.approx(box, abs=1e-3)
    assert found.score == pytest.approx(0.8)
    assert found.region.angle == 0


@given(
    st.sampled_from(STRIDES),
    st.tuples(st.integers(0, 12), st.integers(0, 12)),
    st.tuples(*[st.floats(0.05, 10)] * 4),
    st.floats(0.35, 1),
)
def test_any_box_comes_back(
    stride: int, cell: tuple[int, int], reach: tuple[float, ...], score: float
) -> None:
    x, y = (cell[0] + 0.5) * stride, (cell[1] + 0.5) * stride
    left, top, right, bottom = (value * stride for value in reach)
    box = (x - left, y - top, x + right, y + bottom)
    network = Outputs()
    network.tell(stride, cell, box, score)
    (found,) = look(network)
    assert corners(found) == pytest.approx(box, abs=1e-2)
    assert found.score == pytest.approx(score)


def test_only_people_count_and_from_the_threshold_on() -> None:
    network = Outputs()
    network.tell(16, (5, 5), (60.0, 60.0, 120.0, 120.0), 0.9, kind=1)
    network.tell(16, (15, 15), (200.0, 200.0, 280.0, 290.0), 0.29)
    assert look(network) == []
    assert [found.score for found in look(network, threshold=0.28)] == [pytest.approx(0.29)]


def test_the_surest_of_boxes_of_one_person() -> None:
    """Of those on the same body one stays, whichever grid it came from; neighbours both stay."""
    network = Outputs()
    network.tell(32, (4, 5), (100.0, 100.0, 200.0, 300.0), 0.6)
    network.tell(16, (9, 12), (104.0, 104.0, 204.0, 290.0), 0.7)
    network.tell(16, (16, 12), (190.0, 100.0, 290.0, 300.0), 0.5)
    found = look(network)
    assert [one.score for one in found] == [pytest.approx(0.7), pytest.approx(0.5)]
    assert corners(found[0]) == pytest.approx((104.0, 104.0, 204.0, 290.0), abs=1e-3)


@pytest.mark.parametrize("angle", [0.0, math.pi / 2, math.pi, 0.3])
def test_boxes_are_where_the_square_is(angle: float) -> None:
    """The box is a turned one in a turned square, as large as the square makes it."""
    square = Region.square(900, 500, 2 * SIZE, angle)
    network = Outputs()
    network.tell(16, (16, 12), (200.0, 120.0, 300.0, 300.0), 0.8)
    (found,) = look(network, square)
    # From the square's middle (208, 208) to the box's (250, 210), doubled and turned.
    across, down = 2 * 42.0, 2 * 2.0
    x = 900 + across * math.cos(angle) - down * math.sin(angle)
    y = 500 + across * math.sin(angle) + down * math.cos(angle)
    assert (found.region.x, found.region.y) == pytest.approx((x, y), abs=1e-2)
    assert (found.region.width, found.region.height) == pytest.approx((200, 360), abs=1e-2)
    assert found.region.angle == angle


def test_what_the_network_is_given() -> None:
    """BGR less its mean over its deviation, grey about an image that is no square."""
    image = np.empty((208, SIZE, 3), np.uint8)
    image[:] = (200, 150, 100)  # RGB
    network = Outputs()
    square = Region.square(SIZE / 2, 104, SIZE)
    assert NanoDet(network).start(Frame(image), [square], 0.3)() == []
    (batch,) = network.given
    assert batch.shape == (1, SIZE, SIZE, 3)
    assert batch.dtype == np.float32
    mean, deviation = np.array([103.53, 116.28, 123.675]), np.array([57.375, 57.12, 58.395])
    expected = (np.array([100, 150, 200]) - mean) / deviation
    np.testing.assert_allclose(batch[0, SIZE // 2, SIZE // 2], expected, atol=1e-5)
    grey = (114 - mean) / deviation
    np.testing.assert_allclose(batch[0, 5, 5], grey, atol=1e-5)
    np.testing.assert_allclose(batch[0, -5, 5], grey, atol=1e-5)


def test_squares_are_answered_in_their_order() -> None:
    network = Outputs()
    network.tell(16, (13, 13), (180.0, 180.0, 250.0, 250.0), 0.8)
    squares = [Region.square(x, 100, SIZE) for x in (100.0, 700.0)]
    frame = Frame(np.zeros((200, 800, 3), np.uint8))
    first, second = NanoDet(network).start(frame, squares, 0.3)()
    assert second.region.x - first.region.x == pytest.approx(600)
