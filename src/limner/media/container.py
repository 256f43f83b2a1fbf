"""Opening media files, and saying in a sentence why one cannot be opened."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import IO, TYPE_CHECKING

import av
from av.format import formats_available
from av.stream import Disposition

from limner.errors import InputError
from limner.media.sources.pipe import Pipe

if TYPE_CHECKING:
    from av.codec import CodecContext
    from av.container import InputContainer
    from av.video.stream import VideoStream

# What comes out of a file or a pipe may lead FFmpeg nowhere else: not to a network, nor to a
# private file beside it. So what only names others, playlists of all kinds, is not opened.
_PROTOCOLS = "file"
_PLAYLISTS = {"applehttp", "concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp"}
_FORMATS = ",".join(sorted(formats_available - _PLAYLISTS))


def file_url(path: Path) -> str:
    """Return the URL under which FFmpeg takes a path for a file's, whatever it looks like.

    By itself a name with a colon is an address to it: ``http:host?x.mp4`` sends a request.
    """
    return f"file:{path}"


# FFmpeg's AVFMT_NOTIMESTAMPS: a format without times.
_NO_TIMESTAMPS = 0x80
# Containers with a time for every packet and a way to it, and codecs with an image a packet.
_SEEKABLE = ("mp4", "matroska")
_ONE_IMAGE = ("h264", "hevc", "vp9", "av1", "mjpeg", "png", "prores", "dnxhd", "ffv1", "rawvideo")


class TimesFrom(Enum):
    """Where the times of a stream's images are known from.

    Attributes:
        NOTHING: it has none, as a raw stream; only a rate.
        DECODING: the packets have times of decoding only, as in AVI.
        PACKETS: packets have times; not every packet may be an image.
        IMAGES: every packet is an image, with its time, and can be gone to.
    """

    NOTHING = auto()
    DECODING = auto()
    PACKETS = auto()
    IMAGES = auto()


def times_from(container: InputContainer, stream: VideoStream) -> TimesFrom:
    """Say where the times of a stream's images are known from."""
    names = container.format.name.split(",")
    if container.format.flags & _NO_TIMESTAMPS:
        return TimesFrom.NOTHING
    if "avi" in names:
        return TimesFrom.DECODING
    codec = stream.codec_context.codec.canonical_name
    if codec in _ONE_IMAGE and any(name in names for name in _SEEKABLE):
        return TimesFrom.IMAGES
    return TimesFrom.PACKETS


def open_container(path: Path, pipe: Pipe | None = None) -> InputContainer:
    """Open a media file.

    Args:
        path: the file.
        pipe: what reads it, if it can be read only once.

    Returns:
        The container, to be closed by the caller.

    Raises:
        InputError: the file is not there, empty, or not a media file that can be opened.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path}: this is a folder, not a video")
        if path.is_file() and path.stat().st_size == 0:
            raise InputError(f"{path}: the file is empty (0 bytes)")
        # Titles in an old encoding must not keep a video from being read.
        where = file_url(path) if pipe is None else _readable(pipe)
        return av.open(
            where,
            "r",
            options={"protocol_whitelist": _PROTOCOLS, "format_whitelist": _FORMATS},
            metadata_errors="replace",
        )
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except av.error.InvalidDataError:
        raise InputError(
            f"{path}: this is not a video that can be read; it is damaged, cut off before its "
            "index was written, or not a video at all"
        ) from None
    except av.error.ArgumentError:
        raise InputError(
            f"{path}: cannot be opened; it is damaged, or a list of other files (ffconcat, m3u8, "
            "sdp), which are not followed: name the videos themselves"
        ) from None
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be opened: {reason(error)}") from error


def _readable(pipe: Pipe) -> Pipe | IO[bytes]:
    """Return what FFmpeg can read a pipe's video from.

    An MP4 or MOV whose index stands after the images can be read from its end only. Such a one
    is stored first.
    """
    return pipe.stored() if _index_is_last(pipe.peek(4096)) else pipe


def _index_is_last(head: bytes) -> bool:
    """Say whether a file is an MP4 or MOV with its images before its index (ISO 14496-12, 4.2)."""
    place = 0
    while place + 8 <= len(head):
        size = int.from_bytes(head[place : place + 4], "big")
        kind = head[place + 4 : place + 8]
        if kind == b"mdat":
            return True
        if kind not in (b"ftyp", b"free", b"skip", b"wide", b"pnot", b"uuid") or size < 8:
            return False
        place += size
    return False


def video_stream(path: Path, container: InputContainer) -> VideoStream:
    """Return the stream that holds the moving image.

    Raises:
        InputError: there is none, or no decoder for it.
    """
    # The cover of a song is stored as a video stream as well.
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if not streams:
        what = "only audio" if container.streams.audio else "no image"
        raise InputError(f"{path}: this file holds {what}; a video or an image is needed")
    known = [stream for stream in streams if _has_decoder(stream)]
    if not known:
        raise InputError(f"{path}: there is no decoder for the video in this file")
    return max(known, key=_rank)


def _has_decoder(stream: VideoStream) -> bool:
    context: CodecContext | None = stream.codec_context
    return context is not None


def _rank(stream: VideoStream) -> tuple[bool, int]:
    """Return what players choose by: the stream marked as the default, then the largest."""
    return bool(stream.disposition & Disposition.default), stream.width * stream.height


def reason(error: Exception) -> str:
    """Return what an exception of PyAV or of the system says, without its number."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text)
