"""``limner export``: a recording in other formats, without measuring again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.export.formats import FORMATS

_NAMES = ", ".join(FORMATS)


def export(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    formats: Annotated[
        str, typer.Option("--format", "-f", help=f"One or more, with commas: {_NAMES}.")
    ] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; beside the recording if not.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace results that are there already.")
    ] = False,
    person: Annotated[int | None, typer.Option(help="Only the person of this number.")] = None,
    height: Annotated[
        float | None, typer.Option(help="trc: the person's height in metres, for the scale.")
    ] = None,
    scale: Annotated[float | None, typer.Option(help="trc: metres per pixel.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="trc, opensim-mot: samples per second.")
    ] = None,
    body: Annotated[
        str | None, typer.Option(help="openpose: body-25 (unless given) or coco-18.")
    ] = None,
    metres: Annotated[
        bool | None,
        typer.Option("--metres/--no-metres", help="csv, parquet: with the 3-D columns."),
    ] = None,
    angles: Annotated[
        bool, typer.Option("--angles", help="csv, parquet, jsonl: with the angles.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(help="csv, parquet: leave places under this score empty; the run's if not."),
    ] = None,
) -> None:
    """Write a recording in other formats, with no second inference."""
    from limner.export.saving import export_file

    paths, problem = export_file(
        recording,
        [name.strip() for name in formats.split(",")],
        output,
        overwrite=overwrite,
        angles=angles,
        person=person,
        height=height,
        scale=scale,
        rate=rate,
        body=body,
        metres=metres,
        threshold=threshold,
    )
    if problem:
        typer.echo(f"warning: {problem}", err=True)
    for path in paths:
        typer.echo(path)
