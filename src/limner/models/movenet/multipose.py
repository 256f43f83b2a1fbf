"""MoveNet MultiPose: COCO's 17 keypoints of up to six people at once.

The network is a CenterNet (Zhou et al., "Objects as Points", 2019,
https://arxiv.org/abs/1904.07850): the peaks of a map of people's centres, of which its graph keeps
the six highest. Its input may have any sides that are multiples of 32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.errors import ModelError, UsageError
from limner.models.base import describe_network
from limner.models.calibration import (
    KEYPOINT_THRESHOLD,
    PERSON_THRESHOLD,
    Calibration,
    ScoreCalibration,
)
from limner.models.onestage import OneStage
from limner.models.sizes import Size, SizedNetworks
from limner.runtime import Runtime

MOST_PEOPLE = 6
"""How many people the network sees at the most."""

DEFAULT_NET_SIZE = 256

CALIBRATION = ScoreCalibration(Calibration(1.55, 2.15), Calibration(2.09, 3.13))
"""What its scores are worth; benchmarks/calibration.py."""

_STRIDE, _SMALLEST, _LARGEST = 32, 256, 512
# Of each person: y, x and score of 17 keypoints, a box of four numbers, and a score.
_NUMBERS = 56
# Peaks that are lower than this are of nobody.
_LEAST = 0.02


class MultiPose(OneStage):
    """Poses of up to six people, by one run of one network.

    Args:
        paths: the network's JSON and its weights.
        runtime: how to run it.
        name: what recordings call it.
        net_size: pixels of the longer side of the network's input: a multiple of 32 from 256 to
            512, alone.
        max_people: the best this many are kept; None keeps all.
        calibration: makes probabilities of the network's scores; None for leaving them.

    Raises:
        UsageError: the net size or number of people makes no sense.
        ModelError: the file is missing, damaged or another kind of network.
        BackendError: the runtime cannot run it.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        runtime: Runtime | None = None,
        *,
        name: str = "movenet-multipose",
        net_size: int | Sequence[int] | None = None,
        max_people: int | None = None,
        calibration: ScoreCalibration | None = CALIBRATION,
    ) -> None:
        self._net_size = _one_size(net_size)
        if max_people is not None and max_people < 1:
            raise UsageError(f"max people {max_people}: expected 1 or more")
        self._path = paths[0]
        self._max_people = max_people
        # In bfloat16 AP is the same within 0.005, and two fifths of the time are saved.
        self._networks = SizedNetworks(self._path, replace(runtime or Runtime(), half=True))
        network = self._networks.load(None)
        super().__init__(
            ModelInfo(
                name,
                COCO_17,
                (describe_network("pose", self._path, network),),
                PERSON_THRESHOLD,
                KEYPOINT_THRESHOLD,
            ),
            self._run,
            self._people,
            at_once=self._networks.at_once,
            calibration=calibration,
        )

    def _run(self, frame: Frame, *, repeated: bool = False) -> Floats:
        """Return (6, 56) what the network says of six people."""
        size, scale = fit(frame.width, frame.height, self._net_size)
        patch = frame.warp(np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]]), size)
        network = self._networks.load(size if repeated else None, repeated=repeated)
        (found,) = network(patch[None].astype(np.float32)).values()
        if found.shape != (1, MOST_PEOPLE, _NUMBERS):
            raise ModelError(
                f"{self._path}: expected {MOST_PEOPLE} people of {_NUMBERS} numbers out, got "
                f"{found.shape}"
            )
        return np.asarray(found[0])

    def _people(self, frame: Frame, found: Floats) -> Poses:
        size, scale = fit(frame.width, frame.height, self._net_size)
        there = found[found[:, -1] >= _LEAST]
        keypoints = there[:, :51].reshape(-1, 17, 3)
        scores = keypoints[..., 2]
        person_scores = there[:, -1]
        best = np.argsort(-person_scores, kind="stable")[: self._max_people]
        places = keypoints[..., 1::-1] * np.array(size, np.float32) * np.float32(scale)
        return Poses.build(
            COCO_17,
            places[best],
            scores[best],
            person_scores[best],
            index=frame.index,
            time=frame.time,
        )


def fit(width: int, height: int, net_size: int) -> tuple[Size, float]:
    """Return the network's input size for an image, and how many pixels one of its pixels is.

    The image lies in the upper left of the input, its aspect kept; the rest is black.
    """
    scale = max(width, height) / net_size
    sides = (max(math.ceil(side / scale / _STRIDE), 1) * _STRIDE for side in (width, height))
    across, down = sides
    return (min(across, net_size), min(down, net_size)), scale


def _one_size(net_size: int | Sequence[int] | None) -> int:
    """Return the size that is asked for.

    Raises:
        UsageError: the network takes none such.
    """
    sizes = [net_size] if isinstance(net_size, int) else list(net_size or [DEFAULT_NET_SIZE])
    if len(sizes) != 1 or sizes[0] % _STRIDE or not _SMALLEST <= sizes[0] <= _LARGEST:
        raise UsageError(
            f"net size {', '.join(map(str, sizes))}: expected one multiple of {_STRIDE} from "
            f"{_SMALLEST} to {_LARGEST} pixels for MoveNet MultiPose"
        )
    return sizes[0]
