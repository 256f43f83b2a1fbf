"""Run the pipeline over many inputs: one that fails does not stop the others."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from limner.cli.console import report_error, say, show_path
from limner.cli.progress import ConsoleProgress
from limner.cli.startup import loading
from limner.core.wording import counted
from limner.errors import OutputError, UsageError
from limner.media.inputs import Input, expand, numbered_images
from limner.media.sources.pipe import STANDARD_INPUT
from limner.models.base import Model
from limner.pipeline.annotate import annotate_input
from limner.pipeline.opening import open_model
from limner.pipeline.outputs import is_one_file, is_output, targets, tell_apart
from limner.pipeline.result import Result
from limner.settings import Settings
from limner.system.files import STANDARD_OUTPUT
from limner.system.signals import signals


def run_all(inputs: Sequence[str], settings: Settings, verbose: bool = False) -> int:
    """Annotate every input; return the exit code.

    Results are told on stdout, a path a line; everything else on stderr.
    """
    import cv2

    # The stages keep the cores busy themselves; OpenCV's own threads would wait in loops.
    cv2.setNumThreads(1)
    _refuse_standard_streams(inputs, settings)
    sources = expand(inputs, sequence=settings.sequence is not None)
    for pattern, count in numbered_images(sources).items():
        say(
            f"limner: {pattern}: {count} numbered images are done one by one; --sequence 25 takes "
            "them for a video of 25 frames per second"
        )
    if len(sources) > 1:
        # What an earlier run made of the same folder is no input.
        found = len(sources)
        sources = [source for source in sources if not is_output(source.path, sources)]
        if len(sources) < found:
            left_out = counted(found - len(sources), "input")
            say(f"limner: {left_out} left out, the results of others")
        if settings.output is not None and is_one_file(settings.output):
            raise UsageError(
                f"output: {settings.output} is one file, but there are {len(sources)} inputs; "
                f"give a folder"
            )
    sources = tell_apart(sources, settings)
    model: Model | None = None
    taken: dict[Path, Path] = {}
    code = 0
    for source in sources:
        if source.error is None and model is None:
            # A model that cannot be had fails every input, so it ends the run.
            with loading():
                model = open_model(settings)
        try:
            if source.error is not None or model is None:
                raise source.error or AssertionError
            _take_names(source, settings, taken)
            with signals.held():
                report(annotate_input(source, model, settings, ConsoleProgress(), signals.wished))
        except UsageError:
            raise
        except Exception as error:
            code = max(code, report_error(error, verbose))
    return code


def _refuse_standard_streams(inputs: Sequence[str], settings: Settings) -> None:
    """Refuse what can neither come nor go through the process's own streams.

    Raises:
        UsageError: a video is to be typed in, or shown in a terminal as it is.
    """
    if settings.output == STANDARD_OUTPUT:
        check_standard_output()
    if str(STANDARD_INPUT) in inputs and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError(
            "-: expected a video through standard input, which is a terminal or closed; "
            "pipe one in (cat dance.mkv | limner -) or name a file"
        )


def check_standard_output() -> None:
    """See that a video can go to standard output.

    Raises:
        UsageError: it is a terminal.
    """
    if sys.stdout.isatty():
        raise UsageError(
            "output: - is standard output, which is a terminal; pipe it on "
            "(limner dance.mp4 -o - | ffplay -) or name a file"
        )


def _take_names(source: Input, settings: Settings, taken: dict[Path, Path]) -> None:
    """See that no two inputs of a run make results of the same name.

    Raises:
        OutputError: an earlier input has one of these names.
    """
    names = targets(source, settings).names
    for name in sorted(names & taken.keys()):
        raise OutputError(
            f"{source.path}: not done, its result would replace that of {taken[name]} ({name}); "
            f"run it by itself with another --output"
        )
    taken.update(dict.fromkeys(names, source.path))


def report(result: Result) -> None:
    """Say what came of an input."""
    for path in result.paths:
        show_path(path)
    for problem in result.problems:
        say(f"limner: {problem}")
    people = counted(result.people, "person", "people") if result.people else "no people"
    rate = result.frames / max(result.seconds, 1e-6)
    frames = counted(result.frames, "frame")
    say(f"{result.source}: {frames}, {people}, {result.seconds:.1f} s ({rate:.1f} frames/s)")
    if result.left_out:
        say(f"left out: {', '.join(result.left_out)}")
