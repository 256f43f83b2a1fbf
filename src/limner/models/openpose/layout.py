"""What the 57 channels of an OpenPose (COCO) network are.

The order is that of the released network of Cao et al., "OpenPose: Realtime Multi-Person 2D
Pose Estimation using Part Affinity Fields" (TPAMI 2019), which tf-pose-estimation kept:
18 part heatmaps in the order of the skeleton's keypoints, a background heatmap, and an x
and a y channel for each of 19 limbs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import OPENPOSE_18

PARTS = len(OPENPOSE_18)
CHANNELS = 57

# A cell of the maps covers 8x8 pixels of the network's input.
STRIDE = 8

# (from, to, channel of x); y is the channel after it. The last two tie the shoulders to the
# ears: they are no edges of the skeleton, but keep heads on their bodies.
_LIMBS = (
    *((1, 2, 12), (1, 5, 20), (2, 3, 14), (3, 4, 16), (5, 6, 22), (6, 7, 24), (1, 8, 0)),
    *((8, 9, 2), (9, 10, 4), (1, 11, 6), (11, 12, 8), (12, 13, 10), (1, 0, 28), (0, 14, 30)),
    *((14, 16, 34), (0, 15, 32), (15, 17, 36), (2, 16, 18), (5, 17, 26)),
)

LIMBS: NDArray[np.intp] = np.array([limb[:2] for limb in _LIMBS])
"""(19, 2) parts a limb runs from and to."""

LIMB_CHANNELS: NDArray[np.intp] = np.array(
    [(PARTS + 1 + channel, PARTS + 2 + channel) for _, _, channel in _LIMBS]
)
"""(19, 2) channels of the limbs' x and y fields."""


def _mirrored_channels() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    swap = OPENPOSE_18.mirror
    source = np.arange(CHANNELS)
    source[:PARTS] = swap
    sign = np.ones(CHANNELS, np.float32)
    ends = [tuple(limb) for limb in LIMBS.tolist()]
    for limb, (start, end) in enumerate(ends):
        source[LIMB_CHANNELS[limb]] = LIMB_CHANNELS[ends.index((swap[start], swap[end]))]
        sign[LIMB_CHANNELS[limb, 0]] = -1
    return source, sign


_MIRROR_SOURCE, _MIRROR_SIGN = _mirrored_channels()


def mirror(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn the maps of a mirrored image into maps of the image.

    Args:
        maps: (H, W, 57) of the image with left and right exchanged.

    Returns:
        (H, W, 57): columns and left and right parts exchanged, x of the fields negated.
    """
    return maps[:, ::-1, _MIRROR_SOURCE] * _MIRROR_SIGN
