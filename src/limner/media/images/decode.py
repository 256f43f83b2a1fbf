"""The pixels of an image file, as far as they can be read."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Image
from limner.media.images.header import no_warnings, open_in_pillow
from limner.media.images.heif import open_heif
from limner.system.opencv import quiet

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

_PNG = b"\x89PNG\r\n\x1a\n"
# Marks in a JPEG (ITU-T T.81): its end, a scan, and the header of a progressive one.
_END, _SCAN, _PROGRESSIVE = b"\xff\xd9", b"\xff\xda", b"\xff\xc2"


def decode(data: bytes, image_format: str, *, upright: bool = True) -> NDArray[Any] | None:
    """Decode an image that is whole.

    Args:
        data: the file's bytes.
        image_format: as `ImageHeader` calls it.
        upright: apply the orientation that is stated.

    Returns:
        (height, width) grey or (height, width, 3) RGB values as wide as they are stored; None
        where the image is damaged.
    """
    if image_format == "HEIF":
        return _heif(data)
    if image_format in ("AVIF", "GIF"):
        # OpenCV does not turn AVIF.
        with open_in_pillow(image_format, BytesIO(data)) as image:
            return to_array(image, upright=upright)
    if image_format in ("JPEG", "PNG") and is_cut_off(data):
        # OpenCV, in old versions, fills up what is missing with grey and says nothing. For a
        # part of a PNG it asks for the memory that the part's length states, there or not.
        return None
    if image_format == "TIFF":
        return decode_tiff(data, upright=upright)
    return _opencv(data, _flags(upright) | cv2.IMREAD_ANYDEPTH)


def decode_tiff(data: bytes | NDArray[np.uint8], *, upright: bool = True) -> NDArray[Any] | None:
    """Decode the first page of a TIFF file; see `decode`."""
    values = _opencv(data, _flags(upright) | cv2.IMREAD_ANYDEPTH)
    # Whole numbers of 32 bits, and fractions, are only given as they are.
    return _opencv(data, cv2.IMREAD_UNCHANGED) if values is None else values


def decode_partly(
    data: bytes, image_format: str, size: tuple[int, int], *, upright: bool = True
) -> tuple[Image, float] | None:
    """Decode what is there of an image that is damaged or cut off.

    Args:
        data: the file's bytes.
        image_format: as `ImageHeader` calls it.
        size: its width and height, as `ImageHeader` has them.
        upright: apply the orientation that is stated.

    Returns:
        (height, width, 3) RGB pixels, and how much of them was read, 0 to 1; None for nothing.
    """
    if image_format == "JPEG" and _has_whole_scan(data):
        # All of a progressive image is there, only coarser.
        values = _opencv(data + _END, _flags(upright))
        return None if values is None else (values, 1.0)
    if image_format == "HEIF":
        return None
    with open_in_pillow(image_format, BytesIO(data)) as image:
        if image.size != size:
            return None
        try:
            with no_warnings():
                image.load()
        except (OSError, SyntaxError, ValueError):
            # What was decoded until then stays in the image.
            image.tile = []
        stored = np.asarray(image)
        # Rows that were not reached are as Pillow makes a new image: 0.
        read = stored.reshape(len(stored), -1).any(axis=1).mean() if stored.size else 0.0
        return (to_array(image, upright=upright), float(read)) if read else None


def to_array(image: PillowImage, *, upright: bool = True) -> Image:
    """Return (height, width, 3) RGB pixels of an image that Pillow holds."""
    from PIL import ImageOps

    with no_warnings():
        rgb = image.convert("RGB")
        if upright:
            ImageOps.exif_transpose(rgb, in_place=True)
    return np.array(rgb, np.uint8)


def as_rgb(pixels: Image) -> Image:
    """Return grey or RGB pixels of 8 bits as (height, width, 3) RGB that can be drawn on."""
    if pixels.ndim == 2:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB), np.uint8)
    return np.ascontiguousarray(pixels)


def is_cut_off(data: bytes) -> bool:
    """Say whether a JPEG or PNG lacks its end."""
    if not data.startswith(_PNG):
        # A thumbnail in a JPEG is one, too, and has an end of its own.
        return data.rfind(_END) < data.rfind(_SCAN)
    at = len(_PNG)
    while data[at + 4 : at + 8] not in (b"", b"IEND"):
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return at + 8 > len(data)


def _has_whole_scan(data: bytes) -> bool:
    """Say whether the first of a progressive JPEG's scans, which shows all of it, is whole."""
    begin = data.rfind(_PROGRESSIVE)
    return begin >= 0 and data.count(_SCAN, begin) > 1


def _flags(upright: bool) -> int:
    return cv2.IMREAD_COLOR | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)


def _opencv(data: bytes | NDArray[np.uint8], flags: int) -> NDArray[Any] | None:
    """Decode with OpenCV; return grey or RGB, None where it cannot."""
    try:
        with quiet():
            values = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        return None
    if values is None:
        return None
    if values.ndim == 2 or values.shape[2] < 3:
        return np.asarray(values).reshape(*values.shape[:2], -1)[..., 0]
    if values.dtype == np.uint8 and values.shape[2] == 3:
        return np.asarray(cv2.cvtColor(values, cv2.COLOR_BGR2RGB), np.uint8)
    return np.asarray(values)[..., 2::-1]


def _heif(data: bytes) -> Image:
    """Decode the main image of a HEIC or HEIF file, which libheif turns upright."""
    return np.array(open_heif(data).to_pillow().convert("RGB"), np.uint8)
