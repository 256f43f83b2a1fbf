"""Score calibration: what networks say of their own sureness, as the share that is right.

A network's scores rise with how often it is right, but 0.3 of one network is as sure as 0.6 of
another. A logistic function of the score's log-odds (Platt, "Probabilistic outputs for support
vector machines", 1999) brings all of them to one scale; benchmarks/calibration.py measures it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from limner.core.arrays import Floats
from limner.core.poses import Poses

PERSON_THRESHOLD = 0.37
"""The calibrated score from which somebody is shown: of all of these people four in five are
rightly posed, by COCO's labels."""

KEYPOINT_THRESHOLD = 0.6
"""The calibrated score from which a keypoint counts as seen."""

# Scores of 0 and 1 have no log-odds.
_LEAST = 1e-4


class Calibration(NamedTuple):
    """A network's scores as probabilities.

    For a keypoint that is the share within COCO's tolerance (a keypoint similarity of 0.5 or
    more), for a person the share rightly posed (OKS of 0.5 or more).

    Attributes:
        slope: of the log-odds.
        offset: of the log-odds.
    """

    slope: float
    offset: float

    def __call__(self, scores: Floats) -> Floats:
        """Return scores of any shape, from 0 to 1, calibrated; NaN stays."""
        inside = np.clip(scores, _LEAST, 1 - _LEAST)
        odds = self.slope * np.log(inside / (1 - inside)) + self.offset
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def one(self, score: float) -> float:
        """Return a single score, calibrated."""
        return float(self(np.array(score, np.float32)))


class ScoreCalibration(NamedTuple):
    """The scores of a model's poses as probabilities.

    Attributes:
        keypoints: of the keypoints.
        people: of the people.
    """

    keypoints: Calibration
    people: Calibration

    def __call__(self, poses: Poses) -> Poses:
        """Return the poses with their scores calibrated."""
        return replace(
            poses,
            scores=self.keypoints(poses.scores),
            person_scores=self.people(poses.person_scores),
        )
