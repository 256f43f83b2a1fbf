"""Single images, read upright and written by their ending."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import cv2
from numpy.typing import NDArray

from limner.core.frame import Frame, TransparentFrame
from limner.errors import InputError, OutputError
from limner.media.images.decode import as_rgb, decode, decode_partly
from limner.media.images.header import MAX_PIXELS, ImageHeader, check_size, damaged, read_header
from limner.media.images.levels import Levels
from limner.system.files import STANDARD_OUTPUT, writing

log = logging.getLogger(__name__)

_ALPHA_ENDINGS = (".png", ".webp")
# How much of an image must be there, if not all of it.
_LEAST_READ = 0.5


def read_image(path: str | Path, *, upright: bool = True, max_pixels: int = MAX_PIXELS) -> Frame:
    """Read an image; what is odd about it is logged.

    Transparency is dropped, grey becomes RGB, and values of other widths become 8 bits (see
    `Levels`).

    Args:
        path: the file; of one with several images, the first.
        upright: apply the EXIF orientation; otherwise rows and columns are as they are stored.
        max_pixels: of how many pixels images are read.

    Returns:
        The image, RGB.

    Raises:
        InputError: the file is not there or is not an image that can be read.
    """
    frame, problems = load_image(path, upright=upright, max_pixels=max_pixels)
    for problem in problems:
        log.warning("%s", problem)
    return frame


def load_image(
    path: str | Path,
    *,
    upright: bool = True,
    max_pixels: int = MAX_PIXELS,
    levels: Levels | None = None,
) -> tuple[Frame, list[str]]:
    """Read an image; see `read_image`.

    Args:
        path: the file.
        upright: apply the EXIF orientation.
        max_pixels: of how many pixels images are read.
        levels: of the images it belongs to, if it does not stand by itself.

    Returns:
        The image, RGB, and sentences on what is odd about it.

    Raises:
        InputError: the file is not there or is not an image that can be read.
    """
    path = Path(path)
    header = read_header(path)
    if header is None:
        raise damaged(path)
    check_size(path, header.width, header.height, max_pixels)
    alone = levels is None
    levels = levels or Levels()
    try:
        # OpenCV's own reading of files fails on names outside the code page on Windows.
        values, problems = _values(path, header, upright)
        pixels = levels(values)
    except InputError:
        raise
    except Exception as error:
        # Decoders raise whatever damaged bytes lead them to.
        raise damaged(path, error) from error
    if alone and levels.note:
        problems.append(f"{path}: {levels.note}")
    return Frame(as_rgb(pixels)), problems


def _values(path: Path, header: ImageHeader, upright: bool) -> tuple[NDArray[Any], list[str]]:
    """Return an image's values, and a sentence where not all of them are there."""
    data = path.read_bytes()
    values = decode(data, header.format, upright=upright)
    if values is not None:
        return values, []
    size = header.width, header.height
    partly = decode_partly(data, header.format, size, upright=upright)
    if partly is None:
        raise damaged(path)
    values, read = partly
    if read < _LEAST_READ:
        raise InputError(
            f"{path}: this image is damaged or cut off; only {read:.0%} of its rows can be read"
        )
    left = f"{read:.0%} of its rows are there" if read < 1 else "what is there of it is shown"
    return values, [f"{path}: this image is damaged or cut off; {left}"]


def write_image(path: str | Path, frame: Frame) -> None:
    """Write an image, in the format its ending names.

    Args:
        path: the file; it is replaced if it is there. ``-`` for standard output, as PNG.
        frame: the image.

    Raises:
        OutputError: no such format, or the file cannot be written.
    """
    path = Path(path)
    if isinstance(frame, TransparentFrame):
        if path.suffix.lower() not in _ALPHA_ENDINGS:
            raise OutputError(
                f"{path}: an image with this ending cannot hold a transparent background; "
                f"use one of {', '.join(_ALPHA_ENDINGS)}"
            )
        bgr = cv2.cvtColor(frame.straight(), cv2.COLOR_RGBA2BGRA)
    else:
        bgr = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
    try:
        ending = ".png" if path == STANDARD_OUTPUT else path.suffix
        done, data = cv2.imencode(ending or ".", bgr)
    except cv2.error:
        done = False
    if not done:
        raise OutputError(
            f"{path}: an image cannot be written with the ending {path.suffix!r}; "
            "use .png, .jpg or .webp"
        )
    if path == STANDARD_OUTPUT:
        with writing(path):
            sys.stdout.buffer.write(data.tobytes())
            sys.stdout.buffer.flush()
        return
    with writing(path):
        path.write_bytes(data.tobytes())
