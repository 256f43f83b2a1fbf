"""Tables as spreadsheets read them, and results taken for the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.export import export, export_file
from support import walkers


def test_decimal_commas_hold_the_same_numbers(tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,))
    export(walk, "csv", tmp_path / "point.csv", angles=True, metres=True)
    export(walk, "csv", tmp_path / "comma.csv", angles=True, metres=True, decimal="comma")
    raw = (tmp_path / "comma.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfframe;time;person;score;nose_x;")
    assert b"," not in raw.splitlines()[0]
    assert b"." not in raw
    point = pd.read_csv(tmp_path / "point.csv")
    comma = pd.read_csv(tmp_path / "comma.csv", sep=";", decimal=",", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(point, comma)
    assert np.isnan(comma["left_wrist_x"]).all()
    assert (tmp_path / "point.csv").read_bytes().startswith(b"frame,time")


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    for name in ("=1+1", "@SUM(A1)", "+1", "-1", "\t=1", "a;b", 'a"b', "a,b"):
        with pytest.raises(ValueError, match="expected names of a skeleton and its keypoints"):
            Skeleton("odd", (name,), (), (0.1,))
    export(walkers.recording(), "csv", tmp_path / "walk.csv", angles=True)
    head, *rows = (tmp_path / "walk.csv").read_text().splitlines()
    assert all(name[0].isalpha() for name in head.split(","))
    for row in rows:
        assert all(cell == "" or np.isfinite(float(cell)) for cell in row.split(","))


def test_another_decimal_sign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected --decimal point or comma, got 'dot'"):
        export(walkers.recording(), "csv", tmp_path / "walk.csv", decimal="dot")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "options", "what"),
    [
        ("csv", {}, r"a table of limner's \(csv\)"),
        ("csv", {"decimal": "comma"}, r"a table of limner's \(csv, with decimal commas\)"),
        ("trc", {"height": 1.7}, r"a file of markers \(trc\)"),
        ("bvh", {}, r"a file of joint rotations \(bvh\)"),
        ("c3d", {}, r"a file of markers \(c3d\)"),
        ("opensim-mot", {}, r"a motion of OpenSim's \(mot\)"),
    ],
)
def test_a_result_is_told_from_the_recording(
    name: str, options: dict[str, object], what: str, tmp_path: Path
) -> None:
    export(walkers.recording(), "jsonl", tmp_path / "walk_pose.jsonl")
    result = export_file(tmp_path / "walk_pose.jsonl", [name], **options)[0][0]
    with pytest.raises(RecordingError, match=rf"is {what}, .* same run, walk_pose.jsonl$"):
        export_file(result, ["csv"])
    (tmp_path / "walk_pose.jsonl").unlink()
    with pytest.raises(RecordingError, match=r"same run, such as walk_pose.jsonl$"):
        export_file(result, ["csv"])
