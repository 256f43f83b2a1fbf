"""Every format, read back by a reader that is not ours where one exists."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pycocotools.coco import COCO
from trc import TRCData

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17, OPENPOSE_18, Skeleton
from limner.errors import OutputError, RecordingError, UsageError
from limner.export import FORMATS, export, open_writer
from limner.recording.recording import Recording
from support import walkers

DOG = Skeleton("dog-3", ("nose", "tail", "paw"), ((0, 1),), (0.1, 0.1, 0.1))


@pytest.fixture
def walk() -> Recording:
    return walkers.recording()


def test_the_registry_is_what_can_be_used() -> None:
    for name, found in FORMATS.items():
        assert found.name == name
        assert callable(found.load())
        assert found.description
        assert found.ending


# csv and parquet ------------------------------------------------------------------------


def test_csv_in_pandas(walk: Recording, tmp_path: Path) -> None:
    export(walk, "csv", tmp_path / "walk.csv")
    table = pd.read_csv(tmp_path / "walk.csv")
    expected = walk.to_pandas().drop(columns=[c for c in walk.to_pandas() if c.endswith("_m")])
    assert list(table.columns) == list(expected.columns)
    np.testing.assert_allclose(table.to_numpy(), expected.to_numpy(), atol=0.0051)


def test_csv_leaves_unsure_places_empty_and_keeps_their_score(
    walk: Recording, tmp_path: Path
) -> None:
    export(walk, "csv", tmp_path / "walk.csv")
    with (tmp_path / "walk.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["left_wrist_x"] for row in rows} == {""}
    assert {row["left_wrist_score"] for row in rows} == {"0.1000"}
    assert "nan" not in (tmp_path / "walk.csv").read_text()
    export(walk, "csv", tmp_path / "all.csv", threshold=0.0)
    assert pd.read_csv(tmp_path / "all.csv")["left_wrist_x"].notna().all()


def test_csv_with_metres(walk: Recording, tmp_path: Path) -> None:
    export(walk, "csv", tmp_path / "walk.csv", metres=True)
    table = pd.read_csv(tmp_path / "walk.csv")
    knee = BLAZEPOSE_33.index("left_knee")
    first = table[table["person"] == 1]["left_knee_z_m"]
    assert walk.keypoints_3d is not None
    np.testing.assert_allclose(first, walk.keypoints_3d[:, 0, knee, 2], atol=0.00006)


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_angles_as_the_frames_come(name: str, walk: Recording, tmp_path: Path) -> None:
    with open_writer(name, tmp_path / "a", walk.header, angles=["left_knee"]) as writer:
        for poses in walk:
            writer.write(poses, {"left_knee": poses.ids * 10.0})
    assert "left_knee" in (tmp_path / "a").read_text()
    if name == "csv":
        table = pd.read_csv(tmp_path / "a")
        np.testing.assert_array_equal(table["left_knee_deg"], table["person"] * 10.0)
        with (
            pytest.raises(UsageError, match="left_knee, and it was not given"),
            open_writer(name, tmp_path / "b", walk.header, angles=["left_knee"]) as writer,
        ):
            writer.write(walk[0])


def test_parquet_in_pandas(walk: Recording, tmp_path: Path) -> None:
    export(walk, "parquet", tmp_path / "walk.parquet")
    table = pd.read_parquet(tmp_path / "walk.parquet")
    pd.testing.assert_frame_equal(table, walk.to_pandas(flags=True), check_dtype=False)


def test_parquet_of_many_rows(walk: Recording, tmp_path: Path) -> None:
    with open_writer("parquet", tmp_path / "a.parquet", walk.header) as writer:
        for _ in range(60):
            for poses in walk:
                writer.write(poses)
    assert len(pd.read_parquet(tmp_path / "a.parquet")) == 60 * 165


# coco -----------------------------------------------------------------------------------


@pytest.mark.parametrize("skeleton", [BLAZEPOSE_33, OPENPOSE_18, COCO_17])
def test_coco_in_pycocotools(skeleton: Skeleton, tmp_path: Path) -> None:
    walk = walkers.recording(skeleton=skeleton)
    export(walk, "coco", tmp_path / "walk.json")
    truth = COCO()
    truth.dataset = {
        "images": [{"id": int(index)} for index in walk.indices],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_17.keypoints)}],
        "annotations": [],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        truth.createIndex()
        read = truth.loadRes(str(tmp_path / "walk.json"))
    assert len(read.getAnnIds()) == 165
    entry = read.loadAnns(read.getAnnIds(imgIds=[60]))[1]
    points = np.reshape(entry["keypoints"], (17, 3))
    expected = walk[60].to(COCO_17)[1]
    np.testing.assert_allclose(points[:, :2], expected.keypoints[0], atol=1e-3)
    np.testing.assert_allclose(points[:, 2], expected.scores[0], atol=1e-4)
    assert entry["score"] == pytest.approx(0.8)
    assert entry["track_id"] == 2


def test_coco_says_zero_for_missing(walk: Recording, tmp_path: Path) -> None:
    walk.frames[0].keypoints[0, 0] = np.nan
    export(walk[:1], "coco", tmp_path / "walk.json")
    (entry,) = json.loads((tmp_path / "walk.json").read_text())
    assert entry["keypoints"][:3] == [0, 0, 0]
    assert all(value == value for value in entry["keypoints"])


# openpose -------------------------------------------------------------------------------


@pytest.mark.parametrize(("body", "skeleton"), [("body-25", BODY_25), ("coco-18", OPENPOSE_18)])
def test_openpose_folder(body: str, skeleton: Skeleton, tmp_path: Path) -> None:
    walk = walkers.recording(people=(4, 7))
    walk.frames[2].keypoints[0, 0] = np.nan
    empty = Poses.empty(BLAZEPOSE_33, 90, 3.0)
    export(Recording(walk.header, (*walk.frames, empty)), "openpose", tmp_path / "out", body=body)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 91
    assert names[0] == "walk_000000000000_keypoints.json"
    content = json.loads((tmp_path / "out" / "walk_000000000060_keypoints.json").read_text())
    assert content["version"] == 1.3
    assert [person["person_id"] for person in content["people"]] == [[4], [7]]
    # The keys of OpenPose's own files, in its order.
    assert list(content["people"][0]) == [
        *("person_id", "pose_keypoints_2d", "face_keypoints_2d", "hand_left_keypoints_2d"),
        *("hand_right_keypoints_2d", "pose_keypoints_3d", "face_keypoints_3d"),
        *("hand_left_keypoints_3d", "hand_right_keypoints_3d"),
    ]
    points = np.reshape(content["people"][1]["pose_keypoints_2d"], (-1, 3))
    assert len(points) == len(skeleton)
    neck = walk[60].keypoints[1, [11, 12]].mean(axis=0)
    np.testing.assert_allclose(points[1, :2], neck, atol=1e-3)
    right_knee = walk[60].keypoints[1, BLAZEPOSE_33.index("right_knee")]
    np.testing.assert_allclose(points[skeleton.index("right_knee"), :2], right_knee, atol=1e-3)
    last = json.loads((tmp_path / "out" / names[-1]).read_text())
    assert last == {"version": 1.3, "people": []}
    hidden = json.loads((tmp_path / "out" / names[2]).read_text())
    assert hidden["people"][0]["pose_keypoints_2d"][:3] == [0, 0, 0]


def test_openpose_of_a_body_without_feet(tmp_path: Path) -> None:
    walk = walkers.recording(seconds=0.1, skeleton=COCO_17, people=(1,))
    export(walk, "openpose", tmp_path / "out")
    content = json.loads((tmp_path / "out" / "walk_000000000000_keypoints.json").read_text())
    points = np.reshape(content["people"][0]["pose_keypoints_2d"], (25, 3))
    assert (points[19:] == 0).all()
    assert (points[:19, :2] > 0).all()


# mot-challenge --------------------------------------------------------------------------


def test_mot_challenge_in_pandas(walk: Recording, tmp_path: Path) -> None:
    walk.frames[0].ids[0] = 0
    walk.frames[1].boxes[0] = np.nan
    export(walk, "mot-challenge", tmp_path / "walk.txt")
    table = pd.read_csv(tmp_path / "walk.txt", header=None)
    assert table.shape == (164, 10)
    assert table.iloc[0, :2].tolist() == [1, -1]
    assert table.iloc[1, 0] == 3
    x1, y1, x2, y2 = walk[60].boxes[1].tolist()
    row = table[(table[0] == 61) & (table[1] == 2)].iloc[0]
    np.testing.assert_allclose(row[2:6], [x1 + 1, y1 + 1, x2 - x1, y2 - y1], atol=0.006)
    assert row[7:].tolist() == [-1, -1, -1]


# trc ------------------------------------------------------------------------------------


def read_trc(path: Path) -> Any:
    """Read with trc-data-reader, which goes by white space and so needs every cell filled."""
    data = TRCData()
    data.load(str(path))
    return data


def test_trc_by_height(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), unsure=())
    assert export(walk, "trc", tmp_path / "walk.trc", height=walkers.HEIGHT) == [
        tmp_path / "walk.trc"
    ]
    data = read_trc(tmp_path / "walk.trc")
    assert (data["NumFrames"], data["NumMarkers"], data["Units"]) == (90, 33, "m")
    assert (data["DataRate"], data["OrigDataStartFrame"]) == (30, 1)
    assert data["Markers"] == list(BLAZEPOSE_33.keypoints)
    assert data["FileName"] == "walk.trc"
    np.testing.assert_allclose(data["Time"], walk.times, atol=1e-6)
    knee = np.array(data["left_knee"])
    place = walk.keypoints[:, 0, BLAZEPOSE_33.index("left_knee")]
    metres = 1 / walkers.PIXELS_PER_METRE
    np.testing.assert_allclose(knee[:, 0], place[:, 0] * metres, rtol=0.01)
    np.testing.assert_allclose(knee[:, 1], (720 - place[:, 1]) * metres, rtol=0.01)
    assert (knee[:, 2] == 0).all()
    assert np.mean(data["nose"], axis=0)[1] > np.mean(data["left_heel"], axis=0)[1]


def test_trc_of_a_missing_marker_in_pandas(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,))
    export(walk, "trc", tmp_path / "walk.trc", scale=0.01)
    table = pd.read_csv(tmp_path / "walk.trc", sep="\t", skiprows=4)  # as Pose2Sim does
    assert table.shape == (90, 2 + 3 * 33)
    points = table.iloc[:, 2:].to_numpy().reshape(90, 33, 3)
    wrist = BLAZEPOSE_33.index("left_wrist")
    assert np.isnan(points[:, wrist]).all()
    np.testing.assert_allclose(
        np.delete(points, wrist, axis=1)[..., 0],
        np.delete(walk.keypoints[:, 0], wrist, axis=1)[..., 0] * 0.01,
        atol=1e-6,
    )


def test_trc_by_scale(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), skeleton=COCO_17, metric=False)
    export(walk, "trc", tmp_path / "walk.trc", scale=0.01)
    nose = np.array(read_trc(tmp_path / "walk.trc")["nose"])
    np.testing.assert_allclose(nose[:, 0], walk.keypoints[:, 0, 0, 0] * 0.01, atol=1e-6)


def test_trc_in_three_dimensions(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), unsure=())
    export(walk, "trc", tmp_path / "walk.trc")
    knee = np.array(read_trc(tmp_path / "walk.trc")["right_knee"])
    assert walk.keypoints_3d is not None
    truth = walk.keypoints_3d[:, 0, BLAZEPOSE_33.index("right_knee")] * [1, -1, -1]
    np.testing.assert_allclose(knee, truth, atol=1e-6)


def test_trc_of_uneven_times(tmp_path: Path) -> None:
    even = np.arange(60) / 30
    times = even + np.random.default_rng(1).uniform(-0.008, 0.008, 60)
    walk = walkers.recording(people=(1,), times=times, unsure=())
    export(walk, "trc", tmp_path / "walk.trc")
    data = read_trc(tmp_path / "walk.trc")
    steps = np.diff(data["Time"])
    np.testing.assert_allclose(steps, 1 / 30, atol=2e-6)
    truth = walkers.walk(np.array(data["Time"]), phase=1)[:, BLAZEPOSE_33.index("left_ankle")]
    np.testing.assert_allclose(data["left_ankle"], truth * [1, -1, -1], atol=0.006)


def test_a_file_for_each_person(walk: Recording, tmp_path: Path) -> None:
    paths = export(walk, "trc", tmp_path / "walk.trc")
    assert [path.name for path in paths] == ["walk_person1.trc", "walk_person2.trc"]
    late = read_trc(paths[1])
    assert late["NumFrames"] == 75
    assert late["Frame#"][0] == 16
    assert late["Time"][0] == pytest.approx(0.5)
    assert export(walk, "trc", tmp_path / "b.trc", person=2) == [tmp_path / "b.trc"]


def test_trc_of_one_frame(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,))
    export(walk[:1], "trc", tmp_path / "one.trc")
    assert read_trc(tmp_path / "one.trc")["NumFrames"] == 1
    blind = walkers.recording(people=(1,), rate=None)
    with pytest.raises(RecordingError, match="give one with --rate"):
        export(blind[:1], "trc", tmp_path / "two.trc")
    export(blind[:1], "trc", tmp_path / "two.trc", rate=10)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"height": 1.7, "scale": 0.01}, UsageError, "either --height or --scale"),
        ({"height": 0.0}, UsageError, "--height above 0"),
        ({"scale": -1.0}, UsageError, "--scale above 0"),
        ({"scale": 1.0, "rate": 0.0}, UsageError, "rate above 0"),
        ({}, RecordingError, "TRC is in metres"),
        ({"colour": 1}, UsageError, "format trc has no option 'colour'"),
    ],
)
def test_what_trc_refuses(
    options: dict[str, Any], error: type[Exception], sentence: str, tmp_path: Path
) -> None:
    walk = walkers.recording(people=(1,), metric=False)
    with pytest.raises(error, match=sentence):
        export(walk, "trc", tmp_path / "walk.trc", **options)
    assert list(tmp_path.iterdir()) == []


def test_trc_by_height_needs_legs(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), unsure=("left_ankle",))
    export(walk, "trc", tmp_path / "right.trc", height=1.7)  # the right one is enough
    walk = walkers.recording(people=(1,), unsure=("left_ankle", "right_ankle"))
    with pytest.raises(RecordingError, match=r"no frame shows the person's shank .*; give --scale"):
        export(walk, "trc", tmp_path / "none.trc", height=1.7)
    points = np.arange(6, dtype=np.float32).reshape(1, 3, 2)
    seen = Poses.build(DOG, points, np.ones((1, 3), np.float32), np.ones(1, np.float32))
    dog = Recording(walkers.header(DOG), (seen,))
    with pytest.raises(RecordingError, match=r"shank, thigh, trunk \(skeleton dog-3\); give"):
        export(dog, "trc", tmp_path / "dog.trc", height=0.5)


# opensim-mot ----------------------------------------------------------------------------


def test_opensim_mot_in_pandas(tmp_path: Path) -> None:
    pytest.importorskip("limner.motion.angles")
    walk = walkers.recording(people=(1,))
    export(walk, "opensim-mot", tmp_path / "walk.mot")
    head, _, body = (tmp_path / "walk.mot").read_text().partition("endheader\n")
    table = pd.read_csv(io.StringIO(body), sep="\t")
    facts = dict(line.split("=") for line in head.splitlines() if "=" in line)
    assert (int(facts["nRows"]), int(facts["nColumns"])) == table.shape
    assert facts["inDegrees"] == "yes"
    assert table.columns[0] == "time"
    np.testing.assert_allclose(table["time"], walk.times, atol=1e-6)
    np.testing.assert_allclose(table["left_knee"], walk.angles()["left_knee"][:, 0], atol=1e-4)


def test_opensim_mot_has_no_missing_values(tmp_path: Path) -> None:
    pytest.importorskip("limner.motion.angles")
    walk = walkers.recording(people=(1,))  # the left wrist is never seen
    knee = BLAZEPOSE_33.index("right_knee")
    for frame in walk.frames[40:44]:
        frame.scores[0, knee] = 0
    export(walk, "opensim-mot", tmp_path / "walk.mot")
    head, _, body = (tmp_path / "walk.mot").read_text().partition("endheader\n")
    table = pd.read_csv(io.StringIO(body), sep="\t")
    assert table.notna().all().all()
    assert "left_elbow" not in table
    assert "right_elbow" in table
    assert "left_elbow" in next(line for line in head.splitlines() if "Left out" in line)
    assert "right_knee 4" in head
    steps = np.diff(table["right_knee"][39:45])
    np.testing.assert_allclose(steps, steps[0], atol=1e-3)


def test_opensim_mot_of_no_joint_at_all(tmp_path: Path) -> None:
    pytest.importorskip("limner.motion.angles")
    walk = walkers.recording(people=(1,), unsure=BLAZEPOSE_33.keypoints)
    with pytest.raises(RecordingError, match="no angle of person 1 is ever known"):
        export(walk, "opensim-mot", tmp_path / "walk.mot")


# what no format can hold ----------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].streaming])
def test_nobody_at_all_is_a_valid_file(name: str, tmp_path: Path) -> None:
    frames = tuple(Poses.empty(BLAZEPOSE_33, i, i / 30) for i in range(3))
    path = tmp_path / "empty"
    export(Recording(walkers.header(), frames), name, path)
    if name == "csv":
        assert pd.read_csv(path).empty
    elif name == "parquet":
        assert pd.read_parquet(path).empty
    elif name == "coco":
        assert json.loads(path.read_text()) == []
    elif name == "openpose":
        assert len(list(path.iterdir())) == 3
    elif name == "mot-challenge":
        assert path.read_text() == ""


@pytest.mark.parametrize("name", ["trc", "opensim-mot"])
def test_nobody_at_all_is_a_sentence_where_a_file_is_a_person(name: str, tmp_path: Path) -> None:
    frames = tuple(Poses.empty(BLAZEPOSE_33, i, i / 30) for i in range(3))
    with pytest.raises(RecordingError, match="nobody is seen"):
        export(Recording(walkers.header(), frames), name, tmp_path / "empty")


@pytest.mark.parametrize("name", ["coco", "openpose"])
def test_another_skeleton_than_the_format_needs(name: str, tmp_path: Path) -> None:
    recording = Recording(walkers.header(DOG), (Poses.empty(DOG),))
    with pytest.raises(RecordingError, match=r"skeleton dog-3 has no (left_eye|right_shoulder)"):
        export(recording, name, tmp_path / "dog")
    assert list(tmp_path.iterdir()) == []


def test_unknown_names(walk: Recording, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no format 'fbx'; there are csv, jsonl"):
        export(walk, "fbx", tmp_path / "a")
    with pytest.raises(UsageError, match="OpenPose has no body"):
        export(walk, "openpose", tmp_path / "a", body="body-135")
    with pytest.raises(UsageError, match="format trc needs the whole recording"):
        open_writer("trc", tmp_path / "a", walk.header)
    with pytest.raises(UsageError, match="format csv has no option 'height'"):
        open_writer("csv", tmp_path / "a", walk.header, height=1.7)


@pytest.mark.parametrize("name", [name for name in FORMATS if FORMATS[name].streaming])
def test_a_place_that_cannot_be_written(name: str, walk: Recording, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot write"):
        open_writer(name, tmp_path / "file" / "a", walk.header)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("name", ["csv", "jsonl", "coco", "mot-challenge"])
def test_a_full_disk(name: str, walk: Recording) -> None:
    def fill() -> None:
        with open_writer(name, "/dev/full", walk.header) as writer:
            writer.write(walk[0])

    with pytest.raises(OutputError, match="No space left on device"):
        fill()
