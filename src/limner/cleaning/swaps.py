"""Left/right swap repair: sides that change places for a few frames.

Estimators now and then see a person from the front as from behind, or take someone's left
leg for the right one, and correct themselves some frames later. Most often the whole body is
exchanged. Each frame is read in a few ways: as it is, with everything exchanged, with the
legs, the arms, the upper or the lower body exchanged. The way through the frames that moves
most smoothly wins, found by dynamic programming (Viterbi, 1967), where every reading is
followed by its own movement (per-survivor processing; Raheli, Polydoros and Tzou, 1995).
Three things keep it from repairing what is right:

* every change of the reading costs something, and so does every exchanged frame;
* a limb read as exchanged by itself must not hang at the body's other side;
* only an exchange that ends within the frames looked ahead is repaired; one that stays is
  taken as the estimator's better knowledge.
"""

from __future__ import annotations

import numpy as np

from limner.cleaning.window import Window, keep_and_grow
from limner.core.arrays import Doubles, Ints, Mask
from limner.core.flags import Flag
from limner.core.skeletons import Skeleton

# The groups that are exchanged, by those of the skeleton: hands go with their arms.
_GROUPS = {
    "head": "head",
    "shoulders": "shoulders",
    "arms": "arms",
    "hands": "arms",
    "hips": "hips",
    "legs": "legs",
}
_COLUMNS = tuple(dict.fromkeys(_GROUPS.values()))
# The readings of a frame: which groups are exchanged.
_READINGS = (
    set[str](),
    set(_COLUMNS),
    {"legs"},
    {"arms"},
    {"head", "shoulders", "arms"},
    {"hips", "legs"},
)
# Joints that hang at each other on the same side of the body, from group to group.
_HANGING = (("shoulder", "elbow"), ("shoulder", "hip"), ("hip", "knee"))

# How far a keypoint strays from its way, relative to the body's size. Each group costs the
# mean of log(1 + (distance / stray)^2) over its keypoints, which is what a Cauchy
# distribution gives: twice as near is as much better for fast keypoints as for slow ones.
_STRAY = 0.02
# What it costs to change the reading: about the gain of one group that clearly fits better.
_CHANGE = 2.0
# What an exchange costs that has not ended: about half of what it costs a whole body to jump.
# For less, it is rather what was seen before that is exchanged.
_UNFINISHED = 9.0
# What an exchanged frame costs: next to nothing, so that of equals the raw reading wins ...
_EXCHANGED = 0.02
# ... and what it costs for each body size by which bones grow longer across the body.
_ACROSS = 10.0


def groups_of(skeleton: Skeleton) -> list[str | None]:
    """Return the group that each of the skeleton's left/right pairs is in, None for none."""
    groups = [skeleton.groups[left] for left, _ in skeleton.pairs]
    return [None if group is None else _GROUPS[group] for group in groups]


class SwapRepair:
    """Left/right swap repair in a window of frames."""

    def __init__(self, skeleton: Skeleton, lag: int, capacity: int) -> None:
        """Start with nobody.

        Args:
            skeleton: says what is left and right, and which keypoints are in a group. Where
                pairs are in none, only whole bodies are repaired, as nobody knows which
                limb such a pair moves with.
            lag: frames of the window that come after the one to be handed out next.
            capacity: frames of the window.
        """
        self._lag = lag
        pairs, groups = skeleton.pairs, groups_of(skeleton)
        self._readings = _READINGS[:2] if None in groups else _READINGS
        readings, joints = len(self._readings), len(skeleton)
        # (readings, K) where each keypoint is taken from.
        self._orders = np.tile(np.arange(joints), (readings, 1))
        for order, exchanged in zip(self._orders, self._readings, strict=True):
            for (left, right), group in zip(pairs, groups, strict=True):
                if group in exchanged or (group is None and exchanged):
                    order[[left, right]] = right, left
        # (K, groups) which keypoint is in which group; what has no other side is in none.
        self._members: Doubles = np.zeros((joints, len(_COLUMNS)))
        for sides, group in zip(pairs, groups, strict=True):
            if group is not None:
                self._members[list(sides), _COLUMNS.index(group)] = 1
        hanging = [
            [f"{side}_{joint}" for side in ("left", "right") for joint in ends] for ends in _HANGING
        ]
        self._hanging = np.array(
            [
                [skeleton.index(name) for name in names]
                for names in hanging
                if set(names) <= set(skeleton.keypoints)
            ],
            np.intp,
        ).reshape(-1, 2, 2)
        # (readings, pairs of joints) where only one of the two is exchanged.
        exchanged = self._orders[:, self._hanging[:, 0]] != self._hanging[:, 0]
        self._crossed: Doubles = (exchanged[..., 0] != exchanged[..., 1]).astype(float)
        self._change = _CHANGE * (1 - np.eye(readings))[..., None]
        # What each reading has cost up to now, and the last two places on the way to it.
        self._costs: Doubles = np.empty((readings, 0))
        self._places: Doubles = np.empty((readings, 0, joints, 2))
        self._before: Doubles = np.empty((readings, 0, joints, 2))
        self._times: Doubles = np.empty((2, 0))
        # For each frame of the window: its reading on the cheapest way to each reading of the
        # newest frame; and what was applied.
        self._ways: Ints = np.empty((capacity, 0, readings), np.int64)
        self._applied: Ints = np.empty((capacity, 0), np.int64)

    def align(self, kept: Mask, new: int) -> None:
        """Follow the window's columns: forget people, and make room for new ones."""
        self._costs = keep_and_grow(self._costs, kept, new, 0)
        self._costs[1:, self._costs.shape[1] - new :] = np.inf
        self._places = keep_and_grow(self._places, kept, new, np.nan)
        self._before = keep_and_grow(self._before, kept, new, np.nan)
        self._times = keep_and_grow(self._times, kept, new, np.nan)
        self._ways = keep_and_grow(self._ways, kept, new, 0)
        self._applied = keep_and_grow(self._applied, kept, new, 0)

    def update(self, window: Window, sizes: Doubles) -> None:
        """Read the newest frame, and repair those before it that are now better understood.

        Args:
            window: its points and scores are changed in place.
            sizes: (P,) body size in pixels.
        """
        self._ways[:-1] = self._ways[1:]
        self._ways[-1] = np.arange(len(self._readings))
        self._applied[:-1] = self._applied[1:]
        self._applied[-1] = 0
        here = np.flatnonzero(window.present[-1])
        if len(here):
            self._read(window.points[-1, here, :, :2], window.times[-1], sizes[here], here)
            self._apply(window, self._settle(here), here)

    def _read(self, seen: Doubles, now: float, sizes: Doubles, here: Ints) -> None:
        """Find the cheapest way to each reading of the people in the newest frame."""
        readings = seen[:, self._orders].swapaxes(0, 1)
        last, before, times = self._places[:, here], self._before[:, here], self._times[:, here]
        # Each keypoint would be by now where its last velocity leads. A velocity says little
        # about a place more than a few frames later, and after a jump there is none to go
        # by: a keypoint may as well have stayed.
        steps = (now - times[1]) / np.maximum(times[1] - times[0], 1e-3)
        moved = (last - before) * np.where(steps < 4, steps, 0.0)[:, None, None]
        from_last = readings - last[:, None]
        strayed = np.fmin(_squares(from_last), _squares(from_last - moved[:, None]))
        strayed = np.log1p(strayed / (_STRAY * sizes[:, None]) ** 2)
        known = ~np.isnan(strayed)
        # Every group counts as much as another, however many of its keypoints are known.
        counted = np.maximum(known @ self._members, 1)
        strays = (np.where(known, strayed, 0) @ self._members / counted).sum(axis=-1)

        ways = self._costs[:, None, here] + self._change + strays
        best = ways.argmin(axis=0)
        costs = ways.min(axis=0) + self._tension(seen, sizes)
        costs[1:] += _EXCHANGED
        self._costs[:, here] = costs - costs.min(axis=0)
        people = np.arange(len(here))
        self._ways[:-1, here] = self._ways[:-1, here[:, None], best.T]
        came = last[best, people]
        self._before[:, here] = came
        self._places[:, here] = np.where(np.isnan(readings), came, readings)
        self._times[0, here], self._times[1, here] = times[1], now

    def _tension(self, seen: Doubles, sizes: Doubles) -> Doubles:
        """(readings, P) what it costs that bones are longer than in the frame as it is."""
        # Of each pair of joints: the (P, pairs, sides, 2) one, and the one that hangs at it.
        at, hanging = seen[:, self._hanging[..., 0]], seen[:, self._hanging[..., 1]]
        straight, across = _squares(at - hanging), _squares(at - hanging[:, :, ::-1])
        longer = (np.sqrt(across) - np.sqrt(straight)).sum(axis=-1)
        longer = np.where(np.isnan(longer), 0, longer)
        tension: Doubles = _ACROSS * np.maximum(self._crossed @ longer.T, 0) / sizes
        return tension

    def _settle(self, here: Ints) -> Ints:
        """(C, P) the readings on the cheapest way to the newest frame.

        Ways that disagree on the next frame to be handed out are given up: what is handed out
        cannot be taken back.
        """
        costs = self._costs[:, here]
        costs[1:] += _UNFINISHED
        newest = costs.argmin(axis=0)
        lasting = (self._ways[-1 - self._lag :, here, newest] != 0).all(axis=0)
        for person, reading in zip(here[lasting], newest[lasting], strict=True):
            self._believe(person, reading)
        newest[lasting] = 0
        ways, costs = self._ways[:, here], self._costs[:, here]
        way: Ints = ways[:, np.arange(len(here)), newest]
        costs[(ways[-1 - self._lag] != way[-1 - self._lag, :, None]).T] = np.inf
        self._costs[:, here] = costs
        return way

    def _believe(self, person: int, reading: int) -> None:
        """Take an exchange with no end in sight for right, from the next frame handed out on."""
        self._ways[-1 - self._lag :, person] = 0
        self._costs[:, person] = np.inf
        self._costs[0, person] = 0
        for places in (self._places, self._before):
            places[0, person] = places[reading, person, self._orders[reading]]

    def _apply(self, window: Window, ways: Ints, here: Ints) -> None:
        """Exchange what is now read otherwise than before, in frames not yet handed out."""
        first = len(ways) - 1 - self._lag
        changed = ways[first:] != self._applied[first:, here]
        for row, person in zip(*changed.nonzero(), strict=True):
            frame, column = first + row, here[person]
            reading = ways[frame, person]
            order = self._orders[self._applied[frame, column]][self._orders[reading]]
            window.points[frame, column] = window.points[frame, column, order]
            window.scores[frame, column] = window.scores[frame, column, order]
            flags = window.flags[frame, column, order] & ~np.uint8(Flag.EXCHANGED)
            exchanged = self._orders[reading] != self._orders[0]
            window.flags[frame, column] = flags | np.uint8(Flag.EXCHANGED) * exchanged
            self._applied[frame, column] = reading


def _squares(vectors: Doubles) -> Doubles:
    """(...) the squared lengths of (..., 2) vectors."""
    squares = vectors * vectors
    summed: Doubles = squares[..., 0] + squares[..., 1]
    return summed
