"""What a top-down model is put together from: a detector, a pose network, refiners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import Skeleton

T_co = TypeVar("T_co", covariant=True)


class Running(Protocol[T_co]):
    """Work that was begun."""

    def __call__(self) -> T_co:
        """Wait for the result."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A person found by a detector.

    Attributes:
        region: where the body is; a box is a region of angle 0.
        score: from 0 to 1.
    """

    region: Region
    score: float


class Crop(NamedTuple):
    """Where a pose network looks.

    Attributes:
        frame: the image.
        region: of a person in it.
        detected: how sure a detector is that somebody is there; None where they are followed.
    """

    frame: Frame
    region: Region
    detected: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One person, as a pose network sees them in a region.

    Attributes:
        keypoints: (K, 2) pixels of the image.
        scores: (K,) how sure the network is of each keypoint, 0 to 1.
        person_score: how surely this is a person, rightly posed, 0 to 1; it ranks people.
        presence: probability that there is a person in the region at all.
        region: the region that was looked at.
        next_region: where to look for the person next, with the network's own margin,
            aspect and angle.
        keypoints_3d: (K, 3) metres about the middle of the hips, or None.
    """

    keypoints: Floats
    scores: Floats
    person_score: float
    presence: float
    region: Region
    next_region: Region
    keypoints_3d: Floats | None = None


class Detector(Protocol):
    """Finds people in parts of a frame."""

    def start(
        self, frame: Frame, areas: Sequence[Region], threshold: float
    ) -> Running[list[Detection]]:
        """Begin to look for people.

        Args:
            frame: the image.
            areas: the squares to look at; outside the image there is nothing. Who is in two of
                them is found twice; who is found in a turned one is upright when seen so turned.
            threshold: the least score.
        """


class PoseNetwork(Protocol):
    """Places the keypoints of one person in a region.

    Attributes:
        skeleton: of the keypoints it places.
    """

    @property
    def skeleton(self) -> Skeleton:
        """Names of the keypoints it places."""

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        """Begin to look at people, of one or several frames, as one batch where it can."""

    def region(self, detection: Detection) -> Region:
        """Return where to look for somebody a detector found: with its own margin and aspect."""


class Refiner(Protocol):
    """Looks at known people, or a part of them, again, and writes keypoints back."""

    def refine(self, frame: Frame, poses: Poses) -> Poses:
        """Return the poses of a frame, refined where there is something to see.

        The skeleton may be a larger one than the pose network's.
        """
