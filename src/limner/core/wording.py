"""Counting in messages, and names that may hold anything."""

from __future__ import annotations

import unicodedata

# Control characters, and what separates lines and paragraphs.
_CONTROLS = ("Cc", "Zl", "Zp")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with what it counts.

    Args:
        number: how many.
        one: what a single one is called.
        many: what several are called; None for `one` with an s.

    Example:
        >>> counted(1, "frame"), counted(2, "frame"), counted(0, "person", "people")
        ('1 frame', '2 frames', '0 people')
    """
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def on_one_line(text: str) -> str:
    r"""Return a message with its control characters escaped.

    The name of a file may hold some, which would break the line, or tell the terminal to clear
    it, to change its title, and so on.

    Example:
        >>> print(on_one_line("two\nlines.mp4"))
        two\nlines.mp4
    """
    return "".join(
        letter.encode("unicode_escape").decode("ascii")
        if unicodedata.category(letter) in _CONTROLS
        else letter
        for letter in text
    )
