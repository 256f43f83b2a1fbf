"""HDR to standard range by tables: FFmpeg's own conversion takes ten times as long.

What becomes of a colour is worked out once, on a grid of colours. Luma then follows its own
table at full size, and a correction by the colour, as chroma, at the size of the colour planes.

Sources: ITU-R BT.2100 (the signals PQ and HLG), BT.2408 (white at 203 cd/m2), BT.2087 and BT.1886
(BT.709 from BT.2020), H.273 (limited range).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats, Image

if TYPE_CHECKING:
    from av.video.plane import VideoPlane

PQ, HLG = 16, 18
# H.273: BT.709 as matrix, primaries and transfer; limited range in FFmpeg's count.
_BT709, _LIMITED = 1, 1

# The grid: steps of 10-bit luma and chroma, as powers of two.
_LUMA, _CHROMA = 5, 3
_LUMAS, _CHROMAS = 1024 >> _LUMA, 1024 >> _CHROMA

# Display light in cd/m2: of white, and of the brightest that is kept apart from white.
_WHITE, _PEAK = 203.0, 1000.0
# The share of white up to which light stays as it is.
_KNEE = 0.7

_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_LUMA_709 = np.array([0.2126, 0.7152, 0.0722], np.float32)
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)


class ToStandard:
    """Converts images of yuv420p10le to yuv420p.

    Args:
        transfer: `PQ` or `HLG`.
        full_range: whether the images use all values.
    """

    def __init__(self, transfer: int, full_range: bool) -> None:
        greys = np.full((1024, 3), 512)
        greys[:, 0] = range(1024)
        # OpenCV's tables have all values of 16 bits.
        self._luma = np.resize(_standard(greys, transfer, full_range)[:, 0], 1 << 16)
        grid = np.moveaxis(np.indices((_LUMAS, _CHROMAS, _CHROMAS)), 0, -1)
        steps = 1 << _LUMA, 1 << _CHROMA, 1 << _CHROMA
        colors = _standard(grid * steps, transfer, full_range)
        grey = self._luma[np.arange(_LUMAS) << _LUMA].astype(np.int16)[:, None, None]
        offset = colors[..., 0].astype(np.int16) - grey
        more, less = (np.maximum(each, 0).astype(np.uint8) for each in (offset, -offset))
        # One look-up for all: chroma, and what luma is brighter and darker by.
        packed = np.stack([colors[..., 1], colors[..., 2], more, less], axis=-1)
        self._colors = packed.view(np.uint32).ravel()

    def __call__(self, image: av.VideoFrame) -> av.VideoFrame:
        """Return the image in 8 bits of standard range."""
        luma, u, v = (_pixels(plane, np.uint16) for plane in image.planes)
        height, width = u.shape
        small = cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA)
        place = _nearest(small, _LUMA) * _CHROMAS + _nearest(u, _CHROMA)
        place = place * _CHROMAS + _nearest(v, _CHROMA)
        colors = np.take(self._colors, place, mode="clip").view(np.uint8)
        new_u, new_v, more, less = cv2.split(colors.reshape(height, width, 4))
        bright = np.asarray(cv2.LUT(luma, self._luma), np.uint8)
        cv2.add(bright, _twice(more, luma), dst=bright)
        cv2.subtract(bright, _twice(less, luma), dst=bright)
        result = av.VideoFrame(image.width, image.height, "yuv420p")
        for plane, values in zip(result.planes, (bright, new_u, new_v), strict=True):
            _pixels(plane, np.uint8)[:] = values
        result.pts, result.time_base = image.pts, image.time_base
        result.duration = image.duration
        result.colorspace = result.color_primaries = result.color_trc = _BT709
        result.color_range = _LIMITED
        return result


def _standard(colors: NDArray[Any], transfer: int, full_range: bool) -> Image:
    """Return what becomes of colours.

    Args:
        colors: (..., 3) luma and chroma of BT.2020 in 10 bits.
        transfer: `PQ` or `HLG`.
        full_range: whether the colours use all values.

    Returns:
        (..., 3) luma and chroma of BT.709 in 8 bits, limited range.
    """
    black, luma_range, chroma_range = (0, 1023, 1023) if full_range else (64, 876, 896)
    values = colors.astype(np.float32)
    y = (values[..., 0] - black) / luma_range
    u, v = (values[..., 1] - 512) / chroma_range, (values[..., 2] - 512) / chroma_range
    red, green, blue = _LUMA_2020
    r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
    signal = np.stack([r, (y - red * r - blue * b) / green, b], axis=-1).astype(np.float32)
    light = _light(np.clip(signal, 0, 1), transfer) / _WHITE
    # The brightest of the three is held back, and the others with it, so that hues stay.
    most = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    light *= _held_back(most) / most
    shown = np.clip(light @ _TO_709.T, 0, 1) ** (1 / 2.4)
    y = shown @ _LUMA_709
    u = (shown[..., 2] - y) / (2 * (1 - _LUMA_709[2]))
    v = (shown[..., 0] - y) / (2 * (1 - _LUMA_709[0]))
    values = np.stack([16 + 219 * y, 128 + 224 * u, 128 + 224 * v], axis=-1)
    return np.asarray(np.rint(values).clip(0, 255), np.uint8)


def _light(signal: Floats, transfer: int) -> Floats:
    """Return the light on a display in cd/m2 (BT.2100, tables 4 and 5)."""
    if transfer == PQ:
        power = signal ** np.float32(1 / 78.84375)
        ratio = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        return np.asarray(10000 * ratio ** (1 / 0.1593017578125), np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = np.maximum(scene @ _LUMA_2020, 1e-6)[..., None]
    return np.asarray(_PEAK * luminance**0.2 * scene, np.float32)


def _held_back(light: Floats) -> Floats:
    """Return light as a share of white: as it is up to the knee, then ever less, up to white."""
    over = np.clip((light - _KNEE) / (_PEAK / _WHITE - _KNEE), 0, 1)
    # The slope is that of the line at the knee, and the end is white at the peak.
    steepness = (_PEAK / _WHITE - _KNEE) / (1 - _KNEE)
    bent = over * steepness / (1 + over * (steepness - 1))
    return np.where(light <= _KNEE, light, _KNEE + (1 - _KNEE) * bent)


def _nearest(values: NDArray[Any], step: int) -> NDArray[np.int32]:
    """Return the nearest places in the grid."""
    nearest = (values.astype(np.int32) + (1 << step >> 1)) >> step
    return np.asarray(np.minimum(nearest, (1024 >> step) - 1), np.int32)


def _twice(plane: NDArray[Any], luma: NDArray[Any]) -> Image:
    """Return a colour plane at the size of luma."""
    size = plane.shape[1] * 2, plane.shape[0] * 2
    doubled = cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(doubled[: luma.shape[0], : luma.shape[1]], np.uint8)


def _pixels(plane: VideoPlane, kind: type[np.unsignedinteger]) -> NDArray[Any]:
    """Return a plane's pixels as an array on the same memory."""
    rows = np.frombuffer(memoryview(plane), kind)
    rows = rows.reshape(-1, plane.line_size // rows.itemsize)
    return rows[: plane.height, : plane.width]
