"""Results are whole or not there, and what was there before stays until they are."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from limner.errors import OutputError
from limner.system.files import atomic, partial, refuse_existing, remove


def write(path: Path, text: str, *, overwrite: bool = False, fail: bool = False) -> None:
    with atomic(path, overwrite=overwrite) as place:
        assert place == partial(path)
        place.write_text(text)
        if fail:
            raise KeyboardInterrupt


def write_folder(path: Path, name: str, *, overwrite: bool = False, fail: bool = False) -> None:
    with atomic(path, overwrite=overwrite, entries="*.json") as place:
        place.mkdir()
        (place / name).write_text("{}")
        if fail:
            raise ValueError("half")


def test_the_partial_name_keeps_the_ending() -> None:
    assert partial(Path("a/dance_pose.mp4")) == Path("a/dance_pose.partial.mp4")
    assert partial(Path("a/dance_openpose")) == Path("a/dance_openpose.partial")


def test_a_whole_file_gets_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic(path) as place:
        place.write_text("new")
        assert not path.exists()
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.txt", "new")]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, "old")
    with pytest.raises(KeyboardInterrupt):
        write(path, "new", overwrite=True, fail=True)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.txt", "old")]
    write(path, "new", overwrite=True)
    assert path.read_text() == "new"


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write(path, "old")
    with pytest.raises(OutputError, match=r"a.txt is there already; use --overwrite to replace it"):
        write(path, "new")
    assert path.read_text() == "old"


def test_all_that_is_there_is_named(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a", "b", "c")]
    refuse_existing(paths, overwrite=False)
    for path in paths[:2]:
        path.write_text("old")
    refuse_existing(paths, overwrite=True)
    with pytest.raises(OutputError, match=r"/a, .*/b are there already; .* to replace them$"):
        refuse_existing(paths, overwrite=False)


def test_what_a_killed_run_left_is_no_obstacle(tmp_path: Path) -> None:
    partial(tmp_path / "a.txt").write_text("half")
    write(tmp_path / "a.txt", "new")
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    partial(tmp_path / "b").mkdir()
    write_folder(tmp_path / "b", "1.json")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.txt", "b"]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    write_folder(folder, "1.json")
    with pytest.raises(OutputError, match="frames is there already"):
        write_folder(folder, "2.json")
    with pytest.raises(ValueError, match="half"):
        write_folder(folder, "2.json", overwrite=True, fail=True)
    assert [each.name for each in tmp_path.rglob("*")] == ["frames", "1.json"]
    write_folder(folder, "2.json", overwrite=True)
    assert [each.name for each in tmp_path.rglob("*")] == ["frames", "2.json"]


def test_a_folder_that_cannot_be_moved_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "frames"
    write_folder(folder, "1.json")
    move = Path.replace

    def fail(path: Path, target: Path) -> Path:
        if path == partial(folder):
            raise PermissionError(errno.EACCES, "Permission denied")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match=r"cannot write .*frames: Permission denied"):
        write_folder(folder, "2.json", overwrite=True)
    assert [each.name for each in tmp_path.rglob("*")] == ["frames", "1.json"]


def test_what_others_made_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    write_folder(folder, "1.json")
    with pytest.raises(OutputError, match="frames is a folder, so it is not replaced"):
        write(folder, "new", overwrite=True)
    (folder / "thesis.docx").write_text("mine")
    with pytest.raises(OutputError, match=r"holds something else \(thesis.docx\)"):
        write_folder(folder, "2.json", overwrite=True)
    with pytest.raises(OutputError, match=r"thesis.docx is a file, so it is not"):
        write_folder(folder / "thesis.docx", "2.json", overwrite=True)
    assert sorted(each.name for each in folder.iterdir()) == ["1.json", "thesis.docx"]


@pytest.mark.parametrize("write", [write, write_folder])
def test_a_folder_that_is_not_there(write: Callable[[Path, str], None], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*/a: there is no folder .*/none$"):
        write(tmp_path / "none" / "a", "new")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refuse_existing([pipe], overwrite=False)
    with atomic(pipe) as place:
        assert place == pipe
    with pytest.raises(ValueError, match="half"), atomic(pipe):
        raise ValueError("half")
    assert pipe.is_fifo()


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    remove(tmp_path / "none")
