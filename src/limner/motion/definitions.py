"""Which angles there are: points, zero and sign of each, as Pose2Sim and Sports2D have them.

Joint angles are those between two segments, segment angles those from the horizontal; see
docs/angles.md for a drawing. The definitions are those of Sports2D (Pagnon and Kim, JOSS
2024) with two differences: the left wrist is measured at the wrist, as the right one is
(there, two of its points are exchanged), and the side a person faces is told from their feet
and shanks together, so that it holds upside down too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Angle:
    """One angle's definition.

    The angle is (``offset`` + a) * ``scale``, wrapped, where a is the angle from the second
    direction to the first. Two points are a direction against the horizontal, three the
    directions from the middle one, four the directions from the first to the second and from
    the third to the fourth.

    Attributes:
        name: such as ``left_knee``.
        points: names of two, three or four keypoints.
        offset: degrees added.
        scale: 1 or -1.
        period: 360, or 180 for a line that has no front end.
        plane: in which it is measured: ``sagittal``, seen from the side, ``frontal``, seen from
            front or back, or ``both``.
    """

    name: str
    points: tuple[str, ...]
    offset: float
    scale: float
    period: float = 360.0
    plane: Literal["sagittal", "frontal", "both"] = "sagittal"


def _both_sides(name: str, points: str, offset: float, scale: float) -> list[Angle]:
    return [
        Angle(
            f"{side}_{name}",
            tuple(point.replace("*", side) for point in points.split()),
            offset,
            scale,
        )
        for side in ("right", "left")
    ]


JOINT_ANGLES = (
    *_both_sides("ankle", "*_knee *_ankle *_foot_index *_heel", 90, 1),
    *_both_sides("knee", "*_ankle *_knee *_hip", -180, 1),
    *_both_sides("hip", "*_knee *_hip mid_hip neck", 0, -1),
    *_both_sides("shoulder", "*_elbow *_shoulder mid_hip neck", 0, -1),
    *_both_sides("elbow", "*_wrist *_elbow *_shoulder", 180, -1),
    *_both_sides("wrist", "*_elbow *_wrist *_index", -180, 1),
)
SEGMENT_ANGLES = (
    *_both_sides("foot", "*_foot_index *_heel", 0, -1),
    *_both_sides("shank", "*_ankle *_knee", 0, -1),
    *_both_sides("thigh", "*_knee *_hip", 0, -1),
    Angle("pelvis", ("left_hip", "right_hip"), 0, -1, 180.0, "frontal"),
    Angle("trunk", ("neck", "mid_hip"), 0, -1, plane="both"),
    Angle("shoulders", ("left_shoulder", "right_shoulder"), 0, -1, 180.0, "frontal"),
    Angle("head", ("head", "neck"), 0, -1, plane="both"),
    *_both_sides("arm", "*_elbow *_shoulder", 0, -1),
    *_both_sides("forearm", "*_wrist *_elbow", 0, -1),
    *_both_sides("hand", "*_index *_wrist", 0, -1),
)
ANGLES = JOINT_ANGLES + SEGMENT_ANGLES
