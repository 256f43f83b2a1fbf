"""Sliding window of poses, as arrays over frames, people and keypoints."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Bytes, Doubles, Ints, Mask
from limner.core.poses import Poses

_Number = TypeVar("_Number", np.float64, np.int64, np.uint8)

# Coordinates of a point: pixels, and metres where the model has a third dimension.
PARTS = (slice(0, 2), slice(2, 5))


class Window:
    """Sliding window of a fixed number of frames, the newest last, a column for each person.

    A person has a column from their first frame until their last one has left the window,
    so memory is bounded by the people seen within it. Where someone is not in a frame, and
    before the first frame, values are NaN.

    Attributes:
        times: (C,) seconds.
        frames: C frames as they came, None where there is none.
        ids: (P,) identity of each column.
        rows: (C, P) place of each person in ``frames``, -1 where absent.
        points: (C, P, K, 5) pixels x, y and metres x, y, z. The steps of cleaning change
            them in place.
        scores: (C, P, K), changed in place likewise.
        flags: (C, P, K) what cleaning did to the keypoints, changed in place likewise.
        sides: (C, P, 2) longest side of the box around each person, in pixels and in
            metres, 0 where absent.
    """

    def __init__(self, capacity: int, keypoints: int) -> None:
        self.times: Doubles = np.zeros(capacity)
        self.frames: list[Poses | None] = [None] * capacity
        self.ids: Ints = np.empty(0, np.int64)
        self.rows: Ints = np.empty((capacity, 0), np.int64)
        self.points: Doubles = np.empty((capacity, 0, keypoints, 5))
        self.scores: Doubles = np.empty((capacity, 0, keypoints))
        self.flags: Bytes = np.empty((capacity, 0, keypoints), np.uint8)
        self.sides: Doubles = np.empty((capacity, 0, 2))

    @property
    def present(self) -> Mask:
        """(C, P) true where a person is in a frame."""
        return self.rows >= 0

    def sizes(self) -> Doubles:
        """(P, 2) size of each person in pixels and metres: the mean of their sides."""
        counted = (self.sides > 0).sum(axis=0)
        sizes: Doubles = self.sides.sum(axis=0) / np.maximum(counted, 1)
        return np.where(sizes > 0, sizes, 1.0)

    def push(self, poses: Poses | None) -> Mask:
        """Let the oldest frame go and take a new one, or None after the last.

        Returns:
            (P before,) which columns were kept, for those who hold a state per column; the
            columns of new people come after them.
        """
        for values in (self.times, self.rows, self.points, self.scores, self.flags, self.sides):
            values[:-1] = values[1:]
        self.frames = [*self.frames[1:], poses]
        self.times[-1] = self.times[-2] if poses is None else poses.time
        self.rows[-1] = -1
        self.flags[-1] = 0
        self.points[-1] = self.scores[-1] = np.nan
        self.sides[-1] = 0

        known = self.ids[:, None] == (() if poses is None else poses.ids)
        kept: Mask = self.present.any(axis=0) | known.any(axis=1)
        new = self.ids[:0] if poses is None else poses.ids[~known.any(axis=0)]
        if len(new) or not kept.all():
            self.ids = np.concatenate([self.ids[kept], new])
            self.rows = keep_and_grow(self.rows, kept, len(new), -1)
            self.points = keep_and_grow(self.points, kept, len(new), np.nan)
            self.scores = keep_and_grow(self.scores, kept, len(new), np.nan)
            self.flags = keep_and_grow(self.flags, kept, len(new), 0)
            self.sides = keep_and_grow(self.sides, kept, len(new), 0)
        if poses is not None and len(poses):
            self._fill_newest(poses)
        return kept

    def _fill_newest(self, poses: Poses) -> None:
        columns = np.argmax(self.ids == poses.ids[:, None], axis=1)
        self.rows[-1, columns] = np.arange(len(poses))
        self.scores[-1, columns] = poses.scores
        self.points[-1, columns, :, :2] = poses.keypoints
        self.sides[-1, columns, 0] = body_sides(poses.keypoints)
        if poses.keypoints_3d is not None:
            self.points[-1, columns, :, 2:] = poses.keypoints_3d
            self.sides[-1, columns, 1] = body_sides(poses.keypoints_3d)


def keep_and_grow(values: NDArray[_Number], kept: Mask, new: int, fill: float) -> NDArray[_Number]:
    """Return (n, P, ...) values of the people kept, with room for new ones after them."""
    shape = (len(values), int(kept.sum()) + new, *values.shape[2:])
    grown = np.full(shape, fill, values.dtype)
    grown[:, : shape[1] - new] = values[:, kept]
    return grown


def body_sides(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (P,) the longest side of the box around (P, K, D) points, 0 if all are NaN."""
    sides = (np.fmax.reduce(points, axis=1) - np.fmin.reduce(points, axis=1)).max(axis=1)
    known: NDArray[np.float32] = np.where(np.isnan(sides), 0, sides)
    return known
