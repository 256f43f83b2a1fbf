"""A process without a terminal, whose reader goes, or whose locale knows few characters."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import limner as package
from support.clips import Clip, make
from support.processes import SCRIPT, TESTS

pty = pytest.importorskip("pty", reason="Windows has no such terminals")

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell"),
]


def command(*arguments: str, before: str = "", seconds: float = 0) -> list[str]:
    paths = [str(TESTS), str(Path(package.__file__).parents[1])]
    script = SCRIPT.replace("{arguments!r}", "sys.argv[1:]")
    return [
        *(sys.executable, "-c", script.format(paths=paths, seconds=seconds, before=before)),
        *arguments,
    ]


def run(
    folder: Path,
    *arguments: str,
    how: str = "",
    before: str = "",
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line by a shell that redirects its streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" "$@" {how}', *command(*arguments, before=before)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | (environment or {}),
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "walk.mp4", Clip(frames=30, width=160, height=120, audio="aac"))
    return tmp_path


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-"])
def test_closed_streams_change_no_result(closed: str, folder: Path) -> None:
    whole = run(folder, "walk.mp4", "-o", "whole")
    done = run(folder, "walk.mp4", "-o", "made", how=closed)
    assert done.returncode == whole.returncode == 0
    names = sorted(path.name for path in (folder / "whole").iterdir())
    assert len(names) == 3
    for name in names:
        assert (folder / "made" / name).read_bytes() == (folder / "whole" / name).read_bytes()


def test_what_libraries_print_gets_into_no_file(folder: Path) -> None:
    """With its number free, a result would be the process's standard error."""
    noisy = "import os, typer; typer.Typer.__call__ = lambda *_, **__: "
    noisy += "(open('data', 'wb'), os.write(2, b'warning'))"
    assert run(folder, "models", before=noisy, how="2>&-").returncode == 0
    assert (folder / "data").read_bytes() == b""


def test_a_reader_that_goes_stops_no_run(folder: Path) -> None:
    (folder / "b.mp4").write_bytes((folder / "walk.mp4").read_bytes())
    read, write = os.pipe()
    os.close(read)
    for out, err in ((write, write), (write, subprocess.DEVNULL)):
        process = subprocess.run(
            command("walk.mp4", "b.mp4", "-o", "made", "--overwrite"),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            check=False,
            timeout=60,
        )
        assert process.returncode == 0
        assert len(list((folder / "made").iterdir())) == 6
    os.close(write)


def test_a_full_disk_is_told(folder: Path) -> None:
    done = run(folder, "models", how=">/dev/full")
    assert done.returncode == 1
    assert done.stderr == b"limner: cannot write to standard output: No space left on device\n"


def test_a_name_that_is_no_utf8(folder: Path) -> None:
    name = b"na\xefve"
    (folder / "walk.mp4").rename(folder / os.fsdecode(name + b".mp4"))
    done = run(folder, os.fsdecode(name + b".mp4"))
    assert done.returncode == 0, done.stderr
    paths = done.stdout.split()
    assert paths == [name + b"_pose." + ending for ending in (b"mp4", b"csv", b"jsonl")]
    assert len(package.load(folder / os.fsdecode(paths[2]))) == 30


@pytest.mark.parametrize("name", ["\u00e9t\u00e9", "\u0421\u043d\u0435\u0433"])
@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1:strict"},
        {"PYTHONIOENCODING": "ascii:strict"},
    ],
)
def test_a_locale_that_cannot_print_a_name(
    name: str, environment: dict[str, str], folder: Path
) -> None:
    (folder / "walk.mp4").rename(folder / f"{name}.mp4")
    done = run(folder, f"{name}.mp4", environment=environment)
    assert done.returncode == 0, done.stderr
    assert (folder / f"{name}_pose.mp4").is_file()
    assert len(package.load(folder / f"{name}_pose.jsonl")) == 30
    assert len(done.stdout.splitlines()) == 3


def test_a_video_goes_to_standard_output(folder: Path) -> None:
    done = run(folder, "walk.mp4", "-o", "-", "--background", "black")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["walk.mp4"]
    with av.open(io.BytesIO(done.stdout), mode="r") as container:
        assert container.format.name.startswith("matroska")
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        images = [image.to_ndarray(format="gray") for image in container.decode(video=0)]
    assert len(images) == 30
    assert b"30 frames, 1 person" in done.stderr
    assert b"-\n" not in done.stderr


def test_an_image_goes_to_standard_output(folder: Path) -> None:
    cv2.imwrite(str(folder / "photo.png"), np.zeros((120, 160, 3), np.uint8))
    done = run(folder, "photo.png", "-o", "-")
    assert done.returncode == 0, done.stderr
    image = cv2.imdecode(np.frombuffer(done.stdout, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (120, 160, 3)


def test_a_reader_that_goes_away_is_told(folder: Path) -> None:
    done = run(folder, "walk.mp4", "-o", "-", how="| head -c 300")
    assert len(done.stdout) == 300
    assert done.stderr.startswith(b"walk.mp4, 30 frames")
    assert b"limner: -: writing failed after " in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["walk.mp4", "-f", "csv"], b"goes the video alone"),
        (["walk.mp4", "--angles"], b"cannot hold them"),
        (["walk.mp4", "walk.mp4"], b"is one file, but there are 2 inputs"),
        (["walk.mp4", "--background", "transparent"], b"cannot hold a transparent background"),
    ],
)
def test_only_one_video_goes_to_standard_output(
    folder: Path, words: list[str], said: bytes
) -> None:
    (folder / "other.mp4").write_bytes((folder / "walk.mp4").read_bytes())
    words = [*words[:1], *(["other.mp4"] if words[1:] == ["walk.mp4"] else words[1:])]
    done = run(folder, *words, "-o", "-")
    assert done.returncode in (1, 2)
    assert done.stdout == b""
    assert said in done.stderr


def test_nothing_is_shown_in_a_terminal_as_it_is(folder: Path) -> None:
    terminal, slave = pty.openpty()
    done = subprocess.run(
        command("walk.mp4", "-o", "-"),
        cwd=folder,
        stdout=slave,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    os.close(slave)
    os.close(terminal)
    assert done.returncode == 2
    assert done.stderr.startswith(b"limner: output: - is standard output, which is a terminal")


def test_a_named_pipe_takes_a_video(folder: Path) -> None:
    os.mkfifo(folder / "out.mkv")
    reader = subprocess.Popen(["/bin/cat", "out.mkv"], cwd=folder, stdout=subprocess.PIPE)
    done = run(folder, "walk.mp4", "-o", "out.mkv", "-f", "none", "--overwrite")
    said, _ = reader.communicate(timeout=30)
    assert done.returncode == 0, done.stderr
    with av.open(io.BytesIO(said), mode="r") as container:
        assert len(list(container.decode(video=0))) == 30


def test_nobody_types_a_video_in(folder: Path) -> None:
    assert run(folder, "-", how="<&-").returncode == 2
    terminal, slave = pty.openpty()
    done = subprocess.run(
        command("-"), cwd=folder, stdin=slave, capture_output=True, check=False, timeout=60
    )
    os.close(terminal)
    os.close(slave)
    assert done.returncode == 2
    assert done.stderr.startswith(b"limner: -: expected a video through standard input")


def test_a_terminal_that_is_closed_stops_no_run(folder: Path) -> None:
    """The live line goes on into nothing."""
    terminal, slave = pty.openpty()
    before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    process = subprocess.Popen(
        command("walk.mp4", "-o", "made", before=before, seconds=0.05),
        cwd=folder,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    os.read(terminal, 100)
    os.close(terminal)
    assert process.wait(60) == 0
    assert len(list((folder / "made").iterdir())) == 3
