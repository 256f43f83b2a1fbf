"""Fixed-lag cleaning of keypoint trajectories: poses in, the same poses out some frames later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from limner.cleaning.gaps import Gaps, find_gaps
from limner.cleaning.noise import CALM, NoiseLevel
from limner.cleaning.one_euro import OneEuro
from limner.cleaning.outliers import REACH, outliers
from limner.cleaning.smoothing import adaptive_fit, local_kernels, weights_of
from limner.cleaning.swaps import SwapRepair
from limner.cleaning.window import PARTS, Window, body_sides
from limner.core.arrays import Doubles, Floats, Indices
from limner.core.flags import Flag
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import Skeleton
from limner.errors import UsageError

# Past frames that are kept at least, however short the lag.
_PAST = 8
# What the score of a filled keypoint or person is of the lower one on both sides.
FILLED = 0.7

# Which part each of a point's coordinates belongs to.
_PART_OF = [part for part, places in enumerate(PARTS) for _ in range(places.start, places.stop)]


class Cleaner:
    """Fixed-lag cleaner of the poses of one video.

    Frames go in one by one, with stable ids, and come out in the same order ``lag`` frames
    later: each exactly once, with the same index and time, ``keypoints`` and
    ``keypoints_3d`` clean, and ``raw_keypoints`` as they came in. In between, limbs that
    exchanged left and right for a few frames are repaired, keypoints that jumped away are
    dropped, short gaps of keypoints and of people are filled, and all is smoothed. ``flags``
    say to which keypoints all but the last happened, and ``errors`` how far they may be off.

    With lag 0, for live images, there is no future to look at: keypoints are smoothed by a
    One-Euro filter and nothing else is done.

    Memory does not grow: the window of frames is all that is held.

    Example:
        >>> from limner.core.skeletons import COCO_17
        >>> cleaner = Cleaner(COCO_17, lag=10)
        >>> video = [Poses.empty(COCO_17, index, index / 30) for index in range(20)]
        >>> ready = [clean for poses in video for clean in cleaner.push(poses)]
        >>> len(ready), len(cleaner.flush())
        (10, 10)
    """

    def __init__(
        self,
        skeleton: Skeleton,
        *,
        lag: int,
        smooth: bool = True,
        max_gap: float = 0.25,
        repair_swaps: bool = True,
        reject_outliers: bool = True,
    ) -> None:
        """Start with an empty window.

        Args:
            skeleton: of all poses to come.
            lag: frames to look ahead. A third of a second is enough: 10 at 30 frames/s.
            smooth: whether to smooth; without it only what is missing or wrong is replaced.
            max_gap: longest gap of a keypoint or person that is filled, in seconds between
                the frames on both of its sides; 0 fills none.
            repair_swaps: whether to repair exchanged left and right limbs.
            reject_outliers: whether to drop keypoints that jumped away.

        Raises:
            UsageError: the lag or the gap is negative.
        """
        if lag < 0 or max_gap < 0:
            raise UsageError(
                f"cleaning needs a lag and a longest gap of 0 or more, got {lag} frames and "
                f"{max_gap} s"
            )
        self._skeleton = skeleton
        self._lag = lag
        self._smooth = smooth
        self._max_gap = max_gap
        self._repair_swaps = repair_swaps
        self._reject_outliers = reject_outliers
        self._middle = max(lag, _PAST)
        self._window = Window(self._middle + 1 + lag, len(skeleton))
        self._swaps = SwapRepair(skeleton, lag, self._middle + 1 + lag)
        self._noise = NoiseLevel(len(skeleton))
        self._live = [OneEuro(len(skeleton), count) for count in (2, 3)]

    def push(self, poses: Poses) -> list[Poses]:
        """Take the next frame and return those that are ready, none or one.

        Raises:
            UsageError: the poses have another skeleton, or people without an id of their own.
        """
        if poses.skeleton != self._skeleton:
            raise UsageError(
                f"cleaning was set up for skeleton {self._skeleton.name}, but frame {poses.index} "
                f"has {poses.skeleton.name}; use one cleaner for each video and model"
            )
        ids = poses.ids.tolist()
        if len(set(ids)) < len(ids) or 0 in ids:
            raise UsageError(
                f"cleaning needs people with ids of their own, but frame {poses.index} has ids "
                f"{ids}; track them first"
            )
        if self._lag == 0:
            return [self._live_step(poses)]
        return self._advance(poses)

    def flush(self) -> list[Poses]:
        """Return the frames that were held back, after the last was pushed."""
        return [poses for _ in range(self._lag) for poses in self._advance(None)]

    def _live_step(self, poses: Poses) -> Poses:
        def smooth(points: Floats, live: OneEuro) -> Floats:
            sizes = np.maximum(body_sides(points), 1e-6)
            return live.smooth(poses.ids, poses.time, points, sizes)

        raw = poses.keypoints
        if not self._smooth:
            return replace(poses, raw_keypoints=raw)
        keypoints, metres = smooth(raw, self._live[0]), poses.keypoints_3d
        return replace(
            poses,
            keypoints=keypoints,
            keypoints_3d=None if metres is None else smooth(metres, self._live[1]),
            boxes=_moved_boxes(poses.boxes, raw, keypoints),
            raw_keypoints=raw,
        )

    def _advance(self, poses: Poses | None) -> list[Poses]:
        """Move the window by one frame and return the frame now in its middle, if any."""
        window, states = self._window, (self._swaps, self._noise)
        kept = window.push(poses)
        new = len(window.ids) - int(kept.sum())
        if new or not kept.all():
            for state in states:
                state.align(kept, new)
        ready = window.frames[self._middle]
        if len(window.ids) == 0:
            return [] if ready is None else [replace(ready, raw_keypoints=ready.keypoints)]
        sizes = window.sizes()
        if self._repair_swaps:
            self._swaps.update(window, sizes[:, 0])
        reach = min(REACH, self._lag)
        if self._reject_outliers:
            around = slice(-1 - reach - REACH, None)
            far = outliers(window.times[around], window.points[around, ..., :2], sizes[:, 0], REACH)
            window.points[-1 - reach, far] = window.scores[-1 - reach, far] = np.nan
            window.flags[-1 - reach, far] |= np.uint8(Flag.REPLACED)
        weights = weights_of(window.scores, ~np.isnan(window.points[..., 0]))
        settled = slice(-4 - reach, len(weights) - reach)
        self._noise.update(window.times[settled], window.points[settled], weights[settled], sizes)
        return [] if ready is None else [self._clean(ready, weights, sizes)]

    def _clean(self, ready: Poses, weights: Doubles, sizes: Doubles) -> Poses:
        """Return the frame in the middle of the window, clean."""
        window, middle = self._window, self._middle
        rows = window.rows[middle]
        absent = find_gaps(window.times, window.present, middle, self._max_gap)
        gaps = find_gaps(window.times, weights > 0, middle, self._max_gap)
        present = np.flatnonzero(rows >= 0)
        present = present[np.argsort(rows[present])]
        filled = np.flatnonzero(absent.fill & gaps.fill.any(axis=1))
        columns = np.concatenate([present, filled])
        if len(columns) == 0:
            return replace(ready, raw_keypoints=ready.keypoints)

        weights, gaps = weights[:, columns], gaps[columns]
        points = window.points[middle, columns]
        taken = gaps.fill | (weights[middle] > 0) if self._smooth else gaps.fill
        # What is left as it came shakes as much as it does.
        levels = self._noise.levels[0, columns, :, 0] * sizes[columns, :1]
        with np.errstate(divide="ignore"):
            errors = levels / np.sqrt(weights[middle])
        errors[weights[middle] <= 0] = np.nan
        if taken.any():
            fitted, left = self._fitted(columns, weights, sizes[columns])
            points = np.where(taken[..., None], fitted, points)
            errors = np.where(taken, left[..., 0], errors)
        return self._assemble(ready, columns, points, errors, gaps, absent)

    def _fitted(
        self, columns: Indices, weights: Doubles, sizes: Doubles
    ) -> tuple[Doubles, Doubles]:
        """Return places by the frames around the middle, and their errors, both (P, K, 5)."""
        window = self._window
        values = window.points[:, columns]
        values[np.isnan(values)] = 0
        noise = self._noise.levels[0, columns]
        deviations = (np.maximum(noise, CALM) * sizes[:, None])[..., _PART_OF]
        shape, frames = values.shape[1:], len(values)
        flat = weights.reshape(frames, -1)
        fitted, left = adaptive_fit(
            local_kernels(window.times - window.times[self._middle], flat),
            values.reshape(frames, -1, shape[-1]),
            flat,
            deviations.reshape(-1, shape[-1]),
        )
        # The noise there is, where smoothing takes it for more.
        left = left.reshape(shape) * np.minimum(noise / CALM, 1)[..., _PART_OF]
        return fitted.reshape(shape), left

    def _assemble(
        self,
        ready: Poses,
        columns: Indices,
        points: Doubles,
        errors: Doubles,
        gaps: Gaps,
        absent: Gaps,
    ) -> Poses:
        window, people = self._window, len(ready)
        filled = columns[people:]
        scores = window.scores[self._middle, columns]
        if gaps.fill.any():
            person, joint = np.nonzero(gaps.fill)
            scores[gaps.fill] = FILLED * np.minimum(
                window.scores[gaps.before[gaps.fill], columns[person], joint],
                window.scores[gaps.after[gaps.fill], columns[person], joint],
            )
        keypoints = points[..., :2].astype(np.float32)
        raw = np.full_like(keypoints, np.nan)
        raw[:people] = ready.keypoints
        flags = window.flags[self._middle, columns]
        flags[gaps.fill] |= np.uint8(Flag.FILLED)
        boxes = _moved_boxes(ready.boxes, ready.keypoints, keypoints[:people])
        person_scores = [ready.person_scores]
        for column in filled:
            before = self._seen(absent.before[column], column)
            after = self._seen(absent.after[column], column)
            lower: Floats = np.minimum(before.person_scores, after.person_scores)
            person_scores.append(FILLED * lower)
        metric = ready.keypoints_3d is not None or not np.isnan(points[people:, :, 2]).all()
        return replace(
            ready,
            keypoints=keypoints,
            scores=scores.astype(np.float32),
            person_scores=np.concatenate(person_scores),
            boxes=np.concatenate([boxes, boxes_around(keypoints[people:])]),
            ids=window.ids[columns],
            keypoints_3d=points[..., 2:].astype(np.float32) if metric else None,
            raw_keypoints=raw,
            flags=flags,
            errors=np.where(np.isnan(keypoints[..., 0]), np.nan, errors).astype(np.float32),
        )

    def _seen(self, frame: int, column: int) -> Poses:
        """Return one person of one frame of the window."""
        poses = self._window.frames[frame]
        assert poses is not None, "a person is present only in a frame that is there"  # noqa: S101
        return poses[self._window.rows[frame, column]]


def _moved_boxes(boxes: Floats, raw: Floats, clean: Floats) -> Floats:
    """Move each side of a box as far as the outermost keypoint on that side moved."""
    moved = boxes_around(clean) - boxes_around(raw)
    return boxes + np.where(np.isnan(moved), np.float32(0), moved)
