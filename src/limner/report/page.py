"""The report: one HTML file, opened offline, with the video beside charts that follow it."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from limner.errors import InputError, UsageError
from limner.recording.recording import Recording, load
from limner.report.content import content
from limner.system.files import writing
from limner.system.staging import atomic

# A page with more than this inside becomes slow to open; a link is better then.
EMBED_LIMIT = 25_000_000
_VIDEO_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".webm": "video/webm",
}
_PICTURE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


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
            else the one that was measured, unless given.
        embed: put the video into the page, or link to it; unless given it is embedded up
            to `EMBED_LIMIT` bytes.
        names: the quantities to offer, by the names of the CSV's columns.
        overwrite: replace the file if it is there.

    Raises:
        RecordingError: the recording cannot be read or has no frames.
        InputError: the video that was named is not there.
        UsageError: plotly is not installed, or there is no quantity of a name.
        OutputError: it cannot be written, or is there already.
    """
    source = Path(source)
    path = Path(output) if output is not None else source.with_suffix(".html")
    recording = load(source)
    shown, starts_at_zero = _find_video(source, recording, video)
    note = write_report(
        recording,
        path,
        video=shown,
        video_start=0.0 if starts_at_zero or len(recording) == 0 else float(recording.times[0]),
        embed=embed,
        names=names,
        overwrite=overwrite,
    )
    return Report(path, note, recording.problem)


def write_report(
    recording: Recording,
    path: Path,
    *,
    video: Path | None = None,
    video_start: float = 0.0,
    embed: bool | None = None,
    names: Sequence[str] | None = None,
    overwrite: bool = False,
) -> str:
    """Write the page.

    Args:
        recording: the recording.
        path: the HTML file.
        video: the video or image to show, if any.
        video_start: the recording's time, in seconds, at which the video begins.
        embed: as in `report_file`.
        names: as in `report_file`.
        overwrite: replace the file if it is there.

    Returns:
        One sentence on where the page has its video from.

    Raises:
        RecordingError, UsageError, OutputError: as in `report_file`.
    """
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise UsageError(
            "a report needs plotly, which is not installed; "
            "install it with: pip install 'limner[report]'"
        ) from None
    with atomic(path, overwrite=overwrite) as place:
        data = {**content(recording, names), "video_start": video_start}
        media, note = _media(video, path, embed)
        # "<" never stands in the data itself, so no text in it can end the script.
        parts = {
            "TITLE": html.escape(data["title"]),
            "STYLE": _part("page.css"),
            "PLOTLY": get_plotlyjs(),
            "DATA": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
            "SCRIPT": _part("page.js"),
            "MEDIA": media,
        }
        with writing(path), place.open("w", encoding="utf-8") as file:
            for number, piece in enumerate(_part("page.html").split("@@")):
                file.write(parts[piece] if number % 2 else piece)
    return note


def _part(name: str) -> str:
    return (files("limner.report") / name).read_text(encoding="utf-8")


def _find_video(
    source: Path, recording: Recording, video: str | os.PathLike[str] | None
) -> tuple[Path | None, bool]:
    """Return the video to show, and whether its time is the recording's."""
    measured = Path(recording.header.input.path)
    if video is not None:
        if not Path(video).is_file():
            raise InputError(f"no such file: {video}; give the annotated video with --video")
        return Path(video), Path(video).name == measured.name
    for suffix in (".mp4", ".png"):
        if source.with_suffix(suffix).is_file():
            return source.with_suffix(suffix), False  # an annotated part begins at 0
    for place in (measured, source.parent / measured.name):
        if place.is_file() and place.suffix.lower() in _VIDEO_TYPES | _PICTURE_TYPES:
            return place, True
    return None, True


def _media(video: Path | None, page: Path, embed: bool | None) -> tuple[str, str]:
    """Return the element that shows the video, and a sentence about it."""
    if video is None:
        note = "no video was found, so the report has charts only; name one with --video"
        return f"<p class='missing'>{html.escape(note)}</p>", note
    kind = (_VIDEO_TYPES | _PICTURE_TYPES).get(video.suffix.lower(), "video/mp4")
    try:
        size = video.stat().st_size
        if embed or (embed is None and size <= EMBED_LIMIT):
            address = f"data:{kind};base64,{base64.b64encode(video.read_bytes()).decode()}"
            note = f"{video.name} ({size / 1e6:.1f} MB) is inside the report"
        else:
            relative = os.path.relpath(video.resolve(), page.parent.resolve())
            address = quote(Path(relative).as_posix())
            note = (
                f"the report links to {relative} ({size / 1e6:.1f} MB); keep the two together, or "
                "use --embed"
            )
    except (OSError, ValueError) as problem:  # ValueError: no relative path between two drives
        raise InputError(f"cannot use the video {video}: {problem}") from None
    if kind.startswith("image/"):
        return f'<img src="{address}" alt="the annotated image">', note
    return f'<video src="{address}" controls playsinline preload="auto"></video>', note
