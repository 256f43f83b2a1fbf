"""The gait sheet: the page as a PDF of A4, one page for each walker."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.core.wording import counted
from limner.gait import chart, wording
from limner.gait.analysis import Gait
from limner.recording.recording import Recording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_A4 = (8.27, 11.69)  # inches
_LEFT, _RIGHT, _TOP = 0.08, 0.95, 0.96
_LINE = 0.0135  # of the page's height, for 7.5 points
# More rows than this of passages are in the table beside the page.
_MOST_PASSAGES = 14
_GREY = "#51606f"


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
            pages.savefig(_walker(recording, gait))
        if not walkers:
            pages.savefig(_nobody(recording, gaits))


def _walker(recording: Recording, gait: Gait) -> Figure:
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
    places = (_LEFT, 0.36, 0.52, 0.68, 0.84)
    y = _table(figure, y, wording.MEASURES_HEAD, wording.measure_rows(gait), places)
    passages = wording.passage_rows(gait.passages)
    shown = passages[:_MOST_PASSAGES]
    y = _table(figure, y - _LINE, wording.PASSAGES_HEAD, shown, (_LEFT, 0.22, 0.36, 0.44))
    if len(passages) > len(shown):
        more = counted(len(passages) - len(shown), "more passage")
        y = _say(figure, y, f"and {more}, in the table of passages", lines=1)
    y -= _LINE
    for note in (*gait.notes, wording.METHOD):
        y = _say(figure, y, note, color=_GREY, lines=1)
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
        figure.add_artist(Line2D(across, [rule, rule], color="#8896a3", linewidth=0.6))
    return y - 2.2 * _LINE


def _nobody(recording: Recording, gaits: Sequence[Gait]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_A4)
    name = textwrap.shorten(wording.title(recording), 60, placeholder="...")
    y = _say(figure, _TOP, f"Gait: {name}", size=13, lines=2)
    y = _say(figure, y, wording.nobody(recording, gaits), lines=2)
    left = 3 * _MOST_PASSAGES
    for gait in gaits:
        rows = wording.passage_rows(gait.passages)[: max(left, 0)]
        if rows:
            head = (f"person {gait.person}, {wording.PASSAGES_HEAD[0]}", *wording.PASSAGES_HEAD[1:])
            y = _table(figure, y, head, rows, (_LEFT, 0.3, 0.42, 0.5)) - _LINE
        left -= len(rows) + 2
    if left <= 0:
        _say(figure, y, "and more, in the table of passages", lines=1)
    return figure


def _say(
    figure: Figure, y: float, text: str, *, lines: float, size: float = 7.5, color: str = "black"
) -> float:
    """Write a paragraph; return where the next one is, so many lines below its last."""
    wrapped = textwrap.wrap(text, round(132 * 7.5 / size)) or [""]
    for line in wrapped:
        figure.text(_LEFT, y, line, fontsize=size, color=color, va="baseline")
        y -= _LINE * size / 7.5
    return y - _LINE * (lines - 1)


def _table(
    figure: Figure,
    y: float,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    places: Sequence[float],
) -> float:
    from matplotlib.lines import Line2D

    for place, cell in zip(places, head, strict=True):
        figure.text(place, y, cell, fontsize=7, color=_GREY)
    across = [_LEFT, _RIGHT]
    rule = y - 0.35 * _LINE
    figure.add_artist(Line2D(across, [rule, rule], color="#8896a3", linewidth=0.6))
    y -= 0.2 * _LINE
    width = round(85 * (_RIGHT - places[-1]) / (_RIGHT - 0.36))
    for row in rows:
        y -= _LINE
        *cells, last = row
        for place, cell in zip(places, cells, strict=False):
            figure.text(place, y, cell, fontsize=7.5)
        for number, line in enumerate(textwrap.wrap(last, max(width, 12))):
            y -= _LINE * (number > 0)
            figure.text(places[-1], y, line, fontsize=7.5)
    return y - 1.6 * _LINE
