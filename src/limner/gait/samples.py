"""One person's keypoints at even times, as signals are filtered and searched for peaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from limner.core.arrays import Doubles
from limner.core.skeleton import Skeleton
from limner.motion.points import named_points
from limner.recording.track import Track

# Seconds over which what is unseen, or between two frames, is filled by a straight line. A swing
# lasts 0.4 s: half of it guessed would move its ends.
LONGEST_GAP = 0.15
# The same with what times are rounded by, and that alone, seconds.
_LONGEST, _CLOCK = LONGEST_GAP + 1e-6, 1e-6
# Hertz: the low-pass of Zeni et al. (2008). A walk has its power below (Winter 2009).
_CUTOFF = 6.0

Gap = Literal["", "frames apart", "away"]


@dataclass(frozen=True)
class Samples:
    """The S samples of a person, evenly in time.

    Attributes:
        times: (S,) seconds, but for the two ends of each pause, which stand there again.
        rate: samples per second: the usual one of the frames.
        keypoints: (S, K, 2) pixels, y down; NaN where unseen for longer than `LONGEST_GAP`.
        skeleton: of the K keypoints.
        gap: (S,) what keeps the person from being seen there: the frames lie further apart than
            `LONGEST_GAP`, or the person is away for longer; else empty.
    """

    times: Doubles
    rate: float
    keypoints: Doubles
    skeleton: Skeleton
    gap: NDArray[np.str_]

    @cached_property
    def points(self) -> dict[str, Doubles]:
        """(S, 2) pixels of the points a gait is told from, NaN throughout if there is none."""
        sides = ("ankle", "heel", "foot_index", "hip", "shoulder", "ear")
        names = [f"{side}_{name}" for side in ("left", "right") for name in sides]
        names += ["nose", "mid_hip", "neck"]
        never = np.full((len(self.times), 2), np.nan)
        found = named_points(self.keypoints, self.skeleton, names)
        return dict.fromkeys(names, never) | found

    @cached_property
    def smooth_keypoints(self) -> Doubles:
        """(S, K, 2) pixels through `smooth`, as gait laboratories measure angles."""
        result = np.empty_like(self.keypoints)
        for joint in range(result.shape[1]):
            for axis in range(result.shape[2]):
                result[:, joint, axis] = self.smooth(self.keypoints[:, joint, axis])
        return result

    def smooth(self, values: Doubles) -> Doubles:
        """Return (S,) values through a low-pass that shifts nothing in time.

        A Butterworth filter of 2nd order at 6 Hz, there and back, over each stretch without NaN.
        """
        result = np.full(len(values), np.nan)
        if self.rate <= 2.5 * _CUTOFF:
            return values
        filter_ = signal.butter(2, _CUTOFF, fs=self.rate, output="sos")
        for part in stretches(~np.isnan(values)):
            count = part.stop - part.start
            result[part] = (
                signal.sosfiltfilt(filter_, values[part], padlen=min(count - 1, int(self.rate / 2)))
                if count > 3
                else values[part]
            )
        return result


def stretches(wanted: NDArray[np.bool_]) -> Iterator[slice]:
    """Yield the longest parts in which all is wanted."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]])))
    for start, stop in edges.reshape(-1, 2).tolist():
        yield slice(start, stop)


def sample(track: Track) -> Samples:
    """Return a person's keypoints at even times, short gaps filled by straight lines.

    Args:
        track: the sightings; the frames' own times need not be even. Of several frames of one
            time the first counts.
    """
    times, first = np.unique(track.times, return_index=True)
    known = track.seen_keypoints[first].astype(np.float64)
    known[~np.isfinite(known).all(axis=2)] = np.nan
    steps = np.diff(times)
    step = float(np.median(steps)) if len(steps) else 1.0
    pauses = np.flatnonzero(steps > _LONGEST)
    even: list[Doubles] = []
    gaps: list[list[Gap]] = []
    for run in np.split(np.arange(len(times)), pauses + 1):
        start, end = times[run[0]], times[run[-1]]
        if run[0] > 0:
            # Of a pause only the ends are sampled: it may last for days.
            follows = track.rows[first[run[0]]] - track.rows[first[run[0] - 1]] == 1
            even.append(times[[run[0] - 1, run[0]]])
            gaps.append(["frames apart" if follows else "away"] * 2)
        grid = start + step * np.arange(int((end - start) / step + 1e-3) + 1)
        even.append(np.minimum(grid, end))
        gaps.append([""] * len(even[-1]))
    at, gap = np.concatenate(even), np.concatenate(gaps)
    keypoints = np.full((len(at), *known.shape[1:]), np.nan)
    for joint in range(known.shape[1]):
        seen = ~np.isnan(known[:, joint, 0])
        near = _near(at, times[seen]) & (gap == "")
        for axis in range(known.shape[2]):
            if near.any():
                keypoints[near, joint, axis] = np.interp(
                    at[near], times[seen], known[seen, joint, axis]
                )
    return Samples(at, 1 / step, keypoints, track.skeleton, gap)


def _near(even: Doubles, times: Doubles) -> NDArray[np.bool_]:
    """Say which of the even times lie between two others that are not too far apart."""
    if len(times) == 0:
        return np.zeros(len(even), bool)
    after = np.clip(np.searchsorted(times, even), 0, len(times) - 1)
    before = np.maximum(after - 1, 0)
    there = np.abs(times[after] - even) < _CLOCK
    between = (even >= times[0]) & (even <= times[-1]) & (times[after] - times[before] <= _LONGEST)
    near: NDArray[np.bool_] = there | between
    return near
