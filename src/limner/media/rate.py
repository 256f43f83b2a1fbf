"""How many frames a video has in a second: as it says, unless that is known to be wrong."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from limner.media.container import TimesFrom, open_container, times_from, video_stream

if TYPE_CHECKING:
    from collections.abc import Generator

    from av.container import InputContainer
    from av.video.stream import VideoStream

    Packet = av.Packet[av.VideoStream]

# No camera and no player is faster; a header that says so counts in other units.
_FASTEST = 1000
# Containers whose headers claim a rate that nothing in the file depends on.
_CLAIMING = ("matroska", "flv", "asf")
# How many packets are looked at to check a claim, and how far off it may be.
_SAMPLE = 100
_TOLERANCE = 1.5


def frame_rate(
    container: InputContainer, stream: VideoStream, path: Path | None = None
) -> Fraction | None:
    """Return a video's average frames per second, None if that is not known.

    Args:
        container: the open file.
        stream: its moving image; for a raw stream, after an image was decoded.
        path: where to read the file a second time, to check what it claims; None where that
            cannot be done.
    """
    stated = stream.average_rate or stream.guessed_rate or None
    if times_from(container, stream) is TimesFrom.NOTHING:
        return _raw_rate(stream) or stated
    names = container.format.name.split(",")
    if stated and path is not None and any(name in names for name in _CLAIMING):
        measured = _measured(path)
        if measured is not None and stated > _TOLERANCE * measured:
            return measured
    return stated


def _raw_rate(stream: VideoStream) -> Fraction | None:
    """Return the rate in a raw stream's own headers.

    FFmpeg gives all raw streams an average rate of 25, and takes most of their headers into
    its guess, but not high rates of H.264.
    """
    if stream.guessed_rate and stream.guessed_rate != stream.average_rate:
        return stream.guessed_rate
    stated = stream.codec_context.framerate
    return stated if stated and 1 <= stated <= _FASTEST else None


def _measured(path: Path) -> Fraction | None:
    """Return the rate of a file's first images by their times; None if there are too few."""
    with open_container(path) as container:
        stream = video_stream(path, container)
        with closing(cast("Generator[Packet]", container.demux(stream))) as packets:
            try:
                sample = [packet.pts for packet in islice(packets, _SAMPLE)]
            except (av.error.FFmpegError, IndexError):
                return None
        times = sorted({time for time in sample if time is not None})
        if len(times) < 3 or stream.time_base is None:
            return None
        rate = (len(times) - 1) / ((times[-1] - times[0]) * stream.time_base)
    # Ticks are rounded: it is a whole number if it is close to one.
    whole = Fraction(round(rate))
    return whole if whole and abs(rate / whole - 1) < 0.01 else rate.limit_denominator(100)
