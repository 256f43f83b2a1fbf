"""The command line. Each verb is a module; `limner INPUT...` is `limner annotate INPUT...`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from limner._version import __version__
from limner.cli import annotate, demo, draw, export, gait, models, plot, report
from limner.cli import eval as evaluate
from limner.cli.console import guarded
from limner.cli.options import Sectioned
from limner.cli.startup import spare_the_process
from limner.system.signals import signals
from limner.system.streams import prepare_streams

app = typer.Typer(
    name="limner",
    help="Draw everyone's pose on your videos and images, and get the numbers.\n\n"
    # The \b keeps the lines as they are.
    "\b\n"
    "limner dance.mp4            dance_pose.mp4, dance_pose.csv, dance_pose.jsonl\n"
    "limner *.mp4 -o results     many inputs, into a folder\n"
    "limner annotate -h          all that can be asked for\n",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_VERBS: dict[str, Callable[..., Any]] = {
    "annotate": annotate.annotate,
    "demo": demo.demo,
    "draw": draw.draw,
    "export": export.export,
    "report": report.report,
    "plot": plot.plot,
    "gait": gait.gait,
    "eval": evaluate.evaluate,
}
for _name, _verb in _VERBS.items():
    app.command(_name, cls=Sectioned)(guarded(_verb))
app.add_typer(models.app, name="models")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"limner {__version__}")
        raise typer.Exit


@app.callback()
def _limner(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say the version and stop.", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Stand for the options that go before any verb."""


def _spelled_out(arguments: list[str]) -> list[str]:
    """Return arguments with ``--angles auto`` as the switch that it is."""
    spelled: list[str] = []
    for argument in arguments:
        if argument == "auto" and spelled[-1:] == ["--angles"]:
            spelled[-1] = "--angles-auto"
        else:
            spelled.append(argument)
    return spelled


def main() -> None:
    """Run the command line; `limner` on the shell calls this."""
    spare_the_process()
    prepare_streams()
    arguments = _spelled_out(sys.argv[1:])
    verbs = {command.name for command in app.registered_commands}
    verbs |= {group.name for group in app.registered_groups}
    own = {"-h", "--help", "--version", "--install-completion", "--show-completion"}
    if arguments and arguments[0] not in verbs | own:
        arguments.insert(0, "annotate")
    try:
        with signals:
            app(arguments, prog_name="limner")
    except KeyboardInterrupt:
        sys.exit(signals.exit_code)
    except SystemExit as ended:
        # Typer ends with a code of its own where a signal comes before or after a verb.
        if ended.code and signals.wished():
            sys.exit(signals.exit_code)
        raise
