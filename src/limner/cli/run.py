"""Run the pipeline over many inputs: one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from limner.cli.console import ConsoleProgress, report_error
from limner.errors import LimnerError, UsageError
from limner.media.inputs import expand
from limner.pipeline import Result, annotate_source, open_model
from limner.results import is_output
from limner.settings import Settings


def run_all(inputs: Sequence[str], settings: Settings, verbose: bool = False) -> int:
    """Annotate every input; return the exit code.

    Results are told on stdout, a path a line; everything else on stderr.
    """
    sources = expand(inputs)
    if len(sources) > 1:
        # What an earlier run made of the same folder is no input.
        sources = [source for source in sources if not is_output(source.path, sources)]
        if settings.output is not None and settings.output.suffix and not settings.output.is_dir():
            raise UsageError(
                f"output: {settings.output} is one file, but there are {len(sources)} inputs; "
                f"give a folder"
            )
    model = None
    code = 0
    for source in sources:
        try:
            if source.error is not None:
                raise source.error
            model = model or open_model(settings)
            report(annotate_source(source, model, settings, ConsoleProgress()))
        except UsageError:
            raise
        except LimnerError as error:
            code = max(code, report_error(error, verbose))
    return code


def report(result: Result) -> None:
    """Say what came of an input."""
    for path in result.paths:
        typer.echo(path)
    for problem in result.problems:
        typer.echo(f"limner: {result.source}: {problem}", err=True)
    people = "1 person" if result.people == 1 else f"{result.people or 'no'} people"
    rate = result.frames / max(result.seconds, 1e-6)
    frames = "1 frame" if result.frames == 1 else f"{result.frames} frames"
    typer.echo(
        f"{result.source}: {frames}, {people}, {result.seconds:.1f} s ({rate:.1f} frames/s)",
        err=True,
    )
