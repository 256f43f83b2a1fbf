"""MoveNet Thunder and Lightning: COCO's 17 keypoints of one person in a square region.

Votel and Li, "Next-Generation Pose Detection with MoveNet and TensorFlow.js", 2021,
https://blog.tensorflow.org/2021/05/next-generation-pose-detection-with-movenet-and-tensorflowjs.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Floats, Mask
from limner.core.region import Region
from limner.core.skeletons import COCO_17, Skeleton
from limner.models.calibration import Calibration
from limner.models.topdown.parts import Crop, Detection, Look, Running
from limner.runtime import Network

# The square is this much larger than the longer side of a detector's box, and than that of the
# box of keypoints, which has no hair, hands or feet in it.
AROUND_BOX, AROUND_KEYPOINTS = 1.25, 1.5
# Where a body is cut by the image's border, the network puts the joints beyond it on the border.
# Scores of what lies so near to it, in sides of the square, or outside, are divided by this.
_BORDER, _GUESSED = 0.025, 2
# Keypoints that say where the person is.
_SURE = 0.5
# Who is followed is as surely there as whom a detector sees with this score.
_FOLLOWED = 0.4


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the single-person networks.

    Attributes:
        size: the side of its input, pixels.
        keypoints: what its scores of keypoints are worth; benchmarks/calibration.py.
        people: what the square root of the detector's score times theirs, as a quadratic mean,
            is worth.
    """

    size: int
    keypoints: Calibration
    people: Calibration


THUNDER = Variant(256, Calibration(1.25, 2.36), Calibration(3.25, 4.81))
LIGHTNING = Variant(192, Calibration(1.53, 2.34), Calibration(4.31, 6.29))


class MoveNet:
    """Runs a single-person network on regions of a frame.

    Args:
        network: Thunder or Lightning.
        variant: which of them.
    """

    def __init__(self, network: Network, variant: Variant) -> None:
        self._network = network
        self._variant = variant
        self._size = variant.size

    @property
    def skeleton(self) -> Skeleton:
        """COCO's 17 keypoints."""
        return COCO_17

    def region(self, detection: Detection) -> Region:
        """Return the square about a detector's box."""
        box = detection.region
        return Region.square(box.x, box.y, AROUND_BOX * box.size, box.angle)

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        """Begin to look at people; the network takes one at a time, so each has its own run."""
        # Each runs while the next patch is cut.
        begun = [(crop, self._network.start(self._input(crop))) for crop in crops]
        return lambda: [self._read(crop, run()) for crop, run in begun]

    def _input(self, crop: Crop) -> Floats:
        size = (self._size, self._size)
        patch = crop.frame.warp(crop.region.matrix(size), size)
        return patch[None].astype(np.float32)

    def _read(self, crop: Crop, outputs: dict[str, Floats]) -> Look:
        (found,) = outputs.values()
        values = found.reshape(-1, 3)
        matrix = crop.region.matrix((self._size, self._size))
        points = values[:, 1::-1] * self._size
        keypoints = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        own = np.where(_at_border(keypoints, crop), values[:, 2] / _GUESSED, values[:, 2])
        scores = self._variant.keypoints(own)
        sure = _FOLLOWED if crop.detected is None else crop.detected
        score = math.sqrt(float(np.mean(values[:, 2] ** 2)) * sure)
        return Look(
            keypoints=keypoints,
            scores=scores,
            person_score=self._variant.people.one(score),
            presence=1.0,
            region=crop.region,
            next_region=around(keypoints, scores, crop.region),
        )


def _at_border(keypoints: Floats, crop: Crop) -> Mask:
    """Return (17,) which keypoints lie at the image's border or outside."""
    near = _BORDER * crop.region.size
    size = np.array([crop.frame.width, crop.frame.height], np.float32)
    outside = (keypoints < near) | (keypoints > size - near)
    return np.asarray(outside.any(axis=1))


def around(keypoints: Floats, scores: Floats, region: Region) -> Region:
    """Return where to look for a person next: the square about their keypoints.

    Args:
        keypoints: (17, 2) pixels.
        scores: (17,) how sure they are.
        region: where they were looked at; it stays where hardly anything was seen.
    """
    sure = keypoints[scores >= _SURE]
    if len(sure) < 4:
        return region
    low, high = sure.min(axis=0), sure.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    side = max(float((high - low).max()) * AROUND_KEYPOINTS, 0.5 * region.size)
    return Region.square(x, y, side, _angle(keypoints, scores))


def _angle(keypoints: Floats, scores: Floats) -> float:
    """Return how far a body is turned, by quarter turns: MoveNet knows people upright."""
    if scores[[5, 6, 11, 12]].min() < _SURE:
        return 0.0
    up = keypoints[[5, 6]].mean(axis=0) - keypoints[[11, 12]].mean(axis=0)
    angle = math.atan2(float(up[0]), float(-up[1]))
    return angle if abs(angle) > math.pi / 4 else 0.0
