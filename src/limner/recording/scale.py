"""The scale in a recording's header: from pixels to metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from limner.motion.scale.camera import Camera
from limner.motion.scale.floor import Horizon
from limner.motion.scale.value import Plane, Scale
from limner.recording.values import flag, number, text, whole


def describe(scale: Scale) -> dict[str, Any]:
    """Return a scale as the header holds it, ready for JSON."""
    content = asdict(scale)
    content["people"] = {str(who): asdict(plane) for who, plane in scale.people.items()}
    return content


def read_scale(content: Any) -> Scale | None:
    """Return the scale that a header holds; None where it has none.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it cannot be one.
    """
    if content is None:
        return None
    everyone, horizon = content.get("everyone"), content.get("horizon")
    return Scale(
        source=text(content["source"], "the scale's source"),
        people={
            whole(int(who), "a person of the scale", 1): _plane(plane)
            for who, plane in content.get("people", {}).items()
        },
        everyone=None if everyone is None else _plane(everyone),
        floor_angle=_maybe(content, "floor_angle"),
        floor_error=_maybe(content, "floor_error"),
        horizon=None
        if horizon is None
        else Horizon(
            number(horizon["level"], "the horizon's level"),
            number(horizon["camera_height"], "camera_height", 0),
        ),
        camera=_camera(content.get("camera")),
    )


def _plane(content: Mapping[str, Any]) -> Plane:
    scale = number(content["metres_per_pixel"], "metres_per_pixel", 0)
    if scale == 0:
        raise ValueError("expected metres_per_pixel above 0, got 0")
    foot, along = content.get("foot"), content.get("along")
    return Plane(
        scale,
        _pair(content["origin"], "origin"),
        flag(content.get("on_floor", False), "on_floor"),
        None if foot is None else _pair(foot, "foot"),
        None if along is None else _pair(along, "along"),
    )


def _camera(content: Mapping[str, Any] | None) -> Camera | None:
    if content is None:
        return None
    width, height = content["size"]
    matrix = tuple(_several(row, "the camera's matrix", 3) for row in content["matrix"])
    if len(matrix) != 3 or not (matrix[0][0] > 0 and matrix[1][1] > 0 and matrix[2][2] == 1):
        raise ValueError("expected the camera's matrix as [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]")
    rotation, translation = content.get("rotation"), content.get("translation")
    return Camera(
        text(content["name"], "the camera's name"),
        (whole(width, "the camera's width", 1), whole(height, "the camera's height", 1)),
        matrix,
        _several(content.get("distortions", ()), "the camera's distortions"),
        None if rotation is None else _several(rotation, "the camera's rotation", 3),
        None if translation is None else _several(translation, "the camera's translation", 3),
        flag(content.get("fisheye", False), "fisheye"),
    )


def _maybe(content: Mapping[str, Any], name: str) -> float | None:
    return None if content.get(name) is None else number(content[name], name)


def _pair(values: Any, what: str) -> tuple[float, float]:
    x, y = _several(values, what, 2)
    return x, y


def _several(values: Any, what: str, count: int | None = None) -> tuple[float, ...]:
    found = tuple(number(value, what) for value in values)
    if count is not None and len(found) != count:
        raise ValueError(f"expected {what} as {count} numbers, got {len(found)}")
    return found
