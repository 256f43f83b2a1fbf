"""``limner eval``: measure accuracy on labelled images, or the steadiness of a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from limner.cli.options import like, takes
from limner.models.catalogue import DEFAULT_MODEL
from limner.models.families import MODEL_OPTIONS
from limner.settings import OPTIONS

# The help's sections, beside that of the model.
_WHAT, _OUT = "What is measured", "What comes out"
_MODEL = {name: OPTIONS[name] for name in ("model", *MODEL_OPTIONS, "backend", "device", "threads")}


@takes(_MODEL)
def evaluate(
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the labelled images.", metavar="DIR", rich_help_panel=_WHAT),
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            help="Their COCO keypoint annotations.", metavar="COCO.json", rich_help_panel=_WHAT
        ),
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            help="A recording to measure instead; no labels needed.",
            metavar="JSONL",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    max_people: Annotated[
        int | None,
        like("max_people", "Keep at most N people of an image, the surest.", section=_WHAT),
    ] = None,
    results: Annotated[
        Path | None,
        typer.Option(
            help="Write the poses in COCO's results format.", metavar="FILE", rich_help_panel=_OUT
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(
            "--json", help="Write the figures as JSON.", metavar="FILE", rich_help_panel=_OUT
        ),
    ] = None,
    timeline: Annotated[
        Path | None,
        typer.Option(
            help="Draw who is seen when, as an image.", metavar="FILE", rich_help_panel=_OUT
        ),
    ] = None,
    overwrite: Annotated[bool, like("overwrite", section=_OUT)] = False,
    **options: Any,
) -> None:
    """Measure a model's accuracy, or a recording's steadiness.

    limner eval --images val2017 --annotations person_keypoints_val2017.json

    limner eval --recording dance_pose.jsonl --timeline who.png
    """
    from rich.console import Console

    from limner.evaluation.run import run
    from limner.models.loading import load_model
    from limner.runtime import Runtime
    from limner.settings import Settings

    settings = Settings(**options)
    runtime = Runtime(settings.backend, settings.device, settings.threads)
    tables = run(
        lambda: load_model(settings.model or DEFAULT_MODEL, runtime, **settings.model_options),
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
