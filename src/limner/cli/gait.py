"""``limner gait``: foot strikes, strides and joint angles of people who walk."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from limner.cli.console import say, show_path
from limner.cli.options import like
from limner.settings import OPTIONS


def gait(
    recording: Annotated[
        Path, typer.Argument(help="The .jsonl that limner wrote, of a video from the side.")
    ],
    output: Annotated[
        Path | None,
        like("output", "Where results go. Default: beside the recording.", "DIR"),
    ] = None,
    person: Annotated[int | None, like("person", metavar="ID")] = None,
    height: Annotated[
        str | None, like("height", "How tall the walker is, or each by number, for metres.")
    ] = None,
    start: Annotated[str | None, like("start")] = None,
    end: Annotated[str | None, like("end")] = None,
    overwrite: Annotated[bool, like("overwrite")] = False,
) -> None:
    """Measure how people walk: tables, and a page to print and file."""
    from limner.gait.files import gait_file

    written = gait_file(
        recording,
        output,
        person=person,
        height=height,
        start=OPTIONS["start"].value("start", start) or 0.0,
        end=math.inf if end is None else OPTIONS["end"].value("end", end),
        overwrite=overwrite,
    )
    for problem in written.problems:
        say(f"warning: {problem}")
    for path in written.paths:
        show_path(path)
