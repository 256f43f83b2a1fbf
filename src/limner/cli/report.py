"""``limner report``: a recording as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The .html; beside the recording if not.")
    ] = None,
    video: Annotated[
        Path | None, typer.Option(help="The video to show; the annotated one if not given.")
    ] = None,
    embed: Annotated[
        bool | None,
        typer.Option(
            "--embed/--link",
            help="Put the video into the page or link to it; up to 25 MB go in if not given.",
        ),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(help="What to chart, with commas, as in the CSV: left_knee_deg,nose_y."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a report that is there already.")
    ] = False,
) -> None:
    """Write one HTML page, to be opened offline: the video beside charts that follow it."""
    from limner.report.page import report_file

    written = report_file(
        recording,
        output,
        video=video,
        embed=embed,
        names=show.split(",") if show else None,
        overwrite=overwrite,
    )
    if written.problem:
        typer.echo(f"warning: {written.problem}", err=True)
    typer.echo(written.note, err=True)
    typer.echo(written.path)
