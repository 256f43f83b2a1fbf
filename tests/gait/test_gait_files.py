"""`limner gait`: its tables, its page and its PDF."""

from __future__ import annotations

import csv
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from limner.core.arrays import Doubles
from limner.export import export
from limner.gait.analysis import analyse
from limner.gait.chart import plotting
from limner.gait.files import gait_file
from limner.gait.sheet import nobody_sheet, walker_sheet
from support import figures
from support.cli_run import Limner
from support.gaits import recording, walk

TIMES = np.arange(240) / 30
ENDINGS = {
    *(f"_{name}.csv" for name in ("measures", "strides", "events", "cycles", "passages")),
    ".html",
    ".pdf",
}


def save(folder: Path, keypoints: Doubles, name: str = "walk_pose.jsonl") -> Path:
    path: Path = export(recording(keypoints, TIMES), "jsonl", folder / name)[0]
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A recording of somebody who walks and somebody who stands."""
    people = np.stack([walk(TIMES).keypoints, figures.stand(TIMES)], axis=1)
    return save(tmp_path, people)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_command_writes_them_all(limner: Limner, source: Path) -> None:
    run = limner("gait", source)
    assert run.code == 0
    assert run.err == ""
    stem = f"{source.with_suffix('')}_gait"
    assert set(run.out.split()) == {stem + ending for ending in ENDINGS}
    again = limner("gait", source)
    assert again.code == 1
    assert "use --overwrite" in again.err
    assert limner("gait", source, "--overwrite", "--person", "1", "--height", "175").code == 0
    assert limner("gait", source, "-o", source.parent / "new" / "folder").code == 0


def test_tables_agree_with_each_other(source: Path) -> None:
    found = gait_file(source)
    table = {path.stem.rsplit("_", 1)[-1]: rows(path) for path in found.paths[:5]}
    strides, events = table["strides"], table["events"]
    assert {row["person"] for row in strides} == {"1"}
    measures = {row["measure"]: row for row in table["measures"]}
    for side in ("left", "right"):
        times = [float(row["stride_time"]) for row in strides if row["side"] == side]
        assert float(measures["stride_time"][f"{side}_mean"]) == pytest.approx(
            np.mean(times), abs=1e-4
        )
        assert int(measures["stride_time"][f"{side}_n"]) == len(times)
        strikes = [
            row["time"] for row in events if (row["side"], row["event"]) == (side, "foot strike")
        ]
        assert [row["start"] for row in strides if row["side"] == side] == strikes[:-1]
    for row in events:
        assert abs(float(row["time"]) - TIMES[int(row["frame"])]) <= 0.5 / 30 + 1e-6
    assert measures["cadence"]["left_mean"] == ""
    assert len(table["cycles"]) == 3 * 2 * 101
    assert [row["used"] for row in table["passages"]] == ["yes", "no"]
    assert table["passages"][1]["person"] == "2"
    assert table["passages"][1]["reason"] == "stands: the feet do not step"


class Outline(HTMLParser):
    """What a page is made of, and whether all that opens is closed."""

    void = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def page(path: Path) -> Outline:
    outline = Outline()
    text = path.read_text(encoding="utf-8")
    # Nothing is fetched: addresses only name the languages that a chart is written in.
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?https?:""", text)
    assert "<script" not in text
    outline.feed(text)
    assert outline.open == []
    return outline


def test_the_page_says_it_all(source: Path) -> None:
    found = gait_file(source)
    outline = page(found.paths[5])
    assert outline.seen.count("svg") == 3
    assert "Gait of person 1 in walk.mp4" in outline.text
    assert "cadence, steps/min" in outline.text
    assert re.search(r"1\.10 ± 0\.0\d \(\d\)", outline.text)
    assert "no: stands: the feet do not step" in outline.text
    assert "Lengths are in leg lengths" in outline.text
    assert "in metres by a body height of 1.75 m" in (
        page(gait_file(source, height=1.75, overwrite=True).paths[5]).text
    )


def test_the_pdf_has_a_page_for_each_walker(tmp_path: Path) -> None:
    one = walk(TIMES).keypoints
    found = gait_file(save(tmp_path, np.stack([one, one + 60, figures.stand(TIMES)], axis=1)))
    content = found.paths[6].read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", content)) == 2


def test_the_pdf_has_room_for_what_it_says(tmp_path: Path) -> None:
    """Of 80 passages it shows some and counts the rest; nothing is under the page's end."""
    there = walk(TIMES[:120]).keypoints
    parts = [part for _ in range(40) for part in (there, np.repeat(there[-1:], 90, axis=0))]
    keypoints = np.concatenate(parts)
    made = recording(keypoints, np.arange(len(keypoints)) / 30)
    gaits = analyse(made)
    assert len(gaits[0].passages) > 70
    with plotting():
        for figure in (walker_sheet(made, gaits[0]), nobody_sheet(made, gaits * 4)):
            words = [text.get_text() for text in figure.texts]
            assert any(re.fullmatch(r"and \d+ more, in the table of passages", w) for w in words)
            assert min(text.get_position()[1] for text in figure.texts) > 0.02


def test_nobody_walks(limner: Limner, tmp_path: Path) -> None:
    source = save(tmp_path, figures.stand(TIMES))
    run = limner("gait", source)
    assert run.code == 0
    assert "warning: Nobody walks across the image of walk.mp4" in run.err
    paths = [Path(line) for line in run.out.split()]
    for path in paths[:4]:
        assert rows(path) == []
    assert [row["used"] for row in rows(paths[4])] == ["no"]
    assert "stands: the feet do not step" in page(paths[5]).text
    assert paths[6].read_bytes().startswith(b"%PDF-")


def test_odd_names(tmp_path: Path) -> None:
    """Letters that fonts, HTML or matplotlib's formulas would take for something else."""
    for name in ("a$b$<i>&.jsonl", "歩行\U0001f6b6.jsonl"):
        made = recording(walk(TIMES).keypoints, TIMES)
        object.__setattr__(made.header.input, "path", name.replace("jsonl", "mp4"))
        (source,) = export(made, "jsonl", tmp_path / name)
        found = gait_file(source)
        assert name.replace("jsonl", "mp4") in page(found.paths[5]).text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--person", "5"], "no person 5"),
        (["--height", "17.5"], "--height above 0 in metres such as 1.75"),
        (["--start", "100"], "has 0 frames, and a gait is measured over time"),
        (["--start", "1", "--end", "1.02"], "has 1 frame, and a gait is measured over time"),
    ],
)
def test_what_is_refused(arguments: list[str], sentence: str, limner: Limner, source: Path) -> None:
    run = limner("gait", source, *arguments)
    assert run.code != 0
    assert sentence in run.err
    assert "internal" not in run.err
    assert [path for path in source.parent.iterdir() if path != source] == []
