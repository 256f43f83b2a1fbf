"""limner annotate: the main job."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from limner.cli.options import Verbose, takes
from limner.settings import OPTIONS
from limner.system.signals import signals


@takes(OPTIONS)
def annotate(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Videos, images, folders of them, or patterns like *.mp4."
        ),
    ],
    verbose: Verbose = False,
    **options: Any,
) -> None:
    """Draw everyone's pose on videos and images; write the numbers.

    limner dance.mp4

    limner *.mp4 -o results --format csv,jsonl,coco
    """
    from limner.cli.console import set_up_logging
    from limner.cli.startup import loading

    with loading(), signals.held():
        from limner.cli.run import run_all
        from limner.settings import Settings

    set_up_logging(verbose)
    raise typer.Exit(run_all(inputs, Settings(**options), verbose))
