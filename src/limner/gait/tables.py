"""Gait tables: what was measured, as rows of CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from limner.core.arrays import Doubles, Ints
from limner.gait.analysis import Gait
from limner.gait.cycles import PERCENT
from limner.gait.measures import Statistic

Cell = str | int | float
Row = Sequence[Cell]


def measures(gaits: Sequence[Gait]) -> Iterator[Row]:
    """Yield a row for each measure of each walker: mean, spread and count, whole and by side."""
    parts = ("mean", "sd", "n")
    yield (
        *("person", "measure", "unit", *parts),
        *(f"{side}_{part}" for side in ("left", "right") for part in parts),
        "asymmetry_percent",
    )
    for gait in gaits:
        for one in gait.measures:
            sides = [cell for side in (one.left, one.right) for cell in _statistic(side)]
            yield gait.person, one.name, one.unit, *_statistic(one.both), *sides, one.asymmetry


def _statistic(value: Statistic | None) -> Row:
    return ("", "", "") if value is None else (value.mean, value.spread, value.count)


def strides(gaits: Sequence[Gait]) -> Iterator[Row]:
    """Yield a row for each stride that was used."""
    yield (
        *("person", "passage", "side", "start", "end", "toe_off", "other_strike", "other_toe_off"),
        *("stride_time", "step_time", "stance_percent", "swing_percent", "double_support_percent"),
        *("stride_length", "step_length", "speed", "length_unit"),
    )
    for gait in gaits:
        for number, passage in enumerate(gait.passages, 1):
            for one in passage.strides:
                yield (
                    *(gait.person, number, one.side, one.start, one.end, one.toe_off),
                    *(one.other_strike, one.other_toe_off, one.time, one.step_time, one.stance),
                    *(one.swing, one.double_support, one.length, one.step_length, one.speed),
                    gait.unit,
                )


def events(gaits: Sequence[Gait], times: Doubles, indices: Ints) -> Iterator[Row]:
    """Yield a row for each foot strike and toe-off of the passages that were used.

    Args:
        gaits: of everybody.
        times: (T,) seconds of the recording's frames, rising.
        indices: (T,) their numbers; an event is given that of the frame nearest to it.
    """
    yield "person", "passage", "side", "event", "time", "frame"
    for gait in gaits:
        for number, passage in enumerate(gait.passages, 1):
            for event in passage.events:
                frame = int(indices[np.argmin(np.abs(times - event.time))])
                yield gait.person, number, event.side, event.kind, event.time, frame


def cycles(gaits: Sequence[Gait]) -> Iterator[Row]:
    """Yield a row for each per cent of the stride, of each joint and side."""
    yield "person", "joint", "side", "percent", "mean_deg", "sd_deg", "n"
    for gait in gaits:
        for one in gait.cycles:
            means, spreads = one.mean.tolist(), one.spread.tolist()
            for percent in PERCENT.tolist():
                yield (
                    *(gait.person, one.joint, one.side, percent),
                    *(means[percent], spreads[percent], one.count),
                )


def passages(gaits: Sequence[Gait]) -> Iterator[Row]:
    """Yield a row for each part of everybody's time, used or not, and why not."""
    yield "person", "passage", "start", "end", "direction", "used", "strides", "reason"
    for gait in gaits:
        for number, one in enumerate(gait.passages, 1):
            reason = one.reason or "; ".join(f"left out: {each}" for each in one.left_out)
            yield (
                *(gait.person, number, one.start, one.end, one.direction),
                *("yes" if one.used else "no", len(one.strides), reason),
            )


def text(rows: Iterable[Row]) -> str:
    """Return rows as CSV: numbers to four digits after the point, what is missing empty."""
    file = io.StringIO()
    write: Callable[[Iterable[str]], object] = csv.writer(file, lineterminator="\n").writerow
    for row in rows:
        write([_cell(cell) for cell in row])
    return file.getvalue()


def _cell(cell: Cell) -> str:
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:.4f}"
    return str(cell)
