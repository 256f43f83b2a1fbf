"""The palette as a page's style sheet, in shades for a light and a dark ground."""

from __future__ import annotations

from collections.abc import Iterable

from limner.core.frame import Color
from limner.drawing.colors import LEFT, RIGHT, WHITE, hex_color, legible, person_color

INK: Color = (55, 65, 75)
"""What has no side, on a light ground: the video's near-white could not be seen there."""
SIDES = {"left": LEFT, "right": RIGHT}
_PALE: Color = (225, 230, 235)
DARK: Color = (24, 31, 39)
"""The ground of charts in dark mode."""


def palette(people: Iterable[int]) -> str:
    """Return CSS that defines ``--left``, ``--right``, ``--middle`` and ``--person-N``.

    Paper is light whatever the screen is, so the dark shades are for screens only.

    Args:
        people: the identities that need a colour.
    """
    colors = dict(SIDES)
    colors |= {f"person-{identity}": person_color(identity) for identity in people}

    def rule(ground: Color, middle: Color) -> str:
        shades = {name: legible(color, ground) for name, color in colors.items()}
        shades |= {"middle": middle, "ground": ground}
        return ":root {" + " ".join(f"--{k}: {hex_color(v)};" for k, v in shades.items()) + "}"

    dark = f"@media screen and (prefers-color-scheme: dark) {{ {rule(DARK, _PALE)} }}"
    return f"{rule(WHITE, INK)}\n{dark}\n"
