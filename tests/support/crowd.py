"""People made of numbers, who walk through an image: whose pose is whose is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17

# A standing person of height 1 in COCO-17's order, middle of the hips at the origin.
_STANDING = np.array(
    [
        *((0.0, -0.45), (0.02, -0.47), (-0.02, -0.47), (0.04, -0.46), (-0.04, -0.46)),
        *((0.1, -0.32), (-0.1, -0.32), (0.13, -0.15), (-0.13, -0.15), (0.14, 0.0), (-0.14, 0.0)),
        *((0.07, 0.0), (-0.07, 0.0), (0.08, 0.22), (-0.08, 0.22), (0.08, 0.45), (-0.08, 0.45)),
    ],
    np.float32,
)
_SWING = np.zeros(17, np.float32)
_SWING[[7, 9, 13, 15]] = (0.04, 0.1, -0.05, -0.15)
_SWING[[8, 10, 14, 16]] = -_SWING[[7, 9, 13, 15]]


@dataclass(frozen=True)
class Walker:
    """Somebody who walks in a straight line.

    Attributes:
        x: pixels, where the hips are at time 0.
        y: pixels.
        speed: pixels per second, along x.
        height: pixels.
        score: person score.
        seen: seconds (from, to) in which they are seen; several spans for occlusions.
        phase: of the steps.
    """

    x: float
    y: float = 300.0
    speed: float = 0.0
    height: float = 200.0
    score: float = 0.9
    seen: tuple[tuple[float, float], ...] = ((-np.inf, np.inf),)
    phase: float = 0.0

    def visible(self, time: float) -> bool:
        return any(start <= time <= end for start, end in self.seen)

    def keypoints(self, time: float) -> Floats:
        pose = _STANDING.copy()
        pose[:, 0] += _SWING * np.sin(2 * np.pi * 0.9 * time + self.phase)
        return (pose * self.height + (self.x + self.speed * time, self.y)).astype(np.float32)


def film(
    walkers: Sequence[Walker],
    times: Sequence[float] | NDArray[np.float64],
    *,
    noise: float = 0.01,
    seed: int = 0,
    shuffle: int | None = None,
) -> list[Poses]:
    """Return the poses of each frame, all their 3-D values being the index of the walker.

    Args:
        walkers: the people.
        times: seconds of the frames.
        noise: deviation of the keypoints in heights.
        seed: of the noise.
        shuffle: seed of the order of people in each frame; None leaves it.
    """
    random = np.random.default_rng(seed)
    order = np.random.default_rng(shuffle)
    frames = []
    for index, time in enumerate(times):
        who = [i for i, walker in enumerate(walkers) if walker.visible(time)]
        keypoints = {
            i: walkers[i].keypoints(time)
            + random.normal(0, noise * walkers[i].height, (17, 2)).astype(np.float32)
            for i in who
        }
        if shuffle is not None:
            order.shuffle(who)
        frames.append(
            Poses.build(
                COCO_17,
                np.array([keypoints[i] for i in who], np.float32).reshape(-1, 17, 2),
                np.full((len(who), 17), 0.9, np.float32),
                np.array([walkers[i].score for i in who], np.float32),
                keypoints_3d=np.broadcast_to(
                    np.array(who, np.float32)[:, None, None], (len(who), 17, 3)
                ),
                index=index,
                time=float(time),
            )
        )
    return frames


def whose(poses: Poses) -> list[int]:
    """Return which walker each pose is."""
    assert poses.keypoints_3d is not None
    return poses.keypoints_3d[:, 0, 0].astype(int).tolist()  # type: ignore[no-any-return]
