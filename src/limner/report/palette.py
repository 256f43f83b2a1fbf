"""The palette as a page's style sheet, in shades for a light and a dark ground."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from limner.core.frame import Color
from limner.drawing.colors import LEFT, RIGHT, WHITE, hex_color, legible, person_color
from limner.drawing.style import Style, parse_style
from limner.errors import UsageError

INK: Color = (55, 65, 75)
"""What has no side, on a light ground: the video's near-white could not be seen there."""
_PALE: Color = (225, 230, 235)
DARK: Color = (24, 31, 39)
"""The ground of charts in dark mode."""


# Two colours nearer than this, in their channels together, are taken for one.
_APART = 60


def side_colors(style: str | None, ground: Color = WHITE) -> dict[str, Color]:
    """Return the colours of left and right: the video's, in shades that can be seen on a ground.

    Args:
        style: how the video is drawn, as the run's option says, if it is known; the usual colours
            stand in for a style whose two sides would look the same on the ground.
        ground: what is drawn on.
    """
    known = Style()
    with suppress(UsageError):  # a style of another version
        known = parse_style(style or "classic")
    shades = [legible(color, ground) for color in (known.left, known.right)]
    if sum(abs(a - b) for a, b in zip(*shades, strict=True)) < _APART:
        shades = [legible(color, ground) for color in (LEFT, RIGHT)]
    return dict(zip(("left", "right"), shades, strict=True))


def palette(people: Iterable[int], style: str | None = None) -> str:
    """Return CSS that defines ``--left``, ``--right``, ``--middle`` and ``--person-N``.

    Paper is light whatever the screen is, so the dark shades are for screens only.

    Args:
        people: the identities that need a colour.
        style: as in `side_colors`.
    """
    colors = {f"person-{identity}": person_color(identity) for identity in people}

    def rule(ground: Color, middle: Color) -> str:
        shades = {name: legible(color, ground) for name, color in colors.items()}
        shades |= side_colors(style, ground)
        shades |= {"middle": middle, "ground": ground}
        return ":root {" + " ".join(f"--{k}: {hex_color(v)};" for k, v in shades.items()) + "}"

    dark = f"@media screen and (prefers-color-scheme: dark) {{ {rule(DARK, _PALE)} }}"
    return f"{rule(WHITE, INK)}\n{dark}\n"
