"""The names of Pose2Sim's OpenSim model: its markers, their sets, and its coordinates.

The model, ``Model_Pose2Sim_simple.osim``, and the marker sets stand in the folder
``Pose2Sim/OpenSim_Setup`` of Pose2Sim (Pagnon and others, Sensors 2022, JOSS 2022;
BSD-3-Clause). It is a whole body that faces x, with y up and z to its right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import BODY_25, COCO_17, HALPE_26, OPENPOSE_18, Skeleton
from limner.errors import RecordingError, UsageError

NAME_SET = "pose2sim"
MODEL = "Model_Pose2Sim_simple.osim"

_SIDED = {
    "eye": "Eye",
    "shoulder": "Shoulder",
    "elbow": "Elbow",
    "wrist": "Wrist",
    "hip": "Hip",
    "knee": "Knee",
    "ankle": "Ankle",
    "foot_index": "BigToe",
    "big_toe": "BigToe",
    "small_toe": "SmallToe",
    "heel": "Heel",
}
_BODY = {"nose": "Nose"} | {
    f"{side}_{keypoint}": f"{letter}{marker}"
    for side, letter in (("left", "L"), ("right", "R"))
    for keypoint, marker in _SIDED.items()
    if keypoint != "eye"
}
# Flexion is positive in the model as in limner, and zeros are the same.
_COORDINATES = {
    f"{side}_{joint}": f"{coordinate}_{side[0]}"
    for side in ("right", "left")
    for joint, coordinate in (
        ("hip", "hip_flexion"),
        ("knee", "knee_angle"),
        ("ankle", "ankle_angle"),
        ("shoulder", "arm_flex"),
        ("elbow", "elbow_flex"),
    )
}
_EYES = {"left_eye": "LEye", "right_eye": "REye"}
# A set has the markers of one skeleton. That of BODY_25 serves for all that have a part of it:
# the set for COCO's 17 keypoints has the right hip at the knee's place.
_HALPE = "Markers_Halpe26.xml", _BODY | {"head": "Head", "neck": "Neck", "mid_hip": "Hip"}
_BODY_25 = "Markers_Body25.xml", _BODY | {"neck": "Neck", "mid_hip": "CHip"}
_BLAZEPOSE = "Markers_BlazePose.xml", _BODY | _EYES


def check_name_set(name: str | None) -> None:
    """Refuse a set of names that there is none of.

    Raises:
        UsageError: it is neither ``pose2sim`` nor None.
    """
    if name not in (None, NAME_SET):
        raise UsageError(f"there are no markers {name!r}; leave --markers out or say {NAME_SET}")


def marker_names(skeleton: Skeleton) -> dict[str, str]:
    """Return the keypoints that are markers of the model, each with the marker's name.

    Raises:
        RecordingError: the skeleton is not that of a body with hips, knees and shoulders.
    """
    _, names = _marker_set(skeleton)
    missing = [
        keypoint
        for joint in ("shoulder", "hip", "knee", "ankle")
        for keypoint in (f"left_{joint}", f"right_{joint}")
        if keypoint not in skeleton.keypoints
    ]
    if missing:
        raise RecordingError(
            f"skeleton {skeleton.name} has no {', '.join(missing)}, and Pose2Sim's model is that "
            "of a person; leave --markers out"
        )
    return {name: names[name] for name in skeleton.keypoints if name in names}


def coordinates(angles: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return the coordinates of the model that angles in the image's plane can stand for.

    The pelvis is taken to be tilted as the trunk is: limner's hip and shoulder are measured
    from the trunk, and the model's spine stays straight where no coordinate bends it. Arms
    hang in the plane, from where the model's own default has them stretched out to the sides.

    Args:
        angles: name to degrees, as `Recording.angles` returns them.

    Raises:
        RecordingError: there is none of them.
    """
    found = {}
    if "trunk" in angles:
        found["pelvis_tilt"] = angles["trunk"] - 90.0  # backwards is positive
    for name, coordinate in _COORDINATES.items():
        if name in angles:
            found[coordinate] = angles[name]
    for name, side in (("right_shoulder", "r"), ("left_shoulder", "l")):
        if name in angles:
            found[f"arm_add_{side}"] = np.where(np.isfinite(angles[name]), 0.0, np.nan)
    if not found:
        raise RecordingError(
            f"Pose2Sim's model has no coordinate for {', '.join(angles)}; leave --markers out"
        )
    return found


def marker_set(skeleton: Skeleton) -> str:
    """Return the name of the file that says where on the model the markers are."""
    return _marker_set(skeleton)[0]


def _marker_set(skeleton: Skeleton) -> tuple[str, dict[str, str]]:
    if skeleton == HALPE_26:
        return _HALPE
    if skeleton in (BODY_25, COCO_17, OPENPOSE_18):
        return _BODY_25
    return _BLAZEPOSE if "left_foot_index" in skeleton.keypoints else _BODY_25
