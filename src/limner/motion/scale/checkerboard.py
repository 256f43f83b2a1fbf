"""Calibrate a camera with images of a checkerboard (Zhang 2000, as OpenCV has it)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Image
from limner.errors import UsageError
from limner.motion.scale.camera import Camera

# As many views as tell all that can be told, and from how many on everything is asked: fewer tell
# neither the middle of the lens nor how it is askew.
_MOST, _MANY = 40, 8
# A view is another one if its corners moved by this part of the image's diagonal.
_MOVED = 0.03
# Corners are found to a fifth of a pixel at best. The focal length must be known to this part then,
# and the corners be where they should to that part of the image's diagonal.
_CORNER, _FOCAL, _STRAY = 0.2, 0.02, 1.5e-3
# Boards that face the camera look the same through any lens, so one is tilted at least this much.
_TILT = 8.0
# How often a board that is seen small is enlarged, up to this many pixels a side.
_ZOOMS, _LARGEST = (1, 2, 4), 8000
_UNTIL = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-4)


@dataclass(frozen=True)
class Checkerboard:
    """A board of squares.

    Attributes:
        columns: inner corners in a row, one fewer than squares.
        rows: inner corners in a column.
        square: metres of a square's side; None where that is not known.
    """

    columns: int
    rows: int
    square: float | None = None

    def __str__(self) -> str:
        """Return what somebody would type for it."""
        side = "" if self.square is None else f":{1000 * self.square:g}mm"
        return f"{self.columns}x{self.rows}{side}"

    @property
    def places(self) -> Doubles:
        """(N, 3) of the corners, in squares or, where their side is known, in metres."""
        down, right = np.mgrid[: self.rows, : self.columns]
        flat = np.stack([right, down, np.zeros_like(right)], axis=-1).reshape(-1, 3)
        return flat.astype(np.float64) * (self.square or 1.0)


def find_corners(image: Image, board: Checkerboard) -> Doubles | None:
    """Return (N, 2) places of a board's inner corners, in OpenCV's pixels; None without any.

    Args:
        image: (height, width, 3) RGB.
        board: the board; all of it must be seen, with white about it.
    """
    return _corners(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), board, cv2.CALIB_CB_FAST_CHECK)


def _find_small_corners(image: Image, board: Checkerboard) -> Doubles | None:
    """Return the corners of a board that lies on the floor: flat to look at, and far away."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    for zoom in _ZOOMS:
        if max(grey.shape) * zoom > _LARGEST:
            break
        larger = cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        corners = _corners(larger, board, 0)
        if corners is not None:
            return (corners + 0.5) / zoom - 0.5
    return None


def _corners(grey: NDArray[Any], board: Checkerboard, flags: int) -> Doubles | None:
    flags |= cv2.CALIB_CB_ADAPTIVE_THRESH | cv2.CALIB_CB_NORMALIZE_IMAGE
    found, corners = cv2.findChessboardCorners(grey, (board.columns, board.rows), flags=flags)
    if not found:
        return None
    # Half a square at most, so that no corner is taken for its neighbour.
    grid = corners.reshape(board.rows, board.columns, 2)
    apart = min(np.linalg.norm(np.diff(grid, axis=axis), axis=2).min() for axis in (0, 1))
    half = int(np.clip(apart / 2 - 1, 1, 11))
    cv2.cornerSubPix(grey, corners, (half, half), (-1, -1), _UNTIL)
    return np.asarray(corners, np.float64).reshape(-1, 2)


def calibrate(images: Iterable[Image], board: Checkerboard, name: str) -> Camera:
    """Return the camera that took images of a checkerboard.

    With fewer than eight different views the lens's middle is taken to be the image's.

    Args:
        images: (height, width, 3) RGB, all of one size: a board that is held at different
            places and tilted in different ways.
        board: the board.
        name: what to call the images in messages.

    Raises:
        UsageError: no board is found, or the images do not tell the lens.
    """
    views: list[Doubles] = []
    width = height = looked = 0
    for image in images:
        looked += 1
        height, width = image.shape[:2]
        corners = find_corners(image, board)
        if corners is None or not _is_new(corners, views, float(np.hypot(width, height))):
            continue
        views.append(corners)
        if len(views) == _MOST:
            break
    if not views:
        raise UsageError(
            f"the calibration {name}: no checkerboard with {board.columns}x{board.rows} inner "
            f"corners is found in its {looked} images; count corners where four squares meet (a "
            f"board of {board.columns + 1}x{board.rows + 1} squares has that many), and show all"
        )
    return _solve(views, board, (width, height), name)


def stand(camera: Camera, image: Image, board: Checkerboard, name: str) -> Camera:
    """Return a camera that knows where it stands, by a board that lies on the floor.

    Args:
        camera: the camera.
        image: (height, width, 3) RGB: taken by it from where it stands.
        board: the board, its square's side known.
        name: what to call the image in messages.

    Raises:
        UsageError: the board is not found, or its squares' size is not known.
    """
    if board.square is None:
        raise UsageError(
            f"checkerboard: to find metres on the floor its squares must be known as well, such as "
            f"{board}:30mm"
        )
    corners = _find_small_corners(image, board)
    if corners is None:
        raise UsageError(
            f"floor: no checkerboard with {board.columns}x{board.rows} inner corners is found in "
            f"{name}; show all of it, large enough to tell its squares"
        )
    straight = camera.undistort(corners + 0.5) - 0.5
    known = np.isfinite(straight).all(axis=1)
    matrix, perfect = np.array(camera.matrix), np.zeros(4)
    _, turn, shift = cv2.solvePnP(board.places[known], straight[known], matrix, perfect)
    # The board's z axis points away from whoever reads its corners row by row: up, or down.
    rotation = np.asarray(cv2.Rodrigues(turn)[0])
    if (-rotation.T @ shift)[2, 0] < 0:
        rotation = rotation @ np.diag([1.0, -1.0, -1.0])
    return replace(
        camera,
        rotation=tuple(np.ravel(cv2.Rodrigues(rotation)[0]).tolist()),
        translation=tuple(np.ravel(shift).tolist()),
    )


def _is_new(corners: Doubles, views: list[Doubles], diagonal: float) -> bool:
    """Say whether a view is unlike others; a board may be read from either end."""
    return all(
        min(np.abs(corners - turned).max() for turned in (view, view[::-1])) > _MOVED * diagonal
        for view in views
    )


def _solve(views: list[Doubles], board: Checkerboard, size: tuple[int, int], name: str) -> Camera:
    flags = 0
    if len(views) < _MANY:
        flags = cv2.CALIB_FIX_PRINCIPAL_POINT | cv2.CALIB_FIX_ASPECT_RATIO
        flags |= cv2.CALIB_ZERO_TANGENT_DIST | cv2.CALIB_FIX_K2 | cv2.CALIB_FIX_K3
    width, height = size
    diagonal = float(np.hypot(width, height))
    first = np.array([[width, 0, (width - 1) / 2], [0, width, (height - 1) / 2], [0, 0, 1.0]])
    places = replace(board, square=None).places.astype(np.float32)
    try:
        stray, matrix, lens, turns, _, spread, *_ = cv2.calibrateCameraExtended(
            [places] * len(views),
            [view.astype(np.float32)[:, None] for view in views],
            size,
            first,
            np.zeros(5),
            flags=flags | cv2.CALIB_USE_INTRINSIC_GUESS,
        )
    except cv2.error as problem:
        raise UsageError(
            f"the calibration {name} cannot be worked out: {problem.err}; hold the board at "
            "different places and tilted in different ways"
        ) from None
    # With one focal length for both axes OpenCV says its spread for y alone.
    unsure = float(np.ravel(spread)[:2].max()) / matrix[0, 0] * max(1.0, _CORNER / max(stray, 1e-6))
    tilts = [np.degrees(np.arccos(abs(cv2.Rodrigues(turn)[0][2, 2]))) for turn in turns]
    if not (unsure <= _FOCAL and max(tilts) >= _TILT):
        raise UsageError(
            f"the calibration {name} does not tell the lens: in its {len(views)} different views "
            "the board hardly tilts; hold it in ten or more ways, tilted by 20 to 45 degrees, all "
            "over the image"
        )
    if stray > _STRAY * diagonal:
        raise UsageError(
            f"the calibration {name} does not fit a lens: its corners are {stray:.1f} pixels off; "
            "the board must be flat, and the images sharp"
        )
    return Camera(
        name,
        size,
        tuple(tuple(row) for row in np.asarray(matrix).tolist()),
        tuple(np.ravel(lens).tolist()),
    )
