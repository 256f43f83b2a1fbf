"""The command line in a process of its own, which hears signals whatever started the tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import limner

TESTS = Path(__file__).parents[1]

SCRIPT = """
import sys
sys.path[:0] = {paths!r}
from support.people import FakeModel
import limner.cli.run
limner.cli.run.open_model = lambda settings: FakeModel(seconds={seconds})
from limner.cli import main
{before}
sys.argv[1:] = {arguments!r}
main()
"""


@contextmanager
def default_signals() -> Iterator[None]:
    """Give the signals that stop a process their defaults, for what is started meanwhile.

    What a shell or ``nohup`` told the tests to ignore, their processes would ignore too.
    """
    before = {
        number: signal.signal(number, signal.SIG_DFL)
        for name in ("SIGINT", "SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None  # Windows has no SIGHUP
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start(
    folder: Path, *arguments: str, seconds: float = 0.0, before: str = ""
) -> subprocess.Popen[str]:
    """Start the command line in a folder, with the fake model.

    Args:
        folder: where it works.
        arguments: those of ``limner``.
        seconds: what the model takes for a frame.
        before: Python that runs before the command line does.
    """
    paths = [str(TESTS), str(Path(limner.__file__).parents[1])]
    script = SCRIPT.format(paths=paths, seconds=seconds, before=before, arguments=list(arguments))
    with default_signals():
        return subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
