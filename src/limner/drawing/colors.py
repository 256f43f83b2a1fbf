"""Colours as people write them."""

from __future__ import annotations

import re

from limner.core.frame import Color
from limner.errors import UsageError


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
