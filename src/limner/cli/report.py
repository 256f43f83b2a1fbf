"""``limner report``: a recording as one HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.cli.console import say, show_path
from limner.cli.options import like


def report(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    output: Annotated[
        Path | None,
        like("output", "The .html to write. Default: beside the recording.", "FILE"),
    ] = None,
    video: Annotated[
        Path | None,
        typer.Option(help="The video to show. Default: the annotated one.", metavar="FILE"),
    ] = None,
    embed: Annotated[
        bool | None,
        typer.Option(
            "--embed/--link",
            help="Put the video into the page or link to it. Default: up to 25 MB go in.",
        ),
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            help="What to chart, by the CSV's columns, such as left_knee_deg,nose_y.",
            metavar="NAME,...",
        ),
    ] = None,
    overwrite: Annotated[bool, like("overwrite")] = False,
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
        say(f"warning: {written.problem}")
    say(written.note)
    show_path(written.path)
