"""The skeletons that models and file formats define."""

from __future__ import annotations

from limner.core.keypoints import OPPOSITE, SIDES, SIGMAS
from limner.core.skeleton import Skeleton, join

__all__ = [
    "BLAZEPOSE_33",
    "BODY_25",
    "COCO_17",
    "COCO_WHOLEBODY_133",
    "HALPE_26",
    "HAND_21",
    "OPENPOSE_18",
    "SKELETONS",
    "Skeleton",
    "join",
]

Edges = tuple[tuple[int, int], ...]

_FEET = frozenset(
    f"{side}_{name}"
    for side in ("left", "right")
    for name in ("big_toe", "small_toe", "heel", "foot_index")
)


def _skeleton(name: str, keypoints: str, edges: Edges) -> Skeleton:
    """Build a skeleton of shared keypoints, all of which are the body."""
    names = tuple(keypoints.split())
    parts = {"body": frozenset(names), "feet": _FEET, **SIDES}
    members = {
        part: tuple(index for index, each in enumerate(names) if each in inside)
        for part, inside in parts.items()
    }
    return Skeleton(
        name,
        names,
        edges,
        tuple(SIGMAS[each] for each in names),
        {part: at for part, at in members.items() if at},
        tuple(names.index(OPPOSITE.get(each, each)) for each in names),
    )


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

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")
_HAND_SIGMAS = (
    *(0.029, 0.022, 0.035, 0.037, 0.047, 0.026, 0.025, 0.024, 0.035, 0.018, 0.024),
    *(0.022, 0.026, 0.017, 0.021, 0.021, 0.032, 0.02, 0.019, 0.022, 0.031),
)


def _hand(name: str, prefix: str, parts: tuple[str, ...]) -> Skeleton:
    """Build a hand: the wrist and four keypoints a finger, from the palm to the tip."""
    return Skeleton(
        name,
        tuple(
            prefix + each
            for each in ("wrist", *(f"{finger}_{n}" for finger in _FINGERS for n in range(1, 5)))
        ),
        tuple(
            (0 if joint % 4 == 1 else joint - 1, joint) for joint in range(1, 1 + 4 * len(_FINGERS))
        ),
        _HAND_SIGMAS,
        {part: tuple(range(len(_HAND_SIGMAS))) for part in parts},
    )


HAND_21 = _hand("hand-21", "", ())


def _loop(first: int, last: int) -> Edges:
    return (*_chain(first, last), (last, first))


def _chain(first: int, last: int) -> Edges:
    return tuple((joint, joint + 1) for joint in range(first, last))


def _face() -> Skeleton:
    """Build the face of 68 keypoints, numbered from the person's right ear on.

    The order is that of iBUG 300-W (https://ibug.doc.ic.ac.uk/resources/300-W/): jaw 0 to 16,
    eyebrows to 26, nose to 35, eyes to 47, outer lips to 59 and inner lips to 67.
    """
    # Stretches that run from one side to the other: the first keypoint is the last one's image.
    across = [(0, 16), (17, 26), (31, 35), (48, 54), (60, 64)]
    # The lower lips run back, and eyes run round from their outer and their inner corner.
    exchanged = [(first + i, last - i) for first, last in across for i in range(last - first + 1)]
    exchanged += [(59, 55), (58, 56), (67, 65)]
    exchanged += [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    mirror = list(range(68))
    for one, other in exchanged:
        mirror[one], mirror[other] = other, one
    right = {min(pair) for pair in exchanged[:-9] if pair[0] != pair[1]}
    right |= {one for one, _ in exchanged[-9:]}
    return Skeleton(
        "face-68",
        tuple(f"face_{number}" for number in range(68)),
        (
            *(*_chain(0, 16), *_chain(17, 21), *_chain(22, 26), *_chain(27, 30), *_chain(31, 35)),
            *(*_loop(36, 41), *_loop(42, 47), *_loop(48, 59), *_loop(60, 67)),
        ),
        (
            *(0.042, 0.043, 0.044, 0.043, 0.040, 0.035, 0.031, 0.025, 0.020, 0.023, 0.029, 0.032),
            *(0.037, 0.038, 0.043, 0.041, 0.045, 0.013, 0.012, 0.011, 0.011, 0.012, 0.012, 0.011),
            *(0.011, 0.013, 0.015, 0.009, 0.007, 0.007, 0.007, 0.012, 0.009, 0.008, 0.016, 0.010),
            *(0.017, 0.011, 0.009, 0.011, 0.009, 0.007, 0.013, 0.008, 0.011, 0.012, 0.010, 0.034),
            *(0.008, 0.008, 0.009, 0.008, 0.008, 0.007, 0.010, 0.008, 0.009, 0.009, 0.009, 0.007),
            *(0.007, 0.008, 0.011, 0.008, 0.008, 0.008, 0.01, 0.008),
        ),
        {
            "face": tuple(range(68)),
            "left": tuple(sorted(mirror[joint] for joint in right)),
            "right": tuple(sorted(right)),
        },
        tuple(mirror),
    )


_FOOT_NAMES = ("big_toe", "small_toe", "heel")
_BODY_AND_FEET = Skeleton(
    "coco-body-and-feet-23",
    (*COCO_17.keypoints, *(f"{side}_{n}" for side in ("left", "right") for n in _FOOT_NAMES)),
    (*COCO_17.edges, (15, 17), (15, 18), (15, 19), (16, 20), (16, 21), (16, 22)),
    (*COCO_17.sigmas, 0.068, 0.066, 0.066, 0.092, 0.094, 0.094),
    {
        "body": COCO_17.parts["body"],
        "feet": tuple(range(17, 23)),
        "left": (*COCO_17.parts["left"], 17, 18, 19),
        "right": (*COCO_17.parts["right"], 20, 21, 22),
    },
    (*COCO_17.mirror, 20, 21, 22, 17, 18, 19),
)

# COCO-WholeBody (Jin et al. 2020, https://github.com/jin-s13/COCO-WholeBody), with its sigmas.
COCO_WHOLEBODY_133 = join(
    _BODY_AND_FEET,
    _face(),
    _hand("left-hand-21", "left_hand_", ("left_hand", "left")),
    _hand("right-hand-21", "right_hand_", ("right_hand", "right")),
    name="coco-wholebody-133",
)

SKELETONS = {
    skeleton.name: skeleton
    for skeleton in (
        *(BLAZEPOSE_33, COCO_17, OPENPOSE_18, BODY_25, HALPE_26),
        *(COCO_WHOLEBODY_133, HAND_21),
    )
}
