"""The palette that video, report, plots and timelines share."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from limner.core.frame import Color, Frame
from limner.core.poses import Poses
from limner.core.steps import Seen
from limner.drawing import Canvas, IdAnnotator
from limner.drawing.colors import (
    LEFT,
    PERSON_COLORS,
    RIGHT,
    WHITE,
    hex_color,
    legible,
    luminance,
    parse_color,
    person_color,
)
from limner.evaluation.timeline import draw_timeline
from limner.pipeline.render import Render
from support import walkers
from support.people import body, people

DARK: Color = (18, 24, 31)
CHANNEL = st.integers(0, 255)


def ratio(first: Color, second: Color) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@given(st.tuples(CHANNEL, CHANNEL, CHANNEL), st.sampled_from([WHITE, DARK]))
def test_legible_colours_can_be_told_from_their_ground(color: Color, ground: Color) -> None:
    shade = legible(color, ground)
    assert ratio(shade, ground) >= 2.9
    if ratio(color, ground) >= 3:
        assert shade == color
    assert legible(color, ground, 4.5) == color or ratio(legible(color, ground, 4.5), ground) > 4.4


def test_luminance() -> None:
    assert luminance((0, 0, 0)) == 0
    assert luminance(WHITE) == 1
    # WCAG's own example of a grey that just reaches 4.5 on white.
    assert abs(ratio((118, 118, 118), WHITE) - 4.54) < 0.01


def test_a_shade_keeps_its_hue() -> None:
    red, green, blue = legible(LEFT)
    assert red > green > blue
    red, green, blue = legible(RIGHT)
    assert blue > green > red


def test_hex_is_read_back() -> None:
    assert parse_color("line-color", hex_color(LEFT)) == LEFT


def test_people_and_sides_have_colours_of_their_own() -> None:
    known = np.array([LEFT, RIGHT, *PERSON_COLORS])
    apart = np.abs(known[:, None] - known[None]).sum(axis=2) + 1000 * np.eye(len(known), dtype=int)
    assert apart.min() > 100
    assert person_color(1) == PERSON_COLORS[0]
    assert person_color(len(PERSON_COLORS) + 2) == person_color(2)


def test_a_persons_colour_is_in_video_and_timeline() -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), 0, 0.0)
    IdAnnotator().draw(Canvas(frame), people(body(300, 100, 300), ids=[2]))
    assert (np.abs(frame.image - np.array(person_color(2))) < 12).all(axis=2).any()
    timeline = draw_timeline(walkers.recording().frames)
    for identity in (1, 2):
        assert (timeline == legible(person_color(identity))).all(axis=2).sum() > 1000


class TestIdsByThemselves:
    """By default ids are written from the moment on that there are several people."""

    def ink(self, annotator: IdAnnotator, poses: Poses) -> int:
        frame = Frame(np.zeros((480, 640, 3), np.uint8), 0, 0.0)
        Render([annotator]).push(Seen(frame, poses, poses))
        return int(frame.image.any(axis=2).sum())

    def test_one_person_has_none(self) -> None:
        annotator = IdAnnotator(least=2)
        assert self.ink(annotator, people(body(300, 100, 300), ids=[3])) == 0
        assert self.ink(annotator, people(body(310, 100, 300), ids=[3])) == 0

    def test_several_people_keep_theirs(self) -> None:
        annotator = IdAnnotator(least=2)
        both = people(body(200, 100, 300), body(400, 100, 300), ids=[1, 2])
        assert self.ink(annotator, both) > 20
        assert self.ink(annotator, people(body(200, 100, 300), ids=[1])) > 10
