"""The benchmarks run: what they use of limner is still there. Their times are not judged."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(name: str, *arguments: str) -> str:
    """Run a benchmark; return what it prints."""
    done = subprocess.run(
        [sys.executable, BENCHMARKS / name, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONWARNINGS": "error"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("default_weights")
@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("search.py", [], "looks at new people"),
        ("stages.py", ["--rounds", "1"], "wall time over bound: median"),
        ("startup.py", ["--rounds", "1"], "limner --help"),
        ("long_clip.py", ["--times", "2"], "memory"),
        ("many_inputs.py", ["--inputs", "3"], "MB an input"),
        ("kills.py", ["--runs", "1", "--rounds", "1"], "finishing the video takes"),
        ("interrupts.py", ["--runs", "2", "--load", "0", "--end", "1"], "0 with a difference"),
    ],
)
def test_of_a_clip(clip: Path, name: str, options: list[str], told: str) -> None:
    assert told in run(name, str(clip), *options)


@pytest.mark.usefixtures("default_weights")
def test_beside_a_peer(clip: Path) -> None:
    told = run("peers.py", str(clip), "--peer", "echo {clip} {out}", "--rounds", "1")
    assert "median ratio" in told


def test_of_a_long_recording() -> None:
    told = run("long_recording.py", "--frames", "40", "--ids", "7", "--at-once", "2")
    assert "eval --recording long.jsonl" in told


def test_of_cleaning() -> None:
    assert "walk" in run("cleaning.py")
