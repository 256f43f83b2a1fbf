"""An angle is the same number in whatever way one comes to it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner import annotate, load
from limner.core.arrays import Doubles, Floats
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.drawing import labels
from limner.drawing.canvas import Canvas
from limner.export.saving import export
from limner.motion import AngleMeter
from limner.report.quantities import curves, quantities
from limner.settings import Settings
from support.clips import Clip, make
from support.figures import figure
from support.people import FakeModel

SIZE = 480


class Figures(FakeModel):
    """Sees a figure that somersaults, leaves for a moment, and turns around; with noise."""

    skeleton = BLAZEPOSE_33


def bodies(index: int, width: int, height: int) -> list[Floats]:
    time = index / 30
    turn = 90 + 360 * np.clip((time - 0.5) / 0.7, 0, 1)
    points = figure(
        trunk=np.array([turn]), root=(200.0 + index, 240.0), size=90.0, knee=40 + 60 * np.sin(time)
    )[0]
    if time > 3:
        # Through the camera's plane to the other side.
        points[:, 0] = 240 + (points[:, 0] - 240) * np.cos(np.clip(2 * (time - 3), 0, np.pi))
    points += np.random.default_rng(index).normal(0, 1.5, points.shape)
    return [] if 60 <= index < 66 or 75 <= index < 105 else [points.astype(np.float32)]


def ways(clip: Path, folder: Path, **options: Any) -> dict[str, list[dict[str, float]]]:
    """Return the angles of everybody, by ways to come to them; one dictionary a sighting."""
    auto = options.get("angles_auto", False)
    annotate(
        clip,
        output=folder,
        angles=not auto,
        video=False,
        format=("csv", "jsonl", "parquet"),
        **options,
    )
    recording = load(folder / f"{clip.stem}_pose.jsonl")
    found = {"csv": _table(folder / f"{clip.stem}_pose.csv"), "jsonl": []}
    for line in (folder / f"{clip.stem}_pose.jsonl").read_text().splitlines():
        found["jsonl"] += [
            {f"{name}_deg": np.nan if v is None else v for name, v in person["angles"].items()}
            for person in json.loads(line).get("people", [])
        ]
    export(recording, "csv", folder / "again.csv", angles=not auto, angles_auto=auto)
    found["export"] = _table(folder / "again.csv")
    table = recording.to_pandas(angles="auto" if auto else True)
    found["python"] = table.filter(like="_deg").to_dict("records")
    if auto:  # charts and loops have every angle
        return found
    shown = [each for each in quantities(recording.skeleton) if each.group == "angle"]
    found["report and plot"] = [{} for _ in range(len(table))]
    for person in recording.people:
        places = np.flatnonzero(table["person"] == person)
        for quantity, curve in zip(shown, curves(recording.track(person), shown), strict=True):
            for place, value in zip(places, curve.values, strict=True):
                found["report and plot"][place][quantity.name] = value
    meter = AngleMeter(recording.header.threshold, linked=recording.header.linked)
    found["frame by frame"] = []
    for poses in recording:
        angles = meter.push(poses)
        found["frame by frame"] += [
            {f"{name}_deg": values[person] for name, values in angles.items()}
            for person in range(len(poses))
        ]
    return found


def _table(path: Path) -> list[dict[str, float]]:
    with path.open() as file:
        return [
            {name: float(v or "nan") for name, v in row.items() if name.endswith("_deg")}
            for row in csv.DictReader(file)
        ]


def same(found: dict[str, list[dict[str, float]]]) -> Doubles:
    """See that all ways agree to the written rounding; return the (F, A) angles."""
    names = list(found["csv"][0])
    tables = {
        way: np.array([[row[name] for name in names] for row in rows])
        for way, rows in found.items()
    }
    for way, table in tables.items():
        if way in ("csv", "jsonl", "export"):
            np.testing.assert_array_equal(table, tables["csv"], err_msg=way)
        else:
            np.testing.assert_allclose(table, tables["csv"], atol=0.005 + 1e-9, err_msg=way)
    return tables["csv"]


@pytest.mark.parametrize(
    "options",
    [{}, {"lag": 0.0}, {"smooth": False}, {"track": False}, {"angles_auto": True}],
    ids=str,
)
def test_all_ways_agree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    clip = make(tmp_path / "clip.mp4", Clip(frames=150, width=SIZE, height=SIZE))
    monkeypatch.setattr("limner.api.open_model", lambda settings: Figures(bodies))
    table = same(ways(clip, tmp_path / "o", **options))
    assert len(table) > 90
    if "angles_auto" not in options:
        assert (np.nanmax(np.abs(table)) > 200) == options.get("track", True)


def test_labels_show_what_the_table_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make(tmp_path / "clip.mp4", Clip(frames=60, width=SIZE, height=SIZE))
    monkeypatch.setattr("limner.api.open_model", lambda settings: Figures(bodies))
    written: list[list[str]] = []
    draw = labels.AngleAnnotator.draw

    def watched(self: labels.AngleAnnotator, canvas: Canvas, poses: Poses) -> None:
        if len(poses):
            written.append([])
        draw(self, canvas, poses)

    monkeypatch.setattr(labels.AngleAnnotator, "draw", watched)
    monkeypatch.setattr(Canvas, "text", lambda self, text, *_: written[-1].append(text))
    annotate(clip, output=tmp_path, angles=True, labels="angles", format="csv")
    rows = iter(_table(tmp_path / "clip_pose.csv"))
    assert sum(map(bool, written)) > 40  # for some frames the figure is too small
    for texts, row in zip(written, rows, strict=True):
        if not texts:
            continue
        shown = [
            row[f"{side}_{joint}_deg"]
            for joint in ("elbow", "shoulder", "hip", "knee")
            for side in ("left", "right")
        ]
        np.testing.assert_allclose(
            sorted(map(float, texts)), sorted(v for v in shown if v == v), atol=0.505
        )


@pytest.mark.parametrize("model", ["blazepose-full", None])
def test_all_ways_agree_on_the_demo(
    model: str | None,
    tmp_path: Path,
    shared: Path,
    weights: list[Path],
    default_weights: list[Path],
) -> None:
    clip = shared / "data" / "videos" / "sports2d_demo.mp4"
    table = same(ways(clip, tmp_path, model=Settings(model=model).model))
    assert len(table) > 300
