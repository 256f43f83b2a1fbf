"""The example notebook runs, cell by cell, on a recording of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import limner
import walkers
from limner import recording
from limner.export import export

pytest.importorskip("limner.motion.angles")

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "first_look.ipynb"


def test_the_notebook_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setattr(limner, "load", recording.load, raising=False)
    export(walkers.recording(), "jsonl", tmp_path / "dance_pose.jsonl")
    names: dict[str, Any] = {}
    for number, cell in enumerate(json.loads(NOTEBOOK.read_text())["cells"]):
        if cell["cell_type"] == "code":
            code = compile("".join(cell["source"]), f"{NOTEBOOK.name}, cell {number}", "exec")
            exec(code, names)  # noqa: S102 - it is our own
    # 260 pixels a second for 59 steps of 1/30 s.
    assert "The nose moves 511 pixels." in capsys.readouterr().out
    assert (tmp_path / "dance_part.trc").exists()
    assert len(names["axes"].lines) == 2


def test_the_notebook_is_stored_without_results() -> None:
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert not cell.get("outputs")
