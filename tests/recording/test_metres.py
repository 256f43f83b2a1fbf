"""Metres, on scenes whose scale, floor and lens are known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.errors import LimnerError, RecordingError, UsageError
from limner.export import export
from limner.export.saving import export_file
from limner.recording.header import Header
from limner.recording.metres import metres, record_scale, reference_for, scaled
from limner.recording.recording import load
from support.scenes import View, Walker, film, found, middle, truth

FEW = settings(max_examples=15)
LENS = (-0.18, 0.03, 0.001, -0.001)


@FEW
@given(
    tall=st.floats(1.0, 2.1),
    away=st.floats(4, 12),
    lean=st.floats(-10, 10),
    camera=st.floats(0.5, 2),
    noise=st.sampled_from([0.0, 1.0]),
)
def test_a_height_tells_scale_floor_and_places(
    tall: float, away: float, lean: float, camera: float, noise: float
) -> None:
    view, walker = View(camera, lean=lean), Walker(tall, (-1.5, away))
    recording = scaled(film(view, {1: walker}, noise=noise), height=tall)
    scale = recording.header.scale
    assert scale is not None
    # Of each segment the longer one counts: that of the nearer side, as hips are 0.16 m wide, and
    # the one that noise made longer.
    near = 0.08 / away + 3 * noise * away / (tall * view.focal)
    known = pytest.approx(away / view.focal, rel=0.01 + near)
    assert scale.people[1].metres_per_pixel == known
    assert scale.people[1].on_floor
    assert scale.floor_angle == pytest.approx(lean, abs=0.6)
    for name in ("hip", "heel", "shoulder"):
        there, at = found(recording, name), truth(walker, recording, name)
        # A pixel of noise is a centimetre at 15 m, and there are 90 of them.
        assert np.abs(there - at).max() < 0.05 + 2 * near + 0.004 * away * noise


def test_people_at_different_distances_have_scales_of_their_own() -> None:
    view = View(1.4)
    people = {1: Walker(1.85, (-2, 6)), 2: Walker(1.6, (2, 10), 180), 3: Walker(1.7, (-2, 14))}
    recording = scaled(film(view, people), height="1=1.85,2=160,3=1.7")
    scale = recording.header.scale
    assert scale is not None
    for who, walker in people.items():
        away = walker.start[1] / view.focal
        assert scale.people[who].metres_per_pixel == pytest.approx(away, rel=0.02)
    # True places across the image, as all count from under its middle.
    for column, walker in enumerate(people.values()):
        there, known = found(recording, "hip", column), truth(walker, recording, "hip")
        assert np.abs(there - known).max() < 0.1
    assert scale.horizon is not None
    assert scale.horizon.level == pytest.approx(540, abs=15)
    assert scale.horizon.camera_height == pytest.approx(1.4, abs=0.06)


def test_who_stands_on_a_roof_makes_no_horizon() -> None:
    people = {
        1: Walker(start=(-2, 6)),
        2: Walker(start=(-2, 10)),
        3: Walker(floor=3, start=(-2, 14)),
    }
    scale = scaled(film(View(), people), height=1.75).header.scale
    assert scale is not None
    assert scale.horizon is None


def test_a_distance_is_everybodys() -> None:
    view = View(lean=3)
    ends = view.pixels(np.array([[-1.0, 6, 0], [1.5, 6, 0]])).ravel()
    told = "250cm:" + ",".join(f"{value:.1f}" for value in ends)
    walker = Walker()
    recording = scaled(film(view, {1: walker}), distance=told)
    assert np.abs(found(recording, "hip") - truth(walker, recording, "hip")).max() < 0.06
    scale = recording.header.scale
    assert scale is not None
    assert scale.everyone is not None
    assert scale.floor_angle == pytest.approx(3, abs=0.5)
    alone = replace(recording.header, scale=replace(scale, people={}))
    assert np.isfinite(metres(replace(recording, header=alone))).any()


@FEW
@given(
    lens=st.tuples(
        st.floats(-0.2, 0.2),
        st.floats(-0.03, 0.03),
        st.floats(-0.002, 0.002),
        st.floats(-1e-3, 1e-3),
    )
)
def test_a_calibrated_lens_is_straightened(
    tmp_path_factory: pytest.TempPathFactory, lens: tuple[float, float, float, float]
) -> None:
    view, walker = View(lens=lens, focal=1200), Walker(start=(-3.2, 6), speed=2.0, step=0.7)
    path = tmp_path_factory.mktemp("lens") / "Calib.toml"
    path.write_text(view.toml(placed=False))
    recording = scaled(film(view, {1: walker}), height=1.75, calibration=path)
    assert np.abs(found(recording, "hip") - truth(walker, recording, "hip")).max() < 0.1


def test_without_calibration_a_lens_bends_the_way(tmp_path: Path) -> None:
    view, walker = View(lens=LENS, focal=1200), Walker(start=(-3.2, 6), speed=2.0, step=0.7)
    (tmp_path / "Calib.toml").write_text(view.toml(placed=False))
    plain = scaled(film(view, {1: walker}), height=1.75)
    straight = scaled(film(view, {1: walker}), height=1.75, calibration=tmp_path / "Calib.toml")
    known = truth(walker, plain, "hip")
    off = [np.abs(found(each, "hip") - known).max() for each in (plain, straight)]
    assert off[0] > 0.1
    assert off[1] < 0.05


@FEW
@given(
    way=st.sampled_from([0.0, 25.0, -30.0, 180.0, 150.0]),
    pitch=st.floats(0, 25),
    lean=st.floats(-5, 5),
    lens=st.sampled_from([LENS, (0.0, 0.0, 0.0, 0.0)]),
)
def test_a_camera_of_known_place_sees_where_people_go(
    tmp_path_factory: pytest.TempPathFactory,
    way: float,
    pitch: float,
    lean: float,
    lens: tuple[float, float, float, float],
) -> None:
    """Also askew, with nobody's height told."""
    view = View(2.2, lean=lean, pitch=pitch, lens=lens, focal=1000)
    right = np.cos(np.radians(way)) > 0
    walker = Walker(start=(-1.5 if right else 1.5, 7), way=way, step=0.45)
    path = tmp_path_factory.mktemp("placed") / "Calib.toml"
    path.write_text(view.toml())
    recording = scaled(film(view, {1: walker}), calibration=path)
    scale = recording.header.scale
    assert scale is not None
    assert scale.floor_angle == pytest.approx(lean, abs=0.5 + 0.1 * pitch)
    there = found(recording, "hip")
    known = middle(walker, recording.times, "hip")
    gone = np.linalg.norm(known[:, :2] - known[0, :2], axis=1) * (1 if right else -1)
    assert np.abs(there[:, 1] - known[:, 2]).max() < 0.04
    assert np.abs(there[:, 0] - there[0, 0] - gone).max() < 0.08


def test_skeletons_without_soles_stand_on_their_ankles() -> None:
    view, walker = View(), Walker()
    recording = scaled(film(view, {1: walker}, skeleton=COCO_17), height=1.75)
    assert np.abs(found(recording, "hip") - truth(walker, recording, "hip")).max() < 0.06


def test_who_stands_still_has_a_floor_and_no_slope() -> None:
    scale = scaled(film(View(), {1: Walker(speed=0, start=(0, 6))}), height=1.75).header.scale
    assert scale is not None
    assert scale.people[1].on_floor
    assert scale.floor_angle is None


def test_feet_that_never_rest_give_no_floor() -> None:
    """A treadmill, or a camera that follows."""
    still = film(View(), {1: Walker()})
    follows = tuple(
        replace(each, keypoints=each.keypoints - np.float32(500 * each.time)) for each in still
    )
    recording = scaled(replace(still, frames=follows), height=1.75)
    scale = recording.header.scale
    assert scale is not None
    assert not scale.people[1].on_floor
    assert scale.floor_angle is None
    assert scale.people[1].origin == (0, 1080)


def test_the_scale_stays_in_the_recording(tmp_path: Path) -> None:
    view = View(lens=LENS)
    (tmp_path / "Calib.toml").write_text(view.toml(placed=False))
    walk, path = film(view, {1: Walker(), 4: Walker(1.6, (2, 9), 180)}), tmp_path / "walk.jsonl"
    export(walk, "jsonl", path)
    before = path.read_bytes().partition(b"\n")[2]
    assert load(path).header.scale is None
    told: dict[str, Any] = {"height": "1=1.75,4=1.6", "calibration": tmp_path / "Calib.toml"}
    assert record_scale(path, reference_for(walk.header.input, **told)) is None
    assert path.read_bytes().partition(b"\n")[2] == before
    kept = load(path)
    again = scaled(load(path), **told)
    assert kept.header.scale == again.header.scale
    np.testing.assert_array_equal(metres(kept), metres(again))
    # Later commands need not be told: the positions are the same as with --height.
    export_file(path, ["trc"], tmp_path / "kept")
    export_file(path, ["trc"], tmp_path / "told", **told)
    for name in ("walk_person1.trc", "walk_person4.trc"):
        assert (tmp_path / "kept" / name).read_text() == (tmp_path / "told" / name).read_text()
    export_file(path, ["jsonl"], tmp_path / "told", distance="1m:0,0,100,0")
    assert load(tmp_path / "told" / "walk.jsonl").header.scale != kept.header.scale
    content = json.loads(path.read_bytes().partition(b"\n")[0])["scale"]
    assert content["source"] == "height 1=1.75,4=1.6, calibration Calib.toml"
    assert content["people"]["1"]["metres_per_pixel"] == pytest.approx(6 / view.focal, rel=0.02)


def test_what_cannot_be_measured_leaves_the_recording_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "walk.jsonl"
    walk = film(View(), {1: Walker()})
    export(walk, "jsonl", path)
    before = path.read_bytes()
    problem = record_scale(path, reference_for(walk.header.input, height="9=1.8"))
    assert problem is not None
    assert "no person 9" in problem
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("told", "error", "sentence"),
    [
        ({"height": "9=1.8"}, UsageError, "has no person 9; it has 1, 2"),
        ({"height": 17.5}, UsageError, "or in centimetres such as 175"),
        ({"height": 0.2}, UsageError, "or in centimetres such as 175"),
        ({"height": "1,75"}, UsageError, "a height such as 1.75, or one for each person"),
        ({"height": "1=1.75,1=1.8"}, UsageError, "person 1 has two heights"),
        ({"height": "0=1.75"}, UsageError, "people are numbered from 1"),
        ({"height": 1.75, "distance": "1m:0,0,9,9"}, UsageError, "either --height or --distance"),
        ({"distance": "2m"}, UsageError, "such as 2.5m:410,880,1240,885"),
        ({"distance": "2m:5,5,5,5"}, UsageError, "at least a pixel apart"),
        ({"distance": "0m:5,5,9,9"}, UsageError, "a length above 0"),
        ({"distance": "2m:5,5,5000,5"}, UsageError, "5000,5 lies outside .* 1920x1080"),
        ({}, UsageError, "give a height, a distance or a calibration"),
    ],
)
def test_what_makes_no_sense(told: dict[str, Any], error: type[LimnerError], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        scaled(film(View(), {1: Walker(), 2: Walker(start=(2, 9), way=180)}), **told)


def test_who_has_no_height_has_no_metres(tmp_path: Path) -> None:
    walk = film(View(), {1: Walker(), 2: Walker(start=(2, 9), way=180)})
    export(walk, "jsonl", tmp_path / "walk.jsonl")
    found = metres(scaled(walk, height="1=1.75"))
    assert np.isfinite(found[:, 0]).any()
    assert np.isnan(found[:, 1]).all()
    notes: list[str] = []
    export_file(tmp_path / "walk.jsonl", ["trc"], tmp_path, height="1=1.75", notes=notes)
    assert re.search(r"not of person 2, .* give .* --height 2=1\.75", notes[0])
    assert [path.name for path in tmp_path.glob("*.trc")] == ["walk_person1.trc"]
    with pytest.raises(UsageError, match="--height means nothing to csv"):
        export_file(tmp_path / "walk.jsonl", ["csv"], tmp_path, height="1=1.75")
    with pytest.raises(UsageError, match="either --distance or --scale"):
        export_file(tmp_path / "walk.jsonl", ["trc"], tmp_path, distance="1:0,0,9,9", scale=0.1)


def test_nobody_nowhere_and_not_upright() -> None:
    nobody = film(View(), {})
    with pytest.raises(RecordingError, match="shows nobody"):
        scaled(nobody, height=1.75)
    loose = film(View(), {1: Walker()}, track=False)
    with pytest.raises(UsageError, match="nobody was followed"):
        scaled(loose, height=1.75)
    sits = film(View(), {1: Walker()})
    knees = [BLAZEPOSE_33.index(f"{side}_knee") for side in ("left", "right")]
    hips = [BLAZEPOSE_33.index(f"{side}_hip") for side in ("left", "right")]
    for poses in sits:  # the thighs point at the camera
        poses.keypoints[:, knees] = poses.keypoints[:, hips] + (0, 20)
    with pytest.raises(RecordingError, match="person 1 is upright in 0 of 90 frames"):
        scaled(sits, height=1.75)
    hand = Skeleton("hand", ("wrist", "thumb"), (), (0.1, 0.1))
    with pytest.raises(RecordingError, match=r"shank, thigh, trunk \(skeleton hand\)"):
        scaled(film(View(), {1: Walker()}, skeleton=hand), height=1.75)
    with pytest.raises(RecordingError, match="nothing in it says how many are a metre"):
        metres(sits)


DAMAGE: list[tuple[list[str | int], Any]] = [
    (["source"], 5),
    (["people"], [1]),
    (["people", "1", "metres_per_pixel"], 0),
    (["people", "1", "metres_per_pixel"], "NaN"),
    (["people", "1", "origin"], [1]),
    (["people", "1", "on_floor"], 1),
    (["people", "1", "foot"], 7),
    (["people", "x"], {}),
    (["floor_angle"], "steep"),
    (["horizon"], {"level": 3}),
    (["camera", "matrix"], [[0, 0, 0]] * 3),
    (["camera", "matrix"], [[1, 0, 0]]),
    (["camera", "size"], [1920]),
    (["camera", "distortions"], ["a"]),
    (["camera", "rotation"], [1, 2]),
]


@pytest.mark.parametrize(("place", "value"), DAMAGE)
def test_a_damaged_scale_is_refused(place: list[str], value: Any, tmp_path: Path) -> None:
    view = View(lens=LENS)
    (tmp_path / "Calib.toml").write_text(view.toml())
    recording = scaled(film(view, {1: Walker()}), height=1.75, calibration=tmp_path / "Calib.toml")
    content = recording.header.as_dict()
    again = json.loads(json.dumps(content))
    assert Header.from_dict(again) == recording.header
    *above, last = place
    inside = again["scale"]
    for name in above:
        inside = inside[name]
    inside[last] = value
    with pytest.raises(RecordingError, match="header"):
        Header.from_dict(again)
