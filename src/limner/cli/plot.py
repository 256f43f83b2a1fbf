"""``limner plot``: curves of a recording, for papers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.console import say, show_path
from limner.cli.options import like
from limner.settings import OPTIONS


def plot(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    output: Annotated[
        Path | None,
        like("output", "The .png, .pdf or .svg to write. Default: NAME_plot.png.", "FILE"),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            help="What to plot, by the CSV's columns, such as left_knee_deg,nose_y.",
            metavar="NAME,...",
        ),
    ] = None,
    person: Annotated[int | None, like("person", metavar="ID")] = None,
    start: Annotated[str | None, like("start")] = None,
    end: Annotated[str | None, like("end")] = None,
    width: Annotated[float, typer.Option(help="Width in millimetres.", metavar="MM")] = 180.0,
    dpi: Annotated[int, typer.Option(help="Dots per inch.", metavar="N")] = 300,
    overwrite: Annotated[bool, like("overwrite")] = False,
) -> None:
    """Plot angles and places over time, ready for a paper."""
    from limner.report.plot import plot_file

    path, problem = plot_file(
        recording,
        output,
        names=show.split(",") if show else None,
        person=person,
        start=OPTIONS["start"].value("start", start) or 0.0,
        end=math.inf if end is None else OPTIONS["end"].value("end", end),
        width=width,
        dpi=dpi,
        overwrite=overwrite,
    )
    if problem:
        say(f"warning: {problem}")
    show_path(path)
