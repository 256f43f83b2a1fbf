"""The values of a recording's lines, checked one by one: JSON may hold anything."""

from __future__ import annotations

import re
from fractions import Fraction
from reprlib import repr as shortened
from typing import Any

import numpy as np

from limner.core.arrays import Floats

# Nothing that is measured comes near it: pixels, seconds (32 years), frames, identities.
LARGEST = 1_000_000_000

_RATE = re.compile(r"\d{1,18}(/0*[1-9]\d{0,17}|\.\d{1,18})?")


def number(value: Any, what: str, least: float = -LARGEST, most: float = LARGEST) -> float:
    """Return a number.

    Raises:
        ValueError: it is none, or not from `least` to `most`.
    """
    if not _is_number(value) or not least <= value <= most:
        raise ValueError(
            f"expected {what} as a number from {least:g} to {most:g}, got {shortened(value)}"
        )
    return float(value)


def whole(value: Any, what: str, least: int = 0, most: int = LARGEST) -> int:
    """Return a whole number.

    Raises:
        ValueError: it is none, or not from `least` to `most`.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(
            f"expected {what} as a whole number from {least:g} to {most:g}, got {shortened(value)}"
        )
    return value


def text(value: Any, what: str) -> str:
    """Return a text.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str):
        raise ValueError(f"expected {what} as text, got {shortened(value)}")
    return value


def flag(value: Any, what: str) -> bool:
    """Return true or false.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"expected {what} as true or false, got {shortened(value)}")
    return value


def rate(value: Any, what: str) -> Fraction | None:
    """Return frames per second, written as a fraction, a decimal or a number; None if null.

    Raises:
        ValueError: it is no rate. Exponents are none: their numbers may fill the memory.
    """
    if value is None:
        return None
    found = _RATE.fullmatch(str(value)) if _is_number(value) or isinstance(value, str) else None
    if found is None or not Fraction(found[0]) > 0:
        raise ValueError(f"expected {what} such as 25 or 30000/1001, got {shortened(value)}")
    return Fraction(found[0])


def option(value: Any, what: str) -> Any:
    """Return an option's value: null, a number, a text, true, false, or a list of these.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, list):
        if any(isinstance(each, (list, dict)) for each in value):
            raise ValueError(f"expected {what} as a plain value, got {shortened(value)}")
    elif isinstance(value, dict):
        raise ValueError(f"expected {what} as a plain value, got {shortened(value)}")
    return value


def numbers(values: Any, what: str, shape: tuple[int, ...]) -> Floats:
    """Return an array of numbers, null and NaN as NaN.

    Raises:
        ValueError: it has another shape, or a value is no number or beyond `LARGEST`.
    """
    found = np.array(values, np.float64)
    if found.shape != shape:
        raise ValueError(f"expected {what}, an array of shape {shape}, got {found.shape}")
    beyond = np.abs(found) > LARGEST
    if beyond.any():
        raise ValueError(
            f"expected {what} within {LARGEST:g}, got {shortened(float(found[beyond][0]))}"
        )
    return found.astype(np.float32)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
