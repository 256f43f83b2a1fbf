"""A decoded frame looks, shrinks and takes drawing like the RGB image it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import Interpolation
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from limner.core.arrays import Image
from limner.core.frame import Frame, VideoFrame
from limner.media.read import VideoReader
from support.clips import Clip, make, number_of

BT709, UNSTATED, BT601 = 1, 2, 6
COLORS = st.tuples(*[st.integers(0, 255)] * 3)
SIZES = st.integers(2, 70)


def video_frame(image: Image, colorspace: int = BT601) -> VideoFrame:
    """Return a decoded frame that shows an image, its colours coded by FFmpeg."""
    coded = colorspace if colorspace != UNSTATED else BT709 if len(image) >= 720 else BT601
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image)).reformat(
        format="yuv420p", dst_colorspace=coded, dst_color_range=1
    )
    picture.colorspace = colorspace
    picture.color_range = 1
    return VideoFrame(picture, index=3, time=0.5)


def rgb(frame: VideoFrame, colorspace: int = BT601) -> NDArray[np.int64]:
    """Return what a frame shows, its colours decoded by FFmpeg.

    Its fast ways, one for each of even and odd sizes, look colours up in tables and are off by
    up to 3 in 255. With these flags it computes them, to the nearest step.
    """
    shown = frame.decoded.reformat(
        format="rgb24",
        src_colorspace=colorspace,
        src_color_range=1,
        interpolation=(
            Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
        ),
    )
    return shown.to_ndarray().astype(int)


def scene(width: int, height: int) -> Image:
    """A smooth image: what is sharper than the colour planes cannot agree."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    channels = [60 + 120 * x, 200 - 130 * y, 90 + 70 * np.sin(3 * x + 2 * y)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def affine(scale: float, degrees: float, x: float, y: float, size: int) -> NDArray[np.float64]:
    """Return the map from a patch, turned and scaled about its middle, to an image."""
    angle = np.radians(degrees)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([linear, np.array([x, y]) - linear @ [size / 2, size / 2]])


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.7, 2.5, 5.0])
@pytest.mark.parametrize("degrees", [0, 30, -170])
@pytest.mark.parametrize("size", [(320, 240), (321, 243)])
def test_patches_of_both_kinds_agree(scale: float, degrees: float, size: tuple[int, int]) -> None:
    image = scene(*size)
    plain, decoded = Frame(image), video_frame(image)
    matrix = affine(scale, degrees, size[0] / 2, size[1] / 2, 32)
    difference = plain.warp(matrix, (32, 32)).astype(int) - decoded.warp(matrix, (32, 32))
    assert np.abs(difference).max() <= 6
    assert np.abs(difference).mean() <= 1.5


@pytest.mark.parametrize("kind", [Frame, video_frame])
def test_a_patch_shows_its_part_of_the_picture(kind: Any) -> None:
    """Patch pixel (u, v) is image pixel M (u, v), both counted from the outer corner."""
    image = np.zeros((100, 120, 3), np.uint8)
    image[40:60, 70:90] = 255
    frame = kind(image)
    matrix = np.array([[1.0, 0, 60], [0, 1.0, 30]])
    patch = frame.warp(matrix, (40, 40))[..., 1]
    rows, columns = np.nonzero(patch > 127)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (10, 30, 10, 30)
    turned = frame.warp(affine(1, 90, 80, 50, 40), (40, 40))[..., 1]
    assert turned[10:30, 10:30].min() > 127
    assert turned.mean() == pytest.approx(255 / 4, abs=2)


@pytest.mark.parametrize("kind", [Frame, video_frame])
@pytest.mark.parametrize("outside", [0, 128, 255])
def test_outside_the_picture_is_grey(kind: Any, outside: int) -> None:
    patch = kind(scene(40, 40)).warp(affine(1, 0, -200, 10, 8), (8, 8), outside=outside)
    assert np.abs(patch.astype(int) - outside).max() <= 1


@pytest.mark.parametrize("kind", [Frame, video_frame])
def test_shrinking_averages(kind: Any) -> None:
    """Fine stripes are grey from afar; sampling alone would pick stripes at random."""
    image = np.zeros((256, 256, 3), np.uint8)
    image[::2] = 255
    frame, matrix = kind(image), affine(8, 0, 128, 128, 16)
    assert np.abs(frame.warp(matrix, (16, 16)).astype(int) - 128).max() <= 2


@pytest.mark.parametrize("colorspace", [BT601, BT709, UNSTATED])
@pytest.mark.parametrize("height", [64, 720])
@given(color=COLORS)
def test_known_colours_are_seen(colorspace: int, height: int, color: tuple[int, int, int]) -> None:
    image = np.full((height, 16, 3), color, np.uint8)
    frame = video_frame(image, colorspace)
    patch = frame.warp(affine(1, 0, 8, height / 2, 8), (8, 8)).astype(int)
    assert np.abs(patch - color).max() <= 3
    assert np.abs(frame.image.astype(int) - color).max() <= 3


@pytest.mark.parametrize("colorspace", [BT601, BT709])
@given(color=COLORS, width=SIZES, height=SIZES)
def test_known_colours_are_drawn(
    colorspace: int, color: tuple[int, int, int], width: int, height: int
) -> None:
    frame = video_frame(np.full((height, width, 3), 90, np.uint8), colorspace)
    for layer in frame.layers():
        layer.pixels[:] = layer.color(color)
    assert np.abs(rgb(frame, colorspace) - color).max() <= 2


@given(width=SIZES, height=SIZES)
def test_layers_cover_the_picture_exactly(width: int, height: int) -> None:
    image = scene(width, height)
    for frame in (Frame(image.copy()), video_frame(image)):
        for layer in frame.layers():
            rows, columns = layer.pixels.shape[:2]
            assert rows == int(np.ceil(height * layer.scale))
            assert columns == int(np.ceil(width * layer.scale))


@pytest.mark.parametrize("size", [(64, 48), (63, 47)])
def test_drawing_shows_in_later_patches_and_pictures(size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 80, np.uint8)
    matrix = affine(1, 0, 32, 24, 8)
    for frame in (Frame(image.copy()), video_frame(image)):
        assert abs(int(frame.warp(matrix, (8, 8)).max()) - 80) <= 2
        assert abs(int(frame.image.max()) - 80) <= 2
        for layer in frame.layers():
            centre = (round(32 * layer.scale), round(24 * layer.scale))
            cv2.circle(layer.pixels, centre, round(16 * layer.scale), layer.color((255, 0, 0)), -1)
        patch = frame.warp(matrix, (8, 8)).astype(int)
        assert np.abs(patch - (255, 0, 0)).max() <= 3
        assert np.abs(frame.image[24, 32].astype(int) - (255, 0, 0)).max() <= 3


def test_drawing_leaves_a_decoders_own_frames_alone(tmp_path: Path) -> None:
    """Later frames are predicted from earlier ones, also when those were drawn on."""
    path = make(tmp_path / "clip.mp4", Clip(frames=12))
    numbers = []
    with VideoReader(path) as reader:
        for frame in reader:
            numbers.append(number_of(frame.image))
            for layer in frame.layers():
                layer.pixels[:] = 0
    assert numbers == list(range(12))


def test_frames_know_their_place() -> None:
    frame = video_frame(scene(31, 17))
    assert (frame.width, frame.height, frame.index, frame.time) == (31, 17, 3, 0.5)
    plain = Frame(scene(31, 17), index=2, time=1.5)
    assert (plain.width, plain.height, plain.index, plain.time) == (31, 17, 2, 1.5)


def test_other_pixel_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a yuv420p frame, got rgb24"):
        VideoFrame(av.VideoFrame(16, 16, "rgb24"), 0, 0.0)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (2, 3)])
def test_the_smallest_pictures(size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), 100, np.uint8)
    for frame in (Frame(image), video_frame(image)):
        patch = frame.warp(affine(10, 0, size[0] / 2, size[1] / 2, 8), (8, 8))
        assert patch.shape == (8, 8, 3)
