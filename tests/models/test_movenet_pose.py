"""MoveNet's regions and scores: a made-up network, known places."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.region import Region
from limner.models.calibration import Calibration
from limner.models.movenet.pose import (
    LIGHTNING,
    THUNDER,
    MoveNet,
    Variant,
    _angle,
    _at_border,
    around,
)
from limner.models.topdown import Crop, Detection, Look
from limner.runtime import Running

# Somebody who stands: shoulders at 100, hips at 160, feet at 260, in pixels.
UPRIGHT = np.array(
    [
        *((200, 60), (205, 55), (195, 55), (210, 60), (190, 60)),
        *((220, 100), (180, 100), (230, 130), (170, 130), (235, 160), (165, 160)),
        *((212, 160), (188, 160), (212, 210), (188, 210), (212, 260), (188, 260)),
    ],
    np.float32,
)
SURE = np.ones(17, np.float32)
NOTHING = np.zeros((17, 3), np.float32)
UNCHANGED = Calibration(1, 0)


class Answer:
    """A network that always gives the same (y, x, score), and remembers what it was given."""

    backend, device, precision = "none", "none", "f32"

    def __init__(self, values: Floats) -> None:
        self.values = values.reshape(1, 1, 17, 3).astype(np.float32)
        self.given: list[Floats] = []

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        self.given.append(batch)
        return {"out": self.values}

    def start(self, batch: Floats) -> Running:
        answer = self(batch)
        return lambda: answer


def turned(points: Floats, angle: float) -> Floats:
    """Turn points clockwise about their middle."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    cos, sin = math.cos(angle), math.sin(angle)
    back = (points - middle) @ np.array([[cos, sin], [-sin, cos]], np.float32) + middle
    return np.asarray(back, np.float32)


class TestAround:
    def test_the_square_about_sure_keypoints(self) -> None:
        found = around(UPRIGHT, SURE, Region.square(0, 0, 300))
        assert (found.x, found.y) == pytest.approx((200, (55 + 260) / 2))
        assert (found.width, found.height) == pytest.approx((1.5 * 205, 1.5 * 205))
        assert found.angle == 0

    def test_who_lies_fills_it_too(self) -> None:
        """The longer side counts, whichever it is."""
        found = around(turned(UPRIGHT, math.pi / 2), SURE, Region.square(0, 0, 100))
        assert found.size == pytest.approx(1.5 * 205, abs=0.01)
        assert found.angle == pytest.approx(math.pi / 2)

    def test_what_is_unsure_does_not_count(self) -> None:
        scores = SURE.copy()
        scores[[15, 16]] = 0.49
        found = around(UPRIGHT, scores, Region.square(0, 0, 100))
        assert found.y == pytest.approx((55 + 210) / 2)
        assert found.size == pytest.approx(1.5 * 155)

    @pytest.mark.parametrize(("sure", "moves"), [(3, False), (4, True)])
    def test_it_stays_where_hardly_anything_was_seen(self, sure: int, moves: bool) -> None:
        scores = np.where(np.arange(17) < sure, 0.9, 0.1).astype(np.float32)
        before = Region.square(333, 222, 111, 0.4)
        assert (around(UPRIGHT, scores, before) != before) == moves

    def test_it_shrinks_by_halves_at_the_most(self) -> None:
        """A face alone does not make a region of a face."""
        scores = np.where(np.arange(17) < 5, 0.9, 0.1).astype(np.float32)
        found = around(UPRIGHT, scores, Region.square(200, 160, 400))
        assert found.size == 200
        assert (found.x, found.y) == pytest.approx((200, 57.5))


class TestAngle:
    @given(st.floats(-math.pi + 0.01, math.pi - 0.01))
    def test_a_turn_of_more_than_an_eighth(self, angle: float) -> None:
        found = _angle(turned(UPRIGHT, angle), SURE)
        if abs(abs(angle) - math.pi / 4) > 1e-4:
            assert found == pytest.approx(angle if abs(angle) > math.pi / 4 else 0, abs=1e-4)

    @pytest.mark.parametrize("joint", [5, 6, 11, 12])
    def test_shoulders_and_hips_must_be_sure(self, joint: int) -> None:
        scores = SURE.copy()
        scores[joint] = 0.49
        assert _angle(turned(UPRIGHT, math.pi), scores) == 0

    def test_nothing_else_must_be(self) -> None:
        scores = np.zeros(17, np.float32)
        scores[[5, 6, 11, 12]] = 0.5
        assert abs(_angle(turned(UPRIGHT, math.pi), scores)) == pytest.approx(math.pi, abs=1e-4)


def test_at_the_border() -> None:
    """Within a fortieth of the square's side of any edge of the image, or beyond it."""
    crop = Crop(Frame(np.zeros((300, 400, 3), np.uint8)), Region.square(200, 150, 200))
    inside, near = 5.5, 4.5  # the fortieth is 5 pixels
    points = np.array(
        [
            *((200, 150), (inside, 150), (400 - inside, 150), (200, inside), (200, 300 - inside)),
            *((near, 150), (400 - near, 150), (200, near), (200, 300 - near)),
            *((-50, 150), (450, 150), (200, -50), (200, 350)),
        ],
        np.float32,
    )
    assert _at_border(points, crop).tolist() == [False] * 5 + [True] * 8


def look(values: Floats, region: Region, variant: Variant, detected: float | None = None) -> Look:
    frame = Frame(np.zeros((600, 800, 3), np.uint8))
    (found,) = MoveNet(Answer(values), variant).start([Crop(frame, region, detected)])()
    return found


@given(
    st.sampled_from([THUNDER, LIGHTNING]),
    st.floats(-3, 3),
    st.floats(60, 500),
    st.tuples(st.floats(100, 700), st.floats(100, 500)),
)
def test_keypoints_are_where_the_region_is(
    variant: Variant, angle: float, side: float, centre: tuple[float, float]
) -> None:
    """From y, x in the patch to x, y in the image, for any region."""
    region = Region.square(*centre, side, angle)
    places = np.random.default_rng(3).uniform(0, 1, (17, 2)).astype(np.float32)
    values = np.column_stack([places[:, 1], places[:, 0], SURE / 2])
    from_middle = (places - 0.5) * side
    cos, sin = math.cos(angle), math.sin(angle)
    expected = from_middle @ np.array([[cos, sin], [-sin, cos]]) + centre
    np.testing.assert_allclose(look(values, region, variant).keypoints, expected, atol=0.02)


def test_scores_at_the_border_count_half() -> None:
    values = np.full((17, 3), 0.5, np.float32)
    values[:, 2] = 0.8
    values[3, :2] = (0.5, 0.0)  # at the left edge of the image
    variant = Variant(256, UNCHANGED, UNCHANGED)
    scores = look(values, Region.square(200, 300, 400), variant).scores
    assert scores[3] == pytest.approx(0.4)
    assert np.delete(scores, 3) == pytest.approx(0.8)


@pytest.mark.parametrize(("detected", "score"), [(0.9, 0.6), (0.4, 0.4), (None, 0.4)])
def test_a_persons_score(detected: float | None, score: float) -> None:
    """The detector's and the keypoints' together; who is followed has been detected before."""
    values = np.full((17, 3), 0.5, np.float32)
    values[:, 2] = math.sqrt(0.4)  # of which the mean square is 0.4
    variant = Variant(256, UNCHANGED, UNCHANGED)
    found = look(values, Region.square(400, 300, 200), variant, detected)
    assert found.person_score == pytest.approx(math.sqrt(0.4 * (detected or 0.4)), abs=1e-6)
    assert found.person_score == pytest.approx(score, abs=1e-6)


def test_the_square_about_a_detection() -> None:
    pose = MoveNet(Answer(NOTHING), THUNDER)
    found = pose.region(Detection(Region(70, 80, 40, 100, 0.3), 0.9))
    assert found == Region.square(70, 80, 125, 0.3)


@pytest.mark.parametrize("variant", [THUNDER, LIGHTNING])
def test_what_the_network_is_given(variant: Variant) -> None:
    """RGB from 0 to 255, black outside the image."""
    image = np.empty((100, 100, 3), np.uint8)
    image[:] = (200, 150, 100)
    network = Answer(NOTHING)
    MoveNet(network, variant).start([Crop(Frame(image), Region.square(50, 50, 200))])()
    (batch,) = network.given
    assert batch.shape == (1, variant.size, variant.size, 3)
    assert batch.dtype == np.float32
    assert batch[0, variant.size // 2, variant.size // 2].tolist() == [200, 150, 100]
    assert batch[0, 2, 2].tolist() == [0, 0, 0]
