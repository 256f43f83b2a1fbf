"""Draw a pose as the OpenCV tutorial does: green lines, red dots, milliseconds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2

from limner.core.frame import Color, Frame, Layer
from limner.core.poses import Poses
from limner.drawing.canvas import Canvas


@dataclass(frozen=True)
class TutorialStyle:
    """Colours (RGB) and sizes (pixels of the frame) of the tutorial's drawing.

    Attributes:
        line: colour of the limbs.
        dot: colour of the joints.
        text: colour of the inference time.
        width: width of the limbs.
        radius: radius of the joints.
    """

    line: Color = (0, 255, 0)
    dot: Color = (255, 0, 0)
    text: Color = (0, 0, 0)
    width: int = 3
    radius: int = 3


@dataclass(frozen=True)
class TutorialAnnotator:
    """Draws as the tutorial does; the milliseconds also where nobody is seen."""

    style: TutorialStyle = field(default_factory=TutorialStyle)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw limbs, joints and milliseconds."""
        _draw(canvas.layers, poses, self.style, getattr(poses, "inference_ms", math.nan))


def draw_tutorial(
    frame: Frame,
    poses: Poses,
    style: TutorialStyle | None = None,
    *,
    inference_ms: float | None = None,
) -> None:
    """Draw poses on a frame, in place.

    Args:
        frame: the image.
        poses: who to draw. Limbs are the skeleton's edges with both ends there.
        style: colours and sizes.
        inference_ms: milliseconds to print at the top left; None is what the poses say, if
            they do.
    """
    if inference_ms is None:
        inference_ms = getattr(poses, "inference_ms", math.nan)
    _draw(frame.layers(), poses, style or TutorialStyle(), inference_ms)


def _draw(layers: Iterable[Layer], poses: Poses, style: TutorialStyle, inference_ms: float) -> None:
    for layer in layers:
        line, dot, text = (layer.color(color) for color in (style.line, style.dot, style.text))
        width = max(round(style.width * layer.scale), 1)
        radius = max(round(style.radius * layer.scale), 1)
        for person in poses.keypoints.tolist():
            points = [
                None if math.isnan(x) else (int(x * layer.scale), int(y * layer.scale))
                for x, y in person
            ]
            for i, j in poses.skeleton.edges:
                start, end = points[i], points[j]
                if start is None or end is None:
                    continue
                cv2.line(layer.pixels, start, end, line, width)
                for point in (start, end):
                    cv2.ellipse(layer.pixels, point, (radius, radius), 0, 0, 360, dot, cv2.FILLED)
        if not math.isnan(inference_ms):
            cv2.putText(
                layer.pixels,
                f"{inference_ms:.2f}ms",
                (int(10 * layer.scale), int(20 * layer.scale)),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.5 * layer.scale,
                text,
            )
