"""The example notebook runs, cell by cell, on a recording of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.export import export
from support import walkers

pytest.importorskip("limner.motion.angles")

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "first_look.ipynb"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    """Run every cell beside the recording dance_pose.jsonl, and return the names it leaves."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")

    def cells() -> dict[str, Any]:
        names: dict[str, Any] = {}
        for number, cell in enumerate(json.loads(NOTEBOOK.read_text())["cells"]):
            if cell["cell_type"] == "code":
                code = compile("".join(cell["source"]), f"{NOTEBOOK.name}, cell {number}", "exec")
                exec(code, names)  # noqa: S102 - it is our own
        return names

    return cells


def test_the_notebook_runs(
    tmp_path: Path, run: Callable[[], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    export(walkers.recording(), "jsonl", tmp_path / "dance_pose.jsonl")
    names = run()
    # 260 pixels a second for 59 steps of 1/30 s.
    assert "The nose moves 511 pixels." in capsys.readouterr().out
    assert (tmp_path / "dance_part.trc").exists()
    assert len(names["axes"].lines) == 2


def test_the_notebook_runs_on_a_real_recording(
    demo_recording: Path, tmp_path: Path, run: Callable[[], dict[str, Any]]
) -> None:
    shutil.copy(demo_recording, tmp_path / "dance_pose.jsonl")
    names = run()
    assert names["recording"].complete
    assert names["part"].keypoints.shape == (60, 1, 33, 2)
    assert len(names["table"]) == names["recording"].present.sum()
    for line in names["axes"].lines:
        assert np.isfinite(line.get_ydata()).mean() > 0.9
    assert (tmp_path / "dance_part.trc").exists()


def test_the_notebook_is_stored_without_results() -> None:
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert not cell.get("outputs")
