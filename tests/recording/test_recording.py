"""Recordings: written, read back, cut off, damaged."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.errors import RecordingError, UsageError
from limner.export import open_writer
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.recording.recording import Recording, load
from support import walkers


def write(recording: Recording, path: Path, complete: bool = True) -> Path:
    with open_writer("jsonl", path, recording.header) as writer:
        for poses in recording:
            writer.write(poses)
        writer.close(complete=complete)
    return path


@pytest.fixture
def walk() -> Recording:
    return walkers.recording(cleaned=True)


def test_what_was_written_is_read_back(walk: Recording, tmp_path: Path) -> None:
    back = load(write(walk, tmp_path / "walk.jsonl"))
    assert back.complete
    assert back.problem is None
    assert back.header == walk.header
    assert back.people == walk.people == (1, 2)
    np.testing.assert_allclose(back.times, walk.times, atol=1e-6)
    np.testing.assert_array_equal(back.indices, walk.indices)
    for name, tolerance in (
        ("keypoints", 0.0051),
        ("raw_keypoints", 0.0051),
        ("boxes", 0.0051),
        ("scores", 0.00006),
        ("keypoints_3d", 0.00006),
    ):
        np.testing.assert_allclose(getattr(back, name), getattr(walk, name), atol=tolerance)


@given(
    points=arrays.arrays(
        np.float32,
        st.tuples(st.integers(0, 3), st.just(17), st.just(2)),
        elements=st.floats(-1e4, 1e4, width=32) | st.just(float("nan")),
    ),
    metric=st.booleans(),
)
def test_any_poses_survive(points: Floats, metric: bool) -> None:
    people = len(points)
    poses = Poses.build(
        COCO_17,
        points,
        np.where(np.isnan(points[..., 0]), np.nan, 0.5).astype(np.float32),
        np.linspace(0, 1, people, dtype=np.float32),
        keypoints_3d=np.concatenate([points, points[..., :1]], axis=2) if metric else None,
        index=7,
        time=0.25,
    )
    recording = Recording(walkers.header(COCO_17), (poses,))
    with TemporaryDirectory() as folder:
        (back,) = load(write(recording, Path(folder) / "any.jsonl")).frames
    assert (back.index, back.time, len(back)) == (7, 0.25, people)
    np.testing.assert_allclose(back.keypoints, points, atol=0.0051)
    np.testing.assert_allclose(back.boxes, poses.boxes, atol=0.0051)
    np.testing.assert_allclose(back.scores, poses.scores, atol=0.00006)
    assert (back.keypoints_3d is not None) == (metric and people > 0)


def test_every_line_is_strict_json_and_missing_is_null(tmp_path: Path) -> None:
    walk = walkers.recording(seconds=0.1, people=(1,))
    walk.frames[0].keypoints[0, 3] = np.nan
    walk.frames[0].scores[0, 3] = np.nan
    walk.frames[0].keypoints[0, 4] = np.inf

    def refuse(word: str) -> Any:
        raise AssertionError(f"{word} is not JSON")

    text = write(walk, tmp_path / "walk.jsonl").read_text().splitlines()
    header, frame, *_, end = [json.loads(line, parse_constant=refuse) for line in text]
    assert header["type"] == "header"
    assert header["schema_version"] == 2
    assert header["input"]["frame_rate"] == "30"
    assert header["skeleton"]["keypoints"][0] == "nose"
    (model,) = header["models"]
    assert model["networks"][0]["sha256"] == "ab" * 32
    assert frame["people"][0]["keypoints"][3] == [None, None, None]
    assert frame["people"][0]["keypoints"][4] == [None, None, 0.9]
    assert "raw_keypoints" not in frame["people"][0]
    assert end == {"type": "end", "frames": 3, "complete": True}


def test_angles_go_with_the_person(tmp_path: Path) -> None:
    walk = walkers.recording(seconds=1)
    with open_writer("jsonl", tmp_path / "a.jsonl", walk.header, angles=["knee"]) as writer:
        for poses in walk:
            writer.write(poses, {"knee": np.where(poses.ids == 2, np.nan, 12.345)})
    last = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-2])
    assert [person["angles"] for person in last["people"]] == [{"knee": 12.35}, {"knee": None}]
    assert len(load(tmp_path / "a.jsonl")) == len(walk)  # readers ignore what they do not know


def test_frames_without_people_are_kept(tmp_path: Path) -> None:
    empty = Recording(
        walkers.header(), tuple(Poses.empty(BLAZEPOSE_33, i, i / 30) for i in range(4))
    )
    back = load(write(empty, tmp_path / "empty.jsonl"))
    assert len(back) == 4
    assert back.people == ()
    assert back.keypoints.shape == (4, 0, 33, 2)
    assert "nobody" in repr(back)


@pytest.mark.parametrize("kept", [1, 5, 100])
def test_cut_in_mid_line_is_read_up_to_there(walk: Recording, tmp_path: Path, kept: int) -> None:
    lines = write(walk, tmp_path / "walk.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "cut.jsonl").write_bytes(b"".join(lines[:11]) + lines[11][:kept])
    back = load(tmp_path / "cut.jsonl")
    assert len(back) == 10
    assert not back.complete
    assert back.problem is not None
    assert "breaks off in line 12: the 10 frames before it were read" in back.problem
    assert "problem" in back._repr_html_()


def test_interrupted_run_says_so(walk: Recording, tmp_path: Path) -> None:
    path = write(walk, tmp_path / "walk.jsonl", complete=False)
    assert not load(path).complete
    lines = path.read_bytes().splitlines(keepends=True)
    (tmp_path / "killed.jsonl").write_bytes(b"".join(lines[:-1]))
    killed = load(tmp_path / "killed.jsonl")
    assert not killed.complete
    assert killed.problem is not None
    assert "was interrupted: it holds 90 frames" in killed.problem


def test_a_writer_left_by_an_exception_ends_incomplete(walk: Recording, tmp_path: Path) -> None:
    def interrupted() -> None:
        with open_writer("jsonl", tmp_path / "a.jsonl", walk.header) as writer:
            writer.write(walk[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    back = load(tmp_path / "a.jsonl")
    assert len(back) == 1
    assert not back.complete


def test_every_frame_is_on_the_disk_at_once(walk: Recording, tmp_path: Path) -> None:
    with open_writer("jsonl", tmp_path / "a.jsonl", walk.header) as writer:
        for count, poses in enumerate(walk.frames[:3], start=1):
            writer.write(poses)
            assert len(load(tmp_path / "a.jsonl")) == count


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"hello\n", "is not a limner recording"),
        (b"\x00\x00\x00\x18ftypmp42\xff\xfe", "is not a limner recording"),
        (b"[1,2]\n", "is not a limner recording"),
        (b'{"type":"header","schema_version":3}\n', "schema version 3, and this limner"),
        (b'{"type":"header","schema_version":"x"}\n', "expected a whole number"),
        (b'{"type":"header","schema_version":1}\n', "its header lacks 'skeleton'"),
    ],
)
def test_no_recording(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=sentence) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_the_first_schema_is_still_read(tmp_path: Path) -> None:
    walk = walkers.recording(seconds=0.1, people=(1,))
    lines = write(walk, tmp_path / "new.jsonl").read_text().splitlines()
    header = json.loads(lines[0])
    del header["models"]
    header |= {"schema_version": 1}
    for key in ("sigmas", "parts", "mirror"):
        del header["skeleton"][key]
    header["model"] = {
        "name": "blazepose-full",
        "files": {"landmark.tflite": "ab" * 32},
        "backend": "openvino",
        "device": "CPU",
    }
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
    model = load(path).header.model
    assert (model.name, model.runs_on) == ("blazepose-full", "openvino CPU")
    assert [network.sha256 for network in model.networks] == ["ab" * 32]
    assert load(path).skeleton is BLAZEPOSE_33


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot read the recording"):
        load(tmp_path / "none.jsonl")
    with pytest.raises(RecordingError, match="cannot read the recording"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ({"people": []}, "lacks 'frame'"),
        ({"frame": 0, "time": 0, "people": [{"id": 1}]}, "lacks 'keypoints'"),
        ({"frame": 0, "time": 0, "people": [{"keypoints": [[1, 2, 3]]}]}, "expected 33 keypoints"),
        ({"frame": 0, "time": 0, "people": [{"keypoints": "x"}]}, "cannot be read"),
        ({"frame": 0, "time": None, "people": []}, "cannot be read"),
        ({"frame": 0, "time": 0, "people": 3}, "cannot be read"),
    ],
)
def test_a_wrong_frame_is_named(frame: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    lines = [walkers.header().as_dict(), {"type": "frame", **frame}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(RecordingError, match=sentence) as caught:
        load(path)
    assert "line 2" in str(caught.value)


@pytest.mark.parametrize("field", ["path", "width"])
def test_a_damaged_header_is_a_sentence(field: str) -> None:
    content = walkers.header().as_dict()
    del content["input"][field]
    with pytest.raises(RecordingError, match=f"lacks '{field}'"):
        Header.from_dict(content)
    content = walkers.header().as_dict()
    content["skeleton"]["edges"] = [[0, 99]]
    with pytest.raises(RecordingError, match="edge points outside"):
        Header.from_dict(content)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("sigmas", [0.1], "33 keypoints, 1 sigmas"),
        ("sigmas", ["a"], "expected a sigma as a number"),
        ("parts", {"body": [33]}, "part body must be rising indices of its 33 keypoints"),
        ("parts", [1], "cannot be read"),
        ("mirror", [0, 0], "mirror must exchange pairs of its 33 keypoints"),
        ("mirror", "left", "cannot be read"),
    ],
)
def test_a_header_whose_skeleton_contradicts_itself(key: str, value: Any, sentence: str) -> None:
    content = walkers.header().as_dict()
    content["skeleton"][key] = value
    with pytest.raises(RecordingError, match=sentence):
        Header.from_dict(content)


def test_what_the_header_says_of_a_skeleton_holds() -> None:
    content = walkers.header().as_dict()
    content["skeleton"]["sigmas"][0] = 0.5
    content["skeleton"]["parts"] = {"body": [0, 1]}
    read = Header.from_dict(content).skeleton
    assert read.name == "blazepose-33"
    assert read.sigmas == (0.5, *BLAZEPOSE_33.sigmas[1:])
    assert read.parts == {"body": (0, 1)}
    assert read.mirror == BLAZEPOSE_33.mirror


def test_header_of_a_camera_and_of_another_skeleton() -> None:
    header = walkers.header(rate=None)
    assert Header.from_dict(header.as_dict()).input.frame_rate is None
    content = walkers.header(rate=Fraction(30000, 1001)).as_dict()
    assert content["input"]["frame_rate"] == "30000/1001"
    content["skeleton"] = {"name": "dog-3", "keypoints": ["a", "b", "c"], "edges": [[0, 2]]}
    read = Header.from_dict(content)
    assert read.skeleton.keypoints == ("a", "b", "c")
    assert read.skeleton.mirror == (0, 1, 2)
    assert read.skeleton.parts == {}
    assert read.input.frame_rate == Fraction(30000, 1001)
    assert Header.from_dict(walkers.header().as_dict()).skeleton is BLAZEPOSE_33


def test_slicing_by_frame_time_and_person(walk: Recording) -> None:
    assert len(walk[10:20]) == 10
    assert walk[3].index == 3
    assert walk[10:20].indices.tolist() == list(range(10, 20))
    part = walk.between(1, 2)
    assert part.times[0] >= 1
    assert part.times[-1] < 2
    assert len(part) == 30
    second = walk.person(2)
    assert second.people == (2,)
    assert len(second) == len(walk)
    np.testing.assert_array_equal(second.keypoints[:, 0], walk.keypoints[:, 1])
    with pytest.raises(UsageError, match="no person 9; it has 1, 2"):
        walk.person(9)


def test_arrays_are_nan_where_someone_is_not_there(walk: Recording) -> None:
    before = walk.times < 0.5
    assert np.isnan(walk.keypoints[before, 1]).all()
    assert np.isfinite(walk.keypoints[~before]).all()
    np.testing.assert_array_equal(walk.present[:, 1], ~before)
    wrist = walk.skeleton.index("left_wrist")
    assert np.isnan(walk.seen_keypoints[:, 0, wrist]).all()
    assert np.isfinite(walk.seen_keypoints[:, 0, :wrist]).all()


def test_two_people_of_one_identity_are_refused(walk: Recording) -> None:
    frame = walk[60]
    frame.ids[:] = 0
    with pytest.raises(RecordingError, match="frame 60 has two people of the same identity"):
        _ = Recording(walk.header, (frame,)).keypoints


def test_reading_frame_by_frame(walk: Recording, tmp_path: Path) -> None:
    with read_frames(write(walk, tmp_path / "walk.jsonl")) as reader:
        assert reader.header == walk.header
        assert not reader.complete
        assert [poses.index for poses in reader] == list(range(90))
        assert reader.complete


@pytest.mark.parametrize("angles", [False, True])
def test_a_table_of_frames_without_people(angles: bool, walk: Recording) -> None:
    nobody = Poses.empty(walk.skeleton, 0, -1.0)
    gaps = Recording(walk.header, (nobody, *walk.frames[:5], nobody, *walk.frames[5:]))
    table, without = gaps.to_pandas(angles=angles), walk.to_pandas(angles=angles)
    assert list(table.columns) == list(without.columns)
    assert len(table) == len(without)


def test_to_pandas(walk: Recording) -> None:
    table = walk.to_pandas()
    assert list(table.columns[:7]) == [
        *("frame", "time", "person", "score", "nose_x", "nose_y", "nose_score")
    ]
    assert len(table) == 90 + 75
    assert table["person"].dtype.kind == "i"
    assert table["left_wrist_x"].isna().all()
    np.testing.assert_allclose(table["left_wrist_score"], 0.1, atol=1e-6)
    assert walk.to_pandas(threshold=0)["left_wrist_x"].notna().all()
    assert "nose_z_m" in table
    one = table[table["person"] == 2]
    np.testing.assert_allclose(one["nose_x"], walk.keypoints[15:, 1, 0, 0])
    assert Recording(walk.header, ()).to_pandas().empty


def test_repr_names_the_facts(walk: Recording) -> None:
    assert "frames: 90" in repr(walk)
    assert "2 (1, 2)" in repr(walk)
    assert "<table>" in walk._repr_html_()


def test_angles_of_everybody() -> None:
    pytest.importorskip("limner.motion.angles")
    walk = walkers.recording()
    angles = walk.angles()
    assert angles["left_knee"].shape == (90, 2)
    assert np.isnan(angles["left_knee"][:15, 1]).all()
    nobody = walkers.recording(people=()).angles()
    assert {name: values.shape for name, values in nobody.items()} == dict.fromkeys(angles, (90, 0))
    assert walk.angles_3d()["right_knee"].shape == (90, 2)
    with pytest.raises(RecordingError, match="has no 3-D coordinates"):
        walkers.recording(metric=False).angles_3d()
    table = walk.to_pandas(angles=True)
    first = table[table["person"] == 1]["left_knee_deg"]
    np.testing.assert_allclose(first, angles["left_knee"][:, 0], atol=1e-3)
