"""A canvas: draws anti-aliased shapes on a frame, whatever its pixels are made of.

A frame holds hundreds of small shapes, and for each of them Python takes longer than OpenCV
does. So corners are computed for all shapes at once (`lay_lines`, `lay_discs`), and what is
left for each is one call per layer (`draw_lines`, `draw_discs`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Image
from limner.core.frame import Color, Frame, Layer

# OpenCV takes coordinates in fixed point; this many bits are the fraction.
_SHIFT = 4
_ONE = 1 << _SHIFT
# Fixed-point coordinates beyond this could overflow; nobody sees where a line ends there.
_FARTHEST = 1e7
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# The height of the font's capitals at scale 1, pixels.
_FONT_HEIGHT = 22

Point = tuple[float, float]
Points = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Lines:
    """Lines laid out for drawing: the corners of each, in fixed point.

    Attributes:
        corners: L times (4, 2) for each of the canvas's scales.
    """

    corners: list[list[NDArray[np.int32]]]


@dataclass(frozen=True)
class Discs:
    """Discs laid out for drawing, in fixed point.

    Attributes:
        centres: D points x, y for each of the canvas's scales.
        radii: D numbers for each of the canvas's scales.
    """

    centres: list[list[list[int]]]
    radii: list[list[int]]


class Canvas:
    """Draws on a frame in place. Coordinates are pixels from the outer top left corner.

    A frame that nothing is drawn on is not touched.

    Args:
        frame: the frame to draw on.
    """

    def __init__(self, frame: Frame) -> None:
        self.width = frame.width
        self.height = frame.height
        self._frame = frame
        self._inks: dict[Color, list[tuple[int, ...]]] = {}

    @cached_property
    def layers(self) -> list[Layer]:
        """The frame's layers, taken when something is first drawn."""
        return self._frame.layers()

    def lay_lines(self, starts: Points, ends: Points, widths: Points) -> Lines:
        """Lay out straight lines whose ends are cut square.

        Args:
            starts: (L, 2) where they begin.
            ends: (L, 2) where they end.
            widths: (L,) pixels; a line is drawn at least one wide.
        """
        along = ends - starts
        lengths = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
        half = np.maximum(widths, 1) / (2 * lengths)
        across = along[:, ::-1] * (half[:, None] * (1, -1))
        corners = np.stack([starts - across, ends - across, ends + across, starts + across], axis=1)
        return Lines([list(_fixed(corners, scale)) for scale, _ in self._scales])

    def draw_lines(
        self, lines: Lines, colors: Sequence[Color], which: Iterable[int] | None = None
    ) -> None:
        """Draw lines, one over the other.

        Args:
            lines: from `lay_lines`.
            colors: L colours.
            which: indices of the lines to draw, in this order; all unless given.
        """
        chosen = [(i, self._ink(colors[i])) for i in _indices(which, len(colors))]
        for (scale, places), corners in zip(self._scales, lines.corners, strict=True):
            kind = _edges(scale)
            for place in places:
                pixels = self.layers[place].pixels
                for i, ink in chosen:
                    cv2.fillConvexPoly(pixels, corners[i], ink[place], kind, _SHIFT)

    def lay_discs(self, centres: Points, radii: Points) -> Discs:
        """Lay out filled discs.

        Args:
            centres: (D, 2) their middles.
            radii: (D,) pixels.
        """
        scales = [scale for scale, _ in self._scales]
        return Discs(
            [_fixed(centres, scale).tolist() for scale in scales],
            [np.maximum(radii * (scale * _ONE), 1).astype(int).tolist() for scale in scales],
        )

    def draw_discs(
        self, discs: Discs, colors: Sequence[Color], which: Iterable[int] | None = None
    ) -> None:
        """Draw discs, one over the other.

        Args:
            discs: from `lay_discs`.
            colors: D colours.
            which: indices of the discs to draw, in this order; all unless given.
        """
        chosen = [(i, self._ink(colors[i])) for i in _indices(which, len(colors))]
        laid = zip(self._scales, discs.centres, discs.radii, strict=True)
        for (scale, places), centres, radii in laid:
            kind = _edges(scale)
            for place in places:
                pixels = self.layers[place].pixels
                for i, ink in chosen:
                    cv2.circle(pixels, centres[i], radii[i], ink[place], cv2.FILLED, kind, _SHIFT)

    def line(self, start: Point, end: Point, color: Color, width: float) -> None:
        """Draw one line with round ends."""
        ends = np.array([start, end], np.float64)
        self.draw_lines(self.lay_lines(ends[:1], ends[1:], np.array([width])), [color])
        self.draw_discs(self.lay_discs(ends, np.full(2, width / 2)), [color] * 2)

    def disc(self, centre: Point, color: Color, radius: float) -> None:
        """Draw one filled disc."""
        self.draw_discs(self.lay_discs(np.array([centre]), np.array([radius])), [color])

    def rectangle(self, low: Point, high: Point, color: Color, width: float) -> None:
        """Draw the outline of a rectangle."""
        corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.float64)
        sides = self.lay_lines(corners, np.roll(corners, -1, axis=0), np.full(4, width))
        self.draw_lines(sides, [color] * 4)
        self.draw_discs(self.lay_discs(corners, np.full(4, width / 2)), [color] * 4)

    def text(self, text: str, at: Point, color: Color, height: float, rim: Color | None) -> None:
        """Write a line of text, its bottom left corner at a point.

        Args:
            text: what to write, ASCII.
            at: the corner.
            color: of the letters.
            height: of a capital letter, pixels.
            rim: colour around the letters, None for none.
        """
        for scale, places in self._scales:
            # OpenCV 5 blends letters otherwise than shapes, so only their form comes from it.
            size = height * scale
            pad = math.ceil(size / 2)
            width = math.ceil(self.text_width(text, size)) + 2 * pad
            letters = np.zeros((math.ceil(size) + 2 * pad, width), np.uint8)
            base = (pad, pad + math.ceil(size))
            bold = max(1, round(size / 9))
            letter_scale = size / _FONT_HEIGHT
            cv2.putText(letters, text, base, _FONT, letter_scale, 255, bold, cv2.LINE_AA)
            x, y = round(at[0] * scale) - base[0], round(at[1] * scale) - base[1]
            if rim is not None:
                reach = 2 * max(1, round(size / 8)) + 1
                disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
                wide = np.asarray(cv2.dilate(letters, disc), np.uint8)
                self._blend(wide, x, y, rim, places)
            self._blend(letters, x, y, color, places)

    def text_width(self, text: str, height: float) -> float:
        """Return how wide a line of text is, in pixels."""
        thickness = max(1, round(height / 9))
        (width, _), _ = cv2.getTextSize(text, _FONT, height / _FONT_HEIGHT, thickness)
        return float(width)

    @contextmanager
    def faded(self, low: Point, high: Point, opacity: float) -> Iterator[None]:
        """Blend what is drawn inside the ``with`` block, as a whole, over what was there.

        Args:
            low: top left corner of the part that is drawn on.
            high: its bottom right corner.
            opacity: from 0 to 1.
        """
        saved = []
        for layer in self.layers if opacity < 1 else ():
            x1, y1 = (max(int(value * layer.scale), 0) for value in low)
            x2, y2 = (max(int(value * layer.scale) + 2, 0) for value in high)
            part = layer.pixels[y1:y2, x1:x2]
            if part.size:
                saved.append((part, part.copy()))
        yield
        for part, before in saved:
            cv2.addWeighted(part, opacity, before, 1 - opacity, 0, dst=part)

    def clear(self, color: Color) -> None:
        """Paint the whole frame."""
        for layer, value in zip(self.layers, self._ink(color), strict=True):
            layer.pixels[:] = value

    def _blend(self, mask: Image, x: int, y: int, color: Color, places: list[int]) -> None:
        """Lay a colour over layers, as opaque as a mask says whose top left corner is at x, y."""
        for place in places:
            pixels = self.layers[place].pixels
            part = pixels[max(y, 0) : max(y + len(mask), 0), max(x, 0) : max(x + mask.shape[1], 0)]
            left, top = max(-x, 0), max(-y, 0)
            shown = mask[top : top + part.shape[0], left : left + part.shape[1]]
            opacity = shown.reshape(*shown.shape, *[1] * (part.ndim - 2)) / np.float32(255)
            ink = np.array(self._ink(color)[place], np.float32)
            part[:] = np.rint(part + (ink - part) * opacity)

    @cached_property
    def _scales(self) -> list[tuple[float, list[int]]]:
        """The layers' places by their scale: shapes have the same corners on one scale."""
        places: dict[float, list[int]] = {}
        for place, layer in enumerate(self.layers):
            places.setdefault(layer.scale, []).append(place)
        return list(places.items())

    def _ink(self, color: Color) -> list[tuple[int, ...]]:
        """Return the colour's value in each layer."""
        ink = self._inks.get(color)
        if ink is None:
            ink = self._inks[color] = [layer.color(color) for layer in self.layers]
        return ink


def _indices(which: Iterable[int] | None, count: int) -> Iterable[int]:
    return range(count) if which is None else which


def _edges(scale: float) -> int:
    # The eye sees edges in brightness. In the half-size colour planes of video, smooth ones
    # would take time and nobody would see them.
    return cv2.LINE_AA if scale == 1 else cv2.LINE_8


def _fixed(points: Points, scale: float) -> NDArray[np.int32]:
    """Return points as OpenCV wants them: in fixed point, counted from pixel centres."""
    places = points * (scale * _ONE) - _ONE / 2
    places = np.minimum(np.maximum(places, -_FARTHEST), _FARTHEST)
    fixed: NDArray[np.int32] = np.rint(places).astype(np.int32)
    return fixed
