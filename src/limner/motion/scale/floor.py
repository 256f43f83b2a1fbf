"""The floor in the image: the line along which feet stand, its slope, and the horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Doubles
from limner.motion.scale.stance import Stance

# The slope comes from stances that are farther apart than this part of the height, and counts as
# known where its standard error is at most this.
_APART, _SURE = 0.5, 2.0
# Feet on one line stray from it by less than this part of the height: the far foot of two stands
# 0.03 higher. On stairs, or where somebody comes nearer, there is no line.
_STRAY = 0.06
# The scatter of normal noise is this many median absolute deviations.
_SIGMAS = 1.4826
# Distances from the camera, so sizes of people, that differ by less than this tell no horizon.
_NEARER = 1.1
# Two people always fit, also if one of them is on a roof; with three the floor shows.
_WITNESSES = 3
_STEP = 0.1  # metres


@dataclass(frozen=True)
class Floor:
    """The line that feet stand on.

    Attributes:
        angle: its slope in degrees, counterclockwise in the image as seen: positive where the
            floor rises to the right. None where feet do not stand far enough apart to tell.
        error: standard error of the angle in degrees; None likewise.
        levels: identity to the height of the line of that person's feet, in pixels down from
            the top, at `x` = `middle`.
        middle: in pixels from the left.
    """

    angle: float | None
    error: float | None
    levels: Mapping[int, float]
    middle: float

    @property
    def slope(self) -> float:
        """Pixels down for each pixel to the right; 0 where the angle is not known."""
        return -float(np.tan(np.radians(self.angle or 0.0)))


def fit_floor(
    stances: Mapping[int, Sequence[Stance]], heights: Mapping[int, float], middle: float
) -> Floor:
    """Fit the line on which people stand.

    Everybody has a line of their own, as the nearer stand lower in the image, and all lines
    have one slope: that of the floor along the image, or of a camera that is held askew. The
    slope is the median of those between any two stances of somebody (Theil 1950, Sen 1968),
    the longer ones counting for more, so that a few wrong stances do no harm.

    Args:
        stances: where feet stand, by identity.
        heights: people's heights in pixels.
        middle: where the lines are given, in pixels from the left.
    """
    slopes: list[float] = []
    weights: list[float] = []
    for person, stays in stances.items():
        places = np.array([(stay.x, stay.y) for stay in stays]).reshape(-1, 2)
        one, other = np.triu_indices(len(places), 1)
        across, down = (places[other] - places[one]).T
        far = np.abs(across) > _APART * heights[person]
        slopes += (down[far] / across[far]).tolist()
        weights += (np.abs(across[far]) / heights[person]).tolist()
    slope = _weighted_median(slopes, weights)
    error = np.nan
    if slope is not None:
        error = _slope_error(stances, heights, slope)
    if slope is None or not error <= _SURE:
        slope, error = None, np.nan
    levels = {}
    for person, stays in stances.items():
        if stays:
            at = np.array([stay.y - (slope or 0.0) * (stay.x - middle) for stay in stays])
            level = float(np.median(at))
            if _scatter(at - level) <= _STRAY * heights[person]:
                levels[person] = level
    if slope is None:
        return Floor(None, None, levels, middle)
    return Floor(-float(np.degrees(np.arctan(slope))), error, levels, middle)


@dataclass(frozen=True)
class Horizon:
    """How high the camera is held.

    Attributes:
        level: where the horizon is, in pixels down from the top, in the middle of the image.
        camera_height: metres of the camera above the floor.
    """

    level: float
    camera_height: float


def find_horizon(floor: Floor, metres_per_pixel: Mapping[int, float]) -> Horizon | None:
    """Return the horizon of a camera that looks about straight ahead over a level floor.

    Somebody's feet are as far below the horizon as the camera is high, in the scale that
    holds at their distance: people of known scale at different distances tell both.

    Args:
        floor: the lines that people stand on.
        metres_per_pixel: by identity.

    Returns:
        None where fewer than three people stand, all are about equally far away, or they are
        not on one floor.
    """
    both = sorted(floor.levels.keys() & metres_per_pixel.keys())
    if len(both) < _WITNESSES:
        return None
    scale = np.array([1 / metres_per_pixel[person] for person in both])  # pixels per metre
    if scale.max() < _NEARER * scale.min():
        return None
    level = np.array([floor.levels[person] for person in both])
    high, at = np.polyfit(scale, level, 1)
    stray = np.abs(level - at - high * scale) / scale  # metres
    return Horizon(float(at), float(high)) if high > 0 and stray.max() < _STEP else None


def _slope_error(
    stances: Mapping[int, Sequence[Stance]], heights: Mapping[int, float], slope: float
) -> float:
    """Return the standard error of the angle in degrees, all lengths in people's heights."""
    rests, spreads = [], []
    for person, stays in stances.items():
        if len(stays) < 2:
            continue
        x = np.array([stay.x for stay in stays]) / heights[person]
        y = np.array([stay.y for stay in stays]) / heights[person]
        rest = y - slope * x
        rests += (rest - np.median(rest)).tolist()
        spreads += (x - x.mean()).tolist()
    if len(rests) < 3:
        return np.nan
    spread = float(np.sqrt((np.array(spreads) ** 2).sum()))
    return float(np.degrees(max(_scatter(np.array(rests)), 1e-9) / spread)) if spread else np.nan


def _scatter(values: Doubles) -> float:
    return float(_SIGMAS * np.median(np.abs(values)))


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float | None:
    if not values:
        return None
    order = np.argsort(values)
    total = np.cumsum(np.array(weights)[order])
    return float(np.array(values)[order][np.searchsorted(total, total[-1] / 2)])
