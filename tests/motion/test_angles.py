"""Angles on figures whose every angle is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17, HALPE_26, OPENPOSE_18, SKELETONS
from limner.errors import UsageError
from limner.motion import angle_names, angles, angles_3d, frame_angles
from support.figures import JOINTS, figure, flip, walk

SIDES = ("left", "right")
UPRIGHT = {f"{side}_{joint}": 0.0 for side in SIDES for joint in JOINTS}
# Within what people can do, and what has one side: nobody's knee bends backwards by 90.
RANGES = {
    "hip": (-40, 120),
    "knee": (-10, 150),
    "ankle": (-50, 40),
    "shoulder": (-60, 170),
    "elbow": (0, 150),
    "wrist": (-70, 70),
}
bends = st.fixed_dictionaries({joint: st.floats(*RANGES[joint]) for joint in JOINTS})


def mirror(keypoints: np.ndarray, width: float = 800.0) -> np.ndarray:
    return np.stack([width - keypoints[..., 0], keypoints[..., 1]], axis=-1)


def rotated(keypoints: np.ndarray, degrees: float) -> np.ndarray:
    """Turn anticlockwise, as one sees it."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned: np.ndarray = keypoints @ np.array([[c, -s], [s, c]])
    return turned


def on(skeleton_name: str, keypoints: np.ndarray) -> np.ndarray:
    """The same figure on another skeleton."""
    poses = Poses(
        BLAZEPOSE_33,
        keypoints=keypoints.astype(np.float32),
        scores=np.ones(keypoints.shape[:2], np.float32),
        person_scores=np.ones(len(keypoints), np.float32),
        boxes=boxes_around(keypoints.astype(np.float32)),
        ids=np.zeros(len(keypoints), np.int64),
    )
    return poses.to(SKELETONS[skeleton_name]).keypoints


def test_someone_upright_is_at_zero() -> None:
    got = angles(figure(), BLAZEPOSE_33)
    for name, value in UPRIGHT.items():
        assert got[name] == pytest.approx(value, abs=1e-9), name
    assert got["trunk"] == pytest.approx(90)
    for side in SIDES:
        assert got[f"{side}_thigh"] == pytest.approx(-90)
        assert got[f"{side}_shank"] == pytest.approx(-90)
        assert got[f"{side}_arm"] == pytest.approx(-90)
        assert got[f"{side}_foot"] == pytest.approx(0, abs=1e-9)


@given(left=bends, right=bends, trunk=st.floats(20, 160), left_facing=st.booleans())
def test_the_angles_are_those_the_figure_was_made_with(
    left: dict[str, float], right: dict[str, float], trunk: float, left_facing: bool
) -> None:
    made = {f"left_{name}": value for name, value in left.items()}
    made |= {f"right_{name}": value for name, value in right.items()}
    posture: dict[str, Any] = made
    keypoints = figure(trunk=trunk, **posture)
    if left_facing:
        keypoints = mirror(keypoints)
    together = angles(keypoints, BLAZEPOSE_33)
    now = frame_angles(keypoints, BLAZEPOSE_33)
    for name, value in made.items():
        assert together[name] == pytest.approx(value, abs=1e-6), name
        assert now[name] == pytest.approx(value, abs=1e-6), name
    assert together["trunk"] == pytest.approx(trunk)
    for side, joint in (("left", left), ("right", right)):
        thigh = trunk - 180 + joint["hip"]
        assert np.cos(np.radians(together[f"{side}_thigh"] - thigh)) == pytest.approx(1)
        shank = thigh - joint["knee"]
        assert np.cos(np.radians(together[f"{side}_shank"] - shank)) == pytest.approx(1)
        hand = trunk - 180 + joint["shoulder"] + joint["elbow"] + joint["wrist"]
        assert np.cos(np.radians(together[f"{side}_hand"] - hand)) == pytest.approx(1)


@pytest.mark.parametrize("turn", [0, 90, 135, 180, -90])
@pytest.mark.parametrize("left_facing", [False, True])
def test_joint_angles_hold_upside_down(turn: float, left_facing: bool) -> None:
    keypoints = figure(hip=60, knee=80, ankle=10, shoulder=30, elbow=45)
    keypoints = rotated(mirror(keypoints) if left_facing else keypoints, turn)
    got = angles(keypoints, BLAZEPOSE_33)
    for side in SIDES:
        assert got[f"{side}_hip"] == pytest.approx(60)
        assert got[f"{side}_knee"] == pytest.approx(80)
        assert got[f"{side}_ankle"] == pytest.approx(10)
        assert got[f"{side}_elbow"] == pytest.approx(45)


@pytest.mark.parametrize(
    ("skeleton", "missing"),
    [
        (BLAZEPOSE_33, {"head"}),
        (HALPE_26, {"wrist", "hand"}),
        (BODY_25, {"wrist", "hand", "head"}),
        (COCO_17, {"wrist", "hand", "head", "ankle", "foot"}),
        (OPENPOSE_18, {"wrist", "hand", "head", "ankle", "foot"}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_skeleton_has_the_angles_of_its_joints(skeleton, missing: set[str]) -> None:  # type: ignore[no-untyped-def]
    everything = {name.removeprefix("left_") for name in angle_names(BLAZEPOSE_33)} | {"head"}
    everything = {name for name in everything if not name.startswith("right_")}
    names = {name.removeprefix("left_") for name in angle_names(skeleton)}
    assert {name for name in names if not name.startswith("right_")} == everything - missing
    for left_facing in (False, True):
        keypoints = figure(trunk=85, hip=30, knee=50, elbow=40, shoulder=20)
        keypoints = on(skeleton.name, mirror(keypoints) if left_facing else keypoints)
        got = angles(keypoints, skeleton)
        assert list(got) == angle_names(skeleton)
        assert got["left_knee"] == pytest.approx(50, abs=1e-3)
        assert got["right_hip"] == pytest.approx(30, abs=1e-3)
        assert got["left_elbow"] == pytest.approx(40, abs=1e-3)
        assert got["trunk"] == pytest.approx(85, abs=1e-3)


def test_a_flip_goes_on_until_it_has_come_to_rest() -> None:
    times = np.arange(120) / 30
    got = angles(flip(times), BLAZEPOSE_33, times=times)["trunk"]
    (back,) = np.flatnonzero(np.abs(np.diff(got)) > 60)
    assert abs(got[back] - got[0]) == pytest.approx(360, abs=1)
    assert got[-1] == pytest.approx(got[0], abs=1)
    # It rests when the flip is over, and a second later it is back.
    resting = np.flatnonzero(np.abs(got[: back + 1] - got[back]) > 60)[-1] + 1
    assert times[back + 1] - times[resting] == pytest.approx(1, abs=0.05)


def test_an_arm_that_goes_past_the_vertical_stays_there() -> None:
    """170 to 200 degrees is no turn, however long it is held."""
    raised = np.concatenate([np.linspace(0, 200, 60), np.full(120, 200.0)])
    got = angles(figure(len(raised), shoulder=raised), BLAZEPOSE_33)
    np.testing.assert_allclose(got["left_shoulder"], raised, atol=1e-6)


def test_the_pelvis_has_no_front_end() -> None:
    keypoints = figure(width=0.5)
    for turn in range(-360, 361, 10):
        pelvis = frame_angles(rotated(keypoints, turn), BLAZEPOSE_33)["pelvis"]
        assert -90 < pelvis[0] <= 90
    spinning = np.concatenate([rotated(keypoints, turn) for turn in range(0, 400, 20)])
    pelvis = angles(spinning, BLAZEPOSE_33, facing="right")["pelvis"]
    np.testing.assert_allclose(np.diff(pelvis), 20)


def test_an_unseen_point_makes_its_angles_nan_and_no_other() -> None:
    keypoints = walk(np.arange(20) / 30)
    whole = angles(keypoints, BLAZEPOSE_33)
    hidden = keypoints.copy()
    hidden[5:9, BLAZEPOSE_33.index("left_knee")] = np.nan
    scores = np.ones(keypoints.shape[:2])
    scores[5:9, BLAZEPOSE_33.index("left_knee")] = 0.2
    for got in (
        angles(hidden, BLAZEPOSE_33),
        angles(keypoints, BLAZEPOSE_33, scores, threshold=0.5),
    ):
        for name, values in got.items():
            uses_knee = name in {
                "left_ankle",
                "left_knee",
                "left_hip",
                "left_thigh",
                "left_shank",
            }
            assert np.isnan(values[5:9]).all() == uses_knee, name
            seen = ~np.isnan(values)
            assert seen.sum() == (16 if uses_knee else 20)
            np.testing.assert_allclose(values[seen], whole[name][seen])


def test_unwrapping_goes_on_across_a_gap() -> None:
    turning = figure(60, trunk=90 + np.arange(60) * 9.0)
    turning[20:23] = np.nan
    trunk = angles(turning, BLAZEPOSE_33)["trunk"]
    assert np.isnan(trunk[20:23]).all()
    assert trunk[-1] - trunk[0] == pytest.approx(59 * 9)


def test_the_facing_side_does_not_flicker() -> None:
    """Someone who turns to the camera and on: the side changes once, where it is clear."""
    keypoints = figure(31, knee=20.0)
    middle = keypoints[:, :1, :1] * 0 + 400
    turn = np.linspace(1, -1, 31)[:, None, None]
    keypoints[..., :1] = middle + (keypoints[..., :1] - middle) * turn
    keypoints[..., 0] += np.random.default_rng(0).normal(0, 0.5, keypoints.shape[:2])
    knee = angles(keypoints, BLAZEPOSE_33)["left_knee"]
    assert knee[0] == pytest.approx(20, abs=1)
    assert knee[-1] == pytest.approx(20, abs=1)
    assert (np.diff(np.sign(knee)) != 0).sum() <= 2


def test_facing_can_be_set() -> None:
    keypoints = mirror(figure(knee=40))
    assert angles(keypoints, BLAZEPOSE_33, facing="left")["left_knee"] == pytest.approx(40)
    assert angles(keypoints, BLAZEPOSE_33, facing="right")["left_knee"] == pytest.approx(-40)
    with pytest.raises(UsageError, match="auto, right or left"):
        angles(keypoints, BLAZEPOSE_33, facing="up")  # type: ignore[arg-type]


@given(bends=bends, turn=st.integers(0, 10_000))
def test_in_space_the_same_figure_has_the_same_angles(bends: dict[str, float], turn: int) -> None:
    posture: dict[str, Any] = bends
    flat = figure(trunk=80, **posture)
    rotation, _ = np.linalg.qr(np.random.default_rng(turn).normal(size=(3, 3)))
    solid = np.concatenate([flat / 300, np.zeros((1, 33, 1))], axis=2) @ rotation
    got = angles_3d(solid, BLAZEPOSE_33)
    assert set(got) == set(UPRIGHT)
    for name in got:
        value = bends[name.split("_")[1]]
        expected = value if name.endswith("ankle") else abs(value)
        assert got[name] == pytest.approx(expected, abs=1e-5), name


def test_unseen_points_in_space() -> None:
    solid = np.concatenate([figure(2), np.zeros((2, 33, 1))], axis=2)
    solid[0, BLAZEPOSE_33.index("left_wrist")] = np.nan
    got = angles_3d(solid, BLAZEPOSE_33)
    assert np.isnan(got["left_elbow"][0])
    assert got["left_elbow"][1] == pytest.approx(0, abs=1e-6)
    assert not np.isnan(got["left_knee"]).any()


@pytest.mark.parametrize("count", [0, 1])
def test_few_frames(count: int) -> None:
    keypoints = figure(1)[:count]
    assert all(values.shape == (count,) for values in angles(keypoints, BLAZEPOSE_33).values())
    nobody = np.full((count, 33, 2), np.nan)
    assert all(np.isnan(values).all() for values in angles(nobody, BLAZEPOSE_33).values())


def test_the_input_is_left_alone() -> None:
    keypoints = figure(3)
    before = keypoints.copy()
    angles(keypoints, BLAZEPOSE_33, np.zeros((3, 33)), threshold=0.5)
    np.testing.assert_array_equal(keypoints, before)


@pytest.mark.parametrize("shape", [(3, 17, 2), (3, 33, 3), (33, 2)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"must have shape \(n, 33, 2\), got"):
        angles(np.zeros(shape), BLAZEPOSE_33)


def test_scores_of_another_shape_are_refused() -> None:
    with pytest.raises(UsageError, match="scores"):
        angles(figure(3), BLAZEPOSE_33, np.ones((3, 17)))
