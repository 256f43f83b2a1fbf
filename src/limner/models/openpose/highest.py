"""Heatmap argmax: one person, made of the highest point of each heatmap, the OpenCV tutorial's way.

The image is stretched to 368x368 whatever its shape, each part is where its heatmap is
highest, and nothing says whether the parts belong together. It is here to compare with;
`OpenPose` makes better use of the same network.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import OPENPOSE_18
from limner.errors import ModelError, UsageError
from limner.models.base import FILE, Pace, describe_network
from limner.models.onestage import SideBySide
from limner.models.openpose.layout import PARTS
from limner.models.openpose.maps import Maps, Preprocess
from limner.runtime import Runtime

INPUT = (368, 368)
THRESHOLD = 0.2


@dataclass(slots=True)
class TimedPoses(Poses):
    """One person, and how long it took to see them.

    Attributes:
        inference_ms: how long the network took, in milliseconds.
    """

    inference_ms: float = float("nan")


class HighestPoints:
    """One person's OpenPose-18 keypoints as the OpenCV tutorial computes them.

    The tutorial draws at whole pixels. Keypoints are the middles of these pixels, as limner
    counts from the outer corner of the first pixel: rounded down, they are the tutorial's
    integers. The person's id is always 1.

    Args:
        paths: the network's file, alone in its list.
        runtime: how to run it; the opencv backend is what the tutorial uses.
        name: what recordings call it.
        threshold: heatmap value a keypoint must exceed.

    Raises:
        UsageError: the threshold makes no sense.
        ModelError: the file is missing, damaged or another kind of network.
        BackendError: the runtime cannot run it.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        runtime: Runtime | None = None,
        *,
        name: str,
        threshold: float = THRESHOLD,
    ) -> None:
        if not 0 <= threshold <= 1:
            raise UsageError(f"threshold {threshold}: expected 0 to 1")
        if len(paths) != 1:
            raise ModelError(f"{name}: expected one network file for OpenPose, got {len(paths)}")
        self._maps = Maps(paths[0], runtime or Runtime(), Preprocess("rgb", 127.5, 1.0))
        if self._maps.fixed not in (None, INPUT):
            raise ModelError(
                f"{paths[0]}: the highest points need a network that takes 368x368, "
                f"this one takes {'x'.join(map(str, self._maps.fixed or ()))}"
            )
        self._maps.at_once = 1
        network = self._maps.load(INPUT)
        self.info = ModelInfo(
            name,
            OPENPOSE_18,
            (describe_network("pose", paths[0], network),),
            # Where there is a keypoint, there is the person.
            person_threshold=0.0,
            keypoint_threshold=threshold,
        )

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return the one person in each image, or nobody where no keypoint is sure enough."""
        return [self._estimate(image) for image in images]

    def session(self, pace: Pace = FILE) -> SideBySide:
        """Start a video: every frame is looked at afresh.

        One at a time: its milliseconds are those of one network that runs alone.
        """
        return SideBySide(self._estimate)

    def _estimate(self, frame: Frame) -> TimedPoses:
        image = cv2.resize(frame.image, INPUT, interpolation=cv2.INTER_LINEAR)
        start = time.perf_counter()
        maps = self._maps(np.asarray(image, np.uint8), repeated=True)
        elapsed = (time.perf_counter() - start) * 1e3
        rows, columns = maps.shape[:2]
        heatmaps = maps[..., :PARTS].reshape(-1, PARTS)
        highest = heatmaps.argmax(axis=0)
        scores = heatmaps[highest, np.arange(PARTS)]
        pixels = np.stack(
            [
                frame.width * (highest % columns) // columns,
                frame.height * (highest // columns) // rows,
            ],
            axis=1,
        )
        seen = scores > self.info.keypoint_threshold
        people = int(seen.any())
        keypoints = np.where(seen[:, None], pixels + 0.5, np.nan).astype(np.float32)[None][:people]
        scores = np.where(seen, np.clip(scores, 0, 1), np.nan).astype(np.float32)[None][:people]
        return TimedPoses(
            self.info.skeleton,
            keypoints=keypoints,
            scores=scores,
            person_scores=(np.nansum(scores, axis=1) / PARTS).astype(np.float32),
            boxes=boxes_around(keypoints),
            ids=np.ones(people, np.int64),
            index=frame.index,
            time=frame.time,
            inference_ms=elapsed,
        )
