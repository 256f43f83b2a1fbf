"""Plots of a recording for papers: one panel for each quantity, one colour for each person."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from limner.errors import RecordingError, UsageError
from limner.recording.recording import Recording, load
from limner.report.quantities import COLOURS, curves, first_choice, quantities
from limner.system.files import writing
from limner.system.staging import atomic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MILLIMETRE = 1 / 25.4  # inches
# A legend of more people would be larger than the plot.
_MOST_NAMED = 30
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
        The file, and a sentence on the recording if it is not complete.

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
    plot(part, path, names=names, width=width, dpi=dpi, overwrite=overwrite)
    return path, recording.problem


def plot(
    recording: Recording,
    path: Path,
    *,
    names: Sequence[str] | None = None,
    width: float = 180.0,
    dpi: int = 300,
    overwrite: bool = False,
) -> None:
    """Plot a recording; see `plot_file`."""
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
    size = (width * _MILLIMETRE, (18 + 32 * len(shown)) * _MILLIMETRE)
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    marker = "." if len(recording) < 3 else ""
    for number, identity in enumerate(recording.people):
        track = recording.track(identity)
        away = np.flatnonzero(np.diff(track.rows) > 1) + 1  # no line leads over an absence
        times = np.insert(track.times, away, np.nan)
        for panel, values in zip(panels, curves(track, shown), strict=True):
            panel.plot(
                times,
                np.insert(values, away, np.nan),
                color=COLOURS[number % len(COLOURS)],
                linewidth=1,
                marker=marker,
                label=f"person {identity}",
            )
    for panel, quantity in zip(panels, shown, strict=True):
        panel.set_title(quantity.label, fontsize=8, loc="left")
        panel.set_ylabel(quantity.unit, fontsize=8)
        panel.tick_params(labelsize=7)
        panel.yaxis.set_major_locator(MaxNLocator(5))
        panel.spines[["top", "right"]].set_visible(False)
        if quantity.group == "y":
            panel.invert_yaxis()  # up in the plot is up in the image
    panels[-1].set_xlabel("time (s)", fontsize=8)
    if 1 < len(recording.people) <= _MOST_NAMED:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside upper right", ncols=6, fontsize=7, frameon=False
        )
    return figure
