"""limner annotate: the main job."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from limner.errors import UsageError

# The help's sections.
_WHAT, _WHO, _HOW, _RUN = "What comes out", "Who", "How it looks", "How it runs"
_TUTORIAL = "The OpenCV tutorial"


def annotate(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT", help="Videos, images, folders of them, or patterns like *.mp4."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR|FILE",
            help="Where results go; for one input also the annotated file itself. "
            "Default: beside the input.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace existing results.", rich_help_panel=_WHAT)
    ] = False,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME,...",
            help="Data files to write; none for no data.",
            rich_help_panel=_WHAT,
        ),
    ] = "csv,jsonl",
    angles: Annotated[
        bool,
        typer.Option(
            "--angles", help="Write joint angles into the data, too.", rich_help_panel=_WHAT
        ),
    ] = False,
    video: Annotated[
        bool,
        typer.Option("--video/--no-video", help="Write the annotated copy.", rich_help_panel=_WHAT),
    ] = True,
    audio: Annotated[
        bool, typer.Option("--audio/--no-audio", help="Keep the audio.", rich_help_panel=_WHAT)
    ] = True,
    output_rate: Annotated[
        str | None,
        typer.Option(
            metavar="FPS",
            help="Play the video at this rate, slower or faster; without audio.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    codec: Annotated[
        str,
        typer.Option(metavar="NAME", help="Codec of the video.", rich_help_panel=_WHAT),
    ] = "auto",
    quality: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Quality on the codec's own scale; lower is better.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Begin here: seconds or h:mm:ss.", rich_help_panel=_WHAT),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Stop here: seconds or h:mm:ss.", rich_help_panel=_WHAT),
    ] = None,
    max_people: Annotated[
        int | None,
        typer.Option(metavar="N", help="Keep at most N people.", rich_help_panel=_WHO),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(
            metavar="largest|center|longest|ID", help="Which person to keep.", rich_help_panel=_WHO
        ),
    ] = None,
    roi: Annotated[
        str | None,
        typer.Option(
            metavar="X,Y,W,H", help="Keep people inside this rectangle.", rich_help_panel=_WHO
        ),
    ] = None,
    search: Annotated[
        str | None,
        typer.Option(
            metavar="fast|normal|thorough",
            help="How hard to look for people.",
            rich_help_panel=_WHO,
        ),
    ] = None,
    net_size: Annotated[
        str | None,
        typer.Option(
            metavar="N[,N...]",
            help="Pixels of the network's input on its long side; several are averaged. "
            "OpenPose only.",
            rich_help_panel=_WHO,
        ),
    ] = None,
    flip: Annotated[
        bool,
        typer.Option(
            "--flip", help="Average with the mirrored image. OpenPose only.", rich_help_panel=_WHO
        ),
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            help="Joints less sure than this are neither drawn nor in the tables. "
            "Default: the model's own.",
            rich_help_panel=_WHO,
        ),
    ] = None,
    smooth: Annotated[
        bool, typer.Option("--smooth/--no-smooth", help="Clean the motion.", rich_help_panel=_WHO)
    ] = True,
    boxes: Annotated[
        bool, typer.Option("--boxes", help="Draw a box around each person.", rich_help_panel=_HOW)
    ] = False,
    labels: Annotated[
        str,
        typer.Option(
            metavar="ids,angles|none",
            help="What to write beside people.",
            rich_help_panel=_HOW,
        ),
    ] = "none",
    style: Annotated[
        str,
        typer.Option(
            metavar="NAME|SETTINGS",
            help="classic, neon, mono, thin, bold, or settings such as left=#ff9100,width=1.5.",
            rich_help_panel=_HOW,
        ),
    ] = "classic",
    background: Annotated[
        str,
        typer.Option(
            metavar="keep|black|transparent",
            help="What to draw on. A transparent video is a .mov or .webm.",
            rich_help_panel=_HOW,
        ),
    ] = "keep",
    blur_faces: Annotated[
        bool,
        typer.Option(
            "--blur-faces", help="Hide the faces of everyone found.", rich_help_panel=_HOW
        ),
    ] = False,
    trails: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="Show where hands and feet have been.",
            rich_help_panel=_HOW,
        ),
    ] = 0.0,
    tutorial: Annotated[
        bool,
        typer.Option(
            "--tutorial",
            help="Do what the OpenCV tutorial does, no better: one person.",
            rich_help_panel=_TUTORIAL,
        ),
    ] = False,
    line_color: Annotated[
        str | None,
        typer.Option(
            metavar="#RRGGBB",
            help="Colour of its lines. Default: green.",
            rich_help_panel=_TUTORIAL,
        ),
    ] = None,
    dot_color: Annotated[
        str | None,
        typer.Option(
            metavar="#RRGGBB", help="Colour of its dots. Default: red.", rich_help_panel=_TUTORIAL
        ),
    ] = None,
    text_color: Annotated[
        str | None,
        typer.Option(
            metavar="#RRGGBB",
            help="Colour of its milliseconds. Default: black.",
            rich_help_panel=_TUTORIAL,
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="A model of `limner models`, or a network file. Default: blazepose-full; "
            "for the tutorial, openpose-mobilenet-thin.",
            rich_help_panel=_RUN,
        ),
    ] = None,
    backend: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="auto, openvino, opencv or onnxruntime.",
            rich_help_panel=_RUN,
        ),
    ] = "auto",
    device: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="auto, cpu, or a device of the backend.", rich_help_panel=_RUN
        ),
    ] = "auto",
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Say more.", rich_help_panel=_RUN)
    ] = False,
) -> None:
    """Draw everyone's pose on videos and images; write the numbers.

    limner dance.mp4

    limner *.mp4 -o results --format csv,jsonl,coco
    """
    from limner.cli.console import set_up_logging
    from limner.cli.startup import loading

    with loading():
        from limner.cli.run import run_all
        from limner.settings import Settings
        from limner.tracking.selection import parse_person, parse_roi

    set_up_logging(verbose)
    settings = Settings(
        output=output,
        overwrite=overwrite,
        formats=parse_formats(formats),
        video=video,
        audio=audio,
        output_rate=parse_rate(output_rate),
        codec=codec,
        quality=quality,
        start=parse_time("start", start),
        end=parse_time("end", end),
        max_people=max_people,
        person=None if person is None else parse_person(person),
        roi=None if roi is None else parse_roi(roi),
        search=search,
        net_size=parse_net_size(net_size),
        flip=flip,
        threshold=threshold,
        smooth=smooth,
        boxes=boxes,
        labels=labels,
        style=style,
        background=background,
        blur_faces=blur_faces,
        trails=trails,
        angles=angles,
        tutorial=tutorial,
        line_color=line_color,
        dot_color=dot_color,
        text_color=text_color,
        model=model,
        backend=backend,
        device=device,
    )
    raise typer.Exit(run_all(inputs, settings, verbose))


def parse_formats(text: str) -> tuple[str, ...]:
    """Return the names in a comma-separated list of formats."""
    from limner.export import find_format

    names = tuple(name.strip() for name in text.split(",") if name.strip() not in ("", "none"))
    for name in names:
        find_format(name)
    return names


def parse_net_size(text: str | None) -> tuple[int, ...] | None:
    """Return the whole numbers in a comma-separated list.

    Raises:
        UsageError: it is none.
    """
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(
            f"net-size: expected pixels such as 432, or several such as 368,656,960, got {text!r}"
        ) from None


def parse_rate(text: str | None) -> Fraction | None:
    """Return frames per second given as a number or a fraction such as 30000/1001.

    Raises:
        UsageError: it is neither.
    """
    if text is None:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(
            f"output-rate: expected frames per second such as 25 or 30000/1001, got {text!r}"
        ) from None


def parse_time(option: str, text: str | None) -> float | None:
    """Return a time given as seconds, m:ss or h:mm:ss, in seconds.

    Raises:
        UsageError: it is none of these.
    """
    if text is None:
        return None
    parts = text.split(":")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or not all(0 <= value < math.inf for value in values):
        raise UsageError(f"{option}: expected seconds or h:mm:ss, got {text!r}")
    seconds = 0.0
    for value in values:
        seconds = seconds * 60 + value
    return seconds
