"""Which video or image a report may show, and when its images come.

A recording is data that somebody may have sent: the file that its header names may be anything
on this machine. So a report shows what the user names, or what lies beside the recording and
fits it. Where a run has hidden the faces, it shows the run's own copy or nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from limner.core.info import CopyInfo
from limner.errors import InputError
from limner.media.container import open_container, video_stream
from limner.media.probe import MediaInfo, probe
from limner.recording.recording import Recording

# What a run may make of its input.
_COPIES = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".gif", ".png")
# HEVC holds even sizes only, so the copy may have a row and a column more.
_SAME_SIZE = 1


@dataclass(frozen=True)
class Shown:
    """A video or image to show.

    Attributes:
        path: the file.
        image: whether it is one image.
        times: (T,) seconds of the file's own clock at which the recording's T frames are shown.
    """

    path: Path
    image: bool
    times: NDArray[np.float64]


def find_video(
    source: Path, recording: Recording, given: str | os.PathLike[str] | None
) -> tuple[Shown | None, str]:
    """Return what to show beside a recording.

    Args:
        source: the recording's file.
        recording: its content.
        given: the video or image that the user named, if any.

    Returns:
        What to show, and, where there is nothing, a sentence that says why.

    Raises:
        InputError: what the user named cannot be read, or would show what the run has hidden.
    """
    if given is not None:
        return _given(Path(given), source, recording), ""
    copy = recording.header.copy
    for place in _copies(source, recording):
        if shown := _beside(place, source, recording, annotated=True):
            return shown, ""
    if copy is not None and copy.faces_blurred:
        return None, (
            f"the run hid faces, and {_own(copy)} is not beside the recording as the run left it, "
            "so the report has charts only"
        )
    name = recording.header.input.name
    if copy is not None and (shown := _beside(source.parent / name, source, recording)):
        return shown, ""
    return None, (
        "no video that fits was found beside the recording, so the report has charts only; name "
        "one with --video"
    )


def frame_times(path: Path) -> NDArray[np.float64]:
    """Return when the images of a video are shown, in seconds of its own clock, rising.

    Nothing is decoded.

    Raises:
        InputError: it cannot be read.
    """
    with open_container(path) as container:
        stream = video_stream(path, container)
        base = stream.time_base
        ticks = []
        try:
            for packet in container.demux(stream):
                tick = packet.dts if packet.pts is None else packet.pts
                if packet.size and tick is not None:
                    ticks.append(tick)
        except av.error.FFmpegError:
            pass  # what is before the damage has its times
    return np.sort(np.array(ticks, np.float64)) * float(base or 1)


def _copies(source: Path, recording: Recording) -> list[Path]:
    """Return where the run's annotated copy may lie."""
    copy = recording.header.copy
    if copy is None:  # an older recording, whose copy has its name with any ending
        measured = recording.header.input.name
        places = [source.with_suffix(ending) for ending in _COPIES]
        return [place for place in places if place.name != measured]
    place = None if copy.name is None else source.with_suffix(Path(copy.name).suffix)
    if place is None or (copy.faces_blurred and not _is_named(place, copy.name)):
        return []
    return [place]


def _is_named(place: Path, name: str | None) -> bool:
    """Say whether a file has the name that a run gave its copy, or a partial form of it.

    Where faces are hidden, only its name tells the copy from the input.
    """
    stem = Path(name or "").stem
    return name is not None and (place.stem == stem or place.stem.startswith(f"{stem}."))


def _beside(
    place: Path, source: Path, recording: Recording, *, annotated: bool = False
) -> Shown | None:
    """Return a file beside the recording, None where it is not there or does not fit."""
    try:
        if not place.is_file() or place.resolve().parent != source.resolve().parent:
            return None
        info = probe(place)
    except (InputError, OSError, ValueError):
        return None
    measured = recording.header.input
    image = info.kind == "image"
    if image != _of_an_image(recording):
        return None
    if (
        abs(info.width - measured.width) > _SAME_SIZE
        or abs(info.height - measured.height) > _SAME_SIZE
    ):
        return None
    times = frame_times(place) if not image else np.zeros(1)
    if annotated:
        fits = len(times) == len(recording) if recording.complete else len(times) > 0
    else:
        fits = len(recording) > 0 and len(times) > recording.indices[-1]
    return _shown(place, info, times, recording, annotated) if fits else None


def _given(path: Path, source: Path, recording: Recording) -> Shown:
    header = recording.header
    if not path.is_file():
        raise InputError(f"no such file: {path}; give the annotated video with --video")
    copy = header.copy
    if copy is not None and copy.faces_blurred and not _is_named(path, copy.name):
        raise InputError(f"{path}: the run hid faces, so its report shows nothing but {_own(copy)}")
    info = probe(path)
    if (info.kind == "image") != _of_an_image(recording):
        expected = "an image" if _of_an_image(recording) else "a video"
        raise InputError(f"{path}: expected {expected}, as what was measured is, got {info.kind}")
    times = frame_times(path) if info.kind == "video" else np.zeros(1)
    measured = path.name == header.input.name
    annotated = not measured and len(times) == len(recording)
    return _shown(path, info, times, recording, annotated)


def _shown(
    path: Path,
    info: MediaInfo,
    times: NDArray[np.float64],
    recording: Recording,
    annotated: bool,
) -> Shown:
    """Bring a file's times and the recording's frames together.

    A copy has an image for each frame, whatever its rate and where it begins. The input's images
    come at the recording's times, which count from its first.
    """
    first = times[0] if len(times) else 0.0
    if not annotated:
        begin = 0.0 if recording.header.input.name == path.name else _first(recording)
        return Shown(path, info.kind == "image", first + recording.times - begin)
    known = times[: len(recording)]
    rest = recording.times[len(known) :]  # an interrupted run's copy may be shorter
    if len(rest) and len(known):
        rest = known[-1] + rest - recording.times[len(known) - 1]
    return Shown(path, info.kind == "image", np.concatenate([known, rest]))


def _own(copy: CopyInfo) -> str:
    return "a copy, which it did not write," if copy.name is None else f"its copy {copy.name}"


def _first(recording: Recording) -> float:
    return float(recording.times[0]) if len(recording) else 0.0


def _of_an_image(recording: Recording) -> bool:
    """Say whether one image that stands by itself was measured."""
    return recording.header.input.frame_rate is None and len(recording) <= 1
