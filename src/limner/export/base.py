"""What several formats ask of a skeleton."""

from __future__ import annotations

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
