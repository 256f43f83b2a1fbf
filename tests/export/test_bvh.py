"""BVH, moved by a reader that we did not write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, HALPE_26, Skeleton
from limner.errors import RecordingError
from limner.export import export
from limner.recording.recording import Recording
from support import walkers

bvhio = pytest.importorskip("bvhio", reason="needs bvhio")

ENDS = {
    "Hips": ("left_hip", "right_hip"),
    "Chest": ("left_shoulder", "right_shoulder"),
    "Head": ("left_ear", "right_ear"),
    **{
        f"{side}{joint}": (f"{side.lower()}_{keypoint}",)
        for side in ("Left", "Right")
        for joint, keypoint in (
            *(("Arm", "shoulder"), ("ForeArm", "elbow"), ("Hand", "wrist")),
            *(("UpLeg", "hip"), ("Leg", "knee"), ("Foot", "ankle")),
        )
    },
}


def moved(path: Path) -> dict[str, NDArray[np.float64]]:
    """Return (S, 3) places of each joint and, as NAME!, of the end after it."""
    root = bvhio.readAsHierarchy(str(path))
    count = max(root.getKeyframeRange()) + 1
    places: dict[str, list[list[float]]] = {}
    for frame in range(count):
        root.loadPose(frame)
        for joint, _, _ in root.layout():
            places.setdefault(joint.Name, []).append(list(joint.PositionWorld))
    return {name: np.array(each) for name, each in places.items()}


def turning(turns: Rotation, walk: Recording) -> Recording:
    """Return the recording with the 3-D of each frame turned."""
    frames = []
    for turn, poses in zip(turns, walk.frames, strict=True):
        assert poses.keypoints_3d is not None
        turned = turn.apply(poses.keypoints_3d[0]).astype(np.float32)[None]
        frames.append(
            Poses(
                poses.skeleton,
                *(poses.keypoints, poses.scores, poses.person_scores, poses.boxes, poses.ids),
                keypoints_3d=turned,
                index=poses.index,
                time=poses.time,
            )
        )
    return Recording(walk.header, tuple(frames))


def expected(walk: Recording) -> dict[str, NDArray[np.float64]]:
    assert walk.keypoints_3d is not None
    points = walk.keypoints_3d[:, 0].astype(np.float64) * [1, -1, -1]
    return {
        name: points[:, [walk.skeleton.index(end) for end in ends]].mean(axis=1)
        for name, ends in ENDS.items()
    }


@pytest.mark.parametrize("skeleton", [BLAZEPOSE_33, COCO_17, HALPE_26])
def test_the_joints_are_where_they_were_seen(skeleton: Skeleton, tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=1.0, skeleton=skeleton, unsure=())
    assert export(walk, "bvh", tmp_path / "walk.bvh") == [tmp_path / "walk.bvh"]
    found = moved(tmp_path / "walk.bvh")
    for name, places in expected(walk).items():
        np.testing.assert_allclose(found[name], places, atol=1e-3, err_msg=name)


@given(
    st.lists(
        st.tuples(st.floats(-720, 720), st.floats(-720, 720), st.floats(-720, 720)),
        min_size=6,
        max_size=6,
    )
)
def test_whichever_way_they_are_turned(
    tmp_path_factory: pytest.TempPathFactory, degrees: list[tuple[float, float, float]]
) -> None:
    path = tmp_path_factory.mktemp("bvh") / "walk.bvh"
    walk = walkers.recording(people=(1,), seconds=0.2, skeleton=COCO_17, unsure=())
    turned = turning(Rotation.from_euler("xyz", degrees, degrees=True), walk)
    export(turned, "bvh", path)
    found = moved(path)
    for name, places in expected(turned).items():
        np.testing.assert_allclose(found[name], places, atol=1e-3, err_msg=name)


def test_straight_back_and_upside_down(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=0.2, skeleton=COCO_17, unsure=())
    for poses in walk.frames:
        assert poses.keypoints_3d is not None
        place = poses.keypoints_3d[0]
        for side in ("left", "right"):  # thighs up along the trunk, forearms along the arms, back
            hip, knee, ankle, shoulder, elbow, wrist = (
                COCO_17.index(f"{side}_{joint}")
                for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
            )
            place[knee] = place[hip] + [0, -walkers.THIGH, 0]
            place[ankle] = place[knee] + [0, walkers.SHANK, 0]
            place[elbow] = place[shoulder] + [0, 0.3, 0]
            place[wrist] = place[elbow] - [0, 0.25, 0]
    export(walk, "bvh", tmp_path / "walk.bvh")
    found = moved(tmp_path / "walk.bvh")
    for name, places in expected(walk).items():
        np.testing.assert_allclose(found[name], places, atol=1e-3, err_msg=name)


def test_the_rest_pose_is_the_persons_own(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=1.0, unsure=())
    export(walk, "bvh", tmp_path / "walk.bvh")
    rest = bvhio.readAsBvh(str(tmp_path / "walk.bvh"))
    assert rest.FrameTime == pytest.approx(1 / 30, abs=1e-6)
    offsets = {joint.Name: np.array(list(joint.Offset)) for joint, _, _ in rest.Root.layout()}
    np.testing.assert_allclose(offsets["LeftLeg"], [0, -walkers.THIGH, 0], atol=1e-5)
    np.testing.assert_allclose(offsets["LeftFoot"], [0, -walkers.SHANK, 0], atol=1e-5)
    np.testing.assert_allclose(offsets["RightUpLeg"], [-0.1, 0, 0], atol=1e-5)
    np.testing.assert_allclose(offsets["RightForeArm"], [-0.186 * 1.7, 0, 0], atol=1e-5)


def test_the_hips_move_where_the_height_is_known(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=1.0, unsure=())
    export(walk, "bvh", tmp_path / "still.bvh")
    export(walk, "bvh", tmp_path / "walk.bvh", height=walkers.HEIGHT / 2)
    still, walks = (moved(tmp_path / name) for name in ("still.bvh", "walk.bvh"))
    np.testing.assert_allclose(still["Hips"], 0, atol=1e-5)
    way = walks["Hips"][-1] - walks["Hips"][0]
    np.testing.assert_allclose(way, [0.5 * 260 * 29 / 30 / 250, 0, 0], rtol=0.02, atol=1e-4)
    knee = (still["LeftLeg"] - still["Hips"]) / 2
    np.testing.assert_allclose(walks["LeftLeg"] - walks["Hips"], knee, rtol=0.02, atol=0.01)


def test_what_was_not_seen_is_bridged_and_said(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=1.0, unsure=())
    whole = expected(walk)["LeftHand"]
    frames = list(walk.frames)
    frames[10] = Poses.empty(BLAZEPOSE_33, 10, frames[10].time)
    for row in (0, 20, 21):
        frames[row].scores[0, BLAZEPOSE_33.index("left_wrist")] = 0.1
    notes: list[str] = []
    gap = Recording(walk.header, tuple(frames))
    export(gap, "bvh", tmp_path / "walk.bvh", notes=notes)
    (note,) = notes
    assert note.startswith("walk.bvh: joints were not seen in 4 of 30 frames")
    found = moved(tmp_path / "walk.bvh")
    assert len(found["LeftHand"]) == 30
    np.testing.assert_allclose(found["LeftHand"], whole, atol=0.05)

    notes.clear()
    export(walkers.recording(people=(1,), unsure=()), "bvh", tmp_path / "b.bvh", notes=notes)
    assert notes == []


def test_a_limb_that_is_never_seen_is_left_out(tmp_path: Path) -> None:
    unsure = ("left_knee", "right_ankle", "nose", "left_ear")
    walk = walkers.recording(people=(1,), seconds=0.5, unsure=unsure)
    notes: list[str] = []
    export(walk, "bvh", tmp_path / "walk.bvh", notes=notes)
    said = "nose, left_knee, left_ear, right_ankle"
    assert sorted(notes[0].split(": ")[1].split(", never")[0].split(", ")) == sorted(
        said.split(", ")
    )
    names = set(moved(tmp_path / "walk.bvh"))
    assert {"Hips", "LeftArm", "RightUpLeg"} <= names
    assert not names & {"LeftLeg", "LeftFoot", "RightFoot", "Neck", "Head"}
    rest = bvhio.readAsBvh(str(tmp_path / "walk.bvh")).Root
    ends = {joint.Name: list(joint.EndSite) for joint, _, _ in rest.layout() if not joint.Children}
    assert ends["LeftUpLeg"] == [0, 0, 0]


def test_what_bvh_refuses(tmp_path: Path) -> None:
    flat = walkers.recording(people=(1,), metric=False)
    with pytest.raises(RecordingError, match="has no 3-D coordinates: model blazepose-full does"):
        export(flat, "bvh", tmp_path / "walk.bvh", height=1.7)
    nobody = Recording(flat.header, tuple(Poses.empty(BLAZEPOSE_33, n, n / 30) for n in range(3)))
    with pytest.raises(RecordingError, match=r"nobody is seen .* format bvh holds one person"):
        export(nobody, "bvh", tmp_path / "walk.bvh")
    bust = walkers.recording(people=(1,), unsure=("left_hip",))
    with pytest.raises(RecordingError, match="the left hip and right hip of person 1 are never"):
        export(bust, "bvh", tmp_path / "walk.bvh")
    line = walkers.recording(people=(1,), unsure=())
    for poses in line.frames:
        assert poses.keypoints_3d is not None
        poses.keypoints_3d[..., [0, 2]] = 0
    with pytest.raises(RecordingError, match="lie in one line in every frame"):
        export(line, "bvh", tmp_path / "walk.bvh")
    assert not list(tmp_path.iterdir())


def test_uneven_times_become_even(tmp_path: Path) -> None:
    times = np.cumsum([0.0, *([1 / 30, 1 / 15] * 10)])
    walk = walkers.recording(people=(1,), times=times, unsure=())
    export(walk, "bvh", tmp_path / "walk.bvh", rate=60)
    container = bvhio.readAsBvh(str(tmp_path / "walk.bvh"))
    assert container.FrameTime == pytest.approx(1 / 60, abs=1e-6)
    assert container.FrameCount == 61
