"""Figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from limner.evaluation.coco import ImageFigures, Recall
from limner.evaluation.steadiness import RecordingFigures, Steadiness
from limner.recording.summary import Movement

_NOTHING = "-"


def _number(value: float | None, digits: int = 3) -> str:
    return _NOTHING if value is None else f"{value:.{digits}f}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", min_width=len(title))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def image_tables(figures: ImageFigures) -> list[Table]:
    """Return accuracy, and recall by height, as tables."""
    title = (
        f"{figures.model} on {figures.images} images with {figures.people} labelled people, "
        f"{figures.found} poses found"
    )
    accuracy = _table(title, "", "all", "OKS 0.50", "OKS 0.75", "medium", "large")
    for name in ("ap", "ar"):
        values = [
            getattr(figures, name + which) for which in ("", "_50", "_75", "_medium", "_large")
        ]
        accuracy.add_row(name.upper(), *map(_number, values))

    bands = [Recall("all", figures.people, figures.recall), *figures.recall_by_height]
    recall = _table(
        "recall at OKS 0.5 by height of the person in pixels", "", *(band.height for band in bands)
    )
    recall.add_row("people", *(str(band.people) for band in bands))
    recall.add_row("recall", *(_number(band.recall) for band in bands))

    cost = _table("CPU time per image, all threads, in milliseconds", "mean", "median")
    cost.add_row(_number(figures.milliseconds, 1), _number(figures.milliseconds_median, 1))
    return [accuracy, recall, cost]


def recording_tables(figures: RecordingFigures) -> list[Table]:
    """Return who is seen, and how steadily, as tables."""
    people = _table(
        f"{figures.frames} frames, {figures.seconds:.2f} s", "people", "number", "per minute"
    )
    people.add_row("ids", str(figures.people), "")
    people.add_row("births", str(figures.births), _number(figures.births_per_minute, 1))
    people.add_row("deaths", str(figures.deaths), _number(figures.deaths_per_minute, 1))
    people.add_row("returns", str(figures.returns), "")

    coverage = _table("share of frames", "who", "coverage")
    coverage.add_row("anyone", _number(figures.coverage))
    for person, share in figures.coverage_by_id.items():
        coverage.add_row(f"id {person}", _number(share))

    steadiness = _table("steadiness", "keypoints", "jitter", "unit", "bone variation")

    def add(name: str, values: Steadiness | None, unit: str) -> None:
        if values is not None:
            steadiness.add_row(name, _number(values.jitter), unit, _number(values.bone_variation))

    add("as written", figures.keypoints, "body sizes/s²")
    add("before cleaning", figures.raw_keypoints, "body sizes/s²")
    add("3-D", figures.keypoints_3d, "m/s²")
    return [people, coverage, steadiness]


def movement_table(movements: Sequence[Movement]) -> Table:
    """Return how everyone moves as a table."""
    table = _table(
        "movement", "who", "steps/min", "repetitions/min", "fastest, body heights/s", "at, s"
    )
    for one in movements:
        table.add_row(
            f"id {one.person}",
            _number(one.steps_per_minute, 1),
            _number(one.repetitions_per_minute, 1),
            _number(one.fastest, 2),
            _number(one.fastest_at, 2),
        )
    return table
