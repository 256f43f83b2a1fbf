"""A calibrated camera: what its lens does to lines, and where it stands over the floor.

The camera model is OpenCV's (https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html), as the
calibration files of Pose2Sim and Sports2D have it: a point X of the world is at R X + t before
the camera. The floor is the world's plane z = 0, and its z axis points up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles

# Pixels count from the outer corner of the first one here, and from its centre in OpenCV.
_CENTRE = 0.5
# Undistortion goes step by step, and gets nowhere for points far outside of what was calibrated:
# those whose image is farther than this many pixels from where it should be have no place.
_ROUNDS, _CLOSE = 100, 0.1
# The most that a pixel up or down may change somebody's distance from the camera: with more the
# camera is too near the floor, or too far away, to tell it from where feet stand.
_STEEP = 0.01


@dataclass(frozen=True)
class Camera:
    """A calibrated camera.

    Attributes:
        name: what it was read from, for people.
        size: width and height of its images in pixels.
        matrix: the 3 rows of the camera matrix, in OpenCV's pixels.
        distortions: k1, k2, p1, p2 and so on as OpenCV orders them; k1 to k4 of a fisheye lens.
        rotation: Rodrigues vector of R; None where it is not known where the camera stands.
        translation: t in metres; None likewise.
        fisheye: whether the lens is of OpenCV's fisheye model.
    """

    name: str
    size: tuple[int, int]
    matrix: tuple[tuple[float, ...], ...]
    distortions: tuple[float, ...] = ()
    rotation: tuple[float, ...] | None = None
    translation: tuple[float, ...] | None = None
    fisheye: bool = False

    @property
    def placed(self) -> bool:
        """Whether it is known where it stands."""
        return self.rotation is not None and self.translation is not None

    @property
    def focal(self) -> float:
        """The focal length in pixels, the mean over both axes."""
        return (self.matrix[0][0] + self.matrix[1][1]) / 2

    @property
    def middle(self) -> tuple[float, float]:
        """Where the optical axis meets the image, in pixels."""
        return self.matrix[0][2] + _CENTRE, self.matrix[1][2] + _CENTRE

    def undistort(self, points: NDArray[Any]) -> Doubles:
        """Return where points would be in the image of a camera like this with a perfect lens.

        Args:
            points: (..., 2) pixels, NaN where missing.

        Returns:
            (..., 2) pixels; NaN also where the lens sends nothing.
        """
        points = np.asarray(points, np.float64)
        if not self.fisheye and not any(self.distortions):
            return points.copy()
        flat = points.reshape(-1, 2)
        known = np.isfinite(flat).all(axis=1)
        result = np.full(flat.shape, np.nan)
        if known.any():
            result[known] = self._undistorted(flat[known])
            found = np.flatnonzero(known)
            with np.errstate(invalid="ignore"):
                there = np.linalg.norm(self.distort(result[found]) - flat[found], axis=1) < _CLOSE
            result[found[~there]] = np.nan
        return result.reshape(points.shape)

    def distort(self, points: NDArray[Any]) -> Doubles:
        """Return where the lens sends points of a perfect lens's image: the way back.

        Args:
            points: (N, 2) pixels.
        """
        return self._sent(self._rays(np.asarray(points, np.float64)), np.zeros(3), np.zeros(3))

    def project(self, places: NDArray[Any]) -> Doubles:
        """Return where the lens sends places of the world.

        Args:
            places: (N, 3) metres.

        Returns:
            (N, 2) pixels.
        """
        places = np.asarray(places, np.float64)
        return self._sent(places, np.array(self.rotation), np.array(self.translation))

    def _sent(self, places: Doubles, rotation: Doubles, translation: Doubles) -> Doubles:
        matrix = np.array(self.matrix)
        lens = np.array(self.distortions or (0.0,) * 4)
        if self.fisheye:
            sent, _ = cv2.fisheye.projectPoints(
                places[:, None], rotation, translation, matrix, lens
            )
        else:
            sent, _ = cv2.projectPoints(places, rotation, translation, matrix, lens)
        return np.asarray(sent, np.float64).reshape(-1, 2) + _CENTRE

    def _undistorted(self, points: Doubles) -> Doubles:
        matrix, lens = np.array(self.matrix), np.array(self.distortions or (0.0,) * 4)
        pixels = points[:, None] - _CENTRE
        until = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _ROUNDS, 1e-9)
        if self.fisheye:
            found = cv2.fisheye.undistortPoints(pixels, matrix, lens, P=matrix, criteria=until)
        else:
            found = cv2.undistortPoints(pixels, matrix, lens, P=matrix, criteria=until)
        return np.asarray(found, np.float64).reshape(-1, 2) + _CENTRE

    def _rays(self, points: Doubles) -> Doubles:
        """Return (N, 3) directions in the camera's axes, z 1, of (N, 2) undistorted pixels."""
        whole = np.concatenate([points - _CENTRE, np.ones((len(points), 1))], axis=1)
        rays: Doubles = np.linalg.solve(np.array(self.matrix), whole.T).T
        return rays / rays[:, 2:]

    @property
    def _turn(self) -> Doubles:
        return np.asarray(cv2.Rodrigues(np.array(self.rotation))[0], np.float64)

    @property
    def place(self) -> Doubles:
        """(3,) where it stands in the world, in metres."""
        place: Doubles = -self._turn.T @ np.array(self.translation)
        return place

    @property
    def forward(self) -> Doubles:
        """(2,) unit vector: where it looks, seen from above."""
        ahead = self._turn[2, :2]
        length = np.linalg.norm(ahead)
        unit: Doubles = ahead / length if length > 0 else np.full(2, np.nan)
        return unit

    @property
    def roll(self) -> float:
        """The slope of the floor to its right in the image, in degrees, positive upwards."""
        right = self._turn[:, :2] @ np.array([self.forward[1], -self.forward[0]])
        return -float(np.degrees(np.arctan2(right[1], right[0])))

    def on_floor(self, points: NDArray[Any]) -> Doubles:
        """Return the places on the floor that are seen at points of the image.

        Args:
            points: (N, 2) pixels as the lens sends them.

        Returns:
            (N, 2) metres, world x and y. NaN where the floor is not seen there, or so flat that
            a pixel up or down is more than a hundredth of the distance.
        """
        rays = self._rays(self.undistort(points)) @ self._turn  # R^T applied to each
        place = self.place
        with np.errstate(divide="ignore", invalid="ignore"):
            far = -place[2] / rays[:, 2]
            # A pixel turns the ray by 1 / focal, and the distance goes as 1 / rays[:, 2].
            steady = (far > 0) & (1 / self.focal < _STEEP * np.abs(rays[:, 2]))
        floor = place[:2] + far[:, None] * rays[:, :2]
        return np.where(steady[:, None], floor, np.nan)

    def on_wall(self, points: NDArray[Any], foot: NDArray[Any], along: NDArray[Any]) -> Doubles:
        """Return the places on an upright plane that are seen at points of the image.

        Args:
            points: (..., 2) pixels as the lens sends them.
            foot: (2,) metres: a place on the floor that the plane goes through.
            along: (2,) unit vector: the way the plane goes along the floor.

        Returns:
            (..., 2) metres: along the plane from the foot, and up from the floor.
        """
        points = np.asarray(points, np.float64)
        rays = self._rays(self.undistort(points).reshape(-1, 2)) @ self._turn
        place = self.place
        across = np.array([-along[1], along[0]])
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (foot - place[:2]) @ across / (rays[:, :2] @ across)
        far = np.where(far > 0, far, np.nan)
        hit = place + far[:, None] * rays
        flat = np.stack([(hit[:, :2] - foot) @ along, hit[:, 2]], axis=1)
        return flat.reshape(points.shape)

    def depth(self, foot: NDArray[Any]) -> float:
        """Return how far before the camera a place on the floor is, in metres."""
        world = np.array([foot[0], foot[1], 0.0])
        return float((self._turn @ world + np.array(self.translation))[2])
