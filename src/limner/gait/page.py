"""The gait page: one HTML file without anything from elsewhere, to read, print and file."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from limner.gait import chart, wording
from limner.gait.analysis import Gait
from limner.recording.recording import Recording


def page(recording: Recording, gaits: Sequence[Gait]) -> str:
    """Return the page of a recording: a sheet for each walker, and one for who does not walk.

    Args:
        recording: what was measured.
        gaits: of everybody in it.
    """
    title = html.escape(f"Gait: {wording.title(recording)}")
    style = (files("limner.gait") / "page.css").read_text(encoding="utf-8")
    walkers = [gait for gait in gaits if gait.walks]
    others = [gait for gait in gaits if not gait.walks]
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n",
        *(part for gait in walkers for part in _walker(recording, gait)),
        *_others(recording, others, walkers),
        "</body>\n</html>\n",
    ]
    return "".join(parts)


def _walker(recording: Recording, gait: Gait) -> Iterator[str]:
    name = html.escape(wording.title(recording))
    yield f"<article>\n<h1>Gait of person {gait.person} in {name}</h1>\n"
    blanks = "".join(f"<span>{blank}</span>" for blank in wording.BLANKS)
    yield f'<div class="blanks">{blanks}</div>\n<dl>'
    for term, fact in wording.facts(gait, recording):
        yield f"<dt>{html.escape(term)}</dt><dd>{html.escape(fact)}</dd>"
    yield '</dl>\n<h2>Joint angles over the stride</h2>\n<div class="charts">\n'
    for joint in chart.joints(gait):
        yield chart.svg(gait, joint)
    yield "</div>\n<p>Lines are means, bands one standard deviation, upright lines toe-offs.</p>\n"
    yield '<h2>Measures</h2>\n<div class="wide measures">'
    yield from _table(wording.MEASURES_HEAD, wording.measure_rows(gait), ("", "left", "right"))
    yield "</div>\n<h2>Passages</h2>\n<div>"
    yield from _table(wording.PASSAGES_HEAD, wording.passage_rows(gait.passages))
    yield "</div>\n<h2>Notes</h2>\n<ul>"
    for note in (*gait.notes, wording.METHOD):
        yield f"<li>{html.escape(note)}</li>"
    yield "</ul>\n</article>\n"


def _others(recording: Recording, others: Sequence[Gait], walkers: Sequence[Gait]) -> Iterator[str]:
    if walkers and not others:
        return
    yield "<article>\n"
    if walkers:
        yield "<h1>Not measured</h1>\n"
    else:
        yield f"<h1>Gait: {html.escape(wording.title(recording))}</h1>\n"
        yield f"<p>{html.escape(wording.nobody(recording, others))}</p>\n"
    for gait in others:
        yield f"<h2>Person {gait.person}</h2>\n<div>"
        yield from _table(wording.PASSAGES_HEAD, wording.passage_rows(gait.passages))
        yield "</div>\n"
    yield "</article>\n"


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], classes: Sequence[str] = ()
) -> Iterator[str]:
    """Yield a table; a column may have a class, the first one names its rows."""
    named = [*classes, *[""] * (len(head) - len(classes))]
    yield "<table><thead><tr>"
    for cell, name in zip(head, named, strict=True):
        yield f"<th{_of(name)}>{html.escape(cell)}</th>"
    yield "</tr></thead><tbody>"
    for first, *rest in rows:
        yield f'<tr><th scope="row">{html.escape(first)}</th>'
        for cell, name in zip(rest, named[1:], strict=True):
            yield f"<td{_of(name)}>{html.escape(cell)}</td>"
        yield "</tr>"
    yield "</tbody></table>"


def _of(name: str) -> str:
    return f' class="{name}"' if name else ""
