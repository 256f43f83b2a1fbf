"""The command itself: its help, its verbs, its exit codes, and what it shows on a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from limner import __version__
from limner.cli import app
from limner.cli.console import report_error
from limner.errors import InputError, UsageError
from limner.models.catalogue import catalogue
from support.cli_run import Limner
from support.clips import Clip, make
from support.people import FakeModel

HEAVY = {"numpy", "cv2", "av", "openvino", "scipy", "pandas", "matplotlib", "plotly", "requests"}
TESTS = Path(__file__).parents[1]


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every verb, those of verbs included, by its full name."""
    waiting = [("limner", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop()
        yield name, command
        for verb, inner in getattr(command, "commands", {}).items():
            waiting.append((f"{name} {verb}", inner))


each_command = pytest.mark.parametrize("name", [name for name, _ in commands()])


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [["--help"], ["annotate", "-h"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = f"""
import sys
sys.argv[1:] = {arguments!r}
from limner.cli import main
try:
    main()
finally:
    print("loaded", *sorted({sorted(HEAVY)!r} & sys.modules.keys()), file=sys.stderr)
""".replace("sorted([", "sorted(set([").replace("] & sys", "]) & sys")
    run = python("-c", script)
    assert run.returncode == 0, run.stderr
    assert run.stderr == "loaded\n"


def test_annotating_loads_only_what_it_needs(tmp_path: Path) -> None:
    clip = make(tmp_path / "walk.mp4", Clip(frames=5, width=64, height=48))
    spared = {
        "rich",
        "scipy",
        "pandas",
        "pyarrow",
        "matplotlib",
        "plotly",
        "requests",
        "packageurl",
    }
    script = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from support.people import FakeModel
import limner.cli.run
limner.cli.run.open_model = lambda settings: FakeModel()
sys.argv[1:] = [{str(clip)!r}]
from limner.cli import main
spared = {spared!r} - sys.modules.keys()
try:
    main()
finally:
    print("loaded", *sorted(spared & sys.modules.keys()))
"""
    run = python("-c", script)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "loaded"


def test_importing_limner_loads_nothing_heavy() -> None:
    script = f"import limner, sys; print(*set({sorted(HEAVY)!r}) & sys.modules.keys())"
    assert python("-W", "error", "-c", script).stdout == "\n"


def test_python_dash_m() -> None:
    assert python("-m", "limner", "--version").stdout == f"limner {__version__}\n"


def test_without_arguments_there_is_help(limner: Limner) -> None:
    run = limner()
    assert run.code == 2
    assert "Usage: limner" in run.out + run.err


def test_version(limner: Limner) -> None:
    assert limner("--version").out == f"limner {__version__}\n"


@each_command
def test_everything_has_a_help_text(name: str) -> None:
    command = dict(commands())[name]
    assert command.help, name
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"


@each_command
def test_every_option_is_used_in_a_test(name: str) -> None:
    """An option nobody tests is an option that may do nothing."""
    command = dict(commands())[name]
    text = "".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    for parameter in command.params:
        if parameter.param_type_name != "option" or parameter.name in (
            "help",
            "install_completion",
            "show_completion",
        ):
            continue
        for option in [*parameter.opts, *parameter.secondary_opts]:
            if option.startswith("--"):
                assert re.search(rf"{option}\b", text), f"{name} {option}: no test uses it"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (InputError("clip.mp4: no such file"), 1, "limner: clip.mp4: no such file"),
        (UsageError("start: expected seconds"), 2, "limner: start: expected seconds"),
        (KeyboardInterrupt(), 130, "limner: interrupted"),
        (
            ZeroDivisionError("division by zero"),
            1,
            "limner: internal error (ZeroDivisionError: division by zero); run with -v for the "
            "details",
        ),
    ],
)
def test_errors_are_sentences(
    error: BaseException, code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_error(error) == code
    assert capsys.readouterr().err == f"{text}\n"
    error.add_note("12 frames are in clip_pose.partial.mp4")
    report_error(error)
    assert capsys.readouterr().err == f"{text}; 12 frames are in clip_pose.partial.mp4\n"


class TestModels:
    def test_the_list(
        self, limner: Limner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIMNER_CACHE", str(tmp_path))
        run = limner("models")
        assert run.code == 0
        for model in catalogue().models.values():
            lines = [line for line in run.out.splitlines() if line.startswith(f"{model.name} ")]
            assert len(lines) == 2
            assert model.licence in lines[0]
            assert model.purpose[:20] in lines[1]
        assert re.search(r"balanced \* +33 +Apache-2.0 +26.8 MB +no ", run.out)
        assert re.search(r"blazepose-full +33 +Apache-2.0 +9.6 MB +no ", run.out)
        assert str(tmp_path) in run.out
        for file in catalogue().model("blazepose-full").files:
            (tmp_path / file.name).touch()
        assert re.search(r"blazepose-full .* yes ", limner("models").out)

    def test_path(self, limner: Limner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LIMNER_CACHE", str(tmp_path))
        run = limner("models", "path", "blazepose-full")
        names = [file.name for file in catalogue().model("blazepose-full").files]
        assert names[0] == "pose_detection.tflite"
        assert run.out.splitlines() == [str(tmp_path / name) for name in names]

    def test_pull(self, limner: Limner, weights: list[Path]) -> None:
        run = limner("models", "pull", "blazepose-full")
        assert (run.code, run.out.splitlines()) == (0, [str(path) for path in weights])

    def test_a_damaged_file_is_refused(
        self, limner: Limner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIMNER_CACHE", str(tmp_path))
        for file in catalogue().model("blazepose-full").files:
            (tmp_path / file.name).write_bytes(b"tampered")
        for arguments in (["models", "pull", "blazepose-full"], [__file__.replace(".py", ".mp4")]):
            run = limner(*arguments)
            assert (run.code, run.out) == (1, "")
            assert run.err.count("\n") == 1
        run = limner("models", "pull", "blazepose-full")
        assert re.search("damaged or was changed: expected sha256 .*, got sha256 ", run.err)

    @pytest.mark.parametrize("verb", ["pull", "path"])
    def test_an_unknown_name(self, limner: Limner, verb: str) -> None:
        run = limner("models", verb, "blazepose-fool")
        assert run.code == 2
        assert "did you mean blazepose-full?" in run.err


class TestDemo:
    @pytest.fixture
    def cached(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put a small clip in the sample clip's place."""
        clip = make(tmp_path / "demo.mp4", Clip(frames=10))
        monkeypatch.setattr("limner.models.store.ensure", lambda files: [clip for _ in files])
        monkeypatch.chdir(tmp_path)

    @pytest.mark.usefixtures("cached")
    def test_it_annotates_the_sample_clip(self, fake: Limner) -> None:
        run = fake("demo")
        names = ["demo_pose.mp4", "demo_pose.csv", "demo_pose.jsonl"]
        assert (run.code, run.out.split()) == (0, [f"limner_demo/{name}" for name in names])
        assert fake("demo").code == 0  # a second time as well

    @pytest.mark.usefixtures("cached")
    def test_its_place_can_be_chosen(self, fake: Limner) -> None:
        assert fake("demo", "--output", "here").out.split()[0] == "here/demo_pose.mp4"

    @pytest.mark.usefixtures("cached")
    def test_it_can_say_more(self, fake: Limner) -> None:
        fake.see(FakeModel(fail_at=0))
        assert "Traceback" in fake("demo", "--verbose").err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_the_live_line_on_a_terminal(tmp_path: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    clip = make(tmp_path / "walk [bold].mp4", Clip(frames=40, width=64, height=48))
    script = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r});"
        "from support.people import FakeModel; import limner.cli.run as run;"
        "run.open_model = lambda settings: FakeModel(seconds=0.02);"
        f"sys.argv[1:] = [{str(clip)!r}, '--no-video'];"
        "from limner.cli import main; main()"
    )
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color"},
        text=True,
    )
    os.close(theirs)
    shown = bytearray()
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so at the end
            break
        if not part:
            break
        shown += part
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert process.returncode == 0, text
    assert out.split("\n")[:2] == [
        str(clip.with_stem("walk [bold]_pose").with_suffix(e)) for e in (".csv", ".jsonl")
    ]
    first, *live, last = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]
    assert first == f"{clip}, 40 frames, fake on none CPU"
    pattern = r"\S+ +\d+% \d+/40 frames \d+\.\d frames/s (\d\d:\d\d|--:--) left"
    assert any(re.fullmatch(pattern, line) for line in live), live
    assert max(map(len, live)) < 80
    assert re.fullmatch(rf"{re.escape(str(clip))}: 40 frames, 1 person, .* frames/s\)", last)


# Where a verb says more of its own results.
OF_ITS_OWN = {
    *("--output", "--format", "--angles", "--video", "--max-people", "--threshold", "--show"),
    *("--flags", "--help"),
}


def test_the_same_option_has_the_same_words_in_every_verb() -> None:
    words: dict[str, set[str]] = {}
    for _, command in commands():
        for parameter in command.params:
            for name in getattr(parameter, "opts", []):
                if name.startswith("--"):
                    words.setdefault(name, set()).add(str(parameter.help))
    assert {name for name, said in words.items() if len(said) > 1} <= OF_ITS_OWN
