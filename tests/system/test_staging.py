"""Results are whole or not there, and what was there before stays until they are."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import OutputError
from limner.system.files import refuse_existing, remove
from limner.system.scratch import clear_leftovers, scratch_folder
from limner.system.staging import Staged, atomic, partial, together


def write(path: Path, text: str, *, overwrite: bool = False, fail: bool = False) -> None:
    with atomic(path, overwrite=overwrite) as place:
        place.write_text(text)
        if fail:
            raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def write_folder(path: Path, name: str, *, overwrite: bool = False, fail: bool = False) -> None:
    with atomic(path, overwrite=overwrite, entries="*.json") as place:
        (place / name).write_text("{}")
        if fail:
            raise ValueError("half")


def test_the_partial_name_keeps_the_ending() -> None:
    assert partial(Path("a/dance_pose.mp4")) == Path("a/dance_pose.partial.mp4")
    assert partial(Path("a/dance_openpose")) == Path("a/dance_openpose.partial")
    assert partial(Path("a/dance_pose.mp4"), 3) == Path("a/dance_pose.partial-3.mp4")


@given(st.binary(min_size=1, max_size=250).map(os.fsdecode))
def test_the_partial_name_fits_where_the_name_does(name: str) -> None:
    name = name.translate({0: "0", ord("/"): "-"})
    short = partial(Path(f"{name}.mp4"), 12).name
    assert short.endswith(".partial-12.mp4")
    assert len(os.fsencode(short)) <= 255


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
    partial(tmp_path / "b").mkdir()
    with together({tmp_path / "a.txt": None, tmp_path / "b": "*.json"}) as staged:
        assert staged.place(tmp_path / "a.txt") == tmp_path / "a.partial-2.txt"
        staged.place(tmp_path / "a.txt").write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "a.partial.txt").read_text() == "half"
    assert names(tmp_path) == ["a.partial.txt", "a.txt", "b", "b.partial"]
    with pytest.raises(ValueError, match="half"), atomic(tmp_path / "c"):
        raise ValueError("half")
    assert (tmp_path / "a.partial.txt").read_text() == "half"


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


def test_what_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Neither a file nor a folder, and then no other result has its name either."""
    first, second = tmp_path / "a.mp4", tmp_path / "b.csv"
    for appear in (lambda: second.write_text("mine"), second.mkdir, lambda: second.symlink_to("x")):
        staged = Staged({first: None, second: None})
        for path in (first, second):
            staged.place(path).write_text("new")
        appear()
        with pytest.raises(OutputError, match=r"b.csv has appeared meanwhile"):
            staged.commit()
        assert names(tmp_path) == ["a.partial.mp4", "b.csv", "b.partial.csv"]
        assert len(staged.abandon(keep=True)) == 2
        for path in tmp_path.iterdir():
            remove(path)


def test_what_appears_in_a_folder_s_place_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    with pytest.raises(OutputError, match="appeared meanwhile"), atomic(folder, entries="*"):
        folder.mkdir()
    assert names(tmp_path) == ["frames"]


def test_all_are_replaced_or_none(tmp_path: Path) -> None:
    paths = [tmp_path / "a.mp4", tmp_path / "b.csv", tmp_path / "c.jsonl"]
    for path in paths[:2]:
        path.write_text("old")
    staged = Staged(dict.fromkeys(paths), overwrite=True)
    for path in paths:
        staged.place(path).write_text("new")
    paths[2].mkdir()
    (paths[2] / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"c.jsonl is a folder, so it is not replaced"):
        staged.commit()
    assert [path.read_text() for path in paths[:2]] == ["old", "old"]
    kept = staged.abandon(keep=True)
    assert [path.read_text() for path in kept] == ["new"] * 3
    assert names(tmp_path) == sorted(path.name for path in [*paths, *kept])


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    path = tmp_path / "a.txt"
    write(path, "old")
    with pytest.raises(OutputError, match="is there already"):
        write(path, "new")
    write(path, "new", overwrite=True)
    assert path.read_text() == "new"
    with pytest.raises(OutputError, match="appeared"), atomic(tmp_path / "b"):
        (tmp_path / "b").write_text("mine")
    assert (tmp_path / "b").read_text() == "mine"
    assert names(tmp_path) == ["a.txt", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_on_the_partial_name_is_not_followed(tmp_path: Path) -> None:
    for target in ("thesis.txt", "nowhere"):
        (tmp_path / "thesis.txt").write_text("mine")
        partial(tmp_path / "a.txt").symlink_to(target)
        write(tmp_path / "a.txt", "new")
        assert (tmp_path / "thesis.txt").read_text() == "mine"
        assert names(tmp_path) == ["a.partial.txt", "a.txt", "thesis.txt"]
        (tmp_path / "a.txt").unlink()
        partial(tmp_path / "a.txt").unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_a_second_run_is_told(tmp_path: Path) -> None:
    first = Staged({tmp_path / "a.mp4": None, tmp_path / "a.csv": None})
    for overwrite in (False, True):
        with pytest.raises(OutputError, match=r"a.csv is being written by another run"):
            Staged({tmp_path / "a.csv": None}, overwrite=overwrite)
    first.abandon(keep=True)
    Staged({tmp_path / "a.csv": None}).abandon()
    assert names(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_only_what_is_left_behind_is_cleared(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from limner.system.scratch import scratch_folder"
        "\nwith scratch_folder(Path(sys.argv[1])) as f: (f / 'x').write_text(''); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / ".limner-scratch-link").symlink_to("mine")
    with scratch_folder(tmp_path) as one, scratch_folder(tmp_path) as other:
        (one / "y").write_text("")
        assert not left.exists()
        assert one.is_dir()
        clear_leftovers(tmp_path, ".limner-*")
        assert names(tmp_path) == sorted([one.name, other.name, "mine", ".limner-scratch-link"])
    assert names(tmp_path) == [".limner-scratch-link", "mine"]


def test_removing_what_is_not_there(tmp_path: Path) -> None:
    remove(tmp_path / "none")
