"""Left and right that change places for a few frames.

Estimators now and then take someone's left leg for the right one, or see a person from the
front as from behind, and correct themselves some frames later. Each group of pairs (the
legs below the hips, the arms below the shoulders, ...) is followed by its own movement:
when both sides continue the other's way much better than their own, they have changed
places; when they change back soon enough, the frames between are repaired. A change that
stays is taken as the estimator's better knowledge and left as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.cleaning.window import Window
from limner.skeletons import Skeleton

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_GROUPS = (
    {"eye", "ear", "mouth"},
    {"shoulder"},
    {"elbow", "wrist", "pinky", "index", "thumb"},
    {"hip"},
    {"knee", "ankle", "heel", "foot", "toe"},
)
# Exchanged sides must fit at least this much better ...
_RATIO = 0.5
# ... and the pair lie this far apart, relative to the body's size: closer together, the
# exchange neither can be told nor does it matter.
_APART = 0.04
# Longest exchange that is repaired, in seconds.
LONGEST = 0.5


def groups_of(skeleton: Skeleton) -> list[NDArray[np.int64]]:
    """Return, for each group of limbs, (pairs, 2) indices of left and right keypoints."""
    groups = []
    for parts in _GROUPS:
        pairs = [
            pair
            for pair in skeleton.pairs
            if parts & set(skeleton.keypoints[pair[0]].split("_"))
            and ("foot" in parts or "foot" not in skeleton.keypoints[pair[0]])
        ]
        if pairs:
            groups.append(np.array(pairs))
    return groups


class SwapRepair:
    """Finds and repairs exchanges of left and right in a window's newest frames."""

    def __init__(self, skeleton: Skeleton, longest: int) -> None:
        """Start with nobody.

        Args:
            skeleton: says what is left and right.
            longest: longest exchange to repair, in frames.
        """
        self._groups = groups_of(skeleton)
        self._longest = longest
        count = len(skeleton)
        # Per person: the last two places as they would be without exchanges, their times,
        # and for each group the frames since it was exchanged (0 where it is not).
        self._places: Array = np.empty((2, 0, count, 2))
        self._times: Array = np.empty((2, 0))
        self._since: NDArray[np.int64] = np.empty((0, len(self._groups)), np.int64)
        self._began: Array = np.empty((0, len(self._groups)))

    def update(self, window: Window, kept: Mask, sizes: Array) -> None:
        """Look at the newest frame, and repair those before when an exchange has ended.

        Args:
            window: its points and scores are changed in place.
            kept: (P before,) which people remain, from :meth:`Window.push`.
            sizes: (P,) body size in pixels.
        """
        self._align(kept, len(window.ids))
        now, here = window.times[-1], window.present[-1]
        seen = window.points[-1, ..., :2]
        expected = self._expected(now)
        places = seen.copy()
        for number, pairs in enumerate(self._groups):
            since = self._since[:, number]
            exchanged = self._exchanged(seen[:, pairs], expected[:, pairs], sizes) & here
            ended = ~exchanged & (since > 0) & here
            for person in np.flatnonzero(ended):
                self._repair(window, person, pairs, int(since[person]))
            since[ended] = 0
            began = exchanged & (since == 0)
            self._began[began, number] = now
            since[(since > 0) | exchanged] += 1
            stays = (since > self._longest) | (
                (since > 0) & (now - self._began[:, number] > LONGEST)
            )
            since[stays] = 0
            follow = np.flatnonzero(exchanged & ~stays)
            places[np.ix_(follow, pairs.ravel())] = seen[np.ix_(follow, pairs[:, ::-1].ravel())]
        self._remember(places, now, here)

    def _align(self, kept: Mask, people: int) -> None:
        new = people - int(kept.sum())
        grown = ((0, 0), (0, new))
        self._places = np.pad(
            self._places[:, kept], (*grown, (0, 0), (0, 0)), constant_values=np.nan
        )
        self._times = np.pad(self._times[:, kept], grown, constant_values=np.nan)
        self._since = np.pad(self._since[kept], ((0, new), (0, 0)))
        self._began = np.pad(self._began[kept], ((0, new), (0, 0)))

    def _expected(self, now: float) -> Array:
        """Where each keypoint would be by now at its last velocity, NaN if unknown."""
        steps = (now - self._times[1]) / np.maximum(self._times[1] - self._times[0], 1e-3)
        # A velocity says little about a place more than a few frames later.
        steps = np.where(steps < 4, np.nan_to_num(steps), 0.0)[:, None, None]
        moved = np.nan_to_num((self._places[1] - self._places[0]) * steps)
        expected: Array = self._places[1] + moved
        return expected

    @staticmethod
    def _exchanged(seen: Array, expected: Array, sizes: Array) -> Mask:
        """(P,) where left and right fit each other's expected place better; (P, n, 2, 2) each."""
        own = np.linalg.norm(seen - expected, axis=-1).sum(axis=-1)
        other = np.linalg.norm(seen - expected[:, :, ::-1], axis=-1).sum(axis=-1)
        known = ~np.isnan(own) & ~np.isnan(other)
        pairs = np.maximum(known.sum(axis=1), 1)
        own_mean = np.where(known, own, 0).sum(axis=1) / pairs
        other_mean = np.where(known, other, 0).sum(axis=1) / pairs
        better = (other_mean < _RATIO * own_mean) & (own_mean - other_mean > 2 * _APART * sizes)
        result: Mask = better & known.any(axis=1)
        return result

    @staticmethod
    def _repair(window: Window, person: int, pairs: NDArray[np.int64], frames: int) -> None:
        """Exchange the pairs in the frames before the newest."""
        rows = np.arange(-1 - frames, -1)
        there, back = pairs.ravel(), pairs[:, ::-1].ravel()
        for values in (window.points, window.scores):
            values[rows[:, None], person, there] = values[rows[:, None], person, back]

    def _remember(self, places: Array, now: float, here: Mask) -> None:
        fresh = ~np.isnan(places) & here[:, None, None]
        self._places[0, here] = self._places[1, here]
        self._places[1] = np.where(fresh, places, self._places[1])
        self._times[0, here] = self._times[1, here]
        self._times[1, here] = now
