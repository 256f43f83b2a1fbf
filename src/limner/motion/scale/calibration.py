"""Calibration files of cameras, as Pose2Sim, Sports2D and Anipose write them (TOML)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.errors import UsageError
from limner.motion.scale.camera import Camera

# How many distortion coefficients OpenCV knows: of a usual lens and of a fisheye one.
_COEFFICIENTS, _FISHEYE = (0, 4, 5, 8, 12, 14), (4,)


def read_calibration(
    path: str | os.PathLike[str], size: tuple[int, int], video: str = ""
) -> Camera:
    """Return the camera that took a video, from a calibration file.

    Each table of the file with a ``matrix`` is a camera: ``size``, ``matrix`` and
    ``distortions``, and ``rotation`` (a Rodrigues vector) and ``translation`` in metres where
    it is known where the camera stands. With several cameras it is the one whose table or
    ``name`` is the beginning of the video's name.

    Args:
        path: the file.
        size: width and height of the video's images.
        video: the video's name.

    Raises:
        UsageError: it cannot be read, is no calibration, is of images of another size, or does
            not say which of its cameras it is.
    """
    path = Path(path)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise UsageError(
            f"cannot read the calibration {path}: {problem.strerror or problem}"
        ) from None
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"the calibration {path} is no TOML file: {problem}") from None
    tables = {
        name: table
        for name, table in content.items()
        if isinstance(table, Mapping) and "matrix" in table
    }
    if not tables:
        raise UsageError(
            f"the calibration {path} holds no camera: expected a table with size, matrix and "
            "distortions, as in Pose2Sim's Calib.toml"
        )
    name = next(iter(tables)) if len(tables) == 1 else _chosen(tables, path, video)
    try:
        camera = _camera(tables[name], path)
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        missing = f"it lacks {problem}" if isinstance(problem, KeyError) else str(problem)
        raise UsageError(
            f"the calibration {path}, camera {name}, cannot be used: {missing}"
        ) from None
    check_size(camera.name, camera.size, size)
    return camera


def check_size(name: str, calibrated: tuple[int, int], size: tuple[int, int]) -> None:
    """See that a camera was calibrated with images of the size that it is used for.

    Args:
        name: of the calibration, for messages.
        calibrated: width and height of its images.
        size: those of the video's.

    Raises:
        UsageError: it was not.
    """
    if calibrated != size:
        (width, height), (other, one) = calibrated, size
        raise UsageError(
            f"the calibration {name} is of images of {width}x{height} pixels, and the video has "
            f"{other}x{one}; calibrate the camera with images of that size"
        )


def _chosen(tables: Mapping[str, Mapping[str, Any]], path: Path, video: str) -> str:
    """Return the camera that a video is called after."""
    stem = Path(video).stem
    fitting = {
        name: max(len(each) for each in (name, str(table.get("name", name))) if each in stem)
        for name, table in tables.items()
        if any(stem.startswith(each) for each in (name, str(table.get("name", name))) if each)
    }
    longest = [name for name, length in fitting.items() if length == max(fitting.values())]
    if len(longest) != 1:
        raise UsageError(
            f"the calibration {path} holds the cameras {', '.join(tables)}, and the name of the "
            f"video, {video or 'which has none'}, does not begin with one of them; leave only its "
            "own camera in the file, or rename the video"
        )
    return longest[0]


def _camera(table: Mapping[str, Any], path: Path) -> Camera:
    """Build a camera from its table.

    Raises:
        KeyError, TypeError, ValueError: something is missing, or no number of its kind.
    """
    width, height = _numbers(table["size"], "size", (2,))
    matrix = _numbers(table["matrix"], "matrix", (3, 3))
    fisheye = bool(table.get("fisheye", False))
    distortions = _numbers(table.get("distortions", [0.0] * 4), "distortions", (-1,))
    known = _FISHEYE if fisheye else _COEFFICIENTS
    if len(distortions) not in known:
        raise ValueError(f"expected {known} distortions, got {len(distortions)}")
    if not (width >= 1 and height >= 1 and width % 1 == height % 1 == 0):
        raise ValueError(f"expected size as whole pixels, got {width:g}x{height:g}")
    others = (matrix[0, 1], matrix[1, 0], matrix[2, 0], matrix[2, 1])
    if not (matrix[0, 0] > 0 and matrix[1, 1] > 0 and not any(others) and matrix[2, 2] == 1):
        raise ValueError("expected matrix as [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]")
    placed = "rotation" in table and "translation" in table
    return Camera(
        name=path.name,
        size=(int(width), int(height)),
        matrix=tuple(tuple(row) for row in matrix.tolist()),
        distortions=tuple(distortions.tolist()),
        rotation=_rotation(table["rotation"]) if placed else None,
        translation=_vector(table["translation"], "translation") if placed else None,
        fisheye=fisheye,
    )


def _rotation(values: Any) -> tuple[float, ...]:
    """Return a Rodrigues vector; some files hold the matrix instead."""
    if np.shape(values) == (3, 3):
        vector, _ = cv2.Rodrigues(_numbers(values, "rotation", (3, 3)))
        return tuple(np.asarray(vector).ravel().tolist())
    return _vector(values, "rotation")


def _vector(values: Any, what: str) -> tuple[float, ...]:
    return tuple(_numbers(values, what, (3,)).tolist())


def _numbers(values: Any, what: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    found = np.array(values, np.float64)
    if found.ndim != len(shape) or (shape != (-1,) and found.shape != shape):
        raise ValueError(f"expected {what} of shape {shape}, got {found.shape}")
    if not np.isfinite(found).all():
        raise ValueError(f"expected {what} as finite numbers, got {found.tolist()}")
    return found
