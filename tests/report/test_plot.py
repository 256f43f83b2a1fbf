"""Plots for papers."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import cv2
import pytest
from matplotlib.figure import Figure

from limner.errors import OutputError, RecordingError, UsageError
from limner.export import export
from limner.report.plot import plot, plot_file
from support import walkers

pytest.importorskip("limner.motion.angles")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    export(walkers.recording(), "jsonl", tmp_path / "walk_pose.jsonl")
    return tmp_path / "walk_pose.jsonl"


def test_a_png_of_the_size_asked_for(source: Path) -> None:
    path, problem = plot_file(source, width=88, dpi=254, names=["nose_x"])
    assert problem is None
    assert path.name == "walk_pose_plot.png"
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape[1] == 880
    # Two people's colours, in OpenCV's order: #0072B2 and #D55E00.
    for colour in ((0xB2, 0x72, 0x00), (0x00, 0x5E, 0xD5)):
        assert (picture == colour).all(axis=2).sum() > 200


def test_one_person_of_a_part(source: Path) -> None:
    path, _ = plot_file(source, source.with_name("a.svg"), person=2, start=1, end=2)
    text = path.read_text()
    assert "#d55e00" not in text.lower()
    assert "<svg" in text


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"names": ["left_kneee_deg"]}, UsageError, "perhaps left_knee"),
        ({"person": 5}, UsageError, "no person 5; it has 1, 2"),
        ({"start": 50.0}, RecordingError, "nobody is seen in that part"),
        ({"width": 0.0}, UsageError, "a width of 20 to 1000 mm"),
        ({"dpi": 100000}, UsageError, "20 to 2400 dpi"),
        ({"output": "plot.docx"}, UsageError, "ends in .png, .pdf, .svg"),
        ({"output": "/none/plot.png"}, OutputError, "cannot write /none/plot.png"),
    ],
)
def test_what_is_refused(
    options: dict[str, Any], error: type[Exception], sentence: str, source: Path
) -> None:
    with pytest.raises(error, match=sentence):
        plot_file(source, **options)


def test_one_frame_and_no_overwriting(tmp_path: Path) -> None:
    one = walkers.recording()[:1]
    plot(one, tmp_path / "one.png")
    with pytest.raises(OutputError, match="is there already"):
        plot(one, tmp_path / "one.png")
    plot(one, tmp_path / "one.png", overwrite=True)


@pytest.mark.parametrize("ending", [".png", ".pdf", ".svg"])
def test_a_full_disk_leaves_the_old_plot(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"one{ending}"
    path.write_text("old")

    def fill(figure: Figure, target: Path) -> None:
        target.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fill)
    with pytest.raises(OutputError, match=f"cannot write .*one{ending}: No space left"):
        plot(walkers.recording()[:1], path, overwrite=True)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [(path.name, "old")]
