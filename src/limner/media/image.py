"""Single images, read upright and written by their ending."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from limner.core.frame import Frame, TransparentFrame
from limner.errors import InputError, OutputError
from limner.system.files import writing

_ALPHA_ENDINGS = (".png", ".webp")


def read_image(path: str | Path, *, upright: bool = True) -> Frame:
    """Read an image.

    Transparency is dropped, grey becomes RGB and 16 bits become 8.

    Args:
        path: the file.
        upright: apply the EXIF orientation; otherwise rows and columns are as they are stored.

    Returns:
        The image, RGB.

    Raises:
        InputError: the file is not there or is not an image that can be read.
    """
    path = Path(path)
    try:
        # OpenCV's own reading of files fails on names outside the code page on Windows.
        data = np.fromfile(path, np.uint8)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if data.size == 0:
        raise InputError(f"{path}: the file is empty (0 bytes)")
    flags = cv2.IMREAD_COLOR | (0 if upright else cv2.IMREAD_IGNORE_ORIENTATION)
    try:
        image = cv2.imdecode(data, flags)
    except cv2.error as error:
        raise InputError(f"{path}: this image cannot be read: {error.err}") from error
    if image is None:
        raise InputError(
            f"{path}: this is not an image that can be read; it is damaged or of another kind"
        )
    return Frame(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8))


def write_image(path: str | Path, frame: Frame) -> None:
    """Write an image, in the format its ending names.

    Args:
        path: the file; it is replaced if it is there.
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
        done, data = cv2.imencode(path.suffix or ".", bgr)
    except cv2.error:
        done = False
    if not done:
        raise OutputError(
            f"{path}: an image cannot be written with the ending {path.suffix!r}; "
            "use .png, .jpg or .webp"
        )
    with writing(path):
        path.write_bytes(data.tobytes())
