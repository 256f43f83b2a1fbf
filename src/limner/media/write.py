"""Writing a video: every frame at its own time, with the source's sound."""

from __future__ import annotations

import contextlib
import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

import av

from limner.core.frame import Frame, TransparentFrame, VideoFrame
from limner.core.wording import counted
from limner.errors import InputError, LimnerError, OutputError
from limner.media.audio import Audio
from limner.media.audio_input import AudioInput
from limner.media.codecs import choose
from limner.media.container import file_url, open_container, reason, video_stream
from limner.media.encode import VideoEncoder, to_yuv, to_yuva
from limner.media.sources import Source

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

# The ticks a container counts in, where it does not take those of the source.
_TICKS = {".gif": Fraction(1, 100), ".mkv": Fraction(1, 1000), ".webm": Fraction(1, 1000)}
_FALLBACK_RATE = Fraction(25)


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
            path: the file; its ending names the container. Replaced if it is there.
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
        self._source = source if audio and self.path.suffix.lower() != ".gif" else None
        stated = source.input.frame_rate if source is not None else None
        self._rate = Fraction(frame_rate or stated or _FALLBACK_RATE)
        self._start = source.start if source is not None else None
        self._end = source.end if source is not None else None
        self._settings = (quality, preset, threads)
        self._encoder_choice = choose(self.path, codec, alpha=alpha)
        self._ending = self.path.suffix.lower()
        self._zero = 0.0
        self._last_tick = -1
        self._until = Fraction(0)
        self._container: OutputContainer | None = None
        self._audio: Audio | None = None
        self._closed = self._whole = False
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
        if self._container is None:
            self._open(picture, frame.time, base)
        base = self._encoder.time_base
        tick = max(round((frame.time - self._zero) / base), self._last_tick + 1)
        picture.pts, picture.time_base = tick, base
        picture.duration = max(1, round(duration / base))
        self._last_tick = tick
        self._until = (tick + picture.duration) * base
        self.frames += 1
        for packet in self._encoder.encode(picture):
            self._mux_picture(packet)

    def close(self) -> None:
        """Finish the file: what is still in the encoder, the rest of the audio, the index.

        Raises:
            OutputError: the file cannot be written.
        """
        if not self._closed:
            try:
                self._finish(None if self._end is None else self._until)
            finally:
                self._release()

    def abort(self) -> None:
        """Finish the file as far as it goes, so that what was written plays; never raises.

        Where that is not possible any more, as on a full disk, and the file does not play without
        its index, as an MP4 does not, it is removed.
        """
        if not self._closed:
            with contextlib.suppress(LimnerError):
                self._finish(self._until)
            self._release()

    def _finish(self, audio_until: Fraction | None) -> None:
        if self._container is None:
            return
        for packet in self._encoder.flush():
            self._mux_picture(packet)
        if self._audio is not None:
            self._audio.write_until(audio_until)
        try:
            self._container.close()
        except av.error.InvalidDataError as error:
            self._skip_audio(error)
        except av.error.FFmpegError as error:
            raise self._unwritable(error) from error
        self._whole = True

    def _release(self) -> None:
        self._closed = True
        if self._audio is not None:
            self._audio.close()
            self.problems += self._audio.problems
        if self._container is not None:
            with contextlib.suppress(av.error.FFmpegError):
                self._container.close()
        if not self._whole and not _plays(self.path):
            self.path.unlink(missing_ok=True)

    def _open(self, picture: av.VideoFrame, time: float, base: Fraction) -> None:
        """Open encoder, container and sound, now that the first frame tells the colours."""
        quality, preset, threads = self._settings
        if self._ending == ".avi":
            # AVI knows no times, only a rate.
            base = 1 / self._rate
        coarsest = _TICKS.get(self._ending, base)
        self._encoder = VideoEncoder(
            self.path,
            self._encoder_choice,
            picture,
            frame_rate=self._rate,
            time_base=max(base, coarsest),
            quality=quality,
            preset=preset,
            threads=threads,
        )
        # The index goes to the front, so that players can begin before all is loaded.
        options = {"movflags": "+faststart"} if self._ending in (".mp4", ".m4v", ".mov") else {}
        self._container = av.open(file_url(self.path), "w", container_options=options)
        self._stream = _stream_of(self._container, self._encoder, self._size)
        stored = self._encoder.context.width, self._encoder.context.height
        if stored != self._size and self._encoder_choice.codec != "h264":
            self.problems.append(
                f"{self.path}: {self._encoder_choice.codec} holds even sizes only, so the image "
                f"is {stored[0]}x{stored[1]} with its last column and row repeated"
            )
        self._zero = time if self._start is not None else 0.0
        audio = self._source.audio() if self._source is not None else None
        if audio is not None:
            self._open_audio(audio)

    def _open_audio(self, audio: AudioInput) -> None:
        heard = (audio.stream.start_time or 0) * (audio.stream.time_base or 1)
        if self._start is None:
            # Sound that begins before the image keeps its lead.
            self._zero = min(0.0, float(heard - audio.origin))
        self._audio = Audio(
            audio,
            cast("OutputContainer", self._container),
            self._ending,
            self._mux,
            zero=audio.origin + Fraction(self._zero).limit_denominator(10**6),
            cut=self._start is not None,
            end=None if self._end is None else audio.origin + Fraction(str(self._end)),
        )

    def _mux_picture(self, packet: av.Packet) -> None:  # type: ignore[type-arg]
        if self._audio is not None and packet.dts is not None:
            self._audio.write_until(packet.dts * packet.time_base)
        packet.stream = self._stream
        self._mux(packet)

    def _mux(self, packet: av.Packet) -> None:  # type: ignore[type-arg]
        assert self._container is not None  # noqa: S101 - packets come after opening
        try:
            self._container.mux_one(packet)
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


def _plays(path: Path) -> bool:
    """Say whether a file holds a video that can be opened."""
    try:
        with open_container(path) as container:
            video_stream(path, container)
    except InputError:
        return False
    return True


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
