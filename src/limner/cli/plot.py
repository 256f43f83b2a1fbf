"""``limner plot``: curves of a recording, for papers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def plot(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A .png, .pdf or .svg; NAME_plot.png if not given."),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(help="What to plot, with commas, as in the CSV: left_knee_deg,nose_y."),
    ] = None,
    person: Annotated[int | None, typer.Option(help="Only the person of this number.")] = None,
    start: Annotated[float, typer.Option(help="Seconds to begin at.")] = 0.0,
    end: Annotated[float, typer.Option(help="Seconds to end before.")] = float("inf"),
    width: Annotated[float, typer.Option(help="Width in millimetres.")] = 180.0,
    dpi: Annotated[int, typer.Option(help="Dots per inch.")] = 300,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a plot that is there already.")
    ] = False,
) -> None:
    """Plot angles and places over time, ready for a paper."""
    from limner.report.plot import plot_file

    path, problem = plot_file(
        recording,
        output,
        names=show.split(",") if show else None,
        person=person,
        start=start,
        end=end,
        width=width,
        dpi=dpi,
        overwrite=overwrite,
    )
    if problem:
        typer.echo(f"warning: {problem}", err=True)
    typer.echo(path)
