"""The gait sheet: the page as a PDF of A4, one page for each walker."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.gait import chart, wording
from limner.gait.analysis import Gait
from limner.recording.recording import Recording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_A4 = (8.27, 11.69)  # inches
_LEFT, _RIGHT, _TOP = 0.08, 0.95, 0.96
_LINE = 0.0135  # of the page's height, for 7.5 points
_LETTERS = 132  # in a line of 7.5 points
_BOTTOM = 0.03
_GREY, _RULE = "#51606f", "#8896a3"


def write_sheets(place: Path, recording: Recording, gaits: Sequence[Gait]) -> None:
    """Write the PDF.

    Args:
        place: the file.
        recording: what was measured.
        gaits: of everybody in it.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    walkers = [gait for gait in gaits if gait.walks]
    facts: dict[str, Any] = {"Title": f"Gait: {wording.title(recording)}", "CreationDate": None}
    with (
        warnings.catch_warnings(),
        place.open("wb") as file,
        PdfPages(file, metadata=facts) as pages,
    ):
        # A file's name may have letters that the font has not; a box stands for each.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        for gait in walkers:
            pages.savefig(walker_sheet(recording, gait))
        if not walkers:
            pages.savefig(nobody_sheet(recording, gaits))


def walker_sheet(recording: Recording, gait: Gait) -> Figure:
    """Return the page of one who walks."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_A4)
    name = textwrap.shorten(wording.title(recording), 60, placeholder="...")
    y = _say(figure, _TOP, f"Gait of person {gait.person} in {name}", size=13, lines=2)
    y = _blanks(figure, y)
    for term, fact in wording.facts(gait, recording):
        figure.text(_LEFT, y, term, fontsize=7.5, color=_GREY)
        figure.text(_LEFT + 0.11, y, textwrap.shorten(fact, 120), fontsize=7.5)
        y -= _LINE
    joints = chart.joints(gait)
    height = 0.17
    y -= height + 2.2 * _LINE
    for number, joint in enumerate(joints):
        width = (_RIGHT - _LEFT) / 3
        axes = figure.add_axes((_LEFT + number * width, y, width - 0.045, height))
        chart.draw(axes, gait, joint)
    y -= 4 * _LINE
    said = "Lines are means, bands one standard deviation, upright lines toe-offs."
    y = _say(figure, y, said, color=_GREY, lines=2)
    columns = (_LEFT, 0.36, 0.52, 0.68, 0.84)
    y = _table(figure, y, wording.MEASURES_HEAD, wording.measure_rows(gait), columns)
    notes = [line for note in (*gait.notes, wording.METHOD) for line in _lines(note)]
    lowest = _BOTTOM + (len(notes) + 2) * _LINE
    rows = wording.passage_rows(gait.passages)
    places = (_LEFT, 0.22, 0.36, 0.44)
    y = _table(figure, y - _LINE, wording.PASSAGES_HEAD, rows, places, lowest) - _LINE
    for line in notes:
        y = _say(figure, y, line, color=_GREY, lines=1)
    return figure


def _blanks(figure: Figure, y: float) -> float:
    """Leave lines to be filled in by hand."""
    from matplotlib.lines import Line2D

    width = (_RIGHT - _LEFT) / len(wording.BLANKS)
    for number, blank in enumerate(wording.BLANKS):
        left = _LEFT + number * width
        figure.text(left, y, blank, fontsize=7.5, color=_GREY)
        rule = y - 0.35 * _LINE
        across = [left, left + width - 0.015]
        figure.add_artist(Line2D(across, [rule, rule], color=_RULE, linewidth=0.6))
    return y - 2.2 * _LINE


def nobody_sheet(recording: Recording, gaits: Sequence[Gait]) -> Figure:
    """Return the page that says why nobody's gait was measured."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=_A4)
    name = textwrap.shorten(wording.title(recording), 60, placeholder="...")
    y = _say(figure, _TOP, f"Gait: {name}", size=13, lines=2)
    y = _say(figure, y, wording.nobody(recording, gaits), lines=2)
    for gait in gaits:
        head = (f"person {gait.person}, {wording.PASSAGES_HEAD[0]}", *wording.PASSAGES_HEAD[1:])
        rows = wording.passage_rows(gait.passages)
        if y < _BOTTOM + 5 * _LINE:
            _say(figure, y, "More people are in the table of passages.", lines=1)
            break
        y = _table(figure, y, head, rows, (_LEFT, 0.3, 0.42, 0.5), _BOTTOM + _LINE) - _LINE
    return figure


def _lines(text: str, size: float = 7.5) -> list[str]:
    """Return the lines of a paragraph over the page's width."""
    return textwrap.wrap(text, round(_LETTERS * 7.5 / size))


def _say(
    figure: Figure, y: float, text: str, *, lines: float, size: float = 7.5, color: str = "black"
) -> float:
    """Write a paragraph; return where the next one is, so many lines below its last."""
    for line in _lines(text, size):
        figure.text(_LEFT, y, line, fontsize=size, color=color)
        y -= _LINE * size / 7.5
    return y - _LINE * (lines - 1)


def _table(
    figure: Figure,
    y: float,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    places: Sequence[float],
    lowest: float = 0.0,
) -> float:
    """Write a table; return where the next thing is.

    Args:
        figure: the page.
        y: its top.
        head: of the columns.
        rows: the cells; the last of a row is wrapped.
        places: left ends of the columns.
        lowest: the end of its room; it says how many rows have none.
    """
    from matplotlib.lines import Line2D

    for place, cell in zip(places, head, strict=True):
        figure.text(place, y, cell, fontsize=7, color=_GREY)
    rule = y - 0.35 * _LINE
    figure.add_artist(Line2D([_LEFT, _RIGHT], [rule, rule], color=_RULE, linewidth=0.6))
    y -= 1.2 * _LINE
    width = round(_LETTERS * (_RIGHT - places[-1]) / (_RIGHT - _LEFT))
    for number, (*cells, last) in enumerate(rows):
        lines = textwrap.wrap(last, width)
        if y - len(lines) * _LINE < lowest:
            figure.text(
                _LEFT, y, f"and {len(rows) - number} more, in the table of passages", fontsize=7.5
            )
            y -= _LINE
            break
        for place, cell in zip(places, cells, strict=False):
            figure.text(place, y, cell, fontsize=7.5)
        for line in lines:
            figure.text(places[-1], y, line, fontsize=7.5)
            y -= _LINE
    return y - 0.6 * _LINE
