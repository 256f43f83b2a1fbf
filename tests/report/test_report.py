"""The report's data, its page, and what a browser makes of it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from limner.core.info import CopyInfo
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.drawing.colors import LEFT, RIGHT, legible
from limner.errors import InputError, OutputError, RecordingError, UsageError
from limner.export import export
from limner.recording.recording import Recording
from limner.recording.track import stretches
from limner.report.content import MOST_PEOPLE, content, packed
from limner.report.page import report_file, write_report
from limner.report.palette import DARK, side_colors
from limner.report.plot import plot_file
from limner.report.quantities import curves, first_choice, panels, quantities
from support import walkers

pytest.importorskip("limner.motion.angles")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    export(walkers.recording(), "jsonl", tmp_path / "walk_pose.jsonl")
    return tmp_path / "walk_pose.jsonl"


def data_of(page: Path) -> Any:
    found = re.search(r'<script id="data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def unpacked(steps: bytes, lowest: float, step: float) -> NDArray[np.float64]:
    whole = np.frombuffer(steps, "<u2")
    return np.where(whole == 65535, np.nan, lowest + whole * step)


def lines_of(page: Path, name: str) -> list[NDArray[np.float64]]:
    """Return each person's values of a quantity, as the page's script reads them."""
    data = data_of(page)
    number = [each["name"] for each in data["quantities"]].index(name)
    found = re.search(rf'<script id="curves-{number}"[^>]*>(.*?)</script>', page.read_text())
    assert found is not None
    steps, lines = base64.b64decode(found[1]), []
    for person, scale in zip(data["people"], data["quantities"][number]["scales"], strict=True):
        size = 2 * sum(last - first + 1 for first, last in person["rows"])
        lines.append(unpacked(steps[:size], *scale))
        steps = steps[size:]
    assert not steps
    return lines


def test_quantities_are_those_of_the_csv() -> None:
    walk = walkers.recording()
    table = walk.to_pandas(angles=True)
    offered = quantities(walk.skeleton)
    for quantity, curve in zip(offered, curves(walk.track(2), offered), strict=True):
        second = table[table["person"] == 2][quantity.name]
        np.testing.assert_allclose(curve.values, second, atol=1e-3)
    (chosen,) = quantities(walk.skeleton, ["left_heel_x"])
    assert chosen.label == "left heel x"
    with pytest.raises(UsageError, match="nothing called 'left_kne_deg' to chart; perhaps left_k"):
        quantities(walk.skeleton, ["left_kne_deg"])
    assert "left_knee_deg" in first_choice(offered)


def test_the_sides_have_the_colours_of_the_video(tmp_path: Path) -> None:
    assert side_colors(None) == {"left": legible(LEFT), "right": legible(RIGHT)}
    assert side_colors("left=#c00000,right=#0000c0") == {
        "left": (0xC0, 0, 0),
        "right": (0, 0, 0xC0),
    }
    # White and grey are both grey on paper.
    assert side_colors("mono") == side_colors("classic") == side_colors("of another version")
    assert side_colors("mono", DARK)["left"] == (255, 255, 255)
    walk = walkers.recording()
    header = replace(walk.header, copy=CopyInfo("a.mp4", style="left=#c00000,right=#0000c0"))
    export(Recording(header, walk.frames), "jsonl", tmp_path / "a.jsonl")
    page = report_file(tmp_path / "a.jsonl").path.read_text()
    assert "--left: #c00000; --right: #0000c0;" in page
    path, _ = plot_file(tmp_path / "a.jsonl", tmp_path / "a.svg")
    assert "stroke: #c00000" in path.read_text()


def test_left_and_right_share_a_chart() -> None:
    offered = quantities(BLAZEPOSE_33)
    shown = {(each.title, each.group): each for each in panels(offered)}
    knee = shown["knee", "angle"]
    assert [offered[each].name for each in knee.members] == ["left_knee_deg", "right_knee_deg"]
    nose = shown["nose x", "x"]
    assert [offered[each].side for each in nose.members] == ["middle"]
    assert sorted(each for panel in shown.values() for each in panel.members) == list(
        range(len(offered))
    )
    (mouth,) = panels(quantities(BLAZEPOSE_33, ["mouth_right_x", "mouth_left_x", "mouth_left_x"]))
    assert (mouth.title, mouth.members) == ("mouth x", (1, 0))
    assert content(walkers.recording(), ["right_knee_deg"]).data["panels"][0]["members"] == (0,)


def test_stretches() -> None:
    assert stretches(np.array([0, 1, 4, 5, 6, 9])) == [(0, 1), (4, 6), (9, 9)]
    assert stretches(np.array([3])) == [(3, 3)]
    assert stretches(np.empty(0, int)) == []


@given(
    st.lists(
        st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9, width=32)), min_size=1, max_size=30
    )
)
def test_a_line_keeps_its_values(values: list[float]) -> None:
    line = np.array(values, np.float32)
    (lowest, step), steps = packed(line)
    back = unpacked(steps, lowest, step)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(line))
    finite = line[np.isfinite(line)]
    extent = float(finite.max() - finite.min()) if len(finite) else 0.0
    np.testing.assert_allclose(back, line, atol=0.051 + extent / 65000, rtol=1e-6)


def test_the_page_holds_the_numbers(source: Path) -> None:
    written = report_file(source)
    assert written.path == source.with_suffix(".html")
    data = data_of(written.path)
    walk = walkers.recording()
    np.testing.assert_allclose(data["times"], walk.times, atol=1e-3)
    assert [person["id"] for person in data["people"]] == [1, 2]
    assert [person["rows"] for person in data["people"]] == [[[0, 89]], [[15, 89]]]
    first, second = lines_of(written.path, "nose_x")
    np.testing.assert_allclose(first, walk.keypoints[:, 0, 0, 0], atol=0.06)
    np.testing.assert_allclose(second, walk.keypoints[15:, 1, 0, 0], atol=0.06)
    assert all(np.isnan(line).all() for line in lines_of(written.path, "left_wrist_y"))
    facts = dict(data["facts"])
    assert facts["Model"] == "blazepose-full on openvino CPU"
    assert facts["SHA-256 of landmark.tflite"] == "ab" * 32


def test_the_page_opens_offline(source: Path) -> None:
    page = report_file(source).path.read_text()
    assert not re.search(r"<(script|link|img|video)[^>]+(src|href)=[\"']?(https?:)?//", page)
    modules = json.loads(re.findall(r'<script type="importmap">(.*?)</script>', page)[0])["imports"]
    sources = {
        name: base64.b64decode(address.removeprefix("data:text/javascript;base64,")).decode()
        for name, address in modules.items()
    }
    assert "limner/report.js" in sources
    for source_text in sources.values():
        imported = re.findall(r'^import .*? from "(.*?)";$', source_text, re.MULTILINE)
        assert set(imported) <= set(sources)


def test_a_name_cannot_break_out_of_the_page(tmp_path: Path) -> None:
    walk = walkers.recording(seconds=0.2)
    name = "</script><script>alert(1)</script>.mp4"
    evil = Recording(walkers.header(path=name), walk.frames)
    write_report(evil, tmp_path / "a.html")
    page = (tmp_path / "a.html").read_text()
    assert "<script>alert" not in page
    assert name.endswith(data_of(tmp_path / "a.html")["title"])


def test_what_is_refused(source: Path, tmp_path: Path) -> None:
    report_file(source)
    with pytest.raises(OutputError, match="is there already; use --overwrite"):
        report_file(source)
    report_file(source, overwrite=True)
    with pytest.raises(InputError, match="no such file"):
        report_file(source, tmp_path / "b.html", video=tmp_path / "none.mp4")
    with pytest.raises(OutputError, match="cannot write"):
        report_file(source, tmp_path / "none" / "b.html")
    with pytest.raises(RecordingError, match="has no frames"):
        content(Recording(walkers.header(), ()))


def test_a_failure_leaves_the_old_page(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("limner.report.page._part", lambda name: "half @@NONE@@ page")
    with pytest.raises(KeyError, match="NONE"):
        report_file(source, page, overwrite=True)
    assert page.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == before


def test_nobody_and_one_frame(tmp_path: Path) -> None:
    nobody = Recording(walkers.header(), (Poses.empty(BLAZEPOSE_33),))
    write_report(nobody, tmp_path / "a.html")
    assert data_of(tmp_path / "a.html")["people"] == []
    write_report(walkers.recording()[:1], tmp_path / "b.html")
    assert len(data_of(tmp_path / "b.html")["times"]) == 1


def test_a_crowd_is_cut_to_those_seen_longest() -> None:
    crowd = walkers.recording(seconds=8, people=range(1, MOST_PEOPLE + 4))
    data = content(crowd).data
    assert [person["id"] for person in data["people"]] == list(range(1, MOST_PEOPLE + 1))
    assert data["hidden_people"] == 3
    assert len(data["quantities"][0]["scales"]) == MOST_PEOPLE


def test_an_incomplete_recording_says_so(source: Path) -> None:
    cut = source.with_name("cut.jsonl")
    cut.write_bytes(source.read_bytes()[:-2000])
    written = report_file(cut)
    assert written.problem is not None
    assert "breaks off" in dict(data_of(written.path)["facts"])["Not complete"]
