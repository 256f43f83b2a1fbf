"""A disk that fills up costs nothing that was there before, whatever is written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from limner.media.inputs import Input
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel
from support.processes import start

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing"),
]

# A limit of file sizes stands for the full disk: writing fails in the same way.
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))"


@pytest.mark.parametrize(
    ("arguments", "results"),
    [
        (["plot", "walk_pose.jsonl", "-o", "plot.png"], ["plot.png"]),
        (["report", "walk_pose.jsonl", "-o", "page.html"], ["page.html"]),
        (["export", "walk_pose.jsonl", "-f", "csv,trc", "-o", "out"], ["out/walk_pose.csv"]),
        (["eval", "--recording", "walk_pose.jsonl", "--timeline", "who.png"], ["who.png"]),
        (["walk.mp4", "-o", "."], ["walk_pose.mp4", "walk_pose.csv", "walk_pose.jsonl"]),
    ],
    ids=["plot", "report", "export", "eval", "annotate"],
)
def test_what_was_there_stays(tmp_path: Path, arguments: list[str], results: list[str]) -> None:
    clip = make(tmp_path / "walk.mp4", Clip(frames=30))
    annotate_input(Input(clip), FakeModel(), Settings())
    before = {}
    for name in results:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_text("old")
        before[path] = path.read_bytes()
    found = set(tmp_path.rglob("*"))
    process = start(tmp_path, *arguments, "--overwrite", before=LIMIT)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 1, (out, err)
    assert "Traceback" not in err
    assert "File too large" in err
    assert {path: path.read_bytes() for path in before} == before
    new = {path.name for path in set(tmp_path.rglob("*")) - found}
    assert all(".partial." in name for name in new)
    assert not new or arguments[0] == "walk.mp4"
