"""The few frames the cleaner holds, as arrays over frames, people and keypoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.poses import Poses

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Window:
    """A fixed number of frames, the newest last, with one column for each person.

    A person has a column from their first frame until their last one has left the window,
    so memory is bounded by the people seen within it. Where someone is not in a frame, and
    before the first frame, values are NaN.

    Attributes:
        times: (C,) seconds.
        frames: C frames as they came, None where there is none.
        ids: (P,) identity of each column.
        rows: (C, P) place of each person in ``frames``, -1 where absent.
        points: (C, P, K, D) pixels, followed by metres where the model has a third
            dimension, so D is 2 or 5. The steps of cleaning change them in place.
        scores: (C, P, K), changed in place likewise.
    """

    def __init__(self, capacity: int, keypoints: int) -> None:
        self.times: Array = np.zeros(capacity)
        self.frames: list[Poses | None] = [None] * capacity
        self.ids: NDArray[np.int64] = np.empty(0, np.int64)
        self.rows: NDArray[np.int64] = np.empty((capacity, 0), np.int64)
        self.points: Array = np.empty((capacity, 0, keypoints, 2))
        self.scores: Array = np.empty((capacity, 0, keypoints))

    @property
    def present(self) -> Mask:
        """(C, P) true where a person is in a frame."""
        return self.rows >= 0

    def push(self, poses: Poses | None) -> Mask:
        """Let the oldest frame go and take a new one, or None after the last.

        Returns:
            (P before,) which columns were kept, for those who hold a state per column; the
            columns of new people come after them.
        """
        for values in (self.times, self.rows, self.points, self.scores):
            values[:-1] = values[1:]
        self.frames = [*self.frames[1:], poses]
        self.rows[-1] = -1
        self.points[-1] = self.scores[-1] = np.nan
        self.times[-1] = self.times[-2] if poses is None else poses.time

        kept = self.present.any(axis=0)
        if poses is not None:
            kept |= np.isin(self.ids, poses.ids)
        if not kept.all():
            self.ids, self.rows = self.ids[kept], self.rows[:, kept]
            self.points, self.scores = self.points[:, kept], self.scores[:, kept]
        if poses is not None and len(poses):
            self._take(poses)
        return kept

    def _take(self, poses: Poses) -> None:
        new = poses.ids[~np.isin(poses.ids, self.ids)]
        depth = 2 if poses.keypoints_3d is None else 5
        self._widen(len(new), depth)
        self.ids = np.concatenate([self.ids, new])
        columns = np.argmax(self.ids[None] == poses.ids[:, None], axis=1)
        self.rows[-1, columns] = np.arange(len(poses))
        self.points[-1, columns, :, :2] = poses.keypoints
        if poses.keypoints_3d is not None:
            self.points[-1, columns, :, 2:] = poses.keypoints_3d
        self.scores[-1, columns] = poses.scores

    def _widen(self, people: int, depth: int) -> None:
        missing = max(depth - self.points.shape[3], 0)
        if people or missing:
            grown = ((0, 0), (0, people))
            self.rows = np.pad(self.rows, grown, constant_values=-1)
            self.scores = np.pad(self.scores, (*grown, (0, 0)), constant_values=np.nan)
            self.points = np.pad(
                self.points, (*grown, (0, 0), (0, missing)), constant_values=np.nan
            )


def body_sizes(points: Array) -> Array:
    """Return the size of each person in their coordinates' unit.

    Args:
        points: (..., P, K, D), NaN where missing; leading axes are frames.

    Returns:
        (P,) the longest side of the box around a person, mean over the frames; 1 if unseen.
    """
    sides = np.fmax.reduce(points, axis=-2) - np.fmin.reduce(points, axis=-2)
    longest = np.nan_to_num(sides.max(axis=-1)).reshape(-1, points.shape[-3])
    total, counted = longest.sum(axis=0), (longest > 0).sum(axis=0)
    sizes: Array = np.where(counted > 0, total / np.maximum(counted, 1), 1.0)
    return sizes
