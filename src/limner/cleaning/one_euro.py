"""The One-Euro filter, for live images where no future frame may be waited for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Floats, Ints

# Someone not seen for this long in seconds is forgotten.
_MEMORY = 1.0


class OneEuro:
    """One-Euro filter of points (Casiez, Roussel and Vogel, "1 euro filter", CHI 2012).

    A first-order low-pass whose cut-off frequency rises with speed: steady when slow, prompt
    when fast. Speeds count in body sizes per second, so that one setting fits near and far.
    """

    def __init__(
        self,
        keypoints: int,
        coordinates: int,
        *,
        min_cutoff: float = 0.5,
        beta: float = 40.0,
        speed_cutoff: float = 2.0,
    ) -> None:
        """Start with nobody.

        Args:
            keypoints: number K of keypoints per person.
            coordinates: number D of coordinates per keypoint.
            min_cutoff: cut-off frequency at rest in Hz; lower shakes less.
            beta: rise of the cut-off in Hz per body size per second; higher lags less.
            speed_cutoff: cut-off frequency of the speed in Hz.
        """
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._speed_cutoff = speed_cutoff
        self._ids: Ints = np.empty(0, np.int64)
        self._times: Doubles = np.empty(0)
        self._places: Doubles = np.empty((0, keypoints, coordinates))
        self._velocity: Doubles = np.empty((0, keypoints, coordinates))

    def smooth(self, ids: Ints, time: float, points: Floats, sizes: Floats) -> Floats:
        """Return the points of the next frame, smoothed.

        Args:
            ids: (P,) identities.
            time: seconds.
            points: (P, K, D) coordinates, NaN where missing.
            sizes: (P,) body size in the same unit.

        Returns:
            (P, K, D) coordinates. A missing keypoint stays missing, and one that was missing
            in the frame before is where it is seen.
        """
        columns = self._columns(ids, time)
        elapsed = np.maximum(time - self._times[columns], 1e-3)[:, None, None]
        before = self._places[columns]
        moved = points - before
        velocity = self._velocity[columns]
        velocity += _share(self._speed_cutoff, elapsed) * (moved / elapsed - velocity)
        velocity = np.nan_to_num(velocity)
        speed = np.linalg.norm(velocity, axis=-1, keepdims=True) / sizes[:, None, None]
        smooth = before + _share(self._min_cutoff + self._beta * speed, elapsed) * moved
        smooth = np.where(np.isnan(smooth), points, smooth)
        self._times[columns], self._velocity[columns] = time, velocity
        self._places[columns] = smooth
        return smooth.astype(np.float32)

    def _columns(self, ids: Ints, time: float) -> NDArray[np.intp]:
        """Forget those long unseen, make room for new ones, and say where each id is."""
        kept = (time - self._times < _MEMORY) | np.isin(self._ids, ids)
        new = ids[~np.isin(ids, self._ids)]
        grown = ((0, len(new)), (0, 0), (0, 0))
        self._ids = np.concatenate([self._ids[kept], new])
        self._times = np.concatenate([self._times[kept], np.full(len(new), time)])
        self._places = np.pad(self._places[kept], grown, constant_values=np.nan)
        self._velocity = np.pad(self._velocity[kept], grown)
        order = np.argsort(self._ids)
        return order[np.searchsorted(self._ids, ids, sorter=order)]


def _share(cutoff: float | Doubles, elapsed: Doubles) -> Doubles:
    """How far a first-order low-pass goes towards a new value."""
    radians = 2 * np.pi * cutoff * elapsed
    share: Doubles = radians / (radians + 1)
    return share
