"""Made-up people of coloured dots, and a detector and a pose network that see exactly them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import Skeleton
from limner.models.topdown import Crop, Detection, Look, Running, Search, TopDown

FOUR = Skeleton(
    "four-dots",
    ("head", "left", "right", "foot"),
    ((0, 1), (0, 2), (0, 3)),
    (0.07, 0.07, 0.07, 0.07),
)
COLORS = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)]
# Where the dots are, in parts of the person's height, about the middle.
BODY = np.array([[0.0, -0.5], [-0.2, 0.0], [0.2, 0.0], [0.0, 0.5]])
SIZE = (192, 256)
# A region is so much larger than the person, with the patch's aspect.
MARGIN = 1.5


def dots(x: float, y: float, height: float) -> Floats:
    """Return (4, 2) the dots of a person about a place."""
    return np.asarray(BODY * height + (x, y), np.float32)


def draw(people: Sequence[Floats], width: int = 640, height: int = 480) -> Image:
    """Return an image of people."""
    image = np.zeros((height, width, 3), np.uint8)
    for person in people:
        radius = max(round(0.06 * float(np.linalg.norm(person[3] - person[0]))), 2)
        for (x, y), color in zip(person.tolist(), COLORS, strict=True):
            cv2.circle(image, (round(x - 0.5), round(y - 0.5)), radius, color, cv2.FILLED)
    return image


def _around(points: Floats) -> Region:
    """Return the region that holds these points, with the pose network's margin and aspect."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    x, y = ((low + high) / 2).tolist()
    height = MARGIN * max(float(high[1] - low[1]), 8.0)
    return Region(x, y, height * SIZE[0] / SIZE[1], height)


@dataclass
class DotDetector:
    """Finds people by their red heads; a box about each, which is a guess of its size.

    Attributes:
        areas: how many areas were looked at in each call.
    """

    areas: list[int] = field(default_factory=list)

    def start(
        self, frame: Frame, areas: Sequence[Region], threshold: float
    ) -> Running[list[Detection]]:
        self.areas.append(len(areas))
        found = []
        for area in areas:
            (patch,) = frame.crops([area], (320, 320))
            red = ((patch[..., 0] > 128) & (patch[..., 1] < 90)).astype(np.uint8)
            count, _, stats, centres = cv2.connectedComponentsWithStats(red)
            matrix = area.matrix((320, 320))
            for number in range(1, count):
                at = matrix[:, :2] @ (centres[number] + 0.5) + matrix[:, 2]
                size = float(stats[number, cv2.CC_STAT_WIDTH]) * area.width / 320 / 0.12
                # The body hangs down from the head, as it is seen in the area.
                x, y = at + size / 2 * np.array([-math.sin(area.angle), math.cos(area.angle)])
                box = Region(float(x), float(y), size * 0.4, size, area.angle)
                found.append(Detection(box, 0.9))
        return lambda: found


@dataclass
class DotPose:
    """Places each dot at the middle of its colour in a patch of 192x256.

    Attributes:
        batches: how many crops came in each batch.
    """

    batches: list[int] = field(default_factory=list)
    skeleton: Skeleton = FOUR

    def region(self, detection: Detection) -> Region:
        box = detection.region
        return replace(box, height=MARGIN * box.height, width=MARGIN * box.height * 0.75)

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        self.batches.append(len(crops))
        looks = []
        for frame, region, _ in crops:
            (patch,) = frame.crops([region], SIZE)
            looks.append(self._look(patch, region))
        return lambda: looks

    def _look(self, patch: Image, region: Region) -> Look:
        matrix = region.matrix(SIZE)
        points = np.full((4, 2), np.nan, np.float32)
        for dot, color in enumerate(COLORS):
            near = np.asarray((np.abs(patch.astype(int) - color) < 100).all(axis=2), np.uint8)
            _, _, stats, centres = cv2.connectedComponentsWithStats(near)
            if len(stats) > 1:
                # The one nearest to the middle: others may be in the patch as well.
                away = np.abs(centres[1:, 0] - SIZE[0] / 2)
                at = centres[1:][away.argmin()] + 0.5
                points[dot] = matrix[:, :2] @ at + matrix[:, 2]
        seen = ~np.isnan(points[:, 0])
        share = float(seen.mean())
        where = _around(points) if seen.any() else region
        return Look(
            points, np.where(seen, 0.9, np.nan).astype(np.float32), share, share, region, where
        )


class UprightPose(DotPose):
    """Knows nobody whose head is not above the foot, as seen in the region."""

    def _look(self, patch: Image, region: Region) -> Look:
        look = super()._look(patch, region)
        up = look.keypoints[0] - look.keypoints[3]
        along = up @ np.array([math.sin(region.angle), -math.cos(region.angle)])
        if not along > 0.7 * np.linalg.norm(up):
            return replace(look, person_score=0.05)
        return replace(look, next_region=replace(look.next_region, angle=region.angle))


class Nudge:
    """Moves everybody's head a pixel to the right: a refiner whose work can be seen."""

    def refine(self, frame: Frame, poses: Poses) -> Poses:
        keypoints = poses.keypoints.copy()
        keypoints[:, 0, 0] += 1
        return replace(poses, keypoints=keypoints)


def turn(person: Floats, quarters: int, centre: tuple[float, float] = (320, 240)) -> Floats:
    """Return somebody turned clockwise about a place."""
    x, y = (person - centre).T
    for _ in range(quarters):
        x, y = -y, x
    return np.stack([x, y], axis=1) + np.array(centre, np.float32)


def dot_model(**options: object) -> TopDown:
    """Return a top-down model of the made-up networks."""
    info = ModelInfo("dots", FOUR, (), 0.45, 0.3)
    return TopDown(info, DotDetector(), DotPose(), **{"search": Search((1.0,)), **options})  # type: ignore[arg-type]
