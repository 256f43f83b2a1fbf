"""Stillness: which of the people in a video never move, as on posters and still screens."""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Floats
from limner.core.poses import Poses

# Seconds over which keypoints are averaged: jitter goes, motion stays.
_WINDOW = 0.25
# The part of a person's size that a quarter of their keypoints must move by to be in motion. In
# still images put beside videos, with noise of 6 grey levels, it was 0.004 to 0.014; of people who
# sit and sign, or walk, it was 0.06 and more.
_MOVES = 0.025
_QUARTER = 75


class Stillness:
    """Watches people over a video; the camera must not move.

    It holds some hundred numbers a second for each person.

    Args:
        threshold: the score from which a keypoint counts as seen.
    """

    def __init__(self, threshold: float = 0.0) -> None:
        self._threshold = threshold
        self._windows: dict[int, list[Floats]] = {}
        self._sizes: dict[int, list[float]] = {}
        self._frames: dict[int, list[Floats]] = {}
        self._window = 0

    def add(self, poses: Poses) -> None:
        """Look at the next frame.

        Args:
            poses: the people in it, with their ids, and its time.
        """
        window = int(poses.time / _WINDOW)
        if window != self._window:
            self._close()
            self._window = window
        points = np.where((poses.scores >= self._threshold)[..., None], poses.keypoints, np.nan)
        for person, identity in enumerate(poses.ids.tolist()):
            self._frames.setdefault(identity, []).append(points[person])
            x1, y1, x2, y2 = poses.boxes[person].tolist()
            self._sizes.setdefault(identity, []).append(max(x2 - x1, y2 - y1))

    def still(self) -> set[int]:
        """Return the ids of those who never moved, as far as they were seen for long enough."""
        self._close()
        return {
            identity
            for identity, windows in self._windows.items()
            if len(windows) > 1
            and _range(np.stack(windows)) < _MOVES * float(np.nanmedian(self._sizes[identity]))
        }

    def _close(self) -> None:
        """Average what was seen since the last window."""
        for identity, frames in self._frames.items():
            self._windows.setdefault(identity, []).append(_mean(np.stack(frames)))
        self._frames.clear()


def _mean(points: Floats) -> Floats:
    """Return (K, 2) means of (F, K, 2) points, NaN where none is seen."""
    seen = ~np.isnan(points)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(seen, points, 0).sum(0) / seen.sum(0), np.float32)


def _range(windows: Floats) -> float:
    """Return how far a quarter of the keypoints goes, pixels, of (W, K, 2) points."""
    often = (~np.isnan(windows[..., 0])).sum(0) > 1
    if not often.any():
        return float("inf")
    low, high = np.nanpercentile(windows[:, often], [5, 95], axis=0)
    return float(np.percentile(np.hypot(*(high - low).T), _QUARTER))
