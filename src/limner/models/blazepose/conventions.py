"""How a picture is cut and keypoints are refined: limner's way, and MediaPipe's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Conventions:
    """Choices that networks leave to the program around them.

    Attributes:
        antialias: average the picture's pixels where a patch shrinks it.
        half_pixel: take a pixel's index for its place, which shifts a patch by half a pixel.
        sure: a keypoint is moved to its heatmap's peak where the heatmap is this sure.
        power: of the probabilities that weight the cells around the peak.
    """

    antialias: bool = True
    half_pixel: bool = False
    sure: float = 0.3
    power: int = 3

    def sampling(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the map by which to sample a patch that lies in the picture by `matrix`."""
        if not self.half_pixel:
            return matrix
        shifted = matrix.copy()
        shifted[:, 2] += 0.5 - matrix[:, :2].sum(axis=1) / 2
        return shifted


# Found by measuring: together worth about 0.01 AP over MediaPipe's, and 0.04 over no
# refinement at all.
LIMNER = Conventions()
# What MediaPipe's own graphs do, for comparing with them.
MEDIAPIPE = Conventions(antialias=False, half_pixel=True, sure=0.5, power=1)
