"""What every model family offers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.system.hashing import sha256_of


class Follower(Protocol):
    """Estimates the frames of one video in order, with a memory of the frames before.

    Attributes:
        at_once: how many frames may be estimated at the same time, in threads; 1 where a
            frame needs what was seen in the one before.
    """

    at_once: int

    def estimate(self, frame: Frame, coming: Frame | None = None) -> Poses:
        """Return everyone in the next frame of the video.

        Args:
            frame: the next frame.
            coming: the frame after it, where that is known, so that looking at it may begin.
                It changes nothing in what is seen.
        """


class Model(Protocol):
    """A pose estimator, loaded and ready.

    Scores mean something else to every network, so what they are measured by is the model's
    to say.

    Attributes:
        skeleton: of the poses it gives.
        facts: what recordings say about it.
        person_threshold: the person score from which somebody is surely a person, rightly posed.
        keypoint_threshold: the keypoint score from which a keypoint counts as seen.
    """

    skeleton: Skeleton
    info: ModelInfo
    person_threshold: float
    keypoint_threshold: float

    def estimate(self, frame: Frame) -> Poses:
        """Return everyone in an image that stands by itself."""

    def follow(self) -> Follower:
        """Start a video: what was seen in a frame helps in the next."""


def hash_files(paths: Iterable[Path]) -> dict[str, str]:
    """Return file names and their SHA-256."""
    return {path.name: sha256_of(path) for path in paths}
