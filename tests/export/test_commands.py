"""The commands export, report and plot: options in, paths out."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from limner.cli.export import export as export_command
from limner.cli.plot import plot as plot_command
from limner.cli.report import report as report_command
from limner.errors import RecordingError, UsageError
from limner.export import FORMATS, export
from support import walkers

app = typer.Typer()
app.command("export")(export_command)
app.command("report")(report_command)
app.command("plot")(plot_command)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    export(walkers.recording(people=(1,)), "jsonl", tmp_path / "walk_pose.jsonl")
    return tmp_path / "walk_pose.jsonl"


def run(*words: str | Path) -> list[str]:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_export_says_where_the_results_are(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lines = run("export", source, "--format", "csv, trc", "--height", "1.7", "-o", out)
    assert lines == [str(out / "walk_pose.csv"), str(out / "walk_pose.trc")]


def test_export_puts_set_ups_beside_markers_of_a_model(source: Path, tmp_path: Path) -> None:
    lines = run("export", source, "--format", "trc", "--markers", "pose2sim", "-o", tmp_path / "o")
    names = [Path(line).name for line in lines]
    assert names == ["walk_pose.trc", "walk_pose_scaling.xml", "walk_pose_ik.xml"]
    with pytest.raises(UsageError, match="pose2sim"):
        run("export", source, "--format", "trc", "--markers", "mine", "-o", tmp_path / "p")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("csv", ["--metres", "--threshold", "0"]),
        ("parquet", ["--no-metres", "--no-flags"]),
        ("openpose", ["--body", "coco-18"]),
        ("trc", ["--scale", "0.004", "--rate", "60"]),
        ("coco", ["--person", "1", "--overwrite"]),
    ],
)
def test_every_option_is_honoured(name: str, words: list[str], source: Path) -> None:
    (line,) = run("export", source, "--format", name, *words)
    assert Path(line).exists()
    if name == "csv":
        text = Path(line).read_text().splitlines()
        assert text[0].endswith("right_foot_index_z_m")
        assert ",," not in text[1]
    if name == "trc":
        assert "60.000000" in Path(line).read_text()


def test_an_option_for_nobody_is_an_error(source: Path) -> None:
    with pytest.raises(UsageError, match="--height means nothing to csv"):
        run("export", source, "--height", "1.7")


def test_help_names_every_format() -> None:
    text = " ".join(run("export", "--help"))
    for name in FORMATS:
        assert name in text.replace("│", " ")


def test_angles_everywhere(source: Path) -> None:
    pytest.importorskip("limner.motion.angles")
    run("export", source, "--format", "csv,parquet", "--angles")
    text = source.with_suffix(".csv").read_text()
    assert "left_knee_deg" in text.splitlines()[0]
    with pytest.raises(UsageError, match="--angles means nothing to coco"):
        run("export", source, "--format", "coco", "--angles")


def test_columns_of_flags_views_and_margins(tmp_path: Path) -> None:
    frames = tuple(
        replace(
            poses,
            errors=np.full(poses.scores.shape, 0.5, np.float32),
            flags=np.full(poses.scores.shape, 1, np.uint8),
        )
        for poses in walkers.recording(people=(1,))
    )
    source = tmp_path / "walk.jsonl"
    export(replace(walkers.recording(people=(1,)), frames=frames), "jsonl", source)
    words = ["--flags", "--angles-auto", "--margins"]
    (line,) = run("export", source, "--format", "csv", *words)
    with Path(line).open() as file:
        row = list(csv.DictReader(file))[30]
    assert row["left_knee_flags"] == "1"
    assert 60 <= float(row["view_deg"]) <= 90
    assert 0 <= float(row["left_knee_3d_deg"]) <= 60
    assert 0 < float(row["left_knee_margin_deg"]) < 5
    assert row["pelvis_deg"] == row["pelvis_margin_deg"] == ""  # seen from the side


def test_margins_of_a_recording_without_errors_are_refused(source: Path) -> None:
    with pytest.raises(RecordingError, match="does not say how far keypoints may be off"):
        run("export", source, "--format", "csv", "--margins")


def test_report_and_plot(source: Path) -> None:
    pytest.importorskip("limner.motion.angles")
    (page,) = run("report", source, "--show", "left_knee_deg,nose_y")
    text = Path(page).read_text(encoding="utf-8")
    assert '"left_knee_deg"' in text
    assert '"nose_y"' in text
    (picture,) = run("plot", source, "--show", "left_knee_deg", "--end", "2")
    assert Path(picture).read_bytes().startswith(b"\x89PNG")


def test_markers_and_decimal_commas(source: Path) -> None:
    lines = run("export", source, "--format", "trc,csv", "--markers", "pose2sim", "--decimal=comma")
    endings = [line.removeprefix(str(source.with_suffix(""))) for line in lines]
    assert endings == [".trc", "_scaling.xml", "_ik.xml", ".csv"]
    assert "\tRKnee\t" in Path(lines[0]).read_text()
    assert Path(lines[3]).read_text(encoding="utf-8-sig").startswith("frame;time;")


def test_notes_do_not_mix_with_the_paths(source: Path) -> None:
    result = CliRunner().invoke(app, ["export", str(source), "--format", "bvh"])
    assert result.stdout.splitlines() == [str(source.with_suffix(".bvh"))]
    assert result.stderr.startswith("note: walk_pose.bvh: left_wrist, never seen")
