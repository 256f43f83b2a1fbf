"""The report: one HTML file, opened offline, with the video beside charts that follow it."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import chain
from pathlib import Path
from urllib.parse import quote

import numpy as np

from limner.errors import InputError
from limner.recording.recording import Recording, load
from limner.report.content import Content, content
from limner.report.palette import palette
from limner.report.video import Shown, find_video
from limner.system.files import writing
from limner.system.staging import atomic

# A page with more than this inside becomes slow to open; a link is better then.
EMBED_LIMIT = 25_000_000
_TYPES = {
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
}
# What browsers play, of what a run may write; the others stand in the page all the same.
_UNPLAYED = (".avi", ".mkv")
# Bytes at once, a multiple of 3: base64 makes four letters of three bytes.
_PIECE = 3_000_000


@dataclass(frozen=True)
class Report:
    """A report that was written.

    Attributes:
        path: the HTML file.
        note: one sentence on where the page has its video from.
        problem: a sentence on the recording if it is not complete, or None.
    """

    path: Path
    note: str
    problem: str | None = None


def report_file(
    source: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    video: str | os.PathLike[str] | None = None,
    embed: bool | None = None,
    names: Sequence[str] | None = None,
    overwrite: bool = False,
) -> Report:
    """Write the report of a recording's file.

    Args:
        source: the recording.
        output: the HTML file; ``NAME.html`` beside the recording unless given.
        video: the video or image to show; the annotated one beside the recording, or
            else the one that was measured, if it lies there and fits, unless given. Of a run
            that hid faces only its own copy is shown.
        embed: put the video into the page, or link to it; unless given it is embedded up
            to `EMBED_LIMIT` bytes.
        names: the quantities to offer, by the names of the CSV's columns.
        overwrite: replace the file if it is there.

    Raises:
        RecordingError: the recording cannot be read or has no frames.
        InputError: the video that was named is not there, cannot be read, or would show what
            the run has hidden.
        UsageError: there is no quantity of a name.
        OutputError: it cannot be written, or is there already.
    """
    source = Path(source)
    path = Path(output) if output is not None else source.with_suffix(".html")
    recording = load(source)
    shown, missing = find_video(source, recording, video)
    note = write_report(
        recording,
        path,
        video=shown,
        embed=embed,
        names=names,
        overwrite=overwrite,
    )
    return Report(path, note if shown else missing, recording.problem)


def write_report(
    recording: Recording,
    path: Path,
    *,
    video: Shown | None = None,
    embed: bool | None = None,
    names: Sequence[str] | None = None,
    overwrite: bool = False,
) -> str:
    """Write the page.

    Args:
        recording: the recording.
        path: the HTML file.
        video: the video or image to show, if any; see `find_video`.
        embed: as in `report_file`.
        names: as in `report_file`.
        overwrite: replace the file if it is there.

    Returns:
        One sentence on where the page has its video from.

    Raises:
        RecordingError, UsageError, OutputError: as in `report_file`.
    """
    with atomic(path, overwrite=overwrite) as place:
        # The page's clock is the video's: what is played says which frame is seen.
        shown = None if video is None else {"times": np.round(video.times, 4).tolist()}
        found = content(recording, names)
        copy = recording.header.copy
        style = None if copy is None else copy.style
        data = {"video_start": 0.0, "video": shown, **found.data}
        media, note = _media(video, path, embed)
        # "<" never stands in the data itself, so no text in it can end the script.
        parts = {
            "TITLE": [html.escape(data["title"])],
            "STYLE": [palette((each["id"] for each in data["people"]), style), _part("report.css")],
            "MODULES": [json.dumps({"imports": _modules()})],
            "DATA": [json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")],
            "CURVES": _curves(found),
            "MEDIA": media,
        }
        with writing(path), place.open("w", encoding="utf-8", errors="replace") as file:
            for number, piece in enumerate(_part("report.html").split("@@")):
                file.writelines(parts[piece] if number % 2 else [piece])
    return note


def _part(name: str) -> str:
    return (files("limner.report") / "web" / name).read_text(encoding="utf-8")


def _modules() -> dict[str, str]:
    """Return the page's JavaScript modules, whole in the addresses by which it imports them.

    A page that is opened from a disk may import no other files.
    """
    scripts = sorted(
        file.name
        for file in (files("limner.report") / "web").iterdir()
        if file.name.endswith(".js")
    )
    start = "data:text/javascript;base64,"
    return {
        f"limner/{name}": start + base64.b64encode(_part(name).encode()).decode()
        for name in scripts
    }


def _media(video: Shown | None, page: Path, embed: bool | None) -> tuple[Iterable[str], str]:
    """Return the element that shows the video, in pieces, and a sentence about it."""
    if video is None:
        note = "there is no video, so the report has charts only; name one with --video"
        return ['<p class="missing">There is no video to show.</p>'], note
    path = video.path
    ending = path.suffix.lower()
    kind = _TYPES.get(ending, "video/mp4")
    played = "" if ending not in _UNPLAYED else f"; many browsers do not play {ending}"
    try:
        size = path.stat().st_size
        if embed or (embed is None and size <= EMBED_LIMIT):
            address: Iterable[str] = chain([f"data:{kind};base64,"], _base64(path))
            note = f"{path.name} ({size / 1e6:.1f} MB) is inside the report{played}"
        else:
            relative = os.path.relpath(path.resolve(), page.parent.resolve())
            address = [quote(os.fsencode(Path(relative).as_posix()))]
            note = (
                f"the report links to {relative} ({size / 1e6:.1f} MB); keep the two together, or "
                f"use --embed{played}"
            )
    except (OSError, ValueError) as problem:  # ValueError: no relative path between two drives
        raise InputError(f"cannot use the video {path}: {problem}") from None
    if kind.startswith("image/"):
        return chain(['<img src="'], address, ['" alt="the annotated image">']), note
    end = '" playsinline preload="auto"></video>'
    return chain(['<video src="'], address, [end]), note


def _curves(found: Content) -> Iterator[str]:
    """Yield an element for each quantity's lines; the page reads those that are looked at."""
    for number, lines in enumerate(found.curves):
        text = base64.b64encode(lines).decode()
        yield f'<script id="curves-{number}" type="text/plain">{text}</script>\n'


def _base64(path: Path) -> Iterator[str]:
    """Yield a file in base64, a piece at a time.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield base64.b64encode(piece).decode()
    except OSError as problem:
        raise InputError(f"cannot use the video {path}: {problem}") from None
