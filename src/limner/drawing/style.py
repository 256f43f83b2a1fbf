"""How poses look: the colours and sizes that all annotators share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.frame import Color
from limner.poses import Floats, Poses
from limner.skeletons import Skeleton


@dataclass(frozen=True)
class Style:
    """Colours and sizes.

    Attributes:
        left: colour of the person's left limbs, RGB.
        right: colour of the person's right limbs, RGB.
        middle: colour of what joins left and right, RGB.
        outline: colour of the rim that sets limbs off from the picture, RGB.
        scale: factor on all widths.
        threshold: keypoints with a lower score are not drawn.
        solid: keypoints with at least this score are opaque; below, they fade.
    """

    left: Color = (255, 145, 30)
    right: Color = (40, 170, 255)
    middle: Color = (245, 245, 245)
    outline: Color = (20, 20, 24)
    scale: float = 1.0
    threshold: float = 0.3
    solid: float = 0.6

    def widths(self, poses: Poses, width: int, height: int) -> Floats:
        """Return (N,) line widths in pixels: they follow the person's size and the picture's.

        Args:
            poses: the people.
            width: the picture's width, pixels.
            height: the picture's height, pixels.
        """
        sides = poses.boxes[:, 2:] - poses.boxes[:, :2]
        sizes = np.nan_to_num(np.fmax(sides[:, 0], sides[:, 1]))
        picture = min(width, height)
        thinnest, thickest = 1 + picture / 720, 2 + picture / 130
        widths = np.clip(sizes * 0.011, thinnest, thickest) * self.scale
        return np.asarray(widths, np.float32)

    def opacity(self, score: float) -> float:
        """Return how opaque a keypoint of this score is drawn; 0 below the threshold."""
        if not score >= self.threshold:
            return 0.0
        if score >= self.solid:
            return 1.0
        return 0.35 + 0.65 * (score - self.threshold) / (self.solid - self.threshold)

    def color(self, skeleton: Skeleton, *keypoints: int) -> Color:
        """Return the colour of a keypoint or of the limb between two."""
        sides = {_side(skeleton.keypoints[keypoint]) for keypoint in keypoints}
        if sides == {"left"}:
            return self.left
        if sides == {"right"}:
            return self.right
        return self.middle


def _side(keypoint: str) -> str:
    words = keypoint.split("_")
    return "left" if "left" in words else "right" if "right" in words else "middle"
