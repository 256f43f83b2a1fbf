"""BlazePose's person detector: finds people in a square part of the picture.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020,
https://arxiv.org/abs/2006.10204. The network is a single-shot detector that gives, at 2254
anchors, a box around the face and the points that a person's region of interest needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from limner.frame import Frame
from limner.models.blazepose.conventions import LIMNER, Conventions
from limner.models.blazepose.region import Region
from limner.runtime import Network

SIZE = 224
# Cells of a feature map's side, and how many anchors each cell has.
_LAYERS = ((28, 2), (14, 2), (7, 6))
_SAME_FACE = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """A person found by the detector.

    Attributes:
        region: where the body is.
        score: from 0 to 1.
    """

    region: Region
    score: float


@cache
def anchors() -> NDArray[np.float32]:
    """Return the (2254, 2) centres of the anchors, x and y from 0 to 1."""
    centres = []
    for cells, repeats in _LAYERS:
        steps = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(steps, steps)
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), repeats, axis=0))
    return np.concatenate(centres)


class Detector:
    """Runs the detection network on squares of a frame."""

    def __init__(self, network: Network, conventions: Conventions = LIMNER) -> None:
        self._network = network
        self._conventions = conventions

    def detect(self, frame: Frame, squares: Sequence[Region], threshold: float) -> list[Detection]:
        """Return the people in squares of the frame; one in two squares is found twice.

        Args:
            frame: the picture.
            squares: the parts to look at; outside the picture they are black.
            threshold: the least score.
        """
        return self.start(frame, squares, threshold)()

    def start(
        self, frame: Frame, squares: Sequence[Region], threshold: float
    ) -> Callable[[], list[Detection]]:
        """Begin what `detect` does; the result waits for it."""
        begun = []
        for square in squares:
            matrix = square.matrix(SIZE)
            # Runs while the next patch is cut.
            begun.append((matrix, self._network.start(self._input(frame, matrix))))
        return lambda: [
            detection for matrix, run in begun for detection in _read(matrix, run(), threshold)
        ]

    def _input(self, frame: Frame, matrix: NDArray[np.float64]) -> NDArray[np.float32]:
        batch = self._conventions.cut(frame, matrix, SIZE)
        batch *= 2 / 255
        batch -= 1
        return batch


def _read(
    matrix: NDArray[np.float64], outputs: dict[str, NDArray[np.float32]], threshold: float
) -> Iterator[Detection]:
    """Yield the people that the network's outputs tell of."""
    logits = outputs["Identity_1"].reshape(-1)
    # The inverse of the sigmoid, so that only the few sure anchors are looked at.
    chosen = np.flatnonzero(logits > np.log(threshold / (1 - threshold)))
    if len(chosen) == 0:
        return
    scores = 1 / (1 + np.exp(-logits[chosen]))
    raw = outputs["Identity"].reshape(len(logits), -1)[chosen]
    values = raw.reshape(len(chosen), -1, 2) / SIZE
    centres = anchors()[chosen]
    # Rows: the box's centre, its size, then the middle of the hips and the top point.
    values[:, 0] += centres
    values[:, 2:] += centres[:, None]
    for points, score in _merge(values, scores):
        at = points[2:4] * SIZE @ matrix[:, :2].T + matrix[:, 2]
        yield Detection(Region.around(at[0], at[1]), score)


def _merge(
    values: NDArray[np.floating], scores: NDArray[np.floating]
) -> list[tuple[NDArray[np.floating], float]]:
    """Return one weighted mean per face (weighted non-maximum suppression).

    Args:
        values: (N, P, 2) box centre, box size and points of each anchor.
        scores: (N,) the anchors' scores.
    """
    low = values[:, 0] - values[:, 1] / 2
    high = values[:, 0] + values[:, 1] / 2
    areas = np.prod(values[:, 1], axis=1)
    left = np.argsort(-scores, kind="stable")
    merged = []
    while len(left):
        best = left[0]
        sides = np.minimum(high[best], high[left]) - np.maximum(low[best], low[left])
        shared = np.prod(np.clip(sides, 0, None), axis=1)
        same = shared > _SAME_FACE * (areas[best] + areas[left] - shared)
        same[0] = True
        group = left[same]
        weights = scores[group] / scores[group].sum()
        merged.append((np.einsum("n,npc->pc", weights, values[group]), float(scores[best])))
        left = left[~same]
    return merged
