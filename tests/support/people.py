"""Made-up people: bodies of known places, and a model that sees exactly them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.info import ModelInfo, NetworkInfo
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17, Skeleton
from limner.core.steps import Seen
from limner.models.base import FILE, Pace

# A standing body, seen from the front: x and y of COCO's keypoints, head to ankles 0 to 1.
_BODY = """
 .00 .07   .02 .05  -.02 .05   .05 .06  -.05 .06   .11 .19  -.11 .19   .15 .36  -.15 .36
 .17 .52  -.17 .52   .07 .52  -.07 .52   .08 .74  -.08 .74   .09 .96  -.09 .96
"""
BODY = np.array(_BODY.split(), np.float32).reshape(17, 2)


def body(x: float, y: float, height: float) -> Floats:
    """Return (17, 2) keypoints of somebody whose head's top is at a place."""
    return np.asarray(BODY * height + (x, y), np.float32)


def people(
    *bodies: Floats,
    scores: float | Floats = 0.9,
    skeleton: Skeleton = COCO_17,
    ids: Sequence[int] | None = None,
) -> Poses:
    """Return poses of these bodies."""
    points = np.stack(bodies) if bodies else np.empty((0, len(skeleton), 2), np.float32)
    sure = np.broadcast_to(np.asarray(scores, np.float32), points.shape[:2]).copy()
    poses = Poses.build(skeleton, points, sure, np.full(len(points), 0.9, np.float32))
    poses.ids = np.arange(1, len(points) + 1) if ids is None else np.array(ids, np.int64)
    return poses


def one_walker(index: int, width: int, height: int) -> list[Floats]:
    """Return somebody in the upper half who walks to the right."""
    return [body(width * 0.3 + index, height * 0.02, height * 0.45)]


def nobody(index: int, width: int, height: int) -> list[Floats]:
    """Return nobody."""
    return []


class FakeModel:
    """Sees the bodies that a function names; can be slow, fail or block at a frame.

    Args:
        bodies: from a frame's index and size to the bodies in it.
        fail_at: frame at which it raises `error`.
        error: what it raises.
        seconds: how long a frame takes.
        block_at: frame at which it never comes back.
    """

    skeleton = COCO_17
    person_threshold = 0.45
    keypoint_threshold = 0.3

    def __init__(
        self,
        bodies: Callable[[int, int, int], list[Floats]] = one_walker,
        *,
        fail_at: int | None = None,
        error: BaseException | None = None,
        seconds: float = 0.0,
        block_at: int | None = None,
    ) -> None:
        network = NetworkInfo("pose", "fake.onnx", "0" * 64, "none", "CPU")
        self.info = ModelInfo(
            "fake", self.skeleton, (network,), self.person_threshold, self.keypoint_threshold
        )
        self.bodies = bodies
        self.fail_at = fail_at
        self.error = error or RuntimeError("the fake model fails")
        self.seconds = seconds
        self.block_at = block_at
        self.released = threading.Event()
        self.frames: list[int] = []

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return the bodies of some frames."""
        return [self.look(image) for image in images]

    def session(self, pace: Pace = FILE) -> FakeModel:
        """Start a video."""
        return self

    def push(self, item: Frame) -> list[Seen]:
        """Return the bodies of the next frame."""
        poses = self.look(item)
        return [Seen(item, poses, poses)]

    def flush(self) -> list[Seen]:
        """Return nothing."""
        return []

    def look(self, frame: Frame) -> Poses:
        """Return the bodies of a frame."""
        self.frames.append(frame.index)
        if frame.index == self.fail_at:
            raise self.error
        if frame.index == self.block_at:
            self.released.wait()
        time.sleep(self.seconds)
        seen = people(*self.bodies(frame.index, frame.width, frame.height), skeleton=self.skeleton)
        seen.ids[:] = 0
        seen.index, seen.time = frame.index, frame.time
        return seen
