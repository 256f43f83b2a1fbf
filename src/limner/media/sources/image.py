"""An image that stands by itself, as a source of one frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from limner.core.frame import Frame
from limner.core.info import InputInfo
from limner.media.image import load_image
from limner.media.images.header import MAX_PIXELS
from limner.media.sources.memory import InMemory


class ImageSource(InMemory):
    """Reads an image file; see `Source`.

    Args:
        path: the file.
        max_pixels: of how many pixels images are read.

    Raises:
        InputError: the file is not there or is not an image that can be read.
    """

    start = end = None
    frame_count: int | None = 1
    still, repeatable = True, True

    def __init__(self, path: Path, *, max_pixels: int = MAX_PIXELS) -> None:
        self._frame, self.problems = load_image(path, max_pixels=max_pixels)
        self.input = InputInfo(str(path), self._frame.width, self._frame.height, frame_count=1)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the image."""
        yield self._frame
