"""limner demo: the main job on a sample clip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limner.cli.options import Verbose, like


def demo(
    output: Annotated[Path, like("output", "Where results go.", "DIR")] = Path("limner_demo"),
    verbose: Verbose = False,
) -> None:
    """Fetch a sample clip and annotate it.

    Two people, one of them doing a flip. The clip is Sports2D's demo (BSD-3-Clause).
    """
    from limner.cli.console import set_up_logging
    from limner.cli.run import run_all
    from limner.models.catalogue import DEMO_CLIP, catalogue
    from limner.models.store import ensure
    from limner.settings import Settings

    set_up_logging(verbose)
    (clip,) = ensure([catalogue().files[DEMO_CLIP]])
    raise typer.Exit(run_all([str(clip)], Settings(output=output, overwrite=True), verbose))
