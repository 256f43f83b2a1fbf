"""BlazePose's landmark network: 33 keypoints, and their third dimension, of one person."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.models.blazepose.conventions import LIMNER, Conventions
from limner.models.blazepose.region import around
from limner.models.topdown.parts import Crop, Detection, Look, Running
from limner.runtime import Network

SIZE = 256
# The network's outputs; it also has a mask of the person, which costs a third of its time.
OUTPUTS = ("Identity", "Identity_1", "Identity_3", "Identity_4")
_KEYPOINTS = len(BLAZEPOSE_33)
# Two more points than the skeleton has say where to look for the person next.
_HIPS, _TOP = 33, 34
_CELLS = 64
_REACH = 3
_COCO = [source[0] for source in BLAZEPOSE_33.sources(COCO_17)]


class LandmarkNetwork:
    """Runs the landmark network on regions of a frame."""

    def __init__(self, network: Network, conventions: Conventions = LIMNER) -> None:
        self._network = network
        self._conventions = conventions

    @property
    def skeleton(self) -> Skeleton:
        """BlazePose's 33 keypoints."""
        return BLAZEPOSE_33

    def region(self, detection: Detection) -> Region:
        """Return the detector's region: both networks were made for the same."""
        return detection.region

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        """Begin to look at people; the network takes one at a time, so each has its own run."""
        begun = []
        for frame, region, _ in crops:
            matrix = region.matrix((SIZE, SIZE))
            # Runs while the next patch is cut.
            begun.append((region, matrix, self._network.start(self._input(frame, matrix))))
        return lambda: [self._read(region, matrix, run()) for region, matrix, run in begun]

    def _input(self, frame: Frame, matrix: NDArray[np.float64]) -> Floats:
        batch = self._conventions.cut(frame, matrix, SIZE)
        batch *= 1 / 255
        return batch

    def _read(
        self, region: Region, matrix: NDArray[np.float64], outputs: dict[str, Floats]
    ) -> Look:
        values = outputs["Identity"].reshape(-1, 5)
        points = values[:, :2].copy()
        scores = _refine(points, outputs["Identity_3"][0], self._conventions)[:_KEYPOINTS]
        at = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        cos, sin = math.cos(region.angle), math.sin(region.angle)
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], np.float32)
        presence = float(outputs["Identity_1"].reshape(-1)[0])
        return Look(
            keypoints=at[:_KEYPOINTS],
            scores=scores,
            # The mean score of COCO's 17 joints, if there is a person at all. It ranks people
            # better than the mean alone (by 0.007 AP), the detector's score (0.02), the presence
            # (0.06) or the visibility (0.09) do.
            person_score=float(scores[_COCO].mean()) * presence,
            presence=presence,
            region=region,
            next_region=around(at[_HIPS], at[_TOP]),
            keypoints_3d=outputs["Identity_4"].reshape(-1, 3)[:_KEYPOINTS] @ turn.T,
        )


def _refine(points: Floats, heatmaps: Floats, conventions: Conventions) -> Floats:
    """Move points to the peaks of their heatmaps, in place.

    A point becomes the mean of the 7x7 cells about it, weighted by a power of their
    probability, where the heatmap is sure.

    Args:
        points: (P, 2) pixels of the patch.
        heatmaps: (64, 64, P) log-odds.
        conventions: how sure, and which power.

    Returns:
        (P,) the highest probability in each heatmap.
    """
    count = len(points)
    offsets = np.arange(-_REACH, _REACH + 1)
    cells = (points * (_CELLS / SIZE)).astype(int)
    columns = cells[:, 0, None] + offsets
    rows = cells[:, 1, None] + offsets
    inside_x = (columns >= 0) & (columns < _CELLS)
    inside_y = (rows >= 0) & (rows < _CELLS)
    window = heatmaps[
        np.clip(rows, 0, _CELLS - 1)[:, :, None],
        np.clip(columns, 0, _CELLS - 1)[:, None, :],
        np.arange(count)[:, None, None],
    ]
    odds = _sigmoid(window) * (inside_y[:, :, None] & inside_x[:, None, :])
    sure = odds.max(axis=(1, 2)) >= conventions.sure
    weights = odds**conventions.power
    total = weights.sum(axis=(1, 2))
    total[total == 0] = 1
    refined = np.stack(
        [
            (weights.sum(axis=1) * columns).sum(axis=1) / total,
            (weights.sum(axis=2) * rows).sum(axis=1) / total,
        ],
        axis=1,
    )
    points[sure] = refined[sure] * (SIZE / _CELLS)
    # One axis after the other: over both at once numpy takes ten times as long.
    return _sigmoid(heatmaps.max(axis=0).max(axis=0))


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -80, 80))), np.float32)
