from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import typer
from rich.console import Console
from rich.table import Table
from typer.testing import CliRunner

from limner.cli.eval import evaluate
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.core.steps import Seen, Step
from limner.errors import OutputError, RecordingError, UsageError
from limner.evaluation.run import run
from limner.models.base import FILE, Model, Pace


class Blind:
    """A model that finds nobody."""

    info = ModelInfo("blind", COCO_17)

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        return [Poses.empty(COCO_17) for _ in images]

    def session(self, pace: Pace = FILE) -> Step[Frame, Seen]:
        raise NotImplementedError


def load() -> Model:
    return Blind()


def printed(tables: list[Table]) -> str:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(*tables, sep="\n")
    return capture.get()


def test_pictures_give_tables_and_files(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((40, 60, 3), np.uint8))
    dataset = {
        "images": [{"id": 1, "file_name": "1.png"}],
        "annotations": [],
        "categories": [{"id": 1, "name": "person"}],
    }
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps(dataset))
    results, summary = tmp_path / "results.json", tmp_path / "summary.json"
    text = printed(run(load, images=tmp_path, annotations=labels, results=results, summary=summary))
    assert "blind on 1 images with 0 labelled people" in text
    assert "128-256" in text
    assert json.loads(results.read_text()) == []
    figures = json.loads(summary.read_text())
    assert figures["ap"] is None  # nobody to be found
    assert figures["recall_by_height"][0] == {"height": "<64", "people": 0, "recall": None}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of five frames with one person in four of them."""
    keypoints = [[float(i), 2.0 * i, 0.9] for i in range(17)]
    header = {
        "type": "header",
        "schema_version": 1,
        "program": "limner",
        "input": {"path": "a.mp4", "width": 60, "height": 40},
        "skeleton": {
            "name": "coco-17",
            "keypoints": list(COCO_17.keypoints),
            "edges": [list(edge) for edge in COCO_17.edges],
        },
        "model": {"name": "blind", "files": {}, "backend": "none", "device": "none"},
        "units": {},
        "options": {"threshold": 0.3},
    }
    lines: list[dict[str, Any]] = [header]
    for index in range(5):
        person = {"id": 1, "score": 0.9, "box": [0, 0, 16, 32], "keypoints": keypoints}
        people = [person] if index != 2 else []
        lines.append({"type": "frame", "frame": index, "time": index / 10, "people": people})
    lines.append({"type": "end", "frames": 5, "complete": True})
    path = tmp_path / "a_pose.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_recording_gives_tables_and_files(tmp_path: Path, recording: Path) -> None:
    summary, timeline = tmp_path / "summary.json", tmp_path / "who.png"
    text = printed(run(load, recording=recording, summary=summary, timeline=timeline))
    assert "5 frames, 0.50 s" in text
    assert "as written" in text
    figures = json.loads(summary.read_text())
    assert figures["coverage_by_id"] == {"1": 0.8}
    (movement,) = figures["movement"]
    assert movement["person"] == 1
    assert movement["steps_per_minute"] is None  # nobody moves
    assert "steps/min" in text
    assert timeline.read_bytes().startswith(b"\x89PNG")


def test_what_is_there_already_stays(tmp_path: Path, recording: Path) -> None:
    summary, timeline = tmp_path / "summary.json", tmp_path / "who.png"
    for path in (summary, timeline):
        path.write_text("old")
    with pytest.raises(OutputError, match=r"summary.json, .*who.png are there already"):
        run(load, recording=recording, summary=summary, timeline=timeline)
    assert summary.read_text() == timeline.read_text() == "old"
    with pytest.raises(OutputError, match=r"summary.json is there already"):  # before all work
        run(load, images=tmp_path, annotations=tmp_path / "labels.json", summary=summary)
    run(load, recording=recording, summary=summary, timeline=timeline, overwrite=True)
    assert json.loads(summary.read_text())
    assert timeline.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["summary.json", "who.png"])
def test_a_full_disk_leaves_the_old_files(
    name: str, tmp_path: Path, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.write_text("old")

    def fill(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text" if path.suffix == ".json" else "write_bytes", fill)
    summary, timeline = (path, None) if path.suffix == ".json" else (None, path)
    with pytest.raises(OutputError, match=f"cannot write .*{path.stem}.*: No space left"):
        run(load, recording=recording, summary=summary, timeline=timeline, overwrite=True)
    assert path.read_text() == "old"
    assert not list(tmp_path.glob("*partial*"))


def test_a_result_in_no_folder_is_one_sentence(tmp_path: Path, recording: Path) -> None:
    with pytest.raises(OutputError, match="there is no folder"):
        run(load, recording=recording, summary=tmp_path / "nowhere" / "summary.json")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "what is to be measured"),
        ({"images": Path()}, "what is to be measured"),
        ({"images": Path(), "recording": Path()}, "--images cannot be combined with --recording"),
        ({"recording": Path(), "max_people": 1}, "--max-people cannot be combined"),
        (
            {"images": Path(), "annotations": Path(), "timeline": Path()},
            "--timeline cannot be combined with --images",
        ),
        ({"images": Path(), "annotations": Path(), "max_people": 0}, "expected 1 or more, got 0"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(load, **options)


def test_the_command_hands_its_options_on(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(evaluate)
    outcome = CliRunner().invoke(app, ["--recording", "a.jsonl", "--max-people", "2"])
    assert isinstance(outcome.exception, UsageError)
    assert "--max-people cannot be combined with --recording" in str(outcome.exception)
    outcome = CliRunner().invoke(app, ["--recording", str(tmp_path / "a.jsonl")])
    assert isinstance(outcome.exception, RecordingError)
