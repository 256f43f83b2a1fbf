"""What ``limner eval`` does: measure, write the files asked for, return the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.errors import UsageError
from limner.models.base import Model
from limner.system.files import refuse_existing, writing
from limner.system.staging import atomic

if TYPE_CHECKING:
    from rich.table import Table

_FORMS = "limner eval --images DIR --annotations COCO.json, or limner eval --recording FILE.jsonl"


def run(
    load: Callable[[], Model],
    *,
    images: Path | None = None,
    annotations: Path | None = None,
    recording: Path | None = None,
    results: Path | None = None,
    summary: Path | None = None,
    timeline: Path | None = None,
    max_people: int | None = None,
    overwrite: bool = False,
) -> list[Table]:
    """Measure a model on labelled images, or a recording.

    Args:
        load: loads the model, when one is needed.
        images: the folder of the labelled images.
        annotations: their COCO keypoint annotations.
        recording: a .jsonl of limner; then there are no images and annotations.
        results: where to write the poses in COCO's results format (images only).
        summary: where to write the figures as JSON.
        timeline: where to write the image of who is seen when (recording only).
        max_people: how many poses of an image to keep, the surest (images only).
        overwrite: replace the files that are there already.

    Returns:
        The figures as tables.

    Raises:
        UsageError: options that do not go together.
        LimnerError: an input cannot be read, or a result cannot be written or is there already.
    """
    if recording is not None:
        _refuse("--recording", images=images, annotations=annotations, results=results)
        _refuse("--recording", max_people=max_people)
        refuse_existing([path for path in (summary, timeline) if path], overwrite)
        return _run_recording(recording, summary, timeline, overwrite)
    if images is None or annotations is None:
        raise UsageError(f"what is to be measured? {_FORMS}")
    _refuse("--images", timeline=timeline)
    if max_people is not None and max_people < 1:
        raise UsageError(f"--max-people: expected 1 or more, got {max_people}")
    refuse_existing([path for path in (results, summary) if path], overwrite)
    return _run_images(load, images, annotations, results, summary, max_people, overwrite)


def _refuse(form: str, **options: object) -> None:
    """Complain of options that are given though they say nothing about this form."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{', '.join(given)} cannot be combined with {form}; use {_FORMS}")


def _run_images(
    load: Callable[[], Model],
    images: Path,
    annotations: Path,
    results: Path | None,
    summary: Path | None,
    max_people: int | None,
    overwrite: bool,
) -> list[Table]:
    from limner.evaluation.coco import evaluate_images
    from limner.evaluation.tables import image_tables

    figures, found = evaluate_images(
        load(), images, annotations, max_people=max_people, watch=_progress
    )
    if results is not None:
        _write_json(results, found, overwrite)
    if summary is not None:
        _write_json(summary, figures.to_dict(), overwrite)
    return image_tables(figures)


def _run_recording(
    recording: Path, summary: Path | None, timeline: Path | None, overwrite: bool
) -> list[Table]:
    from limner.evaluation.steadiness import evaluate_recording
    from limner.evaluation.tables import movement_table, recording_tables
    from limner.evaluation.timeline import write_timeline
    from limner.recording.recording import load
    from limner.recording.summary import movements

    recorded = load(recording)
    figures = evaluate_recording(recorded.frames, threshold=recorded.header.threshold)
    moved = movements(recorded)
    if summary is not None:
        movement = [asdict(one) for one in moved]
        _write_json(summary, figures.to_dict() | {"movement": movement}, overwrite)
    if timeline is not None:
        title = f"{recording.name}: who is seen when"
        write_timeline(timeline, recorded.frames, title, overwrite=overwrite)
    return [*recording_tables(figures), movement_table(moved)]


def _write_json(path: Path, value: Any, overwrite: bool) -> None:
    with atomic(path, overwrite=overwrite) as place, writing(path):
        place.write_text(json.dumps(value) + "\n", encoding="utf-8")


def _progress(images: Sequence[Any]) -> Iterable[Any]:
    """Show on stderr how many images are done, where somebody is looking."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(images, description="images", console=console, disable=not console.is_terminal)
