"""``limner eval``: measure accuracy on labelled images, or the steadiness of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.models.catalogue import DEFAULT_MODEL


def evaluate(
    images: Annotated[
        Path | None, typer.Option(help="Folder of the labelled images.", metavar="DIR")
    ] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="Their COCO keypoint annotations.", metavar="COCO.json")
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(help="A recording to measure instead; no labels needed.", metavar="JSONL"),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Model to measure: a name, or a network file.")
    ] = DEFAULT_MODEL,
    results: Annotated[
        Path | None, typer.Option(help="Write the poses in COCO's results format.", metavar="FILE")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", help="Write the figures as JSON.", metavar="FILE")
    ] = None,
    timeline: Annotated[
        Path | None, typer.Option(help="Draw who is seen when, as an image.", metavar="FILE")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that are there already.")
    ] = False,
    max_people: Annotated[
        int | None, typer.Option(help="Keep the N surest poses of an image.", metavar="N")
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="How hard to look for people: fast, normal or thorough.")
    ] = None,
    net_size: Annotated[
        str | None,
        typer.Option(
            help="Pixels of the network's input on its long side; several are averaged. "
            "OpenPose only.",
            metavar="N[,N...]",
        ),
    ] = None,
    flip: Annotated[
        bool, typer.Option("--flip", help="Average with the mirrored image. OpenPose only.")
    ] = False,
    backend: Annotated[str, typer.Option(help="auto, openvino, opencv or onnxruntime.")] = "auto",
    device: Annotated[str, typer.Option(help="auto, cpu, or a device of the backend.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.", metavar="N")] = None,
) -> None:
    """Measure a model's accuracy, or a recording's steadiness.

    limner eval --images val2017 --annotations person_keypoints_val2017.json

    limner eval --recording dance_pose.jsonl --timeline who.png
    """
    from rich.console import Console

    from limner.cli.annotate import parse_net_size
    from limner.evaluation.run import run
    from limner.models.loading import load_model
    from limner.runtime import Runtime

    sizes = parse_net_size(net_size)
    runtime = Runtime(backend, device, threads)
    tables = run(
        lambda: load_model(model, runtime, search=search, net_size=sizes, flip=flip or None),
        images=images,
        annotations=annotations,
        recording=recording,
        results=results,
        summary=json,
        timeline=timeline,
        max_people=max_people,
        overwrite=overwrite,
    )
    Console().print(*tables, sep="\n")
