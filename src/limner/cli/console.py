"""What the command line says: errors as one sentence, progress on stderr."""

from __future__ import annotations

import functools
import logging
import sys
import traceback
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from limner.errors import LimnerError

if TYPE_CHECKING:
    from limner.media.inputs import Source
    from limner.models.base import Model
    from limner.poses import Poses

P = ParamSpec("P")


def report_error(error: BaseException, verbose: bool = False) -> int:
    """Print an error as a person wants to read it; return the exit code."""
    if verbose and not isinstance(error, KeyboardInterrupt):
        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, LimnerError):
        code, message = error.exit_code, str(error)
    elif isinstance(error, KeyboardInterrupt):
        code, message = 130, "interrupted"
    else:
        code = 1
        message = f"internal error ({type(error).__name__}: {error}); run with -v for the details"
    notes = getattr(error, "__notes__", [])
    typer.echo(f"limner: {'; '.join([message, *notes])}", err=True)
    return code


def guarded(verb: Callable[P, None]) -> Callable[P, None]:
    """Return a verb whose errors end the program with one sentence and an exit code."""

    @functools.wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            verb(*args, **kwargs)
        except typer.Exit:
            raise
        except (Exception, KeyboardInterrupt) as error:
            raise typer.Exit(report_error(error, bool(kwargs.get("verbose")))) from None

    return run


def set_up_logging(verbose: bool) -> None:
    """Send what limner logs to stderr."""
    logging.basicConfig(format="limner: %(message)s", stream=sys.stderr, level=logging.WARNING)
    logging.getLogger("limner").setLevel(logging.DEBUG if verbose else logging.INFO)


class ConsoleProgress:
    """Shows how a run goes on stderr: a live line on a terminal, else a line now and then."""

    # Seconds between lines where stderr is no terminal.
    _PLAIN_EVERY = 10.0

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._live: Any = None
        self._task: Any = None
        self._total: int | None = None
        self._done = 0
        self._begun = self._told = 0.0

    def start(self, source: Source, frames: int | None, model: Model) -> None:
        """Show that an input is begun."""
        self._total, self._done = frames, 0
        self._begun = self._told = perf_counter()
        facts = model.facts
        where = f"{facts.name} on {facts.backend} {facts.device}"
        if not self._console.is_terminal:
            count = f", {frames} frames" if frames else ""
            self._console.print(f"{source.path}{count}, {where}", highlight=False, soft_wrap=True)
            return
        from rich import progress

        self._live = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=24),
            progress.TaskProgressColumn(),
            progress.TextColumn("{task.completed}/{task.total} frames"),
            progress.TextColumn("{task.fields[rate]}"),
            progress.TimeRemainingColumn(compact=True),
            progress.TextColumn(where, style="dim"),
            console=self._console,
            transient=True,
        )
        self._live.start()
        self._task = self._live.add_task(source.path.name, total=frames, rate="")

    def advance(self, poses: Poses) -> None:
        """Show that a frame is done."""
        self._done += 1
        now = perf_counter()
        rate = self._done / max(now - self._begun, 1e-6)
        if self._live is not None:
            if now - self._told > 0.1 or self._done == self._total:
                self._told = now
                self._live.update(self._task, completed=self._done, rate=f"{rate:.0f} frames/s")
        elif now - self._told > self._PLAIN_EVERY:
            self._told = now
            share, left = "", ""
            if self._total:
                share = f" of {self._total} ({100 * self._done // self._total} %)"
                left = f", {max(self._total - self._done, 0) / rate:.0f} s left"
            self._console.print(
                f"{self._done} frames{share}, {rate:.1f} frames/s{left}", highlight=False
            )

    def finish(self) -> None:
        """Take the progress away."""
        if self._live is not None:
            self._live.stop()
            self._live = None
