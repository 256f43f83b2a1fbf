"""Skeletons unlike those limner grew up with, and people who have them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from limner.core.arrays import Doubles
from limner.core.info import InputInfo, ModelInfo, NetworkInfo
from limner.core.poses import Poses
from limner.core.skeletons import COCO_WHOLEBODY_133, HAND_21, Skeleton
from limner.recording.header import Header
from support.people import BODY

# The animals of AP-10K (Yu et al. 2021, https://github.com/AlexTheBad/AP-10K).
DOG_17 = Skeleton(
    "dog-17",
    (
        *("left_eye", "right_eye", "nose", "neck", "tail_root"),
        *("left_shoulder", "left_elbow", "left_front_paw"),
        *("right_shoulder", "right_elbow", "right_front_paw"),
        *("left_hip", "left_knee", "left_back_paw"),
        *("right_hip", "right_knee", "right_back_paw"),
    ),
    (
        *((0, 1), (0, 2), (1, 2), (2, 3), (3, 4), (3, 5), (5, 6), (6, 7), (3, 8), (8, 9)),
        *((9, 10), (4, 11), (11, 12), (12, 13), (4, 14), (14, 15), (15, 16)),
    ),
    (
        *(0.025, 0.025, 0.026, 0.035, 0.035, 0.079, 0.072, 0.062, 0.079, 0.072, 0.062),
        *(0.107, 0.087, 0.089, 0.107, 0.087, 0.089),
    ),
    {
        "body": tuple(range(17)),
        "left": (0, 5, 6, 7, 11, 12, 13),
        "right": (1, 8, 9, 10, 14, 15, 16),
    },
    (1, 0, 2, 3, 4, 8, 9, 10, 5, 6, 7, 14, 15, 16, 11, 12, 13),
)
ODD = (COCO_WHOLEBODY_133, HAND_21, DOG_17)


def standing(skeleton: Skeleton) -> Doubles:
    """Return (K, 2) somebody's keypoints in a box of about 1: the body's, the others about it."""
    rng = np.random.default_rng(len(skeleton))
    points = rng.uniform((-0.2, 0.05), (0.2, 0.95), (len(skeleton), 2))
    if skeleton is COCO_WHOLEBODY_133:
        points[: len(BODY)] = BODY
        for part, centre, size in (
            *(("face", 0, 0.04), ("left_hand", 9, 0.03), ("right_hand", 10, 0.03)),
            ("feet", 15, 0.03),
        ):
            at = list(skeleton.parts[part])
            points[at] = points[centre] + rng.uniform(-size, size, (len(at), 2))
    return points


def walking(skeleton: Skeleton, frames: int = 40) -> list[Poses]:
    """Return two people who walk side by side, as a model finds them: without ids."""
    rng = np.random.default_rng(0)
    shape = standing(skeleton)
    result = []
    for index in range(frames):
        people = [shape * 100 + (60 + index, 10), shape * 90 + (200 - index / 2, 20)]
        points = np.stack(people) + rng.normal(0, 0.3, (2, len(skeleton), 2))
        points[1, index % len(skeleton)] = np.nan
        scores = np.where(np.isnan(points[..., 0]), np.nan, 0.8)
        result.append(
            Poses.build(
                skeleton,
                points.astype(np.float32),
                scores.astype(np.float32),
                np.array([0.9, 0.8], np.float32),
                index=index,
                time=index / 30,
            )
        )
    return result


def header(skeleton: Skeleton) -> Header:
    """Return the header of a clip that a model with this skeleton saw."""
    network = NetworkInfo("pose", "odd.onnx", "0" * 64, "none", "CPU")
    return Header(
        InputInfo("clip.mp4", 320, 120, Fraction(30), 40, 40 / 30),
        skeleton,
        (ModelInfo("odd", skeleton, (network,)),),
        {"threshold": 0.3},
    )
