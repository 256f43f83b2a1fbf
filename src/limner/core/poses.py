"""Poses: everyone in one frame, as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from limner.core.arrays import Bytes, Floats, Ints
from limner.core.skeletons import Skeleton


@dataclass(slots=True)
class Poses:
    """Everyone in one frame, as arrays over N people and the skeleton's K keypoints.

    A keypoint that was not found is NaN, never 0. Pixel coordinates count from the outer
    corner of the top left pixel, x to the right and y down, so a pixel's centre is at .5.

    Attributes:
        skeleton: names and edges of the K keypoints.
        index: the frame's position in the source, from 0.
        time: the frame's presentation time in seconds.
        keypoints: (N, K, 2) pixels of the upright image.
        scores: (N, K) from 0 (a guess) to 1 (sure); NaN where there is no keypoint.
        person_scores: (N,) from 0 to 1: how surely this is a person, correctly posed.
        boxes: (N, 4) x1, y1, x2, y2 in pixels around the person.
        ids: (N,) identities, stable over frames, from 1; 0 where none is given yet.
        keypoints_3d: (N, K, 3) metres about the middle of the hips (x right, y down, z
            away from the camera), or None where the model has no third dimension.
        raw_keypoints: (N, K, 2) the keypoints before cleaning, or None if not cleaned.
        flags: (N, K) sums of `limner.core.flags.Flag`, 0 for what is as it was measured, or None
            where nobody looked.
        hidden: (H, 3) circles that hide faces in the image, x, y and radius in pixels, whether or
            not it is known whose; None where none were to be hidden.
        errors: (N, K) pixels, the standard deviation of each coordinate from where the keypoint
            is, as far as cleaning can tell from how it shakes; NaN where it cannot, None where
            nobody looked.
    """

    skeleton: Skeleton
    keypoints: Floats
    scores: Floats
    person_scores: Floats
    boxes: Floats
    ids: Ints
    index: int = 0
    time: float = 0.0
    keypoints_3d: Floats | None = None
    raw_keypoints: Floats | None = None
    flags: Bytes | None = None
    hidden: Floats | None = None
    errors: Floats | None = None

    def __post_init__(self) -> None:
        people, count = len(self.keypoints), len(self.skeleton)
        expected = {
            "keypoints": (people, count, 2),
            "scores": (people, count),
            "person_scores": (people,),
            "boxes": (people, 4),
            "ids": (people,),
            "keypoints_3d": (people, count, 3),
            "raw_keypoints": (people, count, 2),
            "flags": (people, count),
            "errors": (people, count),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")

    @classmethod
    def empty(cls, skeleton: Skeleton, index: int = 0, time: float = 0.0) -> Poses:
        """Return the poses of a frame with nobody in it."""
        count = len(skeleton)
        return cls(
            skeleton,
            keypoints=np.empty((0, count, 2), np.float32),
            scores=np.empty((0, count), np.float32),
            person_scores=np.empty(0, np.float32),
            boxes=np.empty((0, 4), np.float32),
            ids=np.empty(0, np.int64),
            index=index,
            time=time,
        )

    @classmethod
    def build(
        cls,
        skeleton: Skeleton,
        keypoints: Floats,
        scores: Floats,
        person_scores: Floats,
        *,
        keypoints_3d: Floats | None = None,
        index: int = 0,
        time: float = 0.0,
    ) -> Poses:
        """Return poses without identities, boxes drawn around the keypoints."""
        return cls(
            skeleton,
            keypoints=keypoints,
            scores=scores,
            person_scores=person_scores,
            boxes=boxes_around(keypoints),
            ids=np.zeros(len(keypoints), np.int64),
            keypoints_3d=keypoints_3d,
            index=index,
            time=time,
        )

    def __len__(self) -> int:
        return len(self.keypoints)

    def __getitem__(self, people: Any) -> Poses:
        """Return some of the people: an integer, a slice, a mask or an array of indices."""
        if isinstance(people, (int, np.integer)):
            people = [people]
        return replace(
            self,
            keypoints=self.keypoints[people],
            scores=self.scores[people],
            person_scores=self.person_scores[people],
            boxes=self.boxes[people],
            ids=self.ids[people],
            keypoints_3d=None if self.keypoints_3d is None else self.keypoints_3d[people],
            raw_keypoints=None if self.raw_keypoints is None else self.raw_keypoints[people],
            flags=None if self.flags is None else self.flags[people],
            errors=None if self.errors is None else self.errors[people],
        )

    def rounded(self) -> Poses:
        """Return the poses as a recording holds them.

        Pixels have 2 decimals, their errors 3, scores and metres 4, and times 6. Whatever is
        measured on them comes out the same from the recording.
        """
        return replace(
            self,
            keypoints=_rounded(self.keypoints, 2),
            scores=_rounded(self.scores, 4),
            person_scores=_rounded(self.person_scores, 4),
            boxes=_rounded(self.boxes, 2),
            time=round(self.time, 6),
            keypoints_3d=None if self.keypoints_3d is None else _rounded(self.keypoints_3d, 4),
            raw_keypoints=None if self.raw_keypoints is None else _rounded(self.raw_keypoints, 2),
            errors=None if self.errors is None else _rounded(self.errors, 3),
        )

    def to(self, skeleton: Skeleton) -> Poses:
        """Return the same people on another skeleton.

        A midpoint (neck, mid_hip) takes the lower of its two scores and the flags of both; a
        keypoint this skeleton does not have is NaN, without flags.
        """
        if skeleton == self.skeleton:
            return self
        sources = self.skeleton.sources(skeleton)

        def mapped(values: Floats) -> Floats:
            result = np.full((len(values), len(skeleton), values.shape[2]), np.nan, np.float32)
            for target, source in enumerate(sources):
                if source:
                    result[:, target] = values[:, source].mean(axis=1)
            return result

        scores = np.full((len(self), len(skeleton)), np.nan, np.float32)
        for target, source in enumerate(sources):
            if source:
                scores[:, target] = self.scores[:, source].min(axis=1)
        errors = None
        if self.errors is not None:
            errors = np.full((len(self), len(skeleton)), np.nan, np.float32)
            for target, source in enumerate(sources):
                if source:
                    squares = np.square(self.errors[:, source]).sum(axis=1)
                    errors[:, target] = np.sqrt(squares) / len(source)
        flags = None
        if self.flags is not None:
            flags = np.zeros((len(self), len(skeleton)), np.uint8)
            for target, source in enumerate(sources):
                for each in source:
                    flags[:, target] |= self.flags[:, each]
        return replace(
            self,
            skeleton=skeleton,
            keypoints=mapped(self.keypoints),
            scores=scores,
            keypoints_3d=None if self.keypoints_3d is None else mapped(self.keypoints_3d),
            raw_keypoints=None if self.raw_keypoints is None else mapped(self.raw_keypoints),
            flags=flags,
            errors=errors,
        )


def boxes_around(keypoints: Floats) -> Floats:
    """Return (N, 4) boxes x1, y1, x2, y2 around (N, K, 2) keypoints; NaN if all are missing."""
    if len(keypoints) == 0:
        return np.empty((0, 4), np.float32)
    low = np.fmin.reduce(keypoints, axis=1)
    high = np.fmax.reduce(keypoints, axis=1)
    return np.concatenate([low, high], axis=1).astype(np.float32)


def _rounded(values: Floats, decimals: int) -> Floats:
    # In double precision the products are exact, so this is how text rounds, too.
    return np.round(values.astype(np.float64), decimals).astype(np.float32)
