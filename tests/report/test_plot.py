"""Plots for papers."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from limner.drawing.colors import LEFT, RIGHT, hex_color, legible
from limner.errors import OutputError, RecordingError, UsageError
from limner.export import export
from limner.recording.track import Track
from limner.report import plot as plot_module
from limner.report.palette import INK
from limner.report.plot import plot, plot_file
from limner.report.quantities import Curve, Quantity, curves
from support import walkers

pytest.importorskip("limner.motion.angles")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    export(walkers.recording(), "jsonl", tmp_path / "walk_pose.jsonl")
    return tmp_path / "walk_pose.jsonl"


def test_a_png_of_the_size_asked_for(source: Path) -> None:
    path, problem = plot_file(
        source, width=88, dpi=254, names=["left_knee_deg", "right_knee_deg", "nose_x"]
    )
    assert problem is None
    assert path.name == "walk_pose_plot.png"
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape[1] == 880
    # The sides' colours are those of the video, in shades for paper.
    for colour in (legible(LEFT), legible(RIGHT), INK):
        assert (picture == colour[::-1]).all(axis=2).sum() > 200


def test_one_person_of_a_part(source: Path) -> None:
    path, _ = plot_file(source, source.with_name("a.svg"), person=2, start=1, end=2)
    alone = path.read_text()
    assert "<svg" in alone
    both = plot_file(source, source.with_name("b.svg"), start=1, end=2)[0].read_text()
    # Knee and ankle, left and right: a column for each person.
    for side in (LEFT, RIGHT):
        stroke = f"stroke: {hex_color(legible(side))}"
        key = 1
        assert alone.count(stroke) == 2 + key
        assert both.count(stroke) == 2 * 2 + key


def test_a_crowd_is_cut_and_says_so(tmp_path: Path) -> None:
    crowd = walkers.recording(seconds=5, people=range(1, 9))
    export(crowd, "jsonl", tmp_path / "walk_pose.jsonl")
    _, problem = plot_file(tmp_path / "walk_pose.jsonl", dpi=50)
    assert problem is not None
    assert "only the 6 of 8 people" in problem
    assert plot_file(tmp_path / "walk_pose.jsonl", person=8, overwrite=True, dpi=50)[1] is None


def test_intervals_and_marked_stretches_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubted(track: Track, shown: list[Quantity]) -> list[Curve]:
        found = curves(track, shown)
        interval = np.stack([found[0].values - 10, found[0].values + 10])
        return [Curve(found[0].values, interval, {"filled": [(10, 20)]}), *found[1:]]

    walk = walkers.recording(people=(1,))
    plot(walk, tmp_path / "plain.svg", names=["left_knee_deg"])
    monkeypatch.setattr(plot_module, "curves", doubted)
    plot(walk, tmp_path / "doubted.svg", names=["left_knee_deg"])
    plain, drawn = ((tmp_path / name).read_text().count for name in ("plain.svg", "doubted.svg"))
    assert plain("FillBetween") == 0
    assert drawn("FillBetween") >= 1
    assert plain("<pattern") == 0
    assert drawn("<pattern") == 1


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
