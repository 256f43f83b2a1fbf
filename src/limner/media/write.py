"""Writing a video: every frame at its own time, with the source's sound."""

from __future__ import annotations

import contextlib
import os
from fractions import Fraction
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, cast

import av

from limner.core.frame import Frame, TransparentFrame, VideoFrame
from limner.core.info import InputInfo
from limner.core.wording import counted
from limner.errors import LimnerError, OutputError
from limner.media.audio import Audio
from limner.media.audio_input import AudioInput
from limner.media.codecs import choose, ending_of
from limner.media.container import file_url, reason
from limner.media.encode import VideoEncoder, to_yuv, to_yuva
from limner.media.finish import FRAGMENTED, check, plays, put_index_first
from limner.media.sources import Source
from limner.system.files import STANDARD_OUTPUT, is_stream, sync, writing

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

# The ticks a container counts in, where it does not take those of the source.
_TICKS = {".gif": Fraction(1, 100), ".mkv": Fraction(1, 1000), ".webm": Fraction(1, 1000)}
_FALLBACK_RATE = Fraction(25)

# What is written goes to the file at once, so that the file plays up to there if the process is
# killed. An ordinary MP4 has its index at the end and does not open without it, so it is written
# in fragments of half a second, each with its own, and becomes an ordinary one at last.
_AT_ONCE = {"flush_packets": "1"}
_FRAGMENTS = {
    "movflags": "+empty_moov+delay_moov+default_base_moof",
    "frag_duration": "500000",  # microseconds
    "movie_timescale": "1000000",  # audio may begin some microseconds after the first image
}
# How often all of that is brought to the disk, for the power may fail, seconds.
_SYNC_EVERY = 5.0
_CLUSTERS = {"cluster_time_limit": "1000"}  # milliseconds


class _Output(NamedTuple):
    """The file while it is written."""

    container: OutputContainer
    stream: VideoStream
    encoder: VideoEncoder


class VideoWriter:
    """Writes frames into a video file; a context manager.

    Leaving the `with` block by an exception, Ctrl-C among them, finishes the file as well,
    so that what was written until then plays.

    The image has the size that was asked for, also an odd one. H.264 counts in pairs of
    pixels, so the last column and row are repeated in the stream and the container states
    the true size: players built on FFmpeg show exactly that, others one more column or row
    at most. HEVC has no such way out: there the image grows to an even size, and `problems`
    says so.

    Attributes:
        path: the file.
        frames: how many frames were written.
        problems: sentences on what could not be carried over.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        frame_rate: Fraction | None = None,
        source: Source | None = None,
        codec: str = "auto",
        quality: int | None = None,
        preset: str | None = None,
        threads: int | None = None,
        audio: bool = True,
        alpha: bool = False,
    ) -> None:
        """Check what is asked for and create the file.

        Args:
            path: the file; its ending names the container. Replaced if it is there. It may be a
                pipe, and ``-`` for standard output.
            width: pixels of every frame.
            height: pixels of every frame.
            frame_rate: frames per second on average; None for the source's. A hint only, except
                in AVI: frames keep their own times.
            source: what the frames come from, whose sound is kept, or None.
            codec: `auto` for the container's default, a name of `codecs.available()`.
            quality: on the codec's own scale, lower is better; None for its default.
            preset: the encoder's own preset; None for limner's setting.
            threads: threads of the encoder, None for one per core.
            audio: whether to keep the audio.
            alpha: whether the frames are `TransparentFrame`s, and the video transparent.

        Raises:
            OutputError: the file cannot be created or its ending names no video.
            UsageError: no such codec, or it does not go into this container.
        """
        self.path = Path(path)
        self.frames = 0
        self.problems: list[str] = []
        self._size = width, height
        self._ending = ending_of(self.path)
        self._source = source if audio and self._ending != ".gif" else None
        # What goes into a pipe cannot be gone back to, nor read again.
        self._piped = is_stream(self.path)
        self._info = source.input if source is not None else None
        stated = self._info.frame_rate if self._info is not None else None
        self._rate = Fraction(frame_rate or stated or _FALLBACK_RATE)
        self._start = source.start if source is not None else None
        self._end = source.end if source is not None else None
        self._settings = (quality, preset, threads)
        self._encoder_choice = choose(self.path, codec, alpha=alpha)
        self._zero = 0.0
        self._last_tick = -1
        self._until = Fraction(0)
        self._images = 0
        self._synced = monotonic()
        self._output: _Output | None = None
        self._audio: Audio | None = None
        self._whole = False
        self._closed = False
        if self._piped:
            return
        try:
            self.path.open("wb").close()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abort()

    def write(self, frame: Frame) -> None:
        """Write the next frame, at its time.

        Args:
            frame: of the writer's size, later than the one before it. A `VideoFrame` is
                handed to the encoder as it is, and must not be drawn on afterwards.

        Raises:
            OutputError: the encoder cannot be opened, or the file cannot be written.
        """
        if (frame.width, frame.height) != self._size:
            raise ValueError(
                f"expected frames of {self._size[0]}x{self._size[1]}, "
                f"got {frame.width}x{frame.height}"
            )
        duration = 1 / self._rate
        if isinstance(frame, VideoFrame):
            picture = frame.decoded
            base = picture.time_base or 1 / self._rate
            duration = picture.duration * base or duration
        else:
            if isinstance(frame, TransparentFrame):
                picture = to_yuva(frame.straight(), self._encoder_choice.pixel_format)
            else:
                picture = to_yuv(frame.image)
            # Fine enough for any time, and a whole number of ticks per frame.
            base = 1 / (self._rate * max(1, round(90000 / self._rate)))
        if self._output is None:
            self._output = self._open(picture, frame.time, base)
        encoder = self._output.encoder
        base = encoder.time_base
        tick = max(round((frame.time - self._zero) / base), self._last_tick + 1)
        picture.pts, picture.time_base = tick, base
        picture.duration = max(1, round(duration / base))
        self._last_tick = tick
        self._until = (tick + picture.duration) * base
        self.frames += 1
        for packet in encoder.encode(picture):
            self._mux_picture(packet, self._output)
        if not self._piped and monotonic() - self._synced > _SYNC_EVERY:
            with writing(self.path):
                sync(self.path)
            self._synced = monotonic()

    def close(self) -> None:
        """Finish the file: what is still in the encoder, the rest of the audio, the index.

        Raises:
            OutputError: the file cannot be written, or not read back.
        """
        if not self._closed:
            try:
                self._finish(None if self._end is None else self._until)
            finally:
                self._release()

    def abort(self) -> None:
        """Finish the file as far as it goes, so that what was written plays; never raises.

        Where that is not possible any more, as on a full disk, it plays up to a second or so
        before. A file in which nothing can be played is removed.
        """
        if not self._closed:
            with contextlib.suppress(LimnerError):
                self._finish(self._until)
            self._release()

    def _finish(self, audio_until: Fraction | None) -> None:
        if self._output is None:
            return
        encoder = self._output.encoder
        for packet in encoder.flush():
            self._mux_picture(packet, self._output)
        if self._audio is not None:
            self._audio.write_until(audio_until)
        try:
            self._output.container.close()
        except av.error.FFmpegError as error:
            raise self._unwritable(error) from error
        if not self._piped:
            if self._ending in FRAGMENTED:
                put_index_first(self.path, self._last_tick * encoder.time_base, self._until)
            check(self.path, self._images)
        self._whole = True

    def _release(self) -> None:
        """Let go of all that is held; nothing of it waits for the garbage collector."""
        self._closed = True
        if self._audio is not None:
            self._audio.close()
            self.problems += self._audio.problems
        if self._output is not None:
            with contextlib.suppress(av.error.FFmpegError):
                self._output.container.close()
        self._audio = self._output = self._source = None
        if not self._piped and not self._whole and not plays(self.path):
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _open(self, picture: av.VideoFrame, time: float, base: Fraction) -> _Output:
        """Open encoder, container and sound, now that the first frame tells the colours."""
        quality, preset, threads = self._settings
        if self._ending == ".avi":
            # AVI knows no times, only a rate.
            base = 1 / self._rate
        coarsest = _TICKS.get(self._ending, base)
        encoder = VideoEncoder(
            self.path,
            self._encoder_choice,
            picture,
            frame_rate=self._rate,
            time_base=max(base, coarsest),
            quality=quality,
            preset=preset,
            threads=threads,
        )
        options = dict(_AT_ONCE)
        if self._ending in FRAGMENTED:
            options |= _FRAGMENTS
        elif self._ending in (".mkv", ".webm"):
            options |= _CLUSTERS
        standard = self.path == STANDARD_OUTPUT
        url, kind = ("pipe:1", "matroska") if standard else (file_url(self.path), None)
        try:
            container = av.open(url, "w", format=kind, container_options=options)
        except av.error.FFmpegError as error:
            raise self._unwritable(error) from error
        container.metadata.update(_tags(self._info))
        stream = _stream_of(container, encoder, self._size)
        stored = encoder.context.width, encoder.context.height
        if stored != self._size and self._encoder_choice.codec != "h264":
            self.problems.append(
                f"{self.path}: {self._encoder_choice.codec} holds even sizes only, so the image "
                f"is {stored[0]}x{stored[1]} with its last column and row repeated"
            )
        self._zero = time if self._start is not None else 0.0
        audio = self._source.audio() if self._source is not None else None
        if audio is not None:
            self._open_audio(audio, container)
        return _Output(container, stream, encoder)

    def _open_audio(self, audio: AudioInput, container: OutputContainer) -> None:
        heard = (audio.stream.start_time or 0) * (audio.stream.time_base or 1)
        if self._start is None:
            # Sound that begins before the image keeps its lead.
            self._zero = min(0.0, float(heard - audio.origin))
        self._audio = Audio(
            audio,
            container,
            self._ending,
            self._mux_audio,
            zero=audio.origin + Fraction(self._zero).limit_denominator(10**6),
            cut=self._start is not None,
            end=None if self._end is None else audio.origin + Fraction(str(self._end)),
        )

    def _mux_picture(self, packet: av.Packet, output: _Output) -> None:  # type: ignore[type-arg]
        if self._audio is not None and packet.dts is not None:
            self._audio.write_until(packet.dts * packet.time_base)
        packet.stream = output.stream
        self._images += packet.size > 0
        self._mux(packet, output)

    def _mux_audio(self, packet: av.Packet) -> None:  # type: ignore[type-arg]
        assert self._output is not None  # noqa: S101 - packets come after opening
        self._mux(packet, self._output)

    def _mux(self, packet: av.Packet, output: _Output) -> None:  # type: ignore[type-arg]
        try:
            output.container.mux_one(packet)
        except av.error.InvalidDataError as error:
            self._skip_audio(error)
        except av.error.FFmpegError as error:
            raise self._unwritable(error) from error

    def _skip_audio(self, error: Exception) -> None:
        """Count a packet the container refused.

        Some containers look into the packets of audio, and meet a damaged one whenever its
        turn comes. Images come from our own encoder and are not damaged.
        """
        if self._audio is None:
            raise self._unwritable(error) from error
        self._audio.damaged += 1

    def _unwritable(self, error: Exception) -> OutputError:
        return OutputError(
            f"{self.path}: writing failed after {counted(self.frames, 'frame')}: {reason(error)}"
        )


def _tags(info: InputInfo | None) -> dict[str, str]:
    """Return what the source's file says of itself and its copy says, too."""
    tags = {} if info is None else {"title": info.title, "creation_time": info.created}
    return {name: value for name, value in tags.items() if value}


def _stream_of(
    container: OutputContainer, encoder: VideoEncoder, size: tuple[int, int]
) -> VideoStream:
    """Add the stream that takes an encoder's packets, stating the true image size.

    The encoder is kept apart from the stream because it may need a larger, even size.
    FFmpeg's H.264 decoder crops to the size the container states.
    """
    context = encoder.context
    with av.open(os.devnull, "w", format="null") as scratch:
        template = scratch.add_stream(context.name, width=size[0], height=size[1])
        stream = cast("VideoStream", container.add_stream_from_template(template, opaque=True))
    stream.time_base = context.time_base
    target = stream.codec_context
    target.width, target.height = size
    target.pix_fmt = context.pix_fmt
    target.framerate = context.framerate
    target.extradata = context.extradata
    target.sample_aspect_ratio = Fraction(1)
    target.color_range, target.colorspace = context.color_range, context.colorspace
    target.color_primaries, target.color_trc = context.color_primaries, context.color_trc
    if context.codec.canonical_name == "hevc" and "mp4" in container.format.name:
        # QuickTime plays HEVC only under this name.
        target.codec_tag = "hvc1"
    return stream
