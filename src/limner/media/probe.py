"""What a media file holds, without reading all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av

from limner.errors import InputError
from limner.media.container import open_container, video_stream
from limner.media.image import read_image
from limner.media.images.header import MAX_PIXELS
from limner.media.images.series import Series, open_series
from limner.media.inputs import Kind, kind_of
from limner.media.rate import frame_rate
from limner.media.sources.sequence import SequenceSource
from limner.media.upright import Upright

if TYPE_CHECKING:
    from av.codec import CodecContext
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream


# QuickTime counts from 1904, Unix from 1970.
_CLOCKS_BEGIN = 1970


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a media file says of itself.

    Attributes:
        path: the file.
        kind: a video or a single image.
        width, height: size of the upright image in square pixels.
        coded_width, coded_height: size as it is stored.
        rotation: degrees clockwise from the stored image to the upright one.
        sample_aspect: width of a stored pixel relative to its height.
        frame_rate: average frames per second, exact; None if it is not stated.
        frame_count: number of frames, as stated or from duration and rate; None if unknown.
        duration: seconds of image, or None.
        start_time: the container's time of the first image, in seconds.
        codec: name of the video's codec.
        pixel_format: FFmpeg's name of the stored pixel format.
        is_variable: whether the distance of frames varies, as far as the header tells.
        audio_codec: name of the audio's codec, or None without audio.
        title: what the file says it is called, or None.
        created: when it was recorded, as the file says, ISO 8601, or None.
    """

    path: Path
    kind: Kind
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int = 0
    sample_aspect: Fraction = Fraction(1)
    frame_rate: Fraction | None = None
    frame_count: int | None = None
    duration: float | None = None
    start_time: float = 0.0
    codec: str = ""
    pixel_format: str = ""
    is_variable: bool = False
    audio_codec: str | None = None
    title: str | None = None
    created: str | None = None

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return self.audio_codec is not None


def probe(path: str | Path) -> MediaInfo:
    """Say what a media file holds.

    The first image is decoded, because a video's rotation may only stand there.

    Args:
        path: a video or an image.

    Raises:
        InputError: the file is not there or cannot be read.
    """
    path = Path(path)
    if path.is_file() and path.stat().st_size and kind_of(path) == "image":
        picture = read_image(path)
        return MediaInfo(
            path,
            "image",
            picture.width,
            picture.height,
            picture.width,
            picture.height,
            frame_count=1,
            codec=path.suffix.lower().lstrip("."),
            pixel_format="rgb24",
        )
    series = open_series(path, None, max_pixels=MAX_PIXELS)
    if series is not None:
        return _describe_series(path, series)
    with open_container(path) as container:
        stream = video_stream(path, container)
        try:
            first = next(container.decode(stream), None)
        except (av.error.FFmpegError, IndexError):
            first = None
        if first is None:
            raise InputError(f"{path}: no image of this video could be decoded")
        upright = Upright(first, stream.sample_aspect_ratio)
        return describe(path, container, stream, first, upright)


def _describe_series(path: Path, series: Series) -> MediaInfo:
    """Say what a file of several images holds; the first is read for its size."""
    with SequenceSource(series) as source:
        width, height = source.input.width, source.input.height
    return MediaInfo(
        path,
        "video",
        width,
        height,
        width,
        height,
        frame_rate=series.rate,
        frame_count=series.count,
        codec=path.suffix.lower().lstrip("."),
        pixel_format="rgb24",
    )


def describe(
    path: Path,
    container: InputContainer,
    stream: VideoStream,
    first: av.VideoFrame,
    upright: Upright,
    *,
    again: bool = True,
) -> MediaInfo:
    """Gather what an open video says of itself.

    Args:
        path: the file.
        container: the open file.
        stream: its moving image.
        first: its first image.
        upright: what converts it.
        again: whether the file can be opened a second time, to check what it says.
    """
    base = stream.time_base or Fraction(1, 1000)
    rate = frame_rate(container, stream, path if again else None)
    audio = container.streams.best("audio")
    seconds = _duration(container, stream)
    count = _shown(container, stream) or (round(seconds * rate) if seconds and rate else None)
    return MediaInfo(
        path,
        "video",
        upright.width,
        upright.height,
        first.width,
        first.height,
        rotation=upright.rotation,
        sample_aspect=stream.sample_aspect_ratio or Fraction(1),
        frame_rate=rate,
        frame_count=count,
        duration=float(seconds) if seconds is not None else None,
        start_time=float((stream.start_time or 0) * base),
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=first.format.name,
        is_variable=bool(rate and stream.base_rate and stream.base_rate != rate),
        audio_codec=None if audio is None else _codec_name(audio),
        title=_tag(container, stream, "title"),
        created=_date(_tag(container, stream, "creation_time")),
    )


def _tag(container: InputContainer, stream: VideoStream, name: str) -> str | None:
    """Return a tag of the file or, where it has none, of its video; Matroska's are in capitals."""
    for tags in (container.metadata, stream.metadata):
        for key, value in tags.items():
            if key.lower() == name and value.strip():
                return value
    return None


def _date(text: str | None) -> str | None:
    """Return a time as it stands in a file, None where it is none.

    Cameras that know no time state the beginning of their clock.
    """
    try:
        date = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return text if date.year > _CLOCKS_BEGIN else None


def _shown(container: InputContainer, stream: VideoStream) -> int:
    """Return how many images are stated that are shown: not hidden by an edit list, not empty.

    0 where none are stated, as in a fragmented file.
    """
    entries = stream.index_entries if stream.frames else ()
    # What an edit list leaves out before the first key frame it needs is not in the index.
    if len(entries) == stream.frames or (entries and "mp4" in container.format.name):
        return sum(entry.size > 0 and not entry.is_discard for entry in entries)
    return stream.frames


def _codec_name(stream: Stream) -> str:
    """Return the name of a stream's codec, also where there is no decoder for it."""
    context: CodecContext | None = stream.codec_context
    return "unknown" if context is None else context.codec.canonical_name


def _duration(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the seconds of image: the stream's own, else its tag's, else the file's."""
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    tagged = tagged_duration(stream)
    if tagged is not None:
        return tagged
    if container.duration is not None:
        return Fraction(container.duration, av.time_base)
    return None


def tagged_duration(stream: VideoStream) -> Fraction | None:
    """Return the duration of a Matroska stream, which is kept in a tag (h:mm:ss.fraction)."""
    try:
        hours, minutes, seconds = stream.metadata["DURATION"].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
    except (KeyError, ValueError):
        return None
