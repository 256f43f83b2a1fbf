"""What several formats ask of a skeleton."""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17, Skeleton
from limner.errors import RecordingError


def require_body(skeleton: Skeleton, target: Skeleton, name: str) -> None:
    """Refuse a skeleton that cannot stand for the one a format is made of.

    Points of the feet may be missing (formats have a way to say so); COCO's 17 may not.

    Raises:
        RecordingError: keypoints are missing.
    """
    names = target.keypoints
    missing = [
        keypoint
        for keypoint, source in zip(names, skeleton.sources(target), strict=True)
        if not source and keypoint in COCO_17.keypoints
    ]
    if missing:
        raise RecordingError(
            f"format {name} holds {target.name} people, and skeleton {skeleton.name} has no "
            f"{', '.join(missing)}; choose another format, such as csv"
        )


def held_parts(skeleton: Skeleton, whole: Skeleton) -> dict[str, list[int]]:
    """Return the feet, face and hands that a skeleton has as another one does, by their indices.

    Args:
        skeleton: of the recording.
        whole: has the parts that a format can hold.
    """
    names = {
        part: ([skeleton.keypoints[index] for index in skeleton.parts.get(part, ())], wanted)
        for part, wanted in (
            (part, [whole.keypoints[index] for index in whole.parts[part]])
            for part in ("feet", "face", "left_hand", "right_hand")
        )
    }
    return {
        part: list(skeleton.parts[part]) for part, (have, wanted) in names.items() if have == wanted
    }


def one_line(name: str) -> str:
    """Return a file's name for the head of a text format, where a line break or a tab would end it.

    Whatever cannot be printed becomes ``_``.
    """
    return "".join(letter if letter.isprintable() else "_" for letter in name)


def numbers(poses: Poses, keypoints: list[int] | None = None) -> Floats:
    """Return (N, K, 3) x, y and score of all or some keypoints, 0 0 0 where missing."""
    points = np.concatenate([poses.keypoints, poses.scores[..., None]], axis=2)
    if keypoints is not None:
        points = points[:, keypoints]
    points[np.isnan(points).any(axis=2)] = 0
    return points
