"""Styles: what can be asked for, and that it is what is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from limner.core.arrays import Image
from limner.core.frame import Color, Frame
from limner.core.skeletons import COCO_17
from limner.drawing import STYLES, Canvas, SkeletonAnnotator, Style, parse_style
from limner.errors import UsageError
from support.people import body, people

GREY = 90


def drawn(style: Style) -> Image:
    frame = Frame(np.full((480, 640, 3), GREY, np.uint8))
    SkeletonAnnotator(style).draw(Canvas(frame), people(body(320, 20, 440)))
    return frame.image


def has(image: Image, color: Color) -> bool:
    return bool((image == color).all(axis=2).any())


@pytest.mark.parametrize("name", STYLES)
def test_a_name(name: str) -> None:
    style = parse_style(name)
    assert style == STYLES[name]
    # Left and right are told apart in all of them.
    assert np.abs(np.subtract(style.left, style.right)).max() > 60
    assert has(drawn(style), style.left)
    assert has(drawn(style), style.right)


def test_the_default_is_classic() -> None:
    assert parse_style("classic") == Style()


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("left=#ff9100", Style(left=(255, 145, 0))),
        ("left=FF9100", Style(left=(255, 145, 0))),
        ("right=#0af,width=1.5", Style(right=(0, 170, 255), width=1.5)),
        ("middle=#010203,joints=0", Style(middle=(1, 2, 3), joints=0)),
        ("outline=none", Style(outline=None)),
        (" outline = #fff , width = 2 ", Style(outline=(255, 255, 255), width=2)),
    ],
)
def test_settings(text: str, style: Style) -> None:
    assert parse_style(text) == style


def test_a_name_and_what_differs_from_it() -> None:
    style = parse_style("neon,width=2")
    assert style.width == 2
    assert style.left == STYLES["neon"].left


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gothic", "expected classic, neon, .* got 'gothic'"),
        ("width=2,neon", "got 'neon'"),
        ("", "got ''"),
        ("colour=#fff", "settings of left, right, middle, outline, width, joints .* got 'colour="),
        ("left=orange", "left is a colour such as #ff9100, got 'orange'"),
        ("left=#ff91", "got '#ff91'"),
        ("left=none", "got 'none'"),
        ("width=wide", "width is a factor from 0.1 to 10, got 'wide'"),
        ("width=0", "got '0'"),
        ("width=nan", "got 'nan'"),
        ("joints=-1", "joints is a factor from 0 to 10, got '-1'"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_style(text)


def test_no_outline() -> None:
    rim = (1, 1, 1)
    assert has(drawn(Style(outline=rim)), rim)
    bare = drawn(Style(outline=None))
    colors = np.array([Style().left, Style().right, Style().middle])
    touched = bare[(bare != GREY).any(axis=2)]
    # Nothing is darker than the image and the limbs: there is no rim.
    assert (touched >= np.minimum(colors.min(axis=0), GREY)).all()


def test_no_joints() -> None:
    knee = body(320, 20, 440)[COCO_17.index("left_knee")]
    x, y = knee.astype(int)
    width = [
        int((drawn(Style(joints=joints))[y] != GREY).any(axis=1)[x - 20 : x + 20].sum())
        for joints in (0, 1, 2)
    ]
    assert width[0] < width[1] < width[2]
