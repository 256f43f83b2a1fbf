"""The palette that video, report, plots and timelines share, and colours as people write them."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from limner.core.frame import Color
from limner.errors import UsageError

LEFT: Color = (255, 145, 30)
"""The colour of what is on a person's left."""
RIGHT: Color = (40, 170, 255)
"""The colour of what is on a person's right."""
MIDDLE: Color = (245, 245, 245)
"""The colour of what has no side."""
PERSON_COLORS: tuple[Color, ...] = (
    (80, 205, 95),
    (240, 95, 190),
    (245, 215, 60),
    (165, 125, 250),
    (240, 85, 80),
    (45, 210, 190),
)
"""Colours of people, none of them near those of the sides; a number always stands with them."""
WHITE: Color = (255, 255, 255)

# The least contrast for lines and signs that WCAG 2.2 (1.4.11) allows.
_CONTRAST = 3.0


def person_color(identity: int) -> Color:
    """Return the colour of a person, the same wherever the number is the same."""
    return PERSON_COLORS[(identity - 1) % len(PERSON_COLORS)]


def legible(color: Color, ground: Color = WHITE, contrast: float = _CONTRAST) -> Color:
    """Return a colour's nearest shade that can be told from a ground.

    Args:
        color: RGB.
        ground: what it is drawn on; a light ground makes it darker, a dark one lighter.
        contrast: the least ratio of luminances, as WCAG 2.2 defines it
            (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
    """
    light = _linear(color)
    own, other = luminance(color), luminance(ground)
    if (max(own, other) + 0.05) / (min(own, other) + 0.05) >= contrast:
        return color
    darker = (other + 0.05) / contrast - 0.05
    if darker >= 0:
        return _encoded(light * (darker / own))
    lighter = min((other + 0.05) * contrast - 0.05, 1.0)
    return _encoded(light + (1 - light) * ((lighter - own) / (1 - own)))


def luminance(color: Color) -> float:
    """Return a colour's relative luminance, 0 for black to 1 for white."""
    return float(_linear(color) @ (0.2126, 0.7152, 0.0722))


def _linear(color: Color) -> NDArray[np.float64]:
    part = np.array(color) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def _encoded(light: NDArray[np.float64]) -> Color:
    part = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    red, green, blue = np.round(part * 255).astype(int).tolist()
    return red, green, blue


def hex_color(color: Color) -> str:
    """Write a colour as ``#rrggbb``."""
    return "#" + bytes(color).hex()


def parse_color(option: str, text: str) -> Color:
    """Read a colour.

    Args:
        option: what it is the colour of, for the message.
        text: ``#rrggbb`` or ``#rgb``; the ``#`` may be left out.

    Raises:
        UsageError: it is no such colour.
    """
    digits = text.removeprefix("#")
    if not re.fullmatch(r"[0-9a-fA-F]{3}|[0-9a-fA-F]{6}", digits):
        raise UsageError(f"{option} is a colour such as #ff9100, got {text!r}")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = bytes.fromhex(digits)
    return red, green, blue
