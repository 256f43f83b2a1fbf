"""``limner export``: a recording in other formats, without measuring again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.cli.options import like
from limner.export.formats import FORMATS


def export(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    format: Annotated[  # noqa: A002 - the option's name
        str, like("format", f"Data files to write: {', '.join(FORMATS)}.")
    ] = "csv",
    output: Annotated[
        Path | None,
        like("output", "Where results go. Default: beside the recording.", "DIR"),
    ] = None,
    overwrite: Annotated[bool, like("overwrite")] = False,
    person: Annotated[int | None, like("person", metavar="ID")] = None,
    height: Annotated[
        float | None,
        typer.Option(help="trc: the person's height, for the scale.", metavar="METRES"),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="trc: metres per pixel.", metavar="METRES")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="trc, opensim-mot: samples per second.", metavar="FPS")
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(help="openpose: which skeleton. Default: body-25.", metavar="body-25|coco-18"),
    ] = None,
    metres: Annotated[
        bool | None,
        typer.Option("--metres/--no-metres", help="csv, parquet: with the 3-D columns."),
    ] = None,
    angles: Annotated[
        bool, like("angles", "csv, parquet, jsonl: write joint angles into the data, too.")
    ] = False,
    angles_auto: Annotated[bool, like("angles_auto")] = False,
    margins: Annotated[
        bool,
        typer.Option(
            "--margins",
            help="csv, parquet, jsonl: angles with how far they may be off, 90 times in 100.",
        ),
    ] = False,
    flags: Annotated[
        bool | None,
        typer.Option("--flags/--no-flags", help="csv, parquet: with the joints' flags."),
    ] = None,
    threshold: Annotated[
        float | None,
        like(
            "threshold",
            "csv, parquet: joints less sure than this are not in the tables. Default: the run's.",
        ),
    ] = None,
) -> None:
    """Write a recording in other formats, with no second inference."""
    from limner.export.saving import export_file

    paths, problem = export_file(
        recording,
        [name.strip() for name in format.split(",")],
        output,
        overwrite=overwrite,
        angles=angles,
        angles_auto=angles_auto,
        margins=margins,
        person=person,
        height=height,
        scale=scale,
        rate=rate,
        body=body,
        metres=metres,
        flags=flags,
        threshold=threshold,
    )
    if problem:
        typer.echo(f"warning: {problem}", err=True)
    for path in paths:
        typer.echo(path)
