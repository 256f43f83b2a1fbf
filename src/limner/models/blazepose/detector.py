"""BlazePose's person detector: finds people in a square part of the image.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020,
https://arxiv.org/abs/2006.10204. The network is a single-shot detector that gives, at 2254
anchors, a box around the face and the points that a person's region of interest needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from limner.core.frame import Frame
from limner.core.region import Region
from limner.models.blazepose.conventions import LIMNER, Conventions
from limner.models.blazepose.region import around
from limner.models.blazepose.single_shot import found, patch
from limner.models.topdown.parts import Detection, Running
from limner.runtime import Network

SIZE = 224
# Cells of a feature map's side, and how many anchors each cell has.
LAYERS = ((28, 2), (14, 2), (7, 6))


class Detector:
    """Runs the detection network on squares of a frame."""

    def __init__(self, network: Network, conventions: Conventions = LIMNER) -> None:
        self._network = network
        self._conventions = conventions

    def start(
        self, frame: Frame, areas: Sequence[Region], threshold: float
    ) -> Running[list[Detection]]:
        """Begin to look for people in squares of a frame; see `limner.models.topdown.Detector`."""
        begun = []
        for square in areas:
            matrix = square.matrix((SIZE, SIZE))
            batch = patch(frame, matrix, SIZE, self._conventions)
            # Runs while the next patch is cut.
            begun.append((matrix, self._network.start(batch)))
        return lambda: [
            detection for matrix, run in begun for detection in _read(matrix, run(), threshold)
        ]


def _read(
    matrix: NDArray[np.float64], outputs: dict[str, NDArray[np.float32]], threshold: float
) -> Iterator[Detection]:
    """Yield the people that the network's outputs tell of."""
    for points, score in found(outputs["Identity"], outputs["Identity_1"], LAYERS, SIZE, threshold):
        # The rows after the box are the middle of the hips and the top point.
        at = points[2:4] * SIZE @ matrix[:, :2].T + matrix[:, 2]
        yield Detection(around(at[0], at[1]), score)
