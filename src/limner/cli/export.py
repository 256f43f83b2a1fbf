"""``limner export``: a recording in other formats, without measuring again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.cli.console import say, show_path
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
        str | None,
        like("height", "trc, c3d, bvh, jsonl: how tall people are, everybody or by number."),
    ] = None,
    distance: Annotated[
        str | None,
        like("distance", "trc, c3d, bvh, jsonl: a known distance where people move."),
    ] = None,
    calibration: Annotated[
        Path | None,
        like("calibration", "trc, c3d, bvh, jsonl: the camera's calibration file."),
    ] = None,
    checkerboard: Annotated[str | None, like("checkerboard")] = None,
    floor: Annotated[Path | None, like("floor")] = None,
    scale: Annotated[
        float | None, typer.Option(help="trc, c3d, bvh: metres per pixel.", metavar="METRES")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(help="trc, c3d, bvh, opensim-mot: samples per second.", metavar="FPS"),
    ] = None,
    markers: Annotated[
        str | None,
        typer.Option(
            help="trc, c3d, opensim-mot: names of Pose2Sim's OpenSim model; beside a trc, set-ups "
            "for scaling it and for inverse kinematics.",
            metavar="pose2sim",
        ),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(help="openpose: which skeleton. Default: body-25.", metavar="body-25|coco-18"),
    ] = None,
    metres: Annotated[
        bool | None,
        typer.Option("--metres/--no-metres", help="csv, parquet: with the 3-D columns."),
    ] = None,
    decimal: Annotated[
        str | None,
        typer.Option(
            help="csv: comma for spreadsheets where 1,5 is a number, with ; between cells.",
            metavar="point|comma",
        ),
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

    notes: list[str] = []
    paths, problem = export_file(
        recording,
        [name.strip() for name in format.split(",")],
        output,
        overwrite=overwrite,
        angles=angles,
        angles_auto=angles_auto,
        margins=margins,
        person=person,
        notes=notes,
        height=height,
        distance=distance,
        calibration=calibration,
        checkerboard=checkerboard,
        floor=floor,
        scale=scale,
        rate=rate,
        markers=markers,
        body=body,
        metres=metres,
        flags=flags,
        decimal=decimal,
        threshold=threshold,
    )
    if problem:
        say(f"warning: {problem}")
    for note in notes:
        say(f"note: {note}")
    for path in paths:
        show_path(path)
