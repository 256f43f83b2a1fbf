"""Maps as a perfect OpenPose network would make them, for people whose pose is known."""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Floats
from limner.models.openpose.layout import CHANNELS, LIMB_CHANNELS, LIMBS, PARTS

# Somebody who stands, in units of their own height; the left is at larger x, as of a person
# who looks at us. Order of OpenPose-18.
STANDING = np.array(
    [
        *((0.5, 0.08), (0.5, 0.2), (0.38, 0.2), (0.32, 0.36), (0.3, 0.5), (0.62, 0.2)),
        *((0.68, 0.36), (0.7, 0.5), (0.42, 0.52), (0.41, 0.74), (0.4, 0.96), (0.58, 0.52)),
        *((0.59, 0.74), (0.6, 0.96), (0.46, 0.05), (0.54, 0.05), (0.42, 0.07), (0.58, 0.07)),
    ],
    np.float32,
)


def perfect_maps(people: Floats, size: tuple[int, int], sigma: float = 0.8) -> Floats:
    """Draw people as heatmaps and fields.

    Args:
        people: (N, 18, 2) cells from the outer corner of the top left cell; NaN is missing.
        size: rows and columns of the maps.
        sigma: width of the heatmaps' Gaussians, in cells.
    """
    rows, columns = size
    y, x = np.mgrid[:rows, :columns] + 0.5
    maps = np.zeros((rows, columns, CHANNELS), np.float32)
    counts = np.zeros((rows, columns, len(LIMBS)), np.float32)
    for person in people:
        for part, (px, py) in enumerate(person):
            if np.isfinite(px):
                gaussian = np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
                maps[..., part] = np.maximum(maps[..., part], gaussian)
        for limb, (a, b) in enumerate(LIMBS):
            vector = person[b] - person[a]
            length = float(np.hypot(*vector))
            if not length > 0:
                continue
            unit = vector / length
            along = (x - person[a, 0]) * unit[0] + (y - person[a, 1]) * unit[1]
            aside = (x - person[a, 0]) * unit[1] - (y - person[a, 1]) * unit[0]
            inside = (along > -0.8) & (along < length + 0.8) & (np.abs(aside) < 0.9)
            for channel, component in zip(LIMB_CHANNELS[limb], unit, strict=True):
                maps[inside, channel] += component
            counts[inside, limb] += 1
    for limb, channels in enumerate(LIMB_CHANNELS):
        maps[..., channels] /= np.maximum(counts[..., limb, None], 1)
    maps[..., PARTS] = 1 - maps[..., :PARTS].max(axis=2)
    return maps
