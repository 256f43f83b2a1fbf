"""Pose2Sim's model in OpenSim: scaled, posed and moved by what is exported for it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17, HALPE_26, HAND_21, Skeleton
from limner.errors import RecordingError, UsageError
from limner.export import export, export_file
from limner.export.opensim_setup import _MEASUREMENTS
from limner.recording.recording import Recording
from support import walkers

FOLDER = "Pose2Sim/OpenSim_Setup/"
MODEL = "Model_Pose2Sim_simple.osim"


@pytest.fixture(scope="module")
def opensim() -> Any:
    opensim = pytest.importorskip("opensim", reason="needs OpenSim")
    opensim.Logger.setLevelString("off")
    return opensim


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with Pose2Sim's model and marker sets, out of its package."""
    folder = tmp_path_factory.mktemp("pose2sim")
    command = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    got = subprocess.run([sys.executable, *command, "pose2sim==0.10.49"], check=False)
    wheels = list(folder.glob("*.whl"))
    if got.returncode or not wheels:
        pytest.skip("needs Pose2Sim's model, which pip cannot download")
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(FOLDER)]
        wheel.extractall(folder, [name for name in names if name.endswith((".osim", ".xml"))])
    return folder / FOLDER


def put(models: Path, folder: Path, markers: str = "Markers_BlazePose.xml") -> None:
    for name in (MODEL, markers):
        (folder / name).write_bytes((models / name).read_bytes())


@pytest.mark.parametrize("height", [None, 1.70])
def test_opensim_scales_and_poses_the_model(
    height: float | None, opensim: Any, models: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    times = np.arange(60) / 30
    walk = walkers.recording(people=(1,), times=times, unsure=("left_index",))
    paths = export(walk, "trc", tmp_path / "walk.trc", markers="pose2sim", height=height)
    assert [path.name for path in paths] == ["walk.trc", "walk_scaling.xml", "walk_ik.xml"]
    put(models, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert opensim.ScaleTool("walk_scaling.xml").run()
    assert opensim.InverseKinematicsTool("walk_ik.xml").run()
    motion = opensim.TimeSeriesTable("walk_ik.mot")
    assert motion.getNumRows() == 60
    swing = 2 * np.pi * walkers.STRIDES_PER_SECOND * times + 1
    bend = 30 * (1 - np.cos(swing + np.pi))
    found = motion.getDependentColumn("knee_angle_r").to_numpy()
    assert np.corrcoef(found, bend)[0, 1] > 0.98
    assert np.abs(found - bend).mean() < 8
    hip = motion.getDependentColumn("hip_flexion_r").to_numpy()
    assert np.corrcoef(hip, 25 * np.sin(swing + np.pi))[0, 1] > 0.98
    forward = motion.getDependentColumn("pelvis_tx").to_numpy()
    speed = 260 / walkers.PIXELS_PER_METRE if height else 0
    assert np.polyfit(times, forward, 1)[0] == pytest.approx(speed, abs=0.1)


def test_opensim_moves_the_model_as_the_angles_say(
    opensim: Any, models: Path, tmp_path: Path
) -> None:
    walk = walkers.recording(seconds=1.0, people=(1,), unsure=())
    export(walk, "opensim-mot", tmp_path / "walk.mot", markers="pose2sim")
    put(models, tmp_path)
    model = opensim.Model(str(tmp_path / MODEL))
    model.updateMarkerSet(opensim.MarkerSet(str(tmp_path / "Markers_BlazePose.xml")))
    model.finalizeConnections()
    state = model.initSystem()
    motion = opensim.TimeSeriesTable(str(tmp_path / "walk.mot"))
    names = motion.getColumnLabels()
    assert {"pelvis_tilt", "knee_angle_l", "hip_flexion_r", "arm_add_l"} <= set(names)
    truth = walkers.walk(walk.times, phase=1)
    for row in range(0, 30, 7):
        for name in names:
            value = float(np.radians(motion.getDependentColumn(name)[row]))
            model.getCoordinateSet().get(name).setValue(state, value)
        model.realizePosition(state)
        for joint in ("knee", "ankle", "elbow", "wrist"):
            before = {"knee": "hip", "ankle": "knee", "elbow": "shoulder", "wrist": "elbow"}[joint]
            for side in ("left", "right"):
                ends = [BLAZEPOSE_33.index(f"{side}_{each}") for each in (before, joint)]
                expected = truth[row, ends[1], :2] - truth[row, ends[0], :2]
                found = _marker(model, state, side, joint) - _marker(model, state, side, before)
                turn = np.arctan2(found[1], found[0]) - np.arctan2(-expected[1], expected[0])
                off = np.degrees((turn + np.pi) % (2 * np.pi) - np.pi)
                assert abs(off) < 10, (row, side, joint)  # markers are not quite on the joints


def _marker(model: Any, state: Any, side: str, joint: str) -> NDArray[np.float64]:
    name = f"{side[0].upper()}{joint.capitalize()}"
    place = model.getMarkerSet().get(name).getLocationInGround(state)
    return np.array([place[axis] for axis in range(3)])


def test_opensim_reads_scales_and_poses_everyone_of_the_sample_clip(
    demo_recording: Path, opensim: Any, models: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    plain, _ = export_file(demo_recording, ["trc"], tmp_path / "plain")
    paths, _ = export_file(demo_recording, ["trc"], tmp_path, markers="pose2sim", height=1.75)
    for path in [*plain, *(each for each in paths if each.suffix == ".trc")]:
        assert opensim.TimeSeriesTableVec3(str(path)).getNumRows() > 30
        opensim.MarkersReference(str(path), opensim.SetMarkerWeights())
    put(models, tmp_path)
    monkeypatch.chdir(tmp_path)
    scalings = [path for path in paths if path.name.endswith("_scaling.xml")]
    assert len(scalings) >= 2
    for scaling in scalings:
        stem = scaling.name.removesuffix("_scaling.xml")
        assert opensim.ScaleTool(scaling.name).run()
        assert opensim.InverseKinematicsTool(f"{stem}_ik.xml").run()
        motion = opensim.TimeSeriesTable(f"{stem}_ik.mot")
        assert motion.getNumRows() > 60
        knee = motion.getDependentColumn("knee_angle_r").to_numpy()
        assert np.isfinite(knee).all()
        errors = opensim.TimeSeriesTable(f"{stem}_ik_marker_errors.sto")
        off = errors.getDependentColumn("marker_error_RMS").to_numpy()
        assert np.median(off) < 0.08  # metres


@pytest.mark.parametrize(
    ("skeleton", "markers"),
    [
        (BLAZEPOSE_33, "Markers_BlazePose.xml"),
        (HALPE_26, "Markers_Halpe26.xml"),
        (BODY_25, "Markers_Body25.xml"),
        (COCO_17, "Markers_Body25.xml"),
    ],
)
def test_the_names_are_those_of_the_model(
    skeleton: Skeleton, markers: str, models: Path, opensim: Any, tmp_path: Path
) -> None:
    walk = walkers.recording(people=(1,), seconds=1.0, skeleton=skeleton)
    export(walk, "trc", tmp_path / "walk.trc", markers="pose2sim")
    labels = opensim.MarkersReference(str(tmp_path / "walk.trc"), opensim.SetMarkerWeights())
    names = {labels.getNames().getElt(at) for at in range(labels.getNames().size())}
    tree = ElementTree.parse(models / markers)  # noqa: S314
    known = {each.get("name") for each in tree.iter("Marker")}
    assert {"RShoulder", "LShoulder", "RHip", "LHip", "RKnee", "LAnkle", "Nose"} <= names <= known
    text = (tmp_path / "walk_scaling.xml").read_text()
    assert f"<marker_set_file>{markers}</marker_set_file>" in text
    bodies = {body.get("name") for body in ElementTree.parse(models / MODEL).iter("Body")}  # noqa: S314
    assert {body for each in _MEASUREMENTS for body in each.bodies} <= bodies


def test_what_is_away_is_not_measured_nor_posed(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), unsure=("left_knee", "left_heel", "right_heel"))
    frames = [
        Poses.empty(BLAZEPOSE_33, frame.index, frame.time) if 20 <= row < 25 else frame
        for row, frame in enumerate(walk.frames)
    ]
    gap = Recording(walk.header, tuple(frames))
    export(gap, "trc", tmp_path / "walk.trc", markers="pose2sim")
    scaling = ElementTree.parse(tmp_path / "walk_scaling.xml")  # noqa: S314
    pairs = [each.text for each in scaling.iter("markers")]
    assert "RHip RKnee" in pairs
    assert "LHip LKnee" not in pairs
    assert "foot" not in [each.get("name") for each in scaling.iter("Measurement")]
    assert scaling.findtext(".//time_range") == "0.833333 2.966667"
    kinematics = ElementTree.parse(tmp_path / "walk_ik.xml")  # noqa: S314
    assert kinematics.findtext(".//time_range") == "0.833333 2.966667"
    tasks = [each.get("name") for each in kinematics.iter("IKMarkerTask")]
    assert "RKnee" in tasks
    assert "LKnee" not in tasks


def test_each_person_has_files_that_name_each_other(tmp_path: Path) -> None:
    paths = export(walkers.recording(), "trc", tmp_path / "walk.trc", markers="pose2sim")
    assert len(paths) == 6
    text = (tmp_path / "walk_person2_ik.xml").read_text()
    assert "<model_file>walk_person2_scaled.osim</model_file>" in text
    assert "<marker_file>walk_person2.trc</marker_file>" in text


@pytest.mark.parametrize("name", ["trc", "opensim-mot"])
def test_what_pose2sim_names_are_refused(name: str, tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,))
    with pytest.raises(UsageError, match="there are no markers 'opencap'"):
        export(walk, name, tmp_path / "walk", markers="opencap")
    hand = Recording(
        walkers.header(HAND_21),
        tuple(Poses.empty(BLAZEPOSE_33, 0, 0.0).to(HAND_21) for _ in range(3)),
    )
    with pytest.raises(RecordingError):
        export(hand, name, tmp_path / "walk", markers="pose2sim")


def test_a_plane_does_not_pose_a_body(tmp_path: Path) -> None:
    flat = walkers.recording(people=(1,), metric=False)
    with pytest.raises(RecordingError, match="has no 3-D coordinates: model blazepose-full does"):
        export(flat, "trc", tmp_path / "walk.trc", markers="pose2sim", height=1.7)
    one = walkers.recording(people=(1,), unsure=("left_knee", "right_knee"))
    with pytest.raises(RecordingError, match="the thigh of person 1 is not seen for"):
        export(one, "trc", tmp_path / "walk.trc", markers="pose2sim")
    assert not list(tmp_path.iterdir())
