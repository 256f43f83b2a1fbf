"""Skeletons: which keypoints there are, how they connect, and how one maps to another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from limner.errors import UsageError

# Keypoints that one skeleton names and another does not, but whose place is agreed to be
# the middle of two others. The convention for "neck" and "mid_hip" is OpenPose's.
_MIDPOINTS = {
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
}
# The same place under another skeleton's name.
_SAME_PLACE = {
    "left_big_toe": "left_foot_index",
    "right_big_toe": "right_foot_index",
    "left_foot_index": "left_big_toe",
    "right_foot_index": "right_big_toe",
}


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of a body as one model or file format defines them.

    Attributes:
        name: the skeleton's own name, such as ``coco-17``.
        keypoints: keypoint names in the order of every array, K of them, snake_case, the
            person's own left and right (``left_knee``).
        edges: pairs of keypoint indices joined by a limb.
        sigmas: K standard deviations of human labelling relative to body size, for the
            object keypoint similarity (OKS, https://cocodataset.org/#keypoints-eval).
    """

    name: str
    keypoints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    sigmas: tuple[float, ...]

    def __post_init__(self) -> None:
        count = len(self.keypoints)
        if len(set(self.keypoints)) != count:
            raise ValueError(f"skeleton {self.name}: keypoint names must differ")
        if len(self.sigmas) != count:
            raise ValueError(f"skeleton {self.name}: {count} keypoints, {len(self.sigmas)} sigmas")
        if any(not 0 <= end < count for edge in self.edges for end in edge):
            raise ValueError(f"skeleton {self.name}: an edge points outside its {count} keypoints")

    def __len__(self) -> int:
        return len(self.keypoints)

    def index(self, name: str) -> int:
        """Return the index of a keypoint.

        Raises:
            UsageError: this skeleton has no keypoint of that name.
        """
        try:
            return self.keypoints.index(name)
        except ValueError:
            raise UsageError(
                f"skeleton {self.name} has no keypoint {name!r}; it has {', '.join(self.keypoints)}"
            ) from None

    @cached_property
    def swap(self) -> tuple[int, ...]:
        """K indices that exchange left and right (a keypoint in the middle maps to itself)."""
        mirrored = {"left": "right", "right": "left"}
        names = [
            "_".join(mirrored.get(word, word) for word in name.split("_"))
            for name in self.keypoints
        ]
        return tuple(self.keypoints.index(name) for name in names)

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs (left, right) of keypoint indices."""
        return tuple(
            (i, j) for i, j in enumerate(self.swap) if "left" in self.keypoints[i].split("_")
        )

    def sources(self, target: Skeleton) -> tuple[tuple[int, ...], ...]:
        """Say where each of the target's keypoints comes from in this skeleton.

        Args:
            target: the skeleton to map to.

        Returns:
            For each target keypoint the indices here whose mean it is: one index for the
            same keypoint, two for a midpoint, none where this skeleton does not have it.
        """
        return _sources(self, target)


@cache
def _sources(source: Skeleton, target: Skeleton) -> tuple[tuple[int, ...], ...]:
    def find(name: str) -> tuple[int, ...]:
        for candidates in ((name,), (_SAME_PLACE.get(name, name),), _MIDPOINTS.get(name, ())):
            if candidates and all(candidate in source.keypoints for candidate in candidates):
                return tuple(source.keypoints.index(candidate) for candidate in candidates)
        return ()

    return tuple(find(name) for name in target.keypoints)


_COCO_SIGMAS = {
    "nose": 0.026,
    "eye": 0.025,
    "ear": 0.035,
    "mouth": 0.026,
    "head": 0.026,
    "neck": 0.026,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "pinky": 0.062,
    "index": 0.062,
    "thumb": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "heel": 0.089,
    "toe": 0.089,
}


def _skeleton(name: str, keypoints: str, edges: tuple[tuple[int, int], ...]) -> Skeleton:
    """Build a skeleton, its sigmas taken from COCO's by body part.

    Parts COCO does not label get the value of the nearest labelled one, and feet and neck
    those of Halpe-26 (https://github.com/Fang-Haoshu/Halpe-FullBody).
    """

    def sigma(keypoint: str) -> float:
        if keypoint.endswith("foot_index"):
            return _COCO_SIGMAS["toe"]
        if keypoint == "mid_hip":
            return 0.066
        return next(_COCO_SIGMAS[word] for word in keypoint.split("_") if word in _COCO_SIGMAS)

    names = tuple(keypoints.split())
    return Skeleton(name, names, edges, tuple(sigma(keypoint) for keypoint in names))


COCO_17 = _skeleton(
    "coco-17",
    """nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle
    right_ankle""",
    (
        *((15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7)),
        *((6, 8), (7, 9), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6)),
    ),
)

BLAZEPOSE_33 = _skeleton(
    "blazepose-33",
    """nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer
    left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb
    right_thumb left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel
    right_heel left_foot_index right_foot_index""",
    (
        *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10), (11, 12)),
        *((11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19), (12, 14), (14, 16)),
        *((16, 18), (16, 20), (16, 22), (18, 20), (11, 23), (12, 24), (23, 24), (23, 25)),
        *((24, 26), (25, 27), (26, 28), (27, 29), (28, 30), (29, 31), (30, 32), (27, 31)),
        (28, 32),
    ),
)

OPENPOSE_18 = _skeleton(
    "openpose-18",
    """nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye
    right_ear left_ear""",
    (
        *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11)),
        *((11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
    ),
)

BODY_25 = _skeleton(
    "body-25",
    """nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist
    mid_hip right_hip right_knee right_ankle left_hip left_knee left_ankle right_eye left_eye
    right_ear left_ear left_big_toe left_small_toe left_heel right_big_toe right_small_toe
    right_heel""",
    (
        *((1, 8), (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (10, 11)),
        *((8, 12), (12, 13), (13, 14), (1, 0), (0, 15), (15, 17), (0, 16), (16, 18), (14, 19)),
        *((19, 20), (14, 21), (11, 22), (22, 23), (11, 24)),
    ),
)

HALPE_26 = _skeleton(
    "halpe-26",
    """nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow
    right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle
    right_ankle head neck mid_hip left_big_toe right_big_toe left_small_toe right_small_toe
    left_heel right_heel""",
    (
        *((15, 13), (13, 11), (11, 19), (16, 14), (14, 12), (12, 19), (17, 18), (18, 19)),
        *((18, 5), (5, 7), (7, 9), (18, 6), (6, 8), (8, 10), (1, 2), (0, 1), (0, 2), (1, 3)),
        *((2, 4), (3, 5), (4, 6), (15, 20), (15, 22), (15, 24), (16, 21), (16, 23), (16, 25)),
    ),
)

SKELETONS = {
    skeleton.name: skeleton for skeleton in (BLAZEPOSE_33, COCO_17, OPENPOSE_18, BODY_25, HALPE_26)
}
