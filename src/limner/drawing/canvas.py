"""A canvas: draws anti-aliased shapes on a frame, whatever its pixels are made of."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from limner.frame import Color, Frame, Image, Layer

# OpenCV takes coordinates in fixed point; this many bits are the fraction.
_SHIFT = 4
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# What is this opaque is drawn without blending.
_OPAQUE = 0.95

Point = tuple[float, float]


class Canvas:
    """Draws on a frame in place. Coordinates are pixels from the outer top left corner.

    Args:
        frame: the frame to draw on.
    """

    def __init__(self, frame: Frame) -> None:
        self.width = frame.width
        self.height = frame.height
        self.layers = frame.layers()

    def line(
        self, start: Point, end: Point, color: Color, width: float, opacity: float = 1.0
    ) -> None:
        """Draw a line with round ends, `width` pixels wide."""

        def draw(pixels: Image, layer: Layer, dx: float, dy: float) -> None:
            cv2.line(
                pixels,
                _fixed(start, layer.scale, dx, dy),
                _fixed(end, layer.scale, dx, dy),
                layer.color(color),
                max(1, round(width * layer.scale)),
                cv2.LINE_AA,
                _SHIFT,
            )

        self._draw(draw, (start, end), width, opacity)

    def disc(self, centre: Point, color: Color, radius: float, opacity: float = 1.0) -> None:
        """Draw a filled disc."""

        def draw(pixels: Image, layer: Layer, dx: float, dy: float) -> None:
            cv2.circle(
                pixels,
                _fixed(centre, layer.scale, dx, dy),
                max(1, round(radius * layer.scale * (1 << _SHIFT))),
                layer.color(color),
                cv2.FILLED,
                cv2.LINE_AA,
                _SHIFT,
            )

        self._draw(draw, (centre,), 2 * radius, opacity)

    def rectangle(self, low: Point, high: Point, color: Color, width: float) -> None:
        """Draw the outline of a rectangle."""
        corners = [low, (high[0], low[1]), high, (low[0], high[1])]
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            self.line(start, end, color, width)

    def fill(self, low: Point, high: Point, color: Color, opacity: float = 1.0) -> None:
        """Fill a rectangle."""
        for layer in self.layers:
            x1, y1 = (max(0, round(value * layer.scale)) for value in low)
            x2, y2 = (max(0, round(value * layer.scale)) for value in high)
            part = layer.pixels[y1:y2, x1:x2]
            if part.size:
                value = np.array(layer.color(color), np.float32) * opacity
                part[:] = part * np.float32(1 - opacity) + value

    def text(self, text: str, at: Point, color: Color, height: float) -> None:
        """Write a line of text, its bottom left corner at a point, `height` pixels tall."""
        for layer in self.layers:
            scale = height * layer.scale / 22
            cv2.putText(
                layer.pixels,
                text,
                (round(at[0] * layer.scale), round(at[1] * layer.scale)),
                _FONT,
                scale,
                layer.color(color),
                max(1, round(height * layer.scale / 9)),
                cv2.LINE_AA,
            )

    def text_width(self, text: str, height: float) -> float:
        """Return how wide a line of text is, in pixels."""
        (width, _), _ = cv2.getTextSize(text, _FONT, height / 22, max(1, round(height / 9)))
        return float(width)

    def _draw(
        self,
        draw: Callable[[Image, Layer, float, float], None],
        points: tuple[Point, ...],
        width: float,
        opacity: float,
    ) -> None:
        """Draw a shape on every layer, blending where it is not opaque."""
        if opacity <= 0:
            return
        for layer in self.layers:
            if opacity >= _OPAQUE:
                draw(layer.pixels, layer, 0, 0)
                continue
            margin = width * layer.scale / 2 + 2
            rows, columns = layer.pixels.shape[:2]
            x1 = int(max(min(p[0] for p in points) * layer.scale - margin, 0))
            y1 = int(max(min(p[1] for p in points) * layer.scale - margin, 0))
            x2 = int(min(max(p[0] for p in points) * layer.scale + margin + 1, columns))
            y2 = int(min(max(p[1] for p in points) * layer.scale + margin + 1, rows))
            if x1 >= x2 or y1 >= y2:
                continue
            part = layer.pixels[y1:y2, x1:x2]
            drawn = part.copy()
            draw(drawn, layer, x1, y1)
            cv2.addWeighted(drawn, opacity, part, 1 - opacity, 0, dst=part)


def _fixed(point: Point, scale: float, dx: float, dy: float) -> tuple[int, int]:
    """Return a point as OpenCV wants it: in fixed point, counted from pixel centres."""
    one = 1 << _SHIFT
    return (
        round((point[0] * scale - dx - 0.5) * one),
        round((point[1] * scale - dy - 0.5) * one),
    )
