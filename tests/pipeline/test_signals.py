"""Ctrl-C, SIGTERM and SIGHUP end a run between two frames, and lose nothing of what was done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import limner
from limner.media.read import VideoReader
from limner.system.signals import StopSignals
from support.clips import Clip, make
from support.processes import default_signals, start

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def wait_for(path: Path, lines: int, process: subprocess.Popen[str]) -> None:
    """Wait until a recording has so many lines."""
    for _ in range(2000):
        if path.exists() and path.read_bytes().count(b"\n") >= lines:
            return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    process.kill()
    raise AssertionError(process.communicate())


@pytest.mark.parametrize("number", SIGNALS)
def test_everything_holds_the_same_frames(tmp_path: Path, number: signal.Signals) -> None:
    make(tmp_path / "walk.mp4", Clip(frames=120, width=160, height=120, audio="aac"))
    process = start(tmp_path, "walk.mp4", "-o", "made", seconds=0.02)
    recording = tmp_path / "made" / "walk_pose.partial.jsonl"
    wait_for(recording, 12, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert out == ""
    assert "Traceback" not in err
    said = err.splitlines()[-1]
    assert said.startswith("limner: interrupted; what was done until then, ")
    partials = sorted(path.name for path in (tmp_path / "made").iterdir())
    assert partials == [f"walk_pose.partial.{ending}" for ending in ("csv", "jsonl", "mp4")]
    assert all(name in said for name in partials)
    done = limner.load(recording)
    assert not done.complete
    assert 10 < len(done) < 120
    with VideoReader(tmp_path / "made" / "walk_pose.partial.mp4") as reader:
        assert [frame.index for frame in reader] == done.indices.tolist()
    rows = (tmp_path / "made" / "walk_pose.partial.csv").read_text().splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == done.indices.tolist()


def test_it_ends_where_a_pipe_keeps_silent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "silent.mkv")
    process = start(tmp_path, "silent.mkv", "-o", "made")
    while not (tmp_path / "made").exists():  # however long a busy machine takes to begin
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert err.splitlines()[-1] == "limner: interrupted"
    assert list((tmp_path / "made").iterdir()) == []


def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    make(tmp_path / "walk.mp4", Clip(frames=60, width=160, height=120))
    before = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    process = start(tmp_path, "walk.mp4", "-o", "made", seconds=0.02, before=before)
    wait_for(tmp_path / "made" / "walk_pose.partial.jsonl", 5, process)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert len(limner.load(tmp_path / "made" / "walk_pose.jsonl")) == 60


def test_a_second_input_is_not_begun(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        make(tmp_path / name, Clip(frames=60, width=160, height=120))
    process = start(tmp_path, "a.mp4", "b.mp4", "-o", "made", seconds=0.02)
    wait_for(tmp_path / "made" / "a_pose.partial.jsonl", 5, process)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert not list((tmp_path / "made").glob("b_*"))


def held_work(signals: StopSignals, count: int) -> list[str]:
    """Work through so many SIGTERMs; return what was still done."""
    work: list[str] = []
    with pytest.raises(KeyboardInterrupt), signals.held():  # noqa: PT012
        for number in range(count):
            os.kill(os.getpid(), signal.SIGTERM)
            work.append(f"after signal {number + 1}")
    return work


@pytest.fixture
def heard_signals() -> Iterator[None]:
    with default_signals():
        yield


@pytest.mark.usefixtures("heard_signals")
def test_a_wish_waits_and_force_does_not() -> None:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with StopSignals() as signals:
        assert held_work(signals, 1) == ["after signal 1"]
        assert signals.wished()
        assert signals.exit_code == 143
    with StopSignals() as signals:
        assert not signals.wished()
        assert held_work(signals, 2) == ["after signal 1"]
    with StopSignals(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGHUP)
    assert {number: signal.getsignal(number) for number in SIGNALS} == before


def test_an_interrupt_while_the_program_is_loaded() -> None:
    script = """
import sys
from limner.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (130, "limner: interrupted\n")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_before_a_verb_begins(number: signal.Signals) -> None:
    script = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
import limner.cli
import typer
typer.Typer.__call__ = lambda *args, **options: os.kill(os.getpid(), {int(number)})
limner.cli.main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (128 + number, "")


@pytest.mark.parametrize("ending", ["mp4", "m4v", "mov", "mkv", "webm", "avi", "gif"])
def test_what_was_done_plays_after_a_kill(tmp_path: Path, ending: str) -> None:
    make(tmp_path / "walk.mp4", Clip(frames=200, audio="aac", options=(("g", "250"),)))
    process = start(tmp_path, "walk.mp4", "-o", f"walk_pose.{ending}", seconds=0.01)
    wait_for(tmp_path / "walk_pose.partial.jsonl", 140, process)
    process.kill()
    process.communicate()
    done = limner.load(tmp_path / "walk_pose.partial.jsonl").times[-1]
    assert 4.0 < done < 200 / 30
    with VideoReader(tmp_path / f"walk_pose.partial.{ending}") as reader:
        assert done - max(frame.time for frame in reader) < 2.0


@pytest.mark.parametrize("module", ["typer", "cv2", "av", "openvino"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_within_an_import_that_fails_by_it(
    number: signal.Signals, module: str, tmp_path: Path
) -> None:
    """NumPy, for one, makes an ImportError of an interrupt while it is imported."""
    make(tmp_path / "walk.mp4", Clip(frames=10))
    script = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from limner.__main__ import main

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} and {module!r} not in done:
            done.append(name)
            try:
                os.kill(os.getpid(), {int(number)})
            except KeyboardInterrupt as error:
                raise ImportError("cannot be imported") from error

done = []
sys.meta_path.insert(0, Interrupting())
sys.argv[1:] = ["walk.mp4", "-o", "made"]
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        128 + number,
        ["limner: interrupted"],
    )
    assert "Traceback" not in done.stderr
