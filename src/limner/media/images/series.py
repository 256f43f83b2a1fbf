"""Images that follow each other: numbered files, the pages of a TIFF stack, animations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Protocol

import numpy as np

from limner.core.arrays import Image
from limner.core.wording import counted
from limner.errors import InputError
from limner.media.gif import read_blocks
from limner.media.image import load_image
from limner.media.images.decode import as_rgb, decode_tiff, to_array
from limner.media.images.header import (
    ImageHeader,
    check_size,
    damaged,
    no_warnings,
    open_in_pillow,
    read_header,
)
from limner.media.images.levels import Levels
from limner.media.images.numbered import is_pattern, numbered_files
from limner.media.images.tiff import begin_with, pages

# Frames per second where neither the images nor the user say it; FFmpeg takes the same.
FALLBACK_RATE = Fraction(25)
# An animation is read by building one image on another: several are in the memory at once.
_HELD = 4
# What browsers take for an image of an animation that states no duration, milliseconds.
_UNSTATED = 100

Entry = tuple[int, float, Callable[[], Image]]
"""Place in the series, seconds from its beginning, and what reads the pixels."""


class Series(Protocol):
    """Images that follow each other in time.

    Attributes:
        name: what results and messages call them.
        rate: frames per second.
        count: how many there are, as far as they say.
    """

    name: str
    rate: Fraction
    count: int

    def entries(self) -> Iterator[Entry]:
        """Yield the images, in their order.

        Reading one raises an `InputError` where it is damaged; the others can still be read.
        """

    @property
    def problems(self) -> list[str]:
        """Sentences on what is odd about them; complete at their end."""


def open_series(path: Path, rate: Fraction | float | None, *, max_pixels: int) -> Series | None:
    """Open images that follow each other.

    Args:
        path: a pattern of numbered files, or a file that holds several images.
        rate: frames per second, where the images do not say it; None for 25.
        max_pixels: of how many pixels images are read.

    Returns:
        The images; None where the path is something else.

    Raises:
        InputError: no file is of this pattern, or the file is damaged or too large.
    """
    if is_pattern(path):
        return NumberedFiles(path, rate, max_pixels)
    if not path.is_file() or not path.stat().st_size:
        return None
    header = read_header(path)
    if header is None:
        return None
    check_size(path, header.width, header.height, max_pixels)
    if header.format == "GIF":
        # FFmpeg reads the others, in less memory.
        blocks = read_blocks(path)
        if blocks is None or blocks.images < 2 or blocks.controls >= blocks.images:
            return None
    elif not header.moving:
        return None
    if header.format == "TIFF":
        return TiffStack(path, rate, max_pixels)
    return Animation(path, header, max_pixels)


class _Alike:
    """What images share that state no times and are brought to 8 bits alike."""

    def __init__(self, name: str, rate: Fraction | float | None) -> None:
        self.name = name
        self._levels = Levels()
        self.rate, self._problems = _rate(name, rate)

    @property
    def problems(self) -> list[str]:
        """Sentences on what is odd about them; see `Series`."""
        levels = [f"{self.name}: {self._levels.note}"] if self._levels.note else []
        return self._problems + levels


class NumberedFiles(_Alike):
    """Numbered image files; a number that is missing takes its time.

    Args:
        pattern: such as ``img_%04d.png``.
        rate: files per second; None for 25.
        max_pixels: of how many pixels images are read.

    Raises:
        InputError: there is no such file.
    """

    def __init__(self, pattern: Path, rate: Fraction | float | None, max_pixels: int) -> None:
        super().__init__(str(pattern), rate)
        self._max_pixels = max_pixels
        try:
            self._files = numbered_files(pattern)
        except OSError as error:
            raise InputError(f"{pattern.parent}: cannot be read: {error.strerror}") from error
        if not self._files:
            raise InputError(f"{pattern}: no numbered image matches this pattern")
        numbers = [number for number, _ in self._files]
        first = numbers[0]
        # Every tenth image of a series may be kept.
        self._step = math.gcd(*(number - first for number in numbers)) or 1
        self.count = len(numbers)
        missing = (numbers[-1] - first) // self._step + 1 - len(numbers)
        if missing:
            known = set(numbers)
            absent = next(
                number for number in range(first, numbers[-1], self._step) if number not in known
            )
            self._problems.append(
                f"{self.name}: {counted(missing, 'image')} of {first} to {numbers[-1]} "
                f"{'is' if missing == 1 else 'are'} not there, first {absent}; the time of "
                "what is missing passes"
            )

    def entries(self) -> Iterator[Entry]:
        """Yield the images; see `Series`."""
        first = self._files[0][0]
        for number, path in self._files:
            place = (number - first) // self._step
            yield place, float(place / self.rate), partial(self._read, path)

    def _read(self, path: Path) -> Image:
        frame, problems = load_image(path, max_pixels=self._max_pixels, levels=self._levels)
        self._problems += problems
        return frame.image


class TiffStack(_Alike):
    """The pages of a TIFF file that are as large as the first.

    Args:
        path: the file.
        rate: pages per second; None for 25.
        max_pixels: of how many pixels images are read.

    Raises:
        InputError: the file cannot be read.
    """

    def __init__(self, path: Path, rate: Fraction | float | None, max_pixels: int) -> None:
        super().__init__(str(path), rate)
        self._path = path
        with path.open("rb") as file:
            found = [page for page in pages(file) if not page.reduced]
        size = found[0].width, found[0].height
        check_size(path, *size, max_pixels)
        self._pages = [page for page in found if (page.width, page.height) == size]
        self.count = len(self._pages)
        if len(found) > self.count:
            self._problems.append(
                f"{path}: {counted(len(found) - self.count, 'page')} of another size than the "
                f"first are left out"
            )

    def entries(self) -> Iterator[Entry]:
        """Yield the pages; see `Series`."""
        # Stacks may be larger than the memory. What is written here stays out of the file.
        data = np.memmap(self._path, np.uint8, mode="c")
        for place in range(self.count):
            yield place, float(place / self.rate), partial(self._read, data, place)

    def _read(self, data: np.memmap[tuple[int], np.dtype[np.uint8]], place: int) -> Image:
        begin_with(data, self._pages[place])
        values = decode_tiff(data)
        if values is None:
            raise InputError(f"{self.name}: page {place} cannot be read; it is damaged")
        return as_rgb(self._levels(values))


class Animation:
    """An animated PNG, WebP or AVIF, or a GIF whose images have no control blocks.

    Args:
        path: the file.
        header: what it says of itself.
        max_pixels: how many pixels may be in the memory, as in an image by itself.

    Raises:
        InputError: the file cannot be read, or its images are too large.
    """

    def __init__(self, path: Path, header: ImageHeader, max_pixels: int) -> None:
        pixels = header.width * header.height
        if _HELD * pixels > max_pixels:
            raise InputError(
                f"{path}: expected an animation with images of up to {max_pixels / _HELD / 1e6:g} "
                f"million pixels, as several are held at once, got {header.width}x{header.height} "
                f"({pixels / 1e6:.0f} million); --max-megapixels "
                f"{math.ceil(_HELD * pixels / 1e6)} allows it"
            )
        self.name, self._path, self._header = str(path), path, header
        self.problems: list[str] = []
        try:
            self._data = path.read_bytes()
            image = open_in_pillow(header.format, BytesIO(self._data))
            with image, no_warnings():
                # A PNG's first image may be one for programs that show no animation.
                self._first = int(bool(image.info.get("default_image")))
                self.count = getattr(image, "n_frames", 1) - self._first
                image.seek(self._first)
                image.load()
                self.rate = 1000 / Fraction(_duration(image.info)).limit_denominator(1000)
        except Exception as error:
            raise damaged(path, error) from error

    def entries(self) -> Iterator[Entry]:
        """Yield the images; see `Series`."""
        with open_in_pillow(self._header.format, BytesIO(self._data)) as image:
            time = 0.0
            for place in range(self.count):
                try:
                    with no_warnings():
                        image.seek(self._first + place)
                        image.load()
                    pixels = to_array(image)
                except Exception:
                    # Each image builds on those before it.
                    self.problems.append(
                        f"{self.name}: this animation is damaged or cut off; "
                        f"{counted(place, 'image')} of {self.count} can be read"
                    )
                    return
                yield place, time, partial(np.asarray, pixels)
                time += _duration(image.info) / 1000


def _duration(info: dict[str | tuple[int, int], object]) -> float:
    """Return for how many milliseconds an image of an animation is shown."""
    stated = info.get("duration")
    return float(stated) if isinstance(stated, (int, float)) and stated > 0 else _UNSTATED


def _rate(name: str, rate: Fraction | float | None) -> tuple[Fraction, list[str]]:
    """Return the frames per second to take, and a sentence where nobody said them."""
    if rate is not None:
        exact = Fraction(rate)
        if exact < 1:
            return 1 / (1 / exact).limit_denominator(1001), []
        return exact.limit_denominator(1001), []
    return FALLBACK_RATE, [
        f"{name}: its images state no times; {FALLBACK_RATE} per second are taken, --sequence "
        "states another rate"
    ]
