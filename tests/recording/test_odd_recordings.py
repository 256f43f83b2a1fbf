"""Recordings that are damaged or made to do harm: one sentence each, from every command."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.core.skeleton import Skeleton
from limner.errors import LimnerError, RecordingError
from limner.export import export
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.recording.recording import load
from limner.report.page import report_file
from support import walkers

Change = Callable[[list[Any]], None]


@pytest.fixture
def lines(tmp_path: Path) -> list[Any]:
    """Return the lines of a recording, decoded: a header, 30 frames and an end."""
    export(walkers.recording(seconds=1), "jsonl", tmp_path / "good.jsonl")
    return [json.loads(line) for line in (tmp_path / "good.jsonl").read_text().splitlines()]


def write(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def put(line: int, *place: Any, value: Any) -> Change:
    """Return what puts a value at a place in a line."""

    def change(lines: list[Any]) -> None:
        at = lines[line]
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = value

    return change


def without(line: int, *place: Any) -> Change:
    """Return what takes a key out of a line."""

    def change(lines: list[Any]) -> None:
        at = lines[line]
        for key in place[:-1]:
            at = at[key]
        del at[place[-1]]

    return change


FRAME_FAULTS = [
    (put(5, "time", value=float("nan")), r"line 6: .* expected time as a number .*, got nan"),
    (put(5, "time", value=float("inf")), "expected time as a number"),
    (put(5, "time", value="soon"), "expected time as a number"),
    (put(5, "time", value=True), "expected time as a number"),
    (put(5, "time", value=10**400), "expected time as a number"),
    (put(5, "time", value=0.0), r"line 6: 0 s come after 0\.1 s; frames and times must rise"),
    (put(5, "frame", value=10**20), "expected frame as a whole number"),
    (put(5, "frame", value=4.5), "expected frame as a whole number"),
    (put(5, "frame", value=-1), "expected frame as a whole number"),
    (put(5, "frame", value=2), "frame 2 comes after frame 3"),
    (without(5, "people"), "the frame lacks 'people'"),
    (put(5, "people", value={"id": 1}), "expected people as a list"),
    (put(5, "people", 0, value=[1]), "cannot be read"),
    (without(5, "people", 0, "keypoints"), "the frame lacks 'keypoints'"),
    (put(5, "people", 0, "keypoints", 3, value=[1e300, 2, 1]), "within 1e.09, got 1e.300"),
    (put(5, "people", 0, "keypoints", 3, value=[10**400, 2, 1]), "cannot be read"),
    (put(5, "people", 0, "keypoints", 3, value=[[1], 2, 1]), "cannot be read"),
    (put(5, "people", 0, "keypoints_3d", 3, value=[1, 2, float("-inf")]), "within 1e.09"),
    (put(5, "people", 0, "keypoints_3d", value=[[1, 2, 3]]), "expected keypoints_3d"),
    (put(5, "people", 0, "box", value=[1, 2, 3]), "expected box"),
    (put(5, "people", 0, "score", value="sure"), "cannot be read"),
    (put(5, "people", 0, "id", value=10**30), "expected id as a whole number"),
    (put(5, "people", 0, "id", value=-4), "expected id as a whole number"),
]


@pytest.mark.parametrize(("change", "sentence"), FRAME_FAULTS)
def test_a_frame_that_makes_no_sense_is_named(
    change: Change, sentence: str, lines: list[Any], tmp_path: Path
) -> None:
    change(lines)
    with pytest.raises(RecordingError, match=sentence) as caught:
        load(write(tmp_path / "odd.jsonl", lines))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


HEADER_FAULTS = [
    (put(0, "input", "path", value=7), "the input's path as text"),
    (put(0, "input", "path", value="a\0b.mp4"), "holds a NUL"),
    (put(0, "input", "width", value=10**400), "the input's width as a whole number"),
    (put(0, "input", "width", value="wide"), "the input's width as a whole number"),
    (put(0, "input", "duration", value=float("inf")), "the input's duration"),
    (put(0, "input", "frame_rate", value="1e999999999"), "such as 25 or 30000/1001"),
    (put(0, "input", "frame_rate", value="1/0"), "such as 25 or 30000/1001"),
    (put(0, "input", "frame_rate", value="0"), "such as 25 or 30000/1001"),
    (put(0, "input", "frame_rate", value=float("nan")), "such as 25 or 30000/1001"),
    (put(0, "options", value=[1]), "cannot be read"),
    (put(0, "options", "threshold", value="high"), "option threshold as a number"),
    (put(0, "options", "threshold", value=float("nan")), "option threshold as a number"),
    (put(0, "options", "search", value={"a": 1}), "option search as a plain value"),
    (put(0, "skeleton", "keypoints", value=[]), "has no keypoints"),
    (put(0, "skeleton", "edges", value=[[0, 1e99]]), "an edge's end as a whole number"),
    (put(0, "skeleton", "edges", value=[[0, 99]]), "an edge points outside"),
    (put(0, "models", value=[]), "names no model"),
    (put(0, "models", 0, "name", value=None), "the model's name as text"),
    (without(0, "models", 0, "networks"), "lacks 'networks'"),
    (put(0, "units", value={"time": 3}), "a unit as text"),
    (put(0, "copy", value={"name": "a"}), "lacks 'faces_blurred'"),
    (put(0, "copy", value={"name": "../a.mp4", "faces_blurred": True}), "without a folder"),
    (put(0, "copy", value={"name": "a", "faces_blurred": "no"}), "as true or false"),
    (put(0, "schema_version", value=True), "expected a whole number from 1"),
]


@pytest.mark.parametrize(("change", "sentence"), HEADER_FAULTS)
def test_a_header_that_makes_no_sense_is_named(
    change: Change, sentence: str, lines: list[Any], tmp_path: Path
) -> None:
    change(lines)
    with pytest.raises(RecordingError, match=sentence) as caught:
        read_frames(write(tmp_path / "odd.jsonl", lines))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://a")',
        "+1",
        "-1",
        "@sum",
        "knee,left",
        "a\tb",
        "a\nb",
        'a"b',
        "",
        "\ud800",
        "$x^$",
        "a" * 101,
        " ",
    ],
)
def test_a_keypoint_has_a_name_that_every_format_can_hold(name: str) -> None:
    content = walkers.header().as_dict()
    content["skeleton"]["keypoints"][5] = name
    with pytest.raises(RecordingError, match="expected names of a skeleton and its keypoints"):
        Header.from_dict(content)
    with pytest.raises(ValueError, match="expected names of a skeleton and its keypoints"):
        Skeleton("one", (name,), (), (0.1,))


def test_names_of_other_languages_are_names() -> None:
    Skeleton("Körper/links (2)", ("Knie_links", "膝", "left knee"), (), (0.1, 0.1, 0.1))


@pytest.mark.parametrize("line", [0, 5])
def test_brackets_without_end_break_a_line_off(line: int, lines: list[Any], tmp_path: Path) -> None:
    text = [json.dumps(each) for each in lines]
    text[line] = '{"type":"frame","people":' + "[" * 200_000
    path = tmp_path / "deep.jsonl"
    path.write_text("\n".join(text))
    if line == 0:
        with pytest.raises(RecordingError, match="is not a limner recording"):
            load(path)
    else:
        recording = load(path)
        assert len(recording) == 4
        assert recording.problem is not None
        assert "breaks off in line 6" in recording.problem


def test_a_line_without_end_is_no_frame(
    lines: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("limner.recording.reader._LONGEST_LINE", 50_000)
    path = write(tmp_path / "long.jsonl", lines)
    assert len(load(path)) == 30
    with path.open("a") as file:
        file.write(" " * 60_000)
    assert len(load(path)) == 30  # what comes after the end is not read
    write(path, lines[:-1])
    with path.open("a") as file:
        file.write(" " * 60_000)
    with pytest.raises(RecordingError, match="a line of more than 50,000 bytes"):
        load(path)


def test_the_input_may_have_any_name_of_the_file_system(tmp_path: Path) -> None:
    name = "caf\udce9.mp4"  # a byte of Latin-1, as Python has it
    walk = walkers.recording(seconds=0.2)
    header = walkers.header(path=name)
    export(replace(walk, header=header), "jsonl", tmp_path / "walk.jsonl")
    (tmp_path / "walk.jsonl").read_text(encoding="utf-8")
    assert load(tmp_path / "walk.jsonl").header.input.path == name
    assert "caf?" in report_file(tmp_path / "walk.jsonl").path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["csv", "parquet", "trc", "opensim-mot", "coco"])
def test_another_result_is_told_from_the_recording(name: str, tmp_path: Path) -> None:
    path = tmp_path / "walk.other"
    export(walkers.recording(people=(1,)), name, path)
    with pytest.raises(RecordingError, match=r"walk\.other is a .*; give the \.jsonl of the same"):
        load(path)


@pytest.mark.parametrize("begin", [b"\x89PNG\r\n", b"\0\0\0\x20ftypisom", b"\x1aE\xdf\xa3"])
def test_a_video_or_image_is_told_from_the_recording(begin: bytes, tmp_path: Path) -> None:
    (tmp_path / "walk").write_bytes(begin + bytes(range(256)))
    with pytest.raises(RecordingError, match=r"is an? (video|image), and not the recording"):
        load(tmp_path / "walk")


def test_times_may_stand_still(lines: list[Any], tmp_path: Path) -> None:
    """Files count time in whole ticks."""
    lines[5]["time"] = lines[4]["time"]
    recording = load(write(tmp_path / "still.jsonl", lines))
    assert np.diff(recording.times).min() == 0


ODD_VALUES: list[Any] = [None, True, -1, 10**400, 1e300, float("nan"), "\ud800", [], {}, [[[]]]]


def test_no_fault_is_an_internal_error(lines: list[Any], tmp_path: Path) -> None:
    """Every key is taken out, and every value replaced by ones of another kind."""
    for line, content in enumerate(lines[:2]):
        for place in _places(content):
            for value in ODD_VALUES:
                changed = json.loads(json.dumps(lines))
                put(line, *place, value=value)(changed)
                path = write(tmp_path / "odd.jsonl", changed)
                with suppress(LimnerError):
                    load(path)


def _places(content: Any) -> list[tuple[Any, ...]]:
    """Return where the values of a line are, of a list only the first."""
    if isinstance(content, dict):
        items: list[tuple[Any, Any]] = list(content.items())
    elif isinstance(content, list):
        items = list(enumerate(content[:1]))
    else:
        return []
    below = [(key, *place) for key, value in items for place in _places(value)]
    return [(key,) for key, _ in items] + below
