"""One file per person, of whom not everybody is seen well enough."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from limner.core.skeletons import BLAZEPOSE_33
from limner.errors import OutputError, RecordingError
from limner.export import export
from limner.recording.recording import Recording
from support import walkers


def with_a_bystander() -> Recording:
    """Two walkers, the second of whom is seen from the hips up."""
    walk = walkers.recording()
    legs = [
        BLAZEPOSE_33.index(f"{side}_{joint}")
        for side in ("left", "right")
        for joint in ("knee", "ankle")
    ]
    for poses in walk.frames:
        poses.scores[np.ix_(poses.ids == 2, legs)] = 0.1
    return walk


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("trc", {"height": 1.7}, "person 2: a height in pixels is not known"),
        ("trc", {"markers": "pose2sim"}, "the thigh of person 2 is not seen"),
        ("c3d", {"height": 1.7}, "person 2: a height in pixels is not known"),
    ],
)
def test_a_bystander_does_not_stop_the_others(
    name: str, options: dict[str, object], why: str, tmp_path: Path
) -> None:
    notes: list[str] = []
    walk = with_a_bystander()
    paths = export(walk, name, tmp_path / f"walk.{name}", notes=notes, **options)
    assert paths[0].name == f"walk_person1.{name}"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    assert not any("person2" in path.name for path in paths)
    (note,) = notes
    assert note.startswith(f"person 2 is left out: {why}")
    with pytest.raises(RecordingError, match=why):
        export(walk, name, tmp_path / "two", person=2, **options)


def test_what_is_there_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "walk_person2_ik.xml").write_text("mine")
    with pytest.raises(OutputError, match=r"walk_person2_ik.xml is there already"):
        export(walkers.recording(), "trc", tmp_path / "walk.trc", markers="pose2sim")
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(OutputError, match="there is no folder"):
        export(walkers.recording(), "trc", tmp_path / "nowhere" / "walk.trc")


def test_no_set_ups_without_their_names(tmp_path: Path) -> None:
    paths = export(walkers.recording(people=(1,)), "trc", tmp_path / "walk.trc", markers=None)
    assert paths == [tmp_path / "walk.trc"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("name", ["trc", "bvh"])
def test_into_a_pipe(name: str, tmp_path: Path) -> None:
    walk = walkers.recording(people=(1,), seconds=0.5)
    export(walk, name, tmp_path / "walk")
    os.mkfifo(tmp_path / "pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    export(walk, name, tmp_path / "pipe")
    reader.join(timeout=60)
    assert got[0].replace(b"pipe", b"walk") == (tmp_path / "walk").read_bytes()
