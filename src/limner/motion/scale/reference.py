"""What gives an image metres: people's heights, a known distance, a calibrated camera."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from limner.errors import UsageError
from limner.motion.height import in_metres
from limner.motion.scale.camera import Camera
from limner.motion.scale.checkerboard import Checkerboard

EVERYONE = 0
"""Stands for all people where heights are given by identity; identities begin with 1."""

_UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001}
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_DISTANCE = re.compile(
    rf"\s*({_NUMBER})\s*(mm|cm|m|)\s*:" + r"\s*,".join([rf"\s*({_NUMBER})"] * 4) + r"\s*"
)
_BOARD = re.compile(rf"\s*(\d{{1,3}})\s*[xX]\s*(\d{{1,3}})\s*(?::\s*({_NUMBER})\s*(mm|cm|m)\s*)?")
# OpenCV finds no smaller boards; with more corners there is hardly a pixel a square.
_FEWEST, _MOST = 3, 100
# What can be measured in an image that shows people, in metres.
_FARTHEST = 1000.0


@dataclass(frozen=True)
class Distance:
    """A known distance between two points of the image.

    Attributes:
        metres: how far they are from one another.
        start: x and y in pixels of the upright image.
        end: the same of the other point.
    """

    metres: float
    start: tuple[float, float]
    end: tuple[float, float]

    def __str__(self) -> str:
        """Return what somebody would type for it."""
        points = ",".join(f"{value:g}" for value in (*self.start, *self.end))
        return f"{self.metres:g}m:{points}"


@dataclass(frozen=True)
class Reference:
    """All that was given to find metres by.

    Attributes:
        heights: metres by identity; `EVERYONE` stands for whoever is not named.
        distance: a known distance in the plane in which people move.
        camera: what is known of the camera.
    """

    heights: Mapping[int, float] = field(default_factory=dict)
    distance: Distance | None = None
    camera: Camera | None = None

    def __post_init__(self) -> None:
        if self.heights and self.distance is not None:
            raise UsageError("give either --height or --distance, not both: each says the scale")
        camera = self.camera
        if camera is not None and not camera.placed and not self.heights and not self.distance:
            raise UsageError(
                f"the calibration {camera.name} tells what the lens does, and not where the camera "
                "stands, so it gives no metres by itself; give --height or --distance as well"
            )

    def __bool__(self) -> bool:
        return bool(self.heights) or self.distance is not None or self.camera is not None

    def __str__(self) -> str:
        """Return it in words, as a recording's header says it."""
        said = []
        if self.heights:
            said.append(f"height {written(self.heights)}")
        if self.distance is not None:
            said.append(f"distance {self.distance}")
        if self.camera is not None:
            said.append(f"calibration {self.camera.name}")
        return ", ".join(said)


def written(heights: Mapping[int, float]) -> str:
    """Return heights as somebody would type them."""
    named = (f"{who}={metres:g}" if who else f"{metres:g}" for who, metres in heights.items())
    return ",".join(named)


def parse_heights(name: str, given: Any) -> Mapping[int, float]:
    """Read people's heights, in metres or in centimetres.

    Args:
        name: the option's name, for messages.
        given: one for everybody, 1.75 or ``"175"``; or by identity, ``"1=1.75,2=1.68"`` or
            ``{1: 1.75, 2: 1.68}``.

    Returns:
        Identity to metres; the identity is `EVERYONE` where none is given.

    Raises:
        UsageError: these are no heights of people.
    """
    wrong = UsageError(
        f"{name}: expected a height such as 1.75, or one for each person such as 1=1.75,2=1.68, "
        f"got {given!r}"
    )
    pairs: list[tuple[Any, Any]]
    if isinstance(given, Mapping):
        pairs = list(given.items())
    else:
        parts = [part.rpartition("=") for part in str(given).split(",")]
        if len(parts) > 1 and not all(equals for _, equals, _ in parts):
            raise wrong
        pairs = [(who if equals else EVERYONE, height) for who, equals, height in parts]
    heights: dict[int, float] = {}
    for who, height in pairs:
        try:
            identity, value = int(who), float(height)
        except (TypeError, ValueError):
            raise wrong from None
        if identity < EVERYONE or (identity == EVERYONE and who is not EVERYONE):
            raise UsageError(f"{name}: people are numbered from 1, got {who}={height}")
        if identity in heights:
            raise UsageError(f"{name}: person {identity} has two heights, in {given!r}")
        heights[identity] = in_metres(value)
    if not heights:
        raise wrong
    return heights


def parse_distance(name: str, given: Any) -> Distance:
    """Read a known distance: ``2.5m:410,880,1240,885``, with m, cm, mm or no unit for metres.

    Raises:
        UsageError: this is none.
    """
    if isinstance(given, Distance):
        return given
    found = _DISTANCE.fullmatch(str(given))
    if found is None:
        raise UsageError(
            f"{name}: expected a length and the two points in pixels that it lies between, such "
            f"as 2.5m:410,880,1240,885, got {given!r}"
        )
    metres = float(found[1]) * _UNITS[found[2] or "m"]
    x1, y1, x2, y2 = (float(found[at]) for at in range(3, 7))
    if not 0 < metres <= _FARTHEST:
        raise UsageError(
            f"{name}: expected a length above 0 and up to {_FARTHEST:g} m, got {metres:g} m"
        )
    if math.hypot(x2 - x1, y2 - y1) < 1:
        raise UsageError(f"{name}: expected two points at least a pixel apart, got {given!r}")
    return Distance(metres, (x1, y1), (x2, y2))


def parse_checkerboard(name: str, given: Any) -> Checkerboard:
    """Read a checkerboard: ``9x6`` inner corners, or ``9x6:30mm`` with the side of a square.

    Raises:
        UsageError: this is none.
    """
    if isinstance(given, Checkerboard):
        return given
    found = _BOARD.fullmatch(str(given))
    if found is None:
        raise UsageError(
            f"{name}: expected its inner corners, one fewer than squares, such as 9x6, or 9x6:30mm "
            f"with the side of a square, got {given!r}"
        )
    columns, rows = int(found[1]), int(found[2])
    side = None if found[3] is None else float(found[3]) * _UNITS[found[4]]
    if not (min(columns, rows) >= _FEWEST and max(columns, rows) <= _MOST):
        raise UsageError(
            f"{name}: expected from {_FEWEST} to {_MOST} inner corners a side, got {columns}x{rows}"
        )
    if side is not None and not 0 < side <= 1:
        raise UsageError(f"{name}: expected squares of more than 0 and at most 1 m, got {side:g} m")
    return Checkerboard(columns, rows, side)
