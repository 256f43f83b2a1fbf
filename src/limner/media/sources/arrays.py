"""Arrays and frames of the user's own program, as a source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from fractions import Fraction
from itertools import chain
from typing import Any, Literal

import numpy as np

from limner.core.arrays import Image
from limner.core.frame import Frame
from limner.core.info import InputInfo
from limner.errors import InputError
from limner.media.sources.memory import InMemory

Channels = Literal["rgb", "bgr"]

_RATE = Fraction(30)


class ArraySource(InMemory):
    """Takes arrays or frames one after the other; see `Source`.

    Args:
        images: (height, width, 3) arrays of 8 bits, all of one size, which are copied, so that
            a camera's buffer may be used again; or RGB `Frame`s, which have their own times and
            are drawn on. They are taken as they are asked for.
        rate: frames per second of arrays.
        channels: the order of the arrays' channels; OpenCV has ``bgr``.
        still: whether this is one image that stands by itself.
        name: what results and messages call it.
        start: seconds to begin at.
        end: seconds to stop at.

    Raises:
        InputError: there is no image, or the first is of another kind.
    """

    repeatable = False

    def __init__(
        self,
        images: Iterable[Frame | Image],
        *,
        rate: Fraction | float | None = None,
        channels: Channels = "rgb",
        still: bool = False,
        name: str = "arrays",
        start: float | None = None,
        end: float | None = None,
    ) -> None:
        self.start, self.end = start, end
        self.problems: list[str] = []
        self.still = still
        self._channels = channels
        self._rate = _RATE if rate is None else Fraction(rate).limit_denominator(1001)
        self._name = name
        count = len(images) if isinstance(images, Sized) else None
        self.frame_count: int | None = count if start is None and end is None else None
        left = iter(images)
        first = next(left, None)
        if first is None:
            raise InputError(f"{name}: there is no image in it")
        frame = self._frame(first, 0)
        self._size = frame.width, frame.height
        self.input = InputInfo(name, *self._size, None if still else self._rate, count)
        self._images = chain([first], left)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the images as frames, with their places and times.

        Raises:
            InputError: an image is of another size or kind than the first.
        """
        for index, image in enumerate(self._images):
            frame = self._frame(image, index)
            if (frame.width, frame.height) != self._size:
                raise InputError(
                    f"{self._name}: expected images of {self._size[0]}x{self._size[1]} as the "
                    f"first is, got one of {frame.width}x{frame.height} at {index}"
                )
            if self.end is not None and frame.time >= self.end:
                return
            if frame.time >= (self.start or 0):
                yield frame

    def _frame(self, image: Any, index: int) -> Frame:
        if isinstance(image, Frame):
            return image
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.shape[2:] != (3,):
            got = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image)
            raise InputError(
                f"{self._name}: expected {self._channels.upper()} arrays of 8 bits, "
                f"(height, width, 3), got {got} at {index}"
            )
        own = np.array(image if self._channels == "rgb" else image[..., ::-1], order="C")
        return Frame(own, index, float(index / self._rate))
