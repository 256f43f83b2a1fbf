"""Where an image lies that a video is to be read from, without decoding what is before it."""

from __future__ import annotations

import bisect
import heapq
import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import av

from limner.media.container import TimesFrom, open_container, times_from, video_stream
from limner.media.timing import RESTART

if TYPE_CHECKING:
    from collections.abc import Generator

    from av.container import InputContainer
    from av.video.stream import VideoStream

    Packet = av.Packet[av.VideoStream]

# H.264 and HEVC reorder at most so many images; what steps back further has another clock.
_MOST_REORDERED = 16


class Place(NamedTuple):
    """An image of a video.

    Attributes:
        tick: its time, in ticks.
        number: how many images are before it, from the first that can be decoded on.
        before: the time of the image before it.
    """

    tick: int
    number: int
    before: int


def find(path: Path, first: int, target: int) -> Place | None:
    """Find the first image at or after a time.

    Args:
        path: the file.
        first: the time of the first image that can be decoded, in ticks.
        target: the time, in ticks; later than the first image's.

    Returns:
        Where it is; None where only decoding tells, as in a container in which not every
        packet is one image at its own time.

    Raises:
        InputError: the file cannot be opened.
        EOFError: it ends before that time.
    """
    with open_container(path) as container:
        stream = video_stream(path, container)
        if times_from(container, stream) is not TimesFrom.IMAGES:
            return None
        times = _times(container, stream, target)
    if times is None:
        return None
    times = sorted(time for time in times if time >= first)
    number = bisect.bisect_left(times, target)
    if number == len(times):
        raise EOFError
    if not number:
        return None
    return Place(times[number], number, times[number - 1])


def _times(container: InputContainer, stream: VideoStream, target: int) -> list[int] | None:
    """Return the times of all images up to a time and some after it; None if they are odd."""
    times: list[int] = []
    highest: list[int] = []
    last = -math.inf
    reorders = stream.codec_context.has_b_frames
    with closing(cast("Generator[Packet]", container.demux(stream))) as packets:
        try:
            for packet in _images(packets):
                time = packet.pts
                if time is None or packet.is_corrupt:
                    return None
                if packet.is_keyframe and time <= last:
                    return None  # whatever is stored before a key frame is shown before it
                last = max(last, time)
                latest = max(highest, default=time - 1)
                back = (latest - time) * (stream.time_base or 1)
                if back >= RESTART or (time <= latest and not reorders):
                    return None
                heapq.heappush(highest, time)
                if len(highest) > _MOST_REORDERED and time <= heapq.heappop(highest):
                    return None
                times.append(time)
                if packet.dts is not None and packet.dts > target:
                    break
        except (av.error.FFmpegError, IndexError):
            return None
    return times if len(set(times)) == len(times) else None


def _images(packets: Iterator[Packet]) -> Iterator[Packet]:
    """Yield the packets whose images are shown."""
    for packet in packets:
        if packet.size and not packet.is_discard:
            yield packet
