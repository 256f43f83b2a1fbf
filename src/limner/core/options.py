"""Options: what a run can be told, by the same names from Python and from the command line.

What is given there as text is read by the same functions that check what Python gives, so
that both understand the same and refuse the same in the same words.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from limner.errors import UsageError

T = TypeVar("T")
Word = TypeVar("Word", bound=str)

Reader = Callable[[str, Any], T]
"""From an option's name, for messages, and what was given to the value that it stands for."""


@dataclass(frozen=True)
class Option:
    """One thing that can be asked for.

    Attributes:
        default: its value where nothing is given.
        read: returns the value that text, or a value from Python, stands for; it raises a
            `UsageError` where it stands for none.
        help: what it does, in a sentence or two; the default where none is shown.
        metavar: what stands for its value in the help; empty for a switch.
        section: the heading of the help that it stands under.
        short: its one-letter name on the command line, such as ``-o``.
    """

    default: Any
    read: Reader[Any]
    help: str
    metavar: str = ""
    section: str = ""
    short: str = ""

    def value(self, name: str, given: Any) -> Any:
        """Return the value that was given; the default where that is None.

        Raises:
            UsageError: what was given is no value of this option.
        """
        return self.default if given is None else self.read(in_words(name), given)


def in_words(name: str) -> str:
    """Return an option's name as messages and the command line write it."""
    return name.replace("_", "-")


def switch(name: str, given: Any) -> bool:
    """Read True or False."""
    if isinstance(given, bool):
        return given
    raise UsageError(f"{name}: expected True or False, got {given!r}")


def text(name: str, given: Any) -> str:
    """Read text, or a path as text."""
    if isinstance(given, str | os.PathLike):
        return os.fspath(given)
    raise UsageError(f"{name}: expected text, got {given!r}")


def choice(values: Iterable[Word]) -> Reader[Word]:
    """Return what reads one of some words."""
    known = tuple(values)

    def read(name: str, given: Any) -> Word:
        for each in known:
            if each == given:
                return each
        raise UsageError(f"{name}: expected {either(known)}, got {given!r}")

    return read


def names(check: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return what reads names, as text with commas between or one by one; ``none`` for none.

    Args:
        check: reads one of them.
    """

    def read(name: str, given: Any) -> tuple[T, ...]:
        if isinstance(given, str):
            given = [] if given.strip() in ("", "none") else given.split(",")
        if not isinstance(given, Iterable):
            raise UsageError(f"{name}: expected names, got {given!r}")
        return tuple(check(name, str(each).strip()) for each in given)

    return read


def whole(least: int | None = None) -> Reader[int]:
    """Return what reads a whole number, from a least one on where there is one."""

    def read(name: str, given: Any) -> int:
        try:
            value = int(given)
            if value != float(given):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"{name}: expected a whole number, got {given!r}") from None
        if least is not None and value < least:
            raise UsageError(f"{name}: expected {least} or more, got {value}")
        return value

    return read


def number(expected: str, least: float = 0.0, most: float = math.inf) -> Reader[float]:
    """Return what reads a number.

    Args:
        expected: which numbers these are, for messages.
        least: the smallest.
        most: the largest.
    """

    def read(name: str, given: Any) -> float:
        try:
            value = float(given)
        except (TypeError, ValueError):
            raise UsageError(f"{name}: expected {expected}, got {given!r}") from None
        if not least <= value <= most:
            raise UsageError(f"{name}: expected {expected}, got {value:g}")
        return value

    return read


def seconds(name: str, given: Any) -> float:
    """Read a time: a number of seconds, or text such as ``90``, ``1:30`` or ``0:01:30.5``."""
    if not isinstance(given, str):
        return number("0 seconds or more")(name, given)
    parts = given.split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or not all(0 <= value < math.inf for value in values):
        raise UsageError(f"{name}: expected seconds or h:mm:ss, got {given!r}")
    total = 0.0
    for value in values:
        total = total * 60 + value
    return total


def pixels(name: str, given: Any) -> tuple[int, ...]:
    """Read a length in pixels, or several as text with commas between or one by one."""
    parts = given.split(",") if isinstance(given, str) else given
    try:
        return tuple(int(str(each)) for each in ([parts] if isinstance(parts, int) else parts))
    except (TypeError, ValueError):
        raise UsageError(
            f"{name}: expected pixels such as 432, or several such as 368,656,960, got {given!r}"
        ) from None


def either(words: Iterable[str]) -> str:
    """Return words as a choice between them: ``a, b or c``."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
