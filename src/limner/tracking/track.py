"""Track state: where a person was, how they move, how large they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.oks import body_sizes, on_body
from limner.core.poses import Poses

# Seconds over which speed and limb lengths are averaged.
_SPEED_MEMORY = 0.2
_LENGTH_MEMORY = 1.0
# A speed is measured over so many seconds at least: over a millisecond it is nothing but noise.
_SPEED_SPAN = 1 / 100
# A keypoint that is not seen keeps its place on the moving body, but counts less and less.
_FADING = 0.7


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a frame shows of one person.

    Attributes:
        time: seconds, as a `Clock` counts them.
        keypoints: (K, 2) pixels, NaN where there is none.
        scores: (K,) 0 where there is no keypoint.
        limbs: (E,) lengths of the body's edges in pixels, NaN where an end is missing.
        size: the body's size in pixels.
        sure: whether this is surely a person.
    """

    time: float
    keypoints: Floats
    scores: Floats
    limbs: Floats
    size: float
    sure: bool


def sightings(poses: Poses, time: float, edges: NDArray[np.intp], sure: float) -> list[Sighting]:
    """Return what a frame shows of everyone in it.

    Args:
        poses: everyone in the frame.
        time: of the frame, seconds as a `Clock` counts them.
        edges: (E, 2) pairs of keypoint indices joined by a limb.
        sure: the person score from which somebody is surely a person.
    """
    scores = np.where(np.isnan(poses.scores), np.float32(0), poses.scores)
    ends = poses.keypoints[:, edges]
    difference = ends[:, :, 0] - ends[:, :, 1]
    limbs = np.hypot(difference[..., 0], difference[..., 1])
    sizes = body_sizes(on_body(poses.skeleton, poses.keypoints)).tolist()
    confident = (poses.person_scores >= sure).tolist()
    return [
        Sighting(time, *seen)
        for seen in zip(poses.keypoints, scores, limbs, sizes, confident, strict=True)
    ]


@dataclass(slots=True)
class Track:
    """What is known of one person at the time they were last seen.

    Attributes:
        id: from 1, never used again.
        time: seconds, as a `Clock` counts them, when the person was last seen.
        keypoints: (K, 2) pixels at that time.
        scores: (K,) how much each of them counts.
        velocity: (2,) pixels per second of the whole body.
        limbs: (E,) lengths of the body's edges in pixels, averaged; NaN if never seen.
        size: the body's size in pixels.
        sightings: in how many frames the person was seen.
        confirmed: whether the person was ever seen surely.
        since: time from which on the next speed is measured.
        since_keypoints: (K, 2) pixels at that time.
        since_scores: (K,) how much each of them counted.
        speeds: how many were measured.
    """

    id: int
    time: float
    keypoints: Floats
    scores: Floats
    velocity: Floats
    limbs: Floats
    size: float
    since: float
    since_keypoints: Floats
    since_scores: Floats
    sightings: int = 1
    speeds: int = 0
    confirmed: bool = False

    @classmethod
    def start(cls, track_id: int, seen: Sighting) -> Track:
        """Start to follow a person."""
        return cls(
            id=track_id,
            time=seen.time,
            keypoints=seen.keypoints,
            scores=seen.scores,
            velocity=np.zeros(2, np.float32),
            limbs=seen.limbs,
            size=seen.size,
            since=seen.time,
            since_keypoints=seen.keypoints,
            since_scores=seen.scores,
            confirmed=seen.sure,
        )

    def predict(self, time: float) -> Floats:
        """Return (K, 2) where the keypoints should be at a time, at constant velocity."""
        return self.keypoints + self.velocity * np.float32(max(time - self.time, 0.0))

    def see(self, seen: Sighting) -> None:
        """Take in a new sighting of the person.

        An unsure sighting says where somebody is, but not how large.
        """
        elapsed = max(seen.time - self.time, 0.0)
        self.sightings += 1
        missing = np.isnan(seen.keypoints[:, 0])
        predicted = self.predict(seen.time) if missing.any() else None
        measured = seen.time - self.since >= _SPEED_SPAN
        if measured:
            self._measure_speed(seen)
        if predicted is None:
            self.keypoints, self.scores = seen.keypoints, seen.scores
        else:
            self.keypoints = np.where(missing[:, None], predicted, seen.keypoints)
            self.scores = np.where(missing, self.scores * np.float32(_FADING), seen.scores)
        self.time = seen.time
        if measured:
            self.since = self.time
            self.since_keypoints, self.since_scores = self.keypoints, self.scores
        if not seen.sure:
            return
        self.confirmed = True
        gain = _gain(elapsed, _LENGTH_MEMORY, self.sightings)
        limbs = self.limbs + (seen.limbs - self.limbs) * np.float32(gain)
        # Where one of the two is not known, the other holds.
        unknown = np.isnan(limbs)
        if unknown.any():
            limbs[unknown] = np.fmax(self.limbs, seen.limbs)[unknown]
        self.limbs = limbs
        self.size += gain * (seen.size - self.size)

    def _measure_speed(self, seen: Sighting) -> None:
        """Take in how far the body moved since the last measurement."""
        elapsed = seen.time - self.since
        moved = seen.keypoints - self.since_keypoints
        weights = np.sqrt(self.since_scores * seen.scores)
        unknown = np.isnan(moved[:, 0])
        if unknown.any():
            moved[unknown] = weights[unknown] = 0
        total = float(weights.sum())
        if total == 0:
            return
        self.speeds += 1
        velocity = weights @ moved / np.float32(total * elapsed)
        gain = _gain(elapsed, _SPEED_MEMORY, self.speeds)
        self.velocity = self.velocity + np.float32(gain) * (velocity - self.velocity)


def _gain(elapsed: float, memory: float, count: int) -> float:
    """Return how much the newest of ``count`` values counts in a running mean over time.

    The first values count alike (a plain mean), later ones by the time since the last.
    """
    return max(1 - math.exp(-elapsed / memory), 1 / count)
