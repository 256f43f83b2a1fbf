"""Multi-person tracking: everyone keeps the identity they had in the frames before.

Association by keypoint similarity and predicted motion with an optimal assignment, the sure
detections first and the unsure ones second, as ByteTrack does with boxes (Zhang et al. 2022,
https://arxiv.org/abs/2110.06864); OKS in place of the overlap of boxes as in PoseFlow
(https://arxiv.org/abs/1802.00977).
"""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Floats
from limner.core.oks import body_sigmas, exchanged, nms_oks, oks_matrix, on_body
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.core.steps import AtOnce
from limner.tracking.clock import Clock
from limner.tracking.track import Sighting, Track, sightings

# A person seen a moment ago is the same one at least at this OKS with the prediction.
_LEAST_ALIKE = 0.15
# A network takes a front for a back now and then, with all left and right exchanged. Somebody
# who is alike only so is the same one, too, but it counts half: where people pass each other, who
# is turned to which side tells them apart.
_EXCHANGED = 0.5
# Seconds out of sight after which a person has to come back rather than go on, so that someone
# who hides behind another is no rival for the one in front. Ghosts are forgotten as soon.
_MOMENT = 0.25
# Seconds in which the prediction's uncertainty doubles the size OKS is measured by.
_DRIFT_TIME = 0.3
# A person who comes back is looked for within this many body sizes of where they should be,
# and so many more per second away, up to a limit: running is about one and a half per second.
_REACH = 0.5
_REACH_PER_SECOND = 1.5
_REACH_LIMIT = 1.5
# Someone this much larger or smaller (ratio) is somebody else.
_SIZE_RATIO = 1.5
# Who is away for longer than so many seconds is joined again only where place and build agree
# well, within so many body sizes and so large a ratio. Adults differ by 1.0 to 1.2, and the same
# one by up to 1.2 from one posture to another: the place has to say more than the build.
_LONG_AWAY = 2.0
_LONG_REACH = 1.0
_LONG_SIZE_RATIO = 1.2
# Up to so many ways to tell people apart are all tried: five people's, or eleven tracks' of two.
_FEW = 120


class Tracker(AtOnce):
    """Follows everyone through a video, by the body part of the skeleton where there is one.

    Attributes:
        skeleton: of the poses it is given.
        sure: the person score from which a detection counts as sure.
        memory: seconds for which somebody out of sight is remembered, as a `Clock` counts.
        most_alike: poses of one frame with a higher OKS than this are the same body.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        *,
        sure: float = 0.45,
        memory: float = 3.0,
        most_alike: float = 0.6,
    ) -> None:
        self.skeleton = skeleton
        self.sure = sure
        self.memory = memory
        self.most_alike = most_alike
        limbs = [edge for edge in skeleton.edges if set(edge) <= set(skeleton.body)]
        self._edges = np.array(limbs, np.intp).reshape(-1, 2)
        self._tracks: list[Track] = []
        self._clock = Clock()
        self._moment = _MOMENT
        self._last_id = 0

    def push(self, poses: Poses) -> list[Poses]:
        """Recognise the people of the next frame.

        Args:
            poses: everyone found in the frame, in any order; ids are ignored. Times are in
                seconds, at any distance from each other.

        Returns:
            At once the same people, one per body and ordered by id, with ids from 1. Some may
            turn out to be ghosts: see `Confirmation`.

        Raises:
            ValueError: the poses are of another skeleton.
        """
        if poses.skeleton != self.skeleton:
            raise ValueError(f"expected skeleton {self.skeleton.name}, got {poses.skeleton.name}")
        # People without a single keypoint of the body cannot be recognised.
        nowhere = np.isnan(on_body(self.skeleton, poses.keypoints)).all(axis=(1, 2))
        if nowhere.any():
            poses = poses[~nowhere]
        poses = poses[nms_oks(poses, self.most_alike, either_side=True)]
        # At low frame rates the frame before is a moment ago, however long that was.
        now = self._clock.advance(poses.time)
        self._moment = max(_MOMENT, self._clock.step)
        self._forget(now)
        seen = sightings(poses, now, self._edges, self.sure)
        for person, track in enumerate(self._associate(poses, seen)):
            if track is None:
                self._last_id += 1
                track = Track.start(self._last_id, seen[person])
                self._tracks.append(track)
            else:
                track.see(seen[person])
            poses.ids[person] = track.id
        return [poses[np.argsort(poses.ids)]]

    def _forget(self, time: float) -> None:
        """Drop the tracks that have been out of sight for too long."""
        self._tracks = [
            track
            for track in self._tracks
            if time - track.time <= (self.memory if track.confirmed else self._moment)
        ]

    def _associate(self, poses: Poses, seen: list[Sighting]) -> list[Track | None]:
        """Return the track of each person; None for somebody new."""
        owners: list[Track | None] = [None] * len(poses)
        sure = np.array([sighting.sure for sighting in seen], bool)
        confirmed = np.array([track.confirmed for track in self._tracks], bool)
        free = np.ones(len(self._tracks), bool)
        unowned = np.ones(len(poses), bool)

        def assign(costs: Floats, tracks: NDArray[np.bool_], people: NDArray[np.bool_]) -> None:
            rows, columns = np.flatnonzero(tracks & free), np.flatnonzero(people & unowned)
            for row, column in _assign(costs[rows][:, columns]):
                owners[columns[column]] = self._tracks[rows[row]]
                free[rows[row]] = unowned[columns[column]] = False

        everyone = np.ones(len(poses), bool)
        moving = self._motion_costs(poses)
        recent = self._away() <= self._moment
        assign(moving, recent & confirmed, sure)
        assign(moving, recent, everyone)
        if (confirmed & free).any() and unowned.any():
            assign(self._return_costs(poses, seen), confirmed, everyone)
        return owners

    def _away(self) -> Doubles:
        """Return (T,) the seconds since each track was last seen."""
        return self._clock.now - np.array([track.time for track in self._tracks], float)

    def _on_body(self, values: list[Floats]) -> Floats:
        """Return (T, B, ...) what each track says of the keypoints it is recognised by."""
        return on_body(self.skeleton, np.array(values))

    def _motion_costs(self, poses: Poses) -> Floats:
        """Return (T, N) costs of a track going on as a person; infinite where it cannot be."""
        if not self._tracks or len(poses) == 0:
            return np.empty((len(self._tracks), len(poses)), np.float32)
        predicted = self._on_body([track.predict(self._clock.now) for track in self._tracks])
        sizes = np.array([track.size for track in self._tracks])
        # OKS takes an area; the square of the size stands for the body's own (see
        # similarity.body_areas), and grows with what may have happened meanwhile.
        areas = 0.3 * (sizes * (1 + self._away() / _DRIFT_TIME)) ** 2
        weights = self._on_body([track.scores for track in self._tracks])

        def alike_to(poses: Poses) -> Floats:
            return oks_matrix(
                predicted,
                on_body(self.skeleton, poses.keypoints),
                body_sigmas(self.skeleton),
                areas.astype(np.float32),
                weights_a=weights,
                weights_b=on_body(self.skeleton, poses.scores),
            )

        alike = np.fmax(alike_to(poses), _EXCHANGED * alike_to(exchanged(poses)))
        return np.where(alike >= _LEAST_ALIKE, 1 - alike, np.inf).astype(np.float32)

    def _return_costs(self, poses: Poses, seen: list[Sighting]) -> Floats:
        """Return (T, N) costs of a person being one who was out of sight.

        Poses change while nobody looks, so what counts is the distance from where the
        person should be, in body sizes, and the lengths of the limbs. (A further likeness,
        such as the colour of clothes, would be one more term here.)
        """
        shape = (len(self._tracks), len(poses))
        predicted = self._on_body([track.predict(self._clock.now) for track in self._tracks])
        away = self._away()
        sizes = np.array([track.size for track in self._tracks])

        def apart(keypoints: Floats) -> Floats:
            gaps = predicted[:, None] - on_body(self.skeleton, keypoints)[None]
            return _median(np.hypot(gaps[..., 0], gaps[..., 1]), shape)

        gaps = np.fmin(apart(poses.keypoints), apart(exchanged(poses).keypoints))
        limbs = np.stack([track.limbs for track in self._tracks])
        now = np.array([sighting.limbs for sighting in seen])
        growth = np.log(np.fmax(now[None], 1) / np.fmax(limbs[:, None], 1))
        growth[np.isnan(now)[None] | np.isnan(limbs)[:, None]] = np.nan

        long = away > _LONG_AWAY
        reach = np.minimum(_REACH + _REACH_PER_SECOND * away, _REACH_LIMIT)
        reach = np.where(long, _LONG_REACH, reach)
        most = np.where(long, _LONG_SIZE_RATIO, _SIZE_RATIO)
        distance = gaps / np.fmax(sizes, 1)[:, None] / reach[:, None]
        ratio = np.abs(_median(growth, shape)) / np.log(most)[:, None]
        # An unsure detection is more often a ghost than a person who comes back.
        distance[:, poses.person_scores < self.sure] *= 2
        possible = (distance <= 1) & ~(ratio > 1)
        costs = distance + np.nan_to_num(ratio, nan=1.0)
        return np.where(possible, costs, np.inf).astype(np.float32)


def _median(values: Floats, shape: tuple[int, int]) -> Floats:
    """Return the (T, N) medians over the last axis without NaN; NaN where all are."""
    result = np.full(shape, np.nan, np.float32)
    some = ~np.isnan(values).all(axis=2)
    if some.any():
        result[some] = np.nanmedian(values[some], axis=1)
    return result


def _assign(costs: Floats) -> list[tuple[int, int]]:
    """Optimal assignment: pairs (row, column), impossible ones left out.

    First as many pairs as can be, then those of the least cost.
    """
    possible = np.isfinite(costs)
    # Whoever can only be each other is a pair in any case, which leaves nobody to solve for
    # while people keep apart.
    lone = possible & (possible.sum(axis=0) == 1) & (possible.sum(axis=1, keepdims=True) == 1)
    pairs = np.argwhere(lone)
    rivals = possible & ~lone
    rows, columns = np.flatnonzero(rivals.any(axis=1)), np.flatnonzero(rivals.any(axis=0))
    if len(rows) > 0:
        best = _solve(costs[np.ix_(rows, columns)])
        pairs = np.concatenate([pairs, np.stack([rows[best[0]], columns[best[1]]], axis=1)])
    return [(int(row), int(column)) for row, column in pairs if possible[row, column]]


def _solve(costs: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of an optimal assignment, impossible pairs among them."""
    count, choices = costs.shape
    if count > choices:
        columns, rows = _solve(costs.T)
        return rows, columns
    # A finite cost larger than any sum of possible ones.
    costs = np.where(np.isfinite(costs), costs, np.float32(1e3))
    if math.perm(choices, count) <= _FEW:
        # Loading scipy's optimisers takes 0.3 s, in which the whole video stands still; in nearly
        # every video those who could be each other are so few that all ways can be tried.
        table = costs.tolist()
        ways = permutations(range(choices), count)
        best = min(ways, key=lambda way: sum(row[at] for row, at in zip(table, way, strict=True)))
        return np.arange(count), np.array(best)
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment(costs)
