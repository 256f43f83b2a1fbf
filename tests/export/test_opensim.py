"""What OpenSim itself reads of the formats that are made for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.export import export
from limner.recording.recording import Recording
from support import walkers

LAST = BLAZEPOSE_33.keypoints[-1]


@pytest.mark.parametrize(
    ("unsure", "away"), [((), False), ((LAST,), False), (("nose", LAST), False), ((), True)]
)
def test_every_cell_of_a_trc_is_filled(unsure: tuple[str, ...], away: bool, tmp_path: Path) -> None:
    export(_walk(unsure, away), "trc", tmp_path / "walk.trc", scale=0.01)
    rows = (tmp_path / "walk.trc").read_text().splitlines()[6:]
    assert len(rows) == 90
    for row in rows:
        cells = row.split("\t")
        assert len(cells) == 2 + 3 * 33
        assert all(cell.strip() for cell in cells)


@pytest.mark.parametrize(
    ("unsure", "away"), [((), False), ((LAST,), False), (("nose", LAST), False), ((), True)]
)
def test_opensim_reads_a_trc(unsure: tuple[str, ...], away: bool, tmp_path: Path) -> None:
    opensim = pytest.importorskip("opensim", reason="needs OpenSim")
    opensim.Logger.setLevelString("off")
    walk = _walk(unsure, away)
    export(walk, "trc", tmp_path / "walk.trc", scale=0.01)
    table = opensim.TimeSeriesTableVec3(str(tmp_path / "walk.trc"))
    assert table.getNumRows() == 90
    assert list(table.getColumnLabels()) == list(BLAZEPOSE_33.keypoints)
    knee = _column(table, "left_knee")
    truth = walk.keypoints[:, 0, BLAZEPOSE_33.index("left_knee")] * 0.01
    np.testing.assert_allclose(knee[:, 0], truth[:, 0], atol=2e-6)
    last = _column(table, LAST)
    gone = np.isnan(walk.seen_keypoints[:, 0, -1, 0])
    np.testing.assert_array_equal(np.isnan(last[:, 0]), gone)


@pytest.mark.parametrize("name", ["trc", "opensim-mot"])
def test_a_line_break_in_a_name_stays_out_of_the_head(name: str, tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,))
    export(walk, name, tmp_path / "plain")
    export(walk, name, tmp_path / "a\n1\t2")
    plain, odd = ((tmp_path / at).read_text() for at in ("plain", "a\n1\t2"))
    assert odd == plain.replace("plain", "a_1_2")


def _column(table: Any, name: str) -> NDArray[np.float64]:
    column = table.getDependentColumn(name)
    return np.array([[column[row][axis] for axis in range(3)] for row in range(column.size())])


def _walk(unsure: tuple[str, ...], away: bool) -> Recording:
    walk = walkers.recording(people=(1,), unsure=unsure)
    if not away:
        return walk
    frames = [
        Poses.empty(BLAZEPOSE_33, frame.index, frame.time) if 30 <= row < 60 else frame
        for row, frame in enumerate(walk.frames)
    ]
    return Recording(walk.header, tuple(frames))
