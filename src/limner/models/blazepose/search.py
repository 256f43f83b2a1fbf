"""Where to look for people: squares of several sizes that together cover the image."""

from __future__ import annotations

import math
from dataclasses import dataclass

from limner.core.region import Region
from limner.models.blazepose.conventions import LIMNER, MEDIAPIPE, Conventions
from limner.models.blazepose.detector import Detection

# Neighbouring tiles share this part of a side, so that nobody is cut by every tile.
OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class Search:
    """How hard to look for people.

    Attributes:
        parts: the tiles' sides, as parts of the image's long side.
        threshold: the least score of the detector.
        half: whether the detector may compute in half precision. Where a body is need not be
            known exactly, as the landmark network looks there again: over images moved by
            some pixels, average precision is the same (0.225 and 0.226, standard deviation
            0.006). The landmark network itself never does: its keypoints would move by 2 of
            256 pixels in the median.
        passes: how often the landmark network looks at a person in an image that stands
            by itself, each time where the last look says the body is.
        merge: detections whose centres are this near, in sides, are one.
        conventions: how patches are cut and keypoints refined.
        faces: in an image that stands by itself, place the keypoints of heads by a network
            that looks at the head alone.
    """

    parts: tuple[float, ...]
    threshold: float
    passes: int
    merge: float = 0.15
    conventions: Conventions = LIMNER
    faces: bool = True
    half: bool = False


SEARCHES = {
    "fast": Search((1.0,), 0.35, 1, half=True),
    "normal": Search((1.0, 0.5), 0.35, 2, half=True),
    # Looks at a body from regions that differ a little are worth more than one.
    "thorough": Search((1.0, 0.5, 0.35), 0.35, 2, merge=0.03),
    "mediapipe": Search((1.0,), 0.5, 1, conventions=MEDIAPIPE, faces=False),
}


def tiles(width: int, height: int, part: float) -> list[Region]:
    """Return the squares of one size that together cover the image.

    Args:
        width: the image's width, pixels.
        height: the image's height, pixels.
        part: their side, as a part of the image's long side.
    """
    side = max(width, height) * part
    return [Region(x, y, side, 0.0) for y in _centres(height, side) for x in _centres(width, side)]


def _centres(length: int, side: float) -> list[float]:
    if length <= side:
        return [length / 2]
    # The small allowance keeps rounding from adding a tile.
    steps = math.ceil((length - side) / (side * (1 - OVERLAP)) - 1e-6)
    return [side / 2 + (length - side) * step / steps for step in range(steps + 1)]


def distinct(detections: list[Detection], merge: float) -> list[Detection]:
    """Return the detections, best first, without those that resemble a better one.

    Args:
        detections: of one image, from any tiles.
        merge: how near centres are for that, in sides; sizes may differ by four times as much.
    """
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: -d.score):
        region = detection.region
        if not any(region.resembles(other.region, merge, 1 + 4 * merge) for other in kept):
            kept.append(detection)
    return kept
