"""How poses look: the colours and sizes that all annotators share.

parse_style("neon")
parse_style("left=#ff9100,right=#28aaff,width=1.5")
parse_style("mono,outline=none")
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from limner.core.arrays import Floats
from limner.core.frame import Color
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.drawing.colors import LEFT, MIDDLE, RIGHT, parse_color
from limner.errors import UsageError


@dataclass(frozen=True)
class Style:
    """Colours and sizes.

    Attributes:
        left: colour of the person's left limbs, RGB.
        right: colour of the person's right limbs, RGB.
        middle: colour of what joins left and right, RGB.
        outline: colour of the rim that sets limbs off from the image, RGB; None for no rim.
        width: factor on the widths of lines.
        joints: factor on the size of the joints' dots; 0 for no dots.
        threshold: keypoints with a lower score are not drawn.
        solid: keypoints with at least this score are opaque; below, they fade.
    """

    left: Color = LEFT
    right: Color = RIGHT
    middle: Color = MIDDLE
    outline: Color | None = (20, 20, 24)
    width: float = 1.0
    joints: float = 1.0
    threshold: float = 0.3
    solid: float = 0.6

    def widths(self, poses: Poses, width: int, height: int) -> Floats:
        """Return (N,) line widths in pixels: they follow the person's size and the image's.

        Args:
            poses: the people.
            width: the image's width, pixels.
            height: the image's height, pixels.
        """
        sides = poses.boxes[:, 2:] - poses.boxes[:, :2]
        # Somebody without a box has no size.
        sizes = np.fmax(np.fmax(sides[:, 0], sides[:, 1]), 0)
        image = min(width, height)
        thinnest, thickest = 1 + image / 720, 2 + image / 130
        widths = np.minimum(np.maximum(sizes * 0.011, thinnest), thickest) * self.width
        return np.asarray(widths, np.float32)

    def opacity(self, scores: ArrayLike) -> Floats:
        """Return how opaque keypoints of these scores are drawn; 0 below the threshold.

        Args:
            scores: of any shape; NaN is below any threshold.

        Returns:
            From 0 to 1, in the shape of the scores.
        """
        given = np.asarray(scores, np.float32)
        slope = 0.65 / max(self.solid - self.threshold, 1e-6)
        rising = np.minimum(np.maximum(1 - (self.solid - given) * slope, 0.35), 1)
        return np.where(given >= self.threshold, rising, 0).astype(np.float32)

    def color(self, skeleton: Skeleton, *keypoints: int) -> Color:
        """Return the colour of a keypoint or of the limb between two."""
        for side, color in (("left", self.left), ("right", self.right)):
            members = skeleton.parts.get(side, ())
            if all(keypoint in members for keypoint in keypoints):
                return color
        return self.middle


STYLES = {
    "classic": Style(),
    "neon": Style(
        left=(255, 43, 214), right=(0, 240, 255), middle=(190, 255, 60), outline=(18, 0, 40)
    ),
    "mono": Style(left=(255, 255, 255), right=(140, 140, 140), middle=(205, 205, 205)),
    "thin": Style(width=0.6, joints=0.7),
    "bold": Style(width=1.8, joints=0.85),
}
"""The looks that have a name."""


def parse_style(text: str) -> Style:
    """Read a style as the command line gives it.

    Args:
        text: a name of `STYLES`, or settings such as ``left=#ff9100,width=1.5``, or a name
            and then settings that differ from it. Colours are ``#rrggbb`` or ``#rgb``; the
            outline may be ``none``.

    Raises:
        UsageError: an unknown name or setting, or a value it cannot have.
    """
    style = Style()
    for place, part in enumerate(text.split(",")):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals and place == 0 and name in STYLES:
            style = STYLES[name]
        elif equals and name in _READERS:
            changes: dict[str, Any] = {name: _READERS[name](name, value)}
            style = replace(style, **changes)
        else:
            raise UsageError(
                f"style: expected {', '.join(STYLES)}, or settings of {', '.join(_READERS)} such "
                f"as left=#ff9100,width=1.5, got {part!r}"
            )
    return style


def _color(name: str, text: str) -> Color:
    return parse_color(f"style: {name}", text)


def _outline(name: str, text: str) -> Color | None:
    return None if text == "none" else _color(name, text)


def _width(name: str, text: str) -> float:
    return _factor(name, text, 0.1)


def _joints(name: str, text: str) -> float:
    return _factor(name, text, 0.0)


def _factor(name: str, text: str, least: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not least <= value <= 10:
        raise UsageError(f"style: {name} is a factor from {least:g} to 10, got {text!r}")
    return value


_READERS: dict[str, Callable[[str, str], Color | float | None]] = {
    "left": _color,
    "right": _color,
    "middle": _color,
    "outline": _outline,
    "width": _width,
    "joints": _joints,
}
