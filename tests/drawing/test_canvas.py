"""The canvas: the same image on RGB, on video's planes and on nothing."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Image
from limner.core.frame import Frame, TransparentFrame, VideoFrame
from limner.core.poses import Poses
from limner.drawing import BlackAnnotator, BoxAnnotator, Canvas, IdAnnotator, SkeletonAnnotator
from support.people import body, people

RNG = np.random.default_rng(3)


def somebody(score: float = 0.9) -> Poses:
    return people(body(160, 30, 190), scores=score)


def draw_all(frame: Frame, poses: Poses) -> Frame:
    canvas = Canvas(frame)
    for annotator in (SkeletonAnnotator(), BoxAnnotator(), IdAnnotator()):
        annotator.draw(canvas, poses)
    return frame


def grey(level: int, height: int = 240, width: int = 320) -> Image:
    return np.full((height, width, 3), level, np.uint8)


def video(image: Image) -> VideoFrame:
    picture = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
        format="yuv420p", dst_colorspace=5, dst_color_range=1
    )
    picture.colorspace = 6
    return VideoFrame(picture, 0, 0.0)


@pytest.mark.parametrize("score", [0.9, 0.45])
@pytest.mark.parametrize("size", [(240, 320), (241, 319)])
def test_video_looks_like_rgb(score: float, size: tuple[int, int]) -> None:
    rgb = draw_all(Frame(grey(90, *size)), somebody(score)).image.astype(float)
    frame = draw_all(video(grey(90, *size)), somebody(score))
    # Brightness is the same to the pixel (BT.601, limited range); colours are half as fine.
    luma = 16 + rgb @ (np.array([0.299, 0.587, 0.114]) * 219 / 255)
    assert np.abs(frame.layers()[0].pixels - luma).max() <= 4
    changed = np.abs(rgb - 90).max(axis=2) > 8
    wide = cv2.erode(changed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert np.abs(frame.image - rgb)[wide].mean() < 16
    far = cv2.dilate(changed.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    assert np.abs(frame.image - rgb)[far].max() <= 3


@pytest.mark.parametrize("level", [0, 90, 255])
@pytest.mark.parametrize("score", [0.9, 0.5, 0.35])
def test_transparent_laid_over_a_picture_is_drawn_on_it(level: int, score: float) -> None:
    expected = draw_all(Frame(grey(level)), somebody(score)).image.astype(float)
    layer = draw_all(TransparentFrame(320, 240), somebody(score))
    assert isinstance(layer, TransparentFrame)
    straight = layer.straight().astype(float)
    opacity = straight[..., 3:] / 255
    composed = straight[..., :3] * opacity + level * (1 - opacity)
    assert np.abs(composed - expected).max() <= 6
    assert (straight[..., 3] == 0).mean() > 0.5


def test_an_empty_transparent_frame() -> None:
    assert not TransparentFrame(32, 20).straight().any()


def test_a_frame_that_nothing_is_drawn_on_is_not_copied() -> None:
    frame = video(grey(90))
    other_user = frame.decoded.reformat()
    before = frame.decoded.planes[0].buffer_ptr
    SkeletonAnnotator().draw(Canvas(frame), people())
    assert frame.decoded.planes[0].buffer_ptr == before
    assert other_user.width == frame.width


@given(
    x=st.floats(-50, 350),
    y=st.floats(-50, 270),
    size=st.floats(0, 90),
    opacity=st.floats(0, 1),
)
def test_fading_blends_once(x: float, y: float, size: float, opacity: float) -> None:
    before = RNG.integers(0, 256, (240, 320, 3), np.uint8)
    opaque, faded = Frame(before.copy()), Frame(before.copy())
    centres, radii = np.array([[x, y], [x + size / 3, y]]), np.array([size, size / 2])
    colors = [(250, 10, 20), (10, 10, 200)]
    canvas = Canvas(opaque)
    canvas.draw_discs(canvas.lay_discs(centres, radii), colors)
    canvas = Canvas(faded)
    low, high = (x - size - 2, y - size - 2), (x + 2 * size + 2, y + size + 2)
    with canvas.faded(low, high, opacity):
        canvas.draw_discs(canvas.lay_discs(centres, radii), colors)
    expected = opaque.image * opacity + before * (1 - opacity)
    assert np.abs(faded.image - expected).max() <= 1


def test_black() -> None:
    for frame in (Frame(grey(90)), video(grey(90))):
        BlackAnnotator().draw(Canvas(frame), people())
        assert not frame.image.any()


def test_points_far_outside_do_no_harm() -> None:
    frame = Frame(grey(90))
    draw_all(frame, people(np.full((17, 2), 1e12, np.float32)))
    far = body(160, 30, 190)
    far[0] = (-1e9, 1e9)
    draw_all(frame, people(far))
    assert frame.image.shape == (240, 320, 3)
