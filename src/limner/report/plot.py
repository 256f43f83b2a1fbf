"""Plots of a recording for papers: a row of panels for each joint, a column for each person."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.core.frame import Color
from limner.drawing.colors import hex_color, legible, person_color
from limner.errors import RecordingError, UsageError
from limner.recording.recording import Recording, load
from limner.report.palette import INK, side_colors
from limner.report.quantities import (
    Curve,
    Panel,
    curves,
    first_choice,
    panels,
    quantities,
    seen_longest,
)
from limner.system.files import writing
from limner.system.staging import atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MILLIMETRE = 1 / 25.4  # inches
# More people's columns would be too narrow on a page.
_MOST_PEOPLE = 6
# Hatches of the kinds of stretches that are marked, in the order in which they come.
_HATCHES = ("////", "\\\\\\\\", "xxxx", "....")
_KINDS = (".png", ".pdf", ".svg")


def plot_file(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    names: Sequence[str] | None = None,
    person: int | None = None,
    start: float = 0.0,
    end: float = float("inf"),
    width: float = 180.0,
    dpi: int = 300,
    overwrite: bool = False,
) -> tuple[Path, str | None]:
    """Plot the file of a recording.

    Args:
        source: the recording.
        output: a .png, .pdf or .svg; ``NAME.png`` beside the recording unless given (a
            name of its own if the annotated image has that one).
        names: what to plot, by the names of the CSV's columns; knees and ankles unless
            given.
        person: only this person.
        start: seconds to begin at.
        end: seconds to end before.
        width: millimetres; 180 is the width of a page's two columns, 88 of one.
        dpi: dots per inch of a PNG.
        overwrite: replace the file if it is there.

    Returns:
        The file, and a sentence if the recording is not complete or not all people are shown.

    Raises:
        RecordingError: the recording cannot be read, or there is nothing in that time.
        UsageError: matplotlib is not installed, or an option is out of range.
        OutputError: it cannot be written, or is there already.
    """
    source = Path(source)
    path = Path(output) if output is not None else source.with_name(f"{source.stem}_plot.png")
    recording = load(source)
    part = recording.between(start, end)
    if person is not None:
        part = part.person(person)
    left_out = plot(part, path, names=names, width=width, dpi=dpi, overwrite=overwrite)
    return path, "; ".join(filter(None, (recording.problem, left_out))) or None


def plot(
    recording: Recording,
    path: Path,
    *,
    names: Sequence[str] | None = None,
    width: float = 180.0,
    dpi: int = 300,
    overwrite: bool = False,
) -> str | None:
    """Plot a recording; see `plot_file`.

    Returns:
        A sentence if there are more people than a plot shows.
    """
    if path.suffix.lower() not in _KINDS:
        raise UsageError(f"expected a name that ends in {', '.join(_KINDS)}, got {path}")
    if not 20 <= width <= 1000 or not 20 <= dpi <= 2400:
        raise UsageError(
            f"expected a width of 20 to 1000 mm and 20 to 2400 dpi, got {width} mm and {dpi} dpi"
        )
    with atomic(path, overwrite=overwrite) as place:
        figure = _draw(recording, names, width, dpi)
        with writing(path):
            figure.savefig(place)
    number = len(recording.people)
    return (
        None
        if number <= _MOST_PEOPLE
        else f"only the {_MOST_PEOPLE} of {number} people who are seen longest are plotted; choose "
        "another one with --person"
    )


def _draw(recording: Recording, names: Sequence[str] | None, width: float, dpi: int) -> Figure:
    """Return the figure, one panel for each quantity.

    Raises:
        UsageError: matplotlib is not installed, or there is no quantity of a name.
        RecordingError: nobody is seen.
    """
    try:
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError:
        raise UsageError(
            "a plot needs matplotlib, which is not installed; "
            "install it with: pip install 'limner[plot]'"
        ) from None
    if len(recording) == 0 or not recording.people:
        raise RecordingError(
            f"nobody is seen in that part of the recording of {recording.header.input.path}, so "
            "there is nothing to plot"
        )
    shown = quantities(recording.skeleton, names)
    if names is None:
        first = first_choice(shown)
        shown = [quantity for quantity in shown if quantity.name in first]
    rows, people = panels(shown), seen_longest(recording, _MOST_PEOPLE)
    size = (width * _MILLIMETRE, (18 + 32 * len(rows)) * _MILLIMETRE)
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    grid = figure.subplots(len(rows), len(people), sharex=True, sharey="row", squeeze=False)
    copy = recording.header.copy
    hatches: dict[str, str] = {}
    colors = {"middle": INK, **side_colors(None if copy is None else copy.style)}
    for column, identity in enumerate(people):
        track = recording.track(identity)
        found = curves(track, shown)
        if len(people) > 1:
            grid[0, column].set_title(
                f"person {identity}",
                fontsize=8,
                loc="right",
                fontweight="bold",
                color=hex_color(legible(person_color(identity), contrast=4.5)),
            )
        grid[-1, column].set_xlabel("time (s)", fontsize=8)
        for panel, axes in zip(rows, grid[:, column], strict=True):
            lines = {shown[member].side: found[member] for member in panel.members}
            _draw_lines(axes, recording.times, track.rows, lines, colors, hatches)
            axes.tick_params(labelsize=7)
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.spines[["top", "right"]].set_visible(False)
    for panel, axes in zip(rows, grid[:, 0], strict=True):
        _name(axes, panel)
    handles = {
        label: handle
        for axes in grid.flat
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    if handles:
        figure.legend(
            list(handles.values()),
            list(handles),
            loc="outside upper right",
            ncols=6,
            fontsize=7,
            frameon=False,
        )
    return figure


def _name(axes: Axes, panel: Panel) -> None:
    """Say what a row shows."""
    axes.set_title(panel.title, fontsize=8, loc="left")
    axes.set_ylabel(panel.unit, fontsize=8)
    if panel.group == "y":
        axes.invert_yaxis()  # up in the plot is up in the image


def _draw_lines(
    axes: Axes,
    times: NDArray[np.float64],
    rows: NDArray[np.integer],
    lines: Mapping[str, Curve],
    colors: Mapping[str, Color],
    hatches: dict[str, str],
) -> None:
    """Draw one person's lines, each in its side's colour, with what is known about them.

    Args:
        axes: where.
        times: (T,) seconds of the recording's frames.
        rows: (F,) in which of them the person is.
        lines: by side.
        colors: of the sides.
        hatches: of the kinds of stretches that have been drawn; new ones are added.
    """
    away = np.flatnonzero(np.diff(rows) > 1) + 1  # no line leads over an absence
    known = np.insert(times[rows], away, np.nan)
    marker = "." if len(times) < 3 else ""
    for side, curve in lines.items():
        color = hex_color(colors[side])
        label = None if side == "middle" else side
        if curve.interval is not None:
            low, high = (np.insert(end, away, np.nan) for end in curve.interval)
            axes.fill_between(known, low, high, color=color, alpha=0.25, linewidth=0)
        values = np.insert(curve.values, away, np.nan)
        axes.plot(known, values, color=color, linewidth=1, marker=marker, label=label)
        for kind, marked in curve.marked.items():
            hatch = hatches.setdefault(kind, _HATCHES[len(hatches) % len(_HATCHES)])
            for first, last in marked:
                axes.axvspan(
                    times[first],
                    times[min(last + 1, len(times) - 1)],
                    facecolor="none",
                    edgecolor=(color, 0.5),
                    hatch=hatch,
                    linewidth=0,
                    zorder=0,
                    label=kind,
                )
