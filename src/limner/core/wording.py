"""Counting in messages."""

from __future__ import annotations


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
