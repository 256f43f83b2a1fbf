"""Keypoints that many skeletons share, by their exact names: what is known of each."""

from __future__ import annotations

# Keypoints, the standard deviation of labelling that goes with them, and the group they are
# in. ``*`` stands for left and right. Deviations are COCO's; what COCO does not label gets
# the value of the nearest labelled keypoint, and feet and neck those of Halpe-26
# (https://github.com/Fang-Haoshu/Halpe-FullBody).
_KNOWN = (
    (0.026, "head", "nose mouth_*"),
    (0.025, "head", "*_eye_inner *_eye *_eye_outer"),
    (0.035, "head", "*_ear"),
    (0.079, "shoulders", "*_shoulder"),
    (0.072, "arms", "*_elbow"),
    (0.062, "arms", "*_wrist"),
    (0.062, "hands", "*_pinky *_index *_thumb"),
    (0.107, "hips", "*_hip"),
    (0.087, "legs", "*_knee"),
    (0.089, "legs", "*_ankle"),
    (0.089, "legs", "*_heel *_foot_index *_big_toe *_small_toe"),
    (0.026, None, "head neck"),
    (0.066, None, "mid_hip"),
)
# Parts of a skeleton whose keypoints are in a group, whatever they are called.
_PARTS = {"head": ("face",), "hands": ("left_hand", "right_hand"), "legs": ("feet",)}


def _both(name: str) -> tuple[str, ...]:
    """Return a name, or those of both sides."""
    return (name.replace("*", "left"), name.replace("*", "right")) if "*" in name else (name,)


SIGMAS = {
    name: sigma for sigma, _, names in _KNOWN for each in names.split() for name in _both(each)
}
"""Standard deviation of human labelling relative to body size."""

SIDES = {
    side: frozenset(
        each.replace("*", side) for _, _, names in _KNOWN for each in names.split() if "*" in each
    )
    for side in ("left", "right")
}
"""The keypoints of each side of the body."""

OPPOSITE = {
    left: right
    for _, _, names in _KNOWN
    for each in names.split()
    if "*" in each
    for left, right in (_both(each), _both(each)[::-1])
}
"""The same keypoint of the other side."""

GROUPS = {
    group: (
        frozenset(
            name
            for _, of, names in _KNOWN
            if of == group
            for each in names.split()
            for name in _both(each)
        ),
        _PARTS.get(group, ()),
    )
    for group in ("head", "shoulders", "arms", "hands", "hips", "legs")
}
"""Group to the keypoints in it, by name, and the parts whose keypoints are all in it."""

MIDPOINTS = {
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
}
"""Keypoints that one skeleton names and another does not, but whose place is agreed to be the
middle of two others. The convention for ``neck`` and ``mid_hip`` is OpenPose's."""

SAME_PLACE = {
    "left_big_toe": "left_foot_index",
    "right_big_toe": "right_foot_index",
    "left_foot_index": "left_big_toe",
    "right_foot_index": "right_big_toe",
}
"""The same place under another skeleton's name."""
