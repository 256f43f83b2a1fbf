"""What the command line says on stderr when something happens."""

from __future__ import annotations

import functools
import logging
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec

import typer

from limner.core.wording import on_one_line
from limner.errors import LimnerError
from limner.system.signals import signals

P = ParamSpec("P")


def say(message: str) -> None:
    """Print a message on stderr, on a line of its own."""
    typer.echo(on_one_line(message), err=True)


def show_path(path: Path) -> None:
    """Print a result's path on stdout: as it is for programs, on one line for a terminal."""
    typer.echo(on_one_line(str(path)) if sys.stdout.isatty() else path)


def report_error(error: BaseException, verbose: bool = False) -> int:
    """Print an error as a person wants to read it; return the exit code."""
    # Within the import of a library an interrupt may come out as another error.
    interrupted = isinstance(error, KeyboardInterrupt) or signals.wished()
    if verbose and not interrupted:
        traceback.print_exception(error, file=sys.stderr)
    if interrupted:
        code, message = signals.exit_code, "interrupted"
    elif isinstance(error, LimnerError):
        code, message = error.exit_code, str(error)
    else:
        code = 1
        message = f"internal error ({type(error).__name__}: {error}); run with -v for the details"
    notes = getattr(error, "__notes__", [])
    # With the terminal closed, which is what SIGHUP tells, there is nobody to say it to.
    with suppress(OSError):
        say(f"limner: {'; '.join([message, *notes])}")
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


class _StderrHandler(logging.Handler):
    """Sends records to what stderr is at the moment: a live progress line stands in for it."""

    def emit(self, record: logging.LogRecord) -> None:
        say(f"limner: {record.getMessage()}")


def set_up_logging(verbose: bool) -> None:
    """Send what limner logs to stderr."""
    logger = logging.getLogger("limner")
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    if not any(isinstance(handler, _StderrHandler) for handler in logger.handlers):
        logger.addHandler(_StderrHandler())
