"""A Frame: one upright image of a video, with its place in time.

Images are RGB. Frames of a video stay in the planar YUV 4:2:0 they were decoded to: the
networks look at small patches, and drawing touches few pixels, so converting every pixel
to RGB and back would cost more than drawing does, and would change colours nobody drew on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Image
from limner.core.region import Region

if TYPE_CHECKING:
    import av

Color = tuple[int, int, int]

# Numbers of ITU-T H.273 for the matrix that codes colours; BT.601's is that of SMPTE 170M.
_BT709, _UNSTATED, _BT601, _BT2020 = 1, 2, 6, 9


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a frame's pixels that can be drawn on.

    Attributes:
        pixels: (h, w) or (h, w, 3) writable pixels; drawing on them changes the frame.
        scale: size relative to the frame: 1, or 0.5 for the colour planes of video.
        color: turns an RGB colour into this layer's value.
    """

    pixels: Image
    scale: float
    color: Callable[[Color], tuple[int, ...]]


@dataclass(slots=True)
class Frame:
    """One upright image, RGB.

    Attributes:
        image: (height, width, 3) pixels, RGB, 8 bits.
        index: position in the source, from 0, counting every frame of the source.
        time: presentation time in seconds as the container states it.
    """

    image: Image
    index: int = 0
    time: float = 0.0
    _pyramid: list[Image] = field(default_factory=list, init=False, repr=False)

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.image.shape[0])

    def warp(
        self, matrix: Doubles, size: tuple[int, int], outside: int = 0, antialias: bool = True
    ) -> Image:
        """Cut a patch out of the image.

        Args:
            matrix: (2, 3) affine map from patch coordinates to image coordinates, both in
                pixels from the outer corner of the top left pixel.
            size: the patch's width and height.
            outside: grey level of what lies outside the image.
            antialias: average where the patch is smaller than its part of the image,
                instead of just sampling.

        Returns:
            (height, width, 3) RGB patch.
        """
        if not self._pyramid:
            self._pyramid.append(self.image)
        level = _level(matrix) if antialias else 0
        return _warp(_shrunk(self._pyramid, level), 0.5**level, matrix, size, (outside,) * 3)

    def crops(
        self, regions: Sequence[Region], size: tuple[int, int], *, antialias: bool = True
    ) -> Image:
        """Cut regions out of the image, as the batch that networks take.

        Args:
            regions: B turned rectangles.
            size: width and height of each patch, pixels.
            antialias: see `warp`.

        Returns:
            (B, height, width, 3) RGB patches; black outside the image.
        """
        batch = np.empty((len(regions), size[1], size[0], 3), np.uint8)
        for patch, region in zip(batch, regions, strict=True):
            patch[:] = self.warp(region.matrix(size), size, antialias=antialias)
        return batch

    def layers(self) -> list[Layer]:
        """Return the pixels to draw on."""
        self._pyramid.clear()
        return [Layer(self.image, 1.0, tuple)]


class TransparentFrame(Frame):
    """An empty image to draw on: what is not drawn on stays transparent.

    Attributes:
        image: (height, width, 4) pixels, RGBA, 8 bits. What is drawn is blended with black
            and with an opacity of 0 alike, so colours are premultiplied by their opacity.
    """

    __slots__ = ()

    def __init__(self, width: int, height: int, index: int = 0, time: float = 0.0) -> None:
        super().__init__(np.zeros((height, width, 4), np.uint8), index, time)

    def layers(self) -> list[Layer]:
        """Return the pixels to draw on."""
        return [Layer(self.image, 1.0, lambda color: (*color, 255))]

    def straight(self) -> Image:
        """Return (height, width, 4) RGBA whose colours are not premultiplied, as files have it."""
        result = self.image.copy()
        # Most of the image is empty.
        x, y, width, height = cv2.boundingRect(cv2.extractChannel(result, 3))
        drawn = result[y : y + height, x : x + width]
        opacity = drawn[..., 3]
        edges = (opacity > 0) & (opacity < 255)
        divisors = opacity[edges].astype(np.uint32)[:, None]
        colors = (drawn[edges][:, :3] * np.uint32(255) + divisors // 2) // divisors
        drawn[edges, :3] = np.minimum(colors, 255)
        return result


class VideoFrame(Frame):
    """One upright frame of a video, its pixels planar YUV 4:2:0 with 8 bits.

    Attributes:
        decoded: the frame as PyAV holds it, format yuv420p.
    """

    __slots__ = ("_chroma", "_luma", "_rgb", "decoded")

    def __init__(self, decoded: av.VideoFrame, index: int, time: float) -> None:
        if decoded.format.name != "yuv420p":
            raise ValueError(f"expected a yuv420p frame, got {decoded.format.name}")
        self.decoded = decoded
        self.index = index
        self.time = time
        self._luma: list[Image] = []
        self._chroma: list[tuple[Image, Image]] = []
        self._rgb: Image | None = None

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.decoded.width)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.decoded.height)

    @property
    def image(self) -> Image:  # type: ignore[override]
        """(height, width, 3) pixels, RGB: converted once, when first asked for."""
        if self._rgb is None:
            # Without the matrix FFmpeg would take BT.601 for all that do not state theirs.
            shown = self.decoded.reformat(
                format="rgb24", src_colorspace=_matrix(self.decoded.colorspace, self.height)
            )
            self._rgb = np.asarray(shown.to_ndarray(), np.uint8)
        return self._rgb

    def warp(
        self, matrix: Doubles, size: tuple[int, int], outside: int = 0, antialias: bool = True
    ) -> Image:
        """Cut a patch out of the image; see `Frame.warp`."""
        if not self._luma:
            y, u, v = _planes(self.decoded)
            self._luma.append(y)
            self._chroma.append((u, v))
        level = _level(matrix) if antialias else 0
        luma = _shrunk(self._luma, level)
        # The colour planes are half as large already, so their pyramid lags one level.
        chroma_level = max(level - 1, 0)
        while len(self._chroma) <= chroma_level:
            u, v = self._chroma[-1]
            self._chroma.append((_half(u), _half(v)))
        u, v = self._chroma[chroma_level]
        chroma_scale = 0.5 ** (chroma_level + 1)
        conversion = _to_rgb(self.decoded.colorspace, self.height)
        black = 16 + outside * 219 // 255
        patch = cv2.merge(
            (
                _warp(luma, 0.5**level, matrix, size, black),
                _warp(u, chroma_scale, matrix, size, 128),
                _warp(v, chroma_scale, matrix, size, 128),
            )
        )
        return np.asarray(cv2.transform(patch, conversion), np.uint8)

    def layers(self) -> list[Layer]:
        """Return the planes to draw on."""
        # A decoder keeps frames to predict later ones from, so they are not ours to change.
        self.decoded.make_writable()
        self._luma.clear()
        self._chroma.clear()
        self._rgb = None
        to_yuv = _to_yuv(self.decoded.colorspace, self.height)

        def component(channel: int) -> Callable[[Color], tuple[int, ...]]:
            red, green, blue, offset = to_yuv[channel].tolist()
            return lambda color: (
                round(red * color[0] + green * color[1] + blue * color[2] + offset),
            )

        y, u, v = _planes(self.decoded)
        return [
            Layer(y, 1.0, component(0)),
            Layer(u, 0.5, component(1)),
            Layer(v, 0.5, component(2)),
        ]


def _planes(picture: av.VideoFrame) -> list[Image]:
    """Return the image's planes as arrays on the same memory."""
    planes = []
    for plane in picture.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        planes.append(rows[: plane.height, : plane.width])
    return planes


def _level(matrix: Doubles) -> int:
    """Return how often the image should be halved before it is sampled by this map.

    Rounded down: some aliasing costs the networks less than blur does.
    """
    (a, b), (c, d) = matrix[:, :2].tolist()
    shrink = math.sqrt(abs(a * d - b * c))
    return int(math.log2(shrink)) if shrink > 1 else 0


def _half(image: Image) -> Image:
    """Return the image at half its size; an odd last row or column is left out.

    Averaging exactly 2x2 pixels is what OpenCV does fast.
    """
    height, width = image.shape[:2]
    even = image[: max(height & ~1, 1), : max(width & ~1, 1)]
    size = (max(width // 2, 1), max(height // 2, 1))
    return np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)


def _shrunk(pyramid: list[Image], level: int) -> Image:
    while len(pyramid) <= level:
        pyramid.append(_half(pyramid[-1]))
    return pyramid[level]


def _warp(image: Image, scale: float, matrix: Doubles, size: tuple[int, int], fill: Any) -> Image:
    linear = matrix[:, :2] * scale
    # OpenCV counts from pixel centres.
    offset = matrix[:, 2] * scale + linear.sum(axis=1) / 2 - 0.5
    return np.asarray(
        cv2.warpAffine(
            image,
            np.column_stack([linear, offset]),
            size,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=fill,
        ),
        np.uint8,
    )


def _matrix(colorspace: int, height: int) -> int:
    """Return which matrix an image's colours are coded by (ITU-T H.273, table 4).

    A stream that does not state its matrix is taken as players take it: BT.709 from 720
    lines on, else BT.601.
    """
    if colorspace == _BT709 or (colorspace == _UNSTATED and height >= 720):
        return _BT709
    return _BT2020 if colorspace in (_BT2020, _BT2020 + 1) else _BT601


def _luma_weights(colorspace: int, height: int) -> tuple[float, float]:
    """Return the weights of red and blue in luma (ITU-T H.273, table 4)."""
    weights = {_BT709: (0.2126, 0.0722), _BT601: (0.299, 0.114), _BT2020: (0.2627, 0.0593)}
    return weights[_matrix(colorspace, height)]


@lru_cache(maxsize=16)
def _to_yuv(colorspace: int, height: int) -> NDArray[np.float64]:
    """Return the (3, 4) map from RGB to limited range YUV, in 8-bit steps."""
    red, blue = _luma_weights(colorspace, height)
    luma = np.array([red, 1 - red - blue, blue])
    u = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    v = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    rows = np.stack([luma * 219, u * 224, v * 224]) / 255
    return np.column_stack([rows, [16, 128, 128]])


@lru_cache(maxsize=16)
def _to_rgb(colorspace: int, height: int) -> NDArray[np.float64]:
    """Return the (3, 4) map from limited range YUV to RGB, in 8-bit steps."""
    forward = _to_yuv(colorspace, height)
    inverse = np.linalg.inv(forward[:, :3])
    return np.column_stack([inverse, -inverse @ forward[:, 3]])
