"""Finished files: names, overwriting, temporary names, several formats at once."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from limner.errors import OutputError, RecordingError, UsageError
from limner.export import FORMATS, export, export_file, open_writer
from limner.recording.recording import Recording, load
from support import walkers


@pytest.fixture
def source(tmp_path: Path) -> Path:
    export(walkers.recording(), "jsonl", tmp_path / "walk_pose.jsonl")
    return tmp_path / "walk_pose.jsonl"


def test_files_stand_beside_the_recording(source: Path) -> None:
    paths, problem = export_file(source, ["csv", "coco", "openpose", "trc", "mot-challenge"])
    assert problem is None
    assert [path.name for path in paths] == [
        *("walk_pose.csv", "walk_pose_coco.json", "walk_pose_openpose"),
        *("walk_pose_person1.trc", "walk_pose_person2.trc", "walk_pose_mot.txt"),
    ]
    assert all(path.exists() for path in paths)
    assert not list(source.parent.glob("*partial*"))


def test_another_folder_and_one_person(source: Path, tmp_path: Path) -> None:
    paths, _ = export_file(source, ["csv", "jsonl"], tmp_path / "new" / "out", person=2)
    assert paths[0].parent == tmp_path / "new" / "out"
    assert load(paths[1]).people == (2,)


def test_options_go_to_the_formats_that_have_them(source: Path) -> None:
    export_file(source, ["csv", "trc"], height=1.7, metres=True, scale=None, body=None)
    with pytest.raises(UsageError, match="--height means nothing to csv"):
        export_file(source, ["csv"], height=1.7, overwrite=True)


def test_nothing_is_overwritten_unasked(source: Path) -> None:
    export_file(source, ["csv"])
    with pytest.raises(OutputError, match="is there already; use --overwrite"):
        export_file(source, ["csv"])
    export_file(source, ["csv"], overwrite=True)


def test_the_recording_itself_is_never_replaced(source: Path) -> None:
    with pytest.raises(OutputError, match="is the recording itself"):
        export_file(source, ["jsonl"], overwrite=True)
    assert load(source).complete


def test_a_folder_of_others_is_never_replaced(source: Path) -> None:
    export_file(source, ["openpose"])
    folder = source.parent / "walk_pose_openpose"
    export_file(source, ["openpose"], overwrite=True)
    (folder / "thesis.docx").write_text("mine")
    with pytest.raises(OutputError, match=r"something else \(thesis.docx\)"):
        export_file(source, ["openpose"], overwrite=True)
    assert (folder / "thesis.docx").exists()


def test_no_half_result_under_its_final_name(source: Path) -> None:
    lines = source.read_bytes().splitlines(keepends=True)
    bad = source.with_name("bad.jsonl")
    bad.write_bytes(b"".join(lines[:5]) + b'{"type":"frame"}\n')
    with pytest.raises(RecordingError, match="line 6"):
        export_file(bad, ["csv"])
    assert not list(source.parent.glob("bad*.csv"))


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_failure_leaves_the_old_result(
    name: str, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def content() -> dict[str, bytes]:
        paths = (path for path in source.parent.rglob("*") if path.is_file())
        return {str(path): path.read_bytes() for path in paths}

    recording = load(source)
    target = source.with_name("b" + FORMATS[name].ending)
    export(recording, name, target)
    before = content()

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=r"cannot write .*: No space left on device"):
        export(recording, name, target, overwrite=True)
    assert content() == before


def test_no_person_is_written_where_one_is_there_already(source: Path) -> None:
    (source.parent / "walk_pose_person2.trc").write_text("mine")
    with pytest.raises(OutputError, match=r"walk_pose_person2.trc is there already"):
        export_file(source, ["trc"], height=1.7)
    assert not (source.parent / "walk_pose_person1.trc").exists()


def test_a_cut_recording_is_exported_and_said(source: Path) -> None:
    lines = source.read_bytes().splitlines(keepends=True)
    cut = source.with_name("cut.jsonl")
    cut.write_bytes(b"".join(lines[:50]) + b'{"type":"fra')
    for formats in (["csv"], ["trc"], ["jsonl", "csv"]):
        paths, problem = export_file(cut, formats, source.parent / formats[0])
        assert problem is not None
        assert "breaks off in line 51" in problem
    copied = load(source.parent / "jsonl" / "cut.jsonl") if paths else None
    assert isinstance(copied, Recording)
    assert not copied.complete


@pytest.mark.parametrize("options", [{"person": 1}, {"angles": True}])
def test_a_cut_recording_stays_cut(options: dict[str, Any], source: Path) -> None:
    if "angles" in options:
        pytest.importorskip("limner.motion.angles")
    cut = source.with_name("cut.jsonl")
    cut.write_bytes(source.read_bytes()[:-2000])
    (path,), _ = export_file(cut, ["jsonl"], source.parent / "out", **options)
    assert not load(path).complete


def test_closing_twice_is_harmless(source: Path) -> None:
    recording = load(source)
    for name in ("csv", "jsonl", "parquet", "coco", "openpose", "mot-challenge"):
        with open_writer(name, source.parent / f"x_{name}", recording.header) as writer:
            writer.write(recording[0])
            writer.close()
