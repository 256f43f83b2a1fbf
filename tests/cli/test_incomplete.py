"""Whatever is made of a recording that ends early says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.media.inputs import Input
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.cli_run import Limner
from support.clips import Clip, make
from support.people import FakeModel


@pytest.mark.parametrize(
    "command",
    [
        ["export", "walk_pose.jsonl", "-f", "csv", "-o", "out"],
        ["plot", "walk_pose.jsonl", "-o", "plot.png"],
        ["report", "walk_pose.jsonl", "-o", "page.html"],
    ],
    ids=lambda command: command[0],
)
def test_it_is_said(
    command: list[str], limner: Limner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clip = make(tmp_path / "walk.mp4", Clip(frames=60, width=160, height=120))
    annotate_input(Input(clip), FakeModel(), Settings())
    whole = limner(*command)
    assert whole.code == 0
    assert "warning" not in whole.err
    recording = tmp_path / "walk_pose.jsonl"
    recording.write_text("".join(recording.read_text("utf-8").splitlines(True)[:-10]), "utf-8")
    done = limner(*command, "--overwrite")
    assert done.code == 0
    assert done.out == whole.out
    assert "walk_pose.jsonl" in done.err
    assert done.err.startswith("warning: ")
