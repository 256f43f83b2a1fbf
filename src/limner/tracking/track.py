"""One person followed through time: where they were, how they move, how large they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.poses import Floats, Poses
from limner.similarity import body_sizes

# Seconds over which speed and limb lengths are averaged.
_SPEED_MEMORY = 0.2
_LENGTH_MEMORY = 1.0
# A keypoint that is not seen keeps its place on the moving body, but counts less and less.
_FADING = 0.7


@dataclass(slots=True)
class Track:
    """What is known of one person at the time they were last seen.

    Attributes:
        id: from 1, never used again.
        time: seconds, when the person was last seen.
        keypoints: (K, 2) pixels at that time.
        scores: (K,) how much each of them counts.
        velocity: (2,) pixels per second of the whole body.
        limbs: (E,) lengths of the skeleton's edges in pixels, averaged; NaN if never seen.
        size: the body's size in pixels.
        sightings: in how many frames the person was seen.
        confirmed: whether the person was ever seen surely.
    """

    id: int
    time: float
    keypoints: Floats
    scores: Floats
    velocity: Floats
    limbs: Floats
    size: float
    sightings: int = 1
    confirmed: bool = False

    @classmethod
    def start(cls, track_id: int, poses: Poses, person: int, limbs: Floats) -> Track:
        """Start to follow a person of a frame, with their (E,) limb lengths."""
        return cls(
            id=track_id,
            time=poses.time,
            keypoints=poses.keypoints[person],
            scores=np.nan_to_num(poses.scores[person]),
            velocity=np.zeros(2, np.float32),
            limbs=limbs,
            size=float(body_sizes(poses.keypoints[person][None])[0]),
        )

    def predict(self, time: float) -> Floats:
        """Return (K, 2) where the keypoints should be at a time, at constant velocity."""
        return self.keypoints + self.velocity * np.float32(max(time - self.time, 0.0))

    def see(self, poses: Poses, person: int, limbs: Floats, sure: bool) -> None:
        """Take in a new sighting of the person, with their (E,) limb lengths.

        An unsure sighting says where somebody is, but not how large.
        """
        keypoints, scores = poses.keypoints[person], np.nan_to_num(poses.scores[person])
        elapsed = max(poses.time - self.time, 0.0)
        predicted = self.predict(poses.time)
        self.sightings += 1
        if elapsed > 0:
            weights = np.sqrt(self.scores * scores)
            moved = (keypoints - self.keypoints) * weights[:, None]
            known = ~np.isnan(moved[:, 0]) & (weights > 0)
            if known.any():
                velocity = moved[known].sum(axis=0) / (weights[known].sum() * elapsed)
                gain = _gain(elapsed, _SPEED_MEMORY, self.sightings - 1)
                self.velocity = self.velocity + np.float32(gain) * (velocity - self.velocity)
        unseen = np.isnan(keypoints[:, 0])
        self.keypoints = np.where(unseen[:, None], predicted, keypoints)
        self.scores = np.where(unseen, self.scores * np.float32(_FADING), scores)
        self.time = poses.time
        if not sure:
            return
        gain = _gain(elapsed, _LENGTH_MEMORY, self.sightings)
        change = np.nan_to_num(limbs - self.limbs) * np.float32(gain)
        self.limbs = np.where(np.isnan(self.limbs), limbs, self.limbs + change)
        size = float(body_sizes(keypoints[None])[0])
        self.size += gain * (size - self.size)


def _gain(elapsed: float, memory: float, count: int) -> float:
    """Return how much the newest of ``count`` values counts in a running mean over time.

    The first values count alike (a plain mean), later ones by the time since the last.
    """
    return max(1 - float(np.exp(-elapsed / memory)), 1 / count)


def limb_lengths(poses: Poses) -> Floats:
    """Return (N, E) lengths in pixels of the skeleton's edges; NaN where an end is missing."""
    edges = np.array(poses.skeleton.edges, np.intp).reshape(-1, 2)
    ends = poses.keypoints[:, edges]
    difference = ends[:, :, 0] - ends[:, :, 1]
    lengths: Floats = np.hypot(difference[..., 0], difference[..., 1])
    return lengths
