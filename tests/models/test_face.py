"""Heads are placed where the face network sees them, and nothing else is moved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.models.blazepose.face import SIZE, FaceNetwork, _region
from limner.runtime import Running

FRAME = Frame(np.zeros((400, 400, 3), np.uint8))
HEAD = list(range(11))
ANCHORS = 896
# The anchor in whose cell the middle of the patch is, on the finer of the two maps.
MIDDLE = 2 * (8 * 16 + 8)
CENTRE = (8 + 0.5) / 16 * SIZE


def pose(turn: float = 0.0) -> NDArray[np.float32]:
    """Return (33, 2) somebody whose face is 20 pixels from mouth to eyes, the head turned."""
    keypoints = np.full((33, 2), 300, np.float32)
    for name, place in {
        "nose": (0, 0),
        "eye_inner": (4, -10),
        "eye": (8, -10),
        "eye_outer": (12, -10),
        "ear": (20, -6),
    }.items():
        if name == "nose":
            keypoints[BLAZEPOSE_33.index(name)] = place
            continue
        for side, sign in (("left", 1), ("right", -1)):
            keypoints[BLAZEPOSE_33.index(f"{side}_{name}")] = (sign * place[0], place[1])
    keypoints[BLAZEPOSE_33.index("mouth_left")] = (6, 10)
    keypoints[BLAZEPOSE_33.index("mouth_right")] = (-6, 10)
    cos, sin = math.cos(turn), math.sin(turn)
    keypoints[HEAD] = keypoints[HEAD] @ np.array([[cos, sin], [-sin, cos]]) + 150
    return keypoints


class FakeNetwork:
    """Sees one face in every patch, where it is told to.

    Args:
        points: (6, 2) right eye, left eye, nose, mouth, right ear, left ear; pixels of the
            patch. The box around them is 40 pixels.
        score: how surely.
    """

    backend = device = precision = "fake"

    def __init__(self, points: NDArray[np.floating], score: float = 0.9) -> None:
        self.points = points
        self.score = score
        self.runs = 0

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        self.runs += 1
        values = np.zeros((1, ANCHORS, 8, 2), np.float32)
        values[0, MIDDLE, 1] = 40
        values[0, MIDDLE, 2:] = self.points - CENTRE
        logits = np.full((1, ANCHORS, 1), -9, np.float32)
        logits[0, MIDDLE] = math.log(self.score / (1 - self.score))
        return {"regressors": values.reshape(1, ANCHORS, 16), "classificators": logits}

    def start(self, batch: Floats) -> Running:
        outputs = self(batch)
        return lambda: outputs


def people(*keypoints: NDArray[np.float32], score: float = 0.8) -> Poses:
    count = len(keypoints)
    return Poses.build(
        BLAZEPOSE_33,
        np.stack(keypoints),
        np.ones((count, 33), np.float32),
        np.full(count, score, np.float32),
    )


def in_patch(keypoints: NDArray[np.float32]) -> NDArray[np.floating]:
    """Return the network's six points as it would see this head."""
    linear = np.vstack([_region(keypoints).matrix((SIZE, SIZE)), [0, 0, 1]])
    parts = np.stack([keypoints[[5, 2, 0]], keypoints[[9, 8, 7]]]).reshape(6, 2)
    parts[3] = keypoints[[9, 10]].mean(axis=0)
    return np.asarray((np.linalg.inv(linear) @ np.column_stack([parts, np.ones(6)]).T)[:2].T)


@pytest.mark.parametrize("turn", [0.0, 0.7, math.pi, -1.5])
def test_a_head_goes_where_its_face_is(turn: float) -> None:
    """The patch is turned with the head; the face in it lies 4 pixels beside the pose's."""
    before = pose(turn)
    shift = np.array([4.0, 2.0])
    network = FakeNetwork(in_patch(before) + shift)
    after = FaceNetwork(network).place(FRAME, people(before), 0.3)
    scale = 7.6 * 20 / SIZE
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    expected = before[HEAD] + shift @ np.array([[cos, sin], [-sin, cos]])
    np.testing.assert_allclose(after.keypoints[0, HEAD], expected, atol=0.01)
    np.testing.assert_array_equal(after.keypoints[0, 11:], before[11:])


def test_the_box_follows() -> None:
    before = people(pose())
    after = FaceNetwork(FakeNetwork(in_patch(pose()) - 4)).place(FRAME, before, 0.3)
    assert after.boxes[0, 0] == pytest.approx(after.keypoints[0, :, 0].min())
    assert after.boxes[0, 0] < before.boxes[0, 0]


def test_the_caller_keeps_its_poses() -> None:
    before = people(pose())
    FaceNetwork(FakeNetwork(in_patch(pose()) + 4)).place(FRAME, before, 0.3)
    np.testing.assert_array_equal(before.keypoints[0], pose())


@pytest.mark.parametrize(
    ("shift", "score"),
    [
        pytest.param(20.0, 0.9, id="somebody else's face"),
        pytest.param(4.0, 0.4, id="hardly a face"),
    ],
)
def test_other_faces_move_nobody(shift: float, score: float) -> None:
    network = FakeNetwork(in_patch(pose()) + shift, score)
    after = FaceNetwork(network).place(FRAME, people(pose()), 0.3)
    np.testing.assert_array_equal(after.keypoints[0], pose())


def test_it_looks_at_the_sure_only() -> None:
    network = FakeNetwork(in_patch(pose()))
    FaceNetwork(network).place(FRAME, people(pose(), pose(), score=0.2), 0.3)
    assert network.runs == 0


def test_a_head_without_extent_is_left() -> None:
    before = people(np.full((33, 2), 50, np.float32))
    after = FaceNetwork(FakeNetwork(np.zeros((6, 2)))).place(FRAME, before, 0.3)
    np.testing.assert_array_equal(after.keypoints, before.keypoints)


def test_nobody_is_nobody() -> None:
    empty = Poses.empty(BLAZEPOSE_33)
    assert len(FaceNetwork(FakeNetwork(np.zeros((6, 2)))).place(FRAME, empty, 0.3)) == 0
