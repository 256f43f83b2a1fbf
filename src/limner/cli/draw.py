"""limner draw: a recording, drawn anew."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from limner.cli.options import Verbose, takes
from limner.settings import DRAWING
from limner.system.signals import signals


@takes(DRAWING)
def draw(
    recording: Annotated[Path, typer.Argument(help="The .jsonl that limner wrote.")],
    video: Annotated[
        Path | None,
        typer.Option(
            help="The video or image that was measured. Default: the one of its name beside the "
            "recording.",
            metavar="FILE",
        ),
    ] = None,
    verbose: Verbose = False,
    **options: Any,
) -> None:
    """Draw a recording on its video anew; nothing is measured again.

    limner draw dance_pose.jsonl --style neon --labels angles
    """
    from limner.cli.console import set_up_logging
    from limner.cli.startup import loading

    with loading(), signals.held():
        import cv2

        from limner.cli.progress import ConsoleProgress
        from limner.cli.run import check_standard_output, report
        from limner.pipeline.redraw import draw_recording
        from limner.settings import Settings
        from limner.system.files import STANDARD_OUTPUT

    set_up_logging(verbose)
    # The stages keep the cores busy themselves; OpenCV's own threads would wait in loops.
    cv2.setNumThreads(1)
    settings = Settings(**options)
    if settings.output == STANDARD_OUTPUT:
        check_standard_output()
    with signals.held():
        report(draw_recording(recording, settings, video, ConsoleProgress(), signals.wished))
