"""How a run goes, on stderr: a live line on a terminal, else a line now and then."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

from limner.cli.console import say
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.wording import counted
from limner.pipeline.result import Progress


class ConsoleProgress(Progress):
    """Shows how a run goes on stderr: a live line on a terminal, else a line now and then."""

    # Seconds between lines where stderr is no terminal.
    _PLAIN_EVERY = 10.0

    def __init__(self) -> None:
        self._live: Any = None
        self._task: Any = None
        self._total: int | None = None
        self._done = 0
        self._begun = self._told = 0.0

    def start(self, name: str, frames: int | None, model: ModelInfo) -> None:
        """Show that an input is begun."""
        self._total, self._done = frames, 0
        self._begun = self._told = perf_counter()
        count = f", {counted(frames, 'frame')}" if frames and frames > 1 else ""
        on = f" on {model.runs_on}" if model.runs_on else ""
        say(f"{name}{count}, {model.name}{on}")
        if sys.stderr.isatty():
            self._show_live(frames)

    def _show_live(self, frames: int | None) -> None:
        # Where nobody watches, nobody need wait for rich.
        from rich import progress
        from rich.console import Console

        # All of the live line fits into 80 columns, or what does not fit would push out the rest.
        self._live = progress.Progress(
            progress.BarColumn(bar_width=24),
            progress.TaskProgressColumn(),
            progress.TextColumn("{task.fields[done]}"),
            progress.TextColumn("{task.fields[rate]}"),
            progress.TimeRemainingColumn(compact=True),
            progress.TextColumn("left" if frames else ""),
            console=Console(stderr=True),
            transient=True,
        )
        self._live.start()
        self._task = self._live.add_task("", total=frames, done=self._count(), rate="")

    def advance(self, poses: Poses) -> None:
        """Show that a frame is done."""
        self._done += 1
        now = perf_counter()
        rate = self._done / max(now - self._begun, 1e-6)
        if self._live is not None:
            if now - self._told > 0.1 or self._done == self._total:
                self._told = now
                self._live.update(
                    self._task,
                    completed=self._done,
                    done=self._count(),
                    rate=f"{rate:.1f} frames/s",
                )
        elif now - self._told > self._PLAIN_EVERY:
            self._told = now
            share, left = "", ""
            if self._total:
                share = f" of {self._total} ({100 * self._done // self._total} %)"
                left = f", {max(self._total - self._done, 0) / rate:.0f} s left"
            say(f"{self._done} frames{share}, {rate:.1f} frames/s{left}")

    def finish(self) -> None:
        """Take the progress away."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _count(self) -> str:
        return f"{self._done}/{self._total} frames" if self._total else f"{self._done} frames"
