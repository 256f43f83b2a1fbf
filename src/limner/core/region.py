"""A region of interest: the turned rectangle of the image that holds a person, or a part of one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Doubles


@dataclass(frozen=True, slots=True)
class Region:
    """A turned rectangle in an image.

    Attributes:
        x: centre, pixels.
        y: centre, pixels.
        width: pixels, along the side that is horizontal at angle 0.
        height: pixels.
        angle: how far it is turned clockwise, radians; 0 for someone upright.
    """

    x: float
    y: float
    width: float
    height: float
    angle: float = 0.0

    @classmethod
    def square(cls, x: float, y: float, side: float, angle: float = 0.0) -> Region:
        """Return a square about a point."""
        return cls(x, y, side, side, angle)

    @property
    def size(self) -> float:
        """The longer side, pixels."""
        return max(self.width, self.height)

    def matrix(self, size: tuple[int, int]) -> Doubles:
        """Return the (2, 3) affine map from a patch to the image.

        Args:
            size: the patch's width and height, pixels.
        """
        across, down = self.width / size[0], self.height / size[1]
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        a, b, c, d = cos * across, sin * down, sin * across, cos * down
        half_x, half_y = size[0] / 2, size[1] / 2
        return np.array(
            [
                [a, -b, self.x - (a * half_x - b * half_y)],
                [c, d, self.y - (c * half_x + d * half_y)],
            ]
        )

    def resembles(self, other: Region, distance: float = 0.15, ratio: float = 1.6) -> bool:
        """Say whether two regions hold the same body.

        Args:
            other: the other region.
            distance: how far apart the centres may be, in sizes of the smaller one.
            ratio: how different the sizes may be.
        """
        small, large = sorted((self.size, other.size))
        apart = math.hypot(self.x - other.x, self.y - other.y)
        return apart < distance * small and large < ratio * small
