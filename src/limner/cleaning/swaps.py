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

from limner.cleaning.window import Array, Ints, Mask, Window, keep_and_grow
from limner.skeletons import Skeleton

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
# When two groups clearly changed places it may be the whole body: then less is asked of others.
_RATIO_ALONG = 0.8
# Longest exchange that is repaired, in seconds.
LONGEST = 0.5


def groups_of(skeleton: Skeleton) -> Ints:
    """Return the number of the group that each of the skeleton's left/right pairs is in."""

    def group(name: str) -> int:
        words = set(name.replace("foot_index", "foot").split("_"))
        return next(number for number, parts in enumerate(_GROUPS) if parts & words)

    return np.array([group(skeleton.keypoints[left]) for left, _ in skeleton.pairs], np.int64)


class SwapRepair:
    """Finds exchanges of left and right in a window's newest frames, and repairs them."""

    def __init__(self, skeleton: Skeleton, longest: int) -> None:
        """Start with nobody.

        Args:
            skeleton: says what is left and right.
            longest: longest exchange to repair, in frames.
        """
        self._pairs = np.array(skeleton.pairs, np.int64)
        self._group_of = groups_of(skeleton)
        self._members = (self._group_of[:, None] == np.arange(len(_GROUPS))).astype(float)
        self._longest = longest
        # The last two places as they would be without exchanges, and their times.
        self._places: Array = np.empty((2, 0, len(skeleton), 2))
        self._times: Array = np.empty((2, 0))
        # For each group: frames since it was exchanged, 0 where it is not, and when it was.
        self._since: Ints = np.empty((len(_GROUPS), 0), np.int64)
        self._began: Array = np.empty((len(_GROUPS), 0))

    def align(self, kept: Mask, new: int) -> None:
        """Follow the window's columns: forget people, and make room for new ones."""
        self._places = keep_and_grow(self._places, kept, new, np.nan)
        self._times = keep_and_grow(self._times, kept, new, np.nan)
        self._since = keep_and_grow(self._since, kept, new, 0)
        self._began = keep_and_grow(self._began, kept, new, np.nan)

    def update(self, window: Window, sizes: Array) -> None:
        """Look at the newest frame, and repair those before when an exchange has ended.

        Args:
            window: its points and scores are changed in place.
            sizes: (P,) body size in pixels.
        """
        now, here = window.times[-1], window.present[-1]
        seen = window.points[-1, :, :, :2]
        exchanged = self._exchanged(seen, self._expected(now), sizes) & here
        places, before = seen, self._places[1]
        if exchanged.any() or self._since.any():
            places, before = seen.copy(), before.copy()
            for group, person in np.argwhere(~exchanged & (self._since > 0) & here):
                pairs = self._pairs[self._group_of == group]
                _exchange(window, person, pairs, int(self._since[group, person]))
                # The step from the repaired place to this one tells no velocity.
                before[person, pairs] = seen[person, pairs]
            self._count(exchanged, now, here)
            for group, person in np.argwhere(exchanged & (self._since > 0)):
                pairs = self._pairs[self._group_of == group]
                places[person, pairs.ravel()] = seen[person, pairs[:, ::-1].ravel()]
        self._places[0] = np.where(here[:, None, None], before, self._places[0])
        self._times[0] = np.where(here, self._times[1], self._times[0])
        self._places[1] = np.where(np.isnan(places), self._places[1], places)
        self._times[1, here] = now

    def _expected(self, now: float) -> Array:
        """(P, K, 2) where each keypoint would be by now at its last velocity."""
        steps = (now - self._times[1]) / np.maximum(self._times[1] - self._times[0], 1e-3)
        # A velocity says little about a place more than a few frames later.
        steps = np.where(steps < 4, steps, 0.0)[:, None, None]
        moved = (self._places[1] - self._places[0]) * steps
        expected: Array = self._places[1] + np.where(np.isnan(moved), 0, moved)
        return expected

    def _exchanged(self, seen: Array, expected: Array, sizes: Array) -> Mask:
        """(groups, P) where left and right fit each other's expected place better."""
        there, here = expected[:, self._pairs], seen[:, self._pairs]
        own = np.sqrt(((here - there) ** 2).sum(axis=-1)).sum(axis=-1)
        other = np.sqrt(((here - there[:, :, ::-1]) ** 2).sum(axis=-1)).sum(axis=-1)
        known = ~np.isnan(own + other)
        own = np.where(known, own, 0) @ self._members
        other = np.where(known, other, 0) @ self._members
        apart = 2 * _APART * sizes[:, None] * (known @ self._members)
        clear = (other < _RATIO * own) & (own - other > apart)
        likely = (other < _RATIO_ALONG * own) & (own - other > apart / 2)
        likely &= clear.sum(axis=1, keepdims=True) >= 2
        exchanged: Mask = clear | likely
        return exchanged.T

    def _count(self, exchanged: Mask, now: float, here: Mask) -> None:
        self._since[~exchanged & here] = 0
        self._began[exchanged & (self._since == 0)] = now
        self._since[(self._since > 0) | exchanged] += 1
        with np.errstate(invalid="ignore"):
            stays = (self._since > self._longest) | (now - self._began > LONGEST)
        self._since[stays] = 0


def _exchange(window: Window, person: int, pairs: Ints, frames: int) -> None:
    """Exchange the pairs of one person in the frames before the newest."""
    rows = np.arange(-1 - frames, -1)[:, None]
    there, back = pairs.ravel(), pairs[:, ::-1].ravel()
    for values in (window.points, window.scores):
        values[rows, person, there] = values[rows, person, back]
