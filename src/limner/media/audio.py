"""The audio of the source, in step with the image: copied if the container takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
from av.audio.resampler import AudioResampler

from limner.core.wording import counted
from limner.media.container import open_container, reason
from limner.media.timing import Timeline

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer

    Packet = av.Packet[AudioStream]

_PCM = ("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_u8")
# What each container's players can be expected to play; Matroska takes whatever FFmpeg
# lets into it.
_COPIED: dict[str, tuple[str, ...]] = {
    ".mp4": ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"),
    ".m4v": ("aac", "ac3", "eac3", "alac"),
    ".mov": ("aac", "mp3", "ac3", "eac3", "alac", *_PCM),
    ".webm": ("opus", "vorbis"),
    ".avi": ("mp3", "ac3", "pcm_s16le", "pcm_u8"),
}
_ENCODERS = {".webm": "libopus", ".avi": "libmp3lame"}
_BITS_PER_SECOND = 160_000
_OPUS_RATES = (48000, 24000, 16000, 12000, 8000)


class Audio:
    """Carries the audio of one file into another.

    The track that players choose is taken; further ones are left out.

    Attributes:
        problems: sentences on what could not be carried over.
        damaged: how many packets could not be.
    """

    def __init__(
        self,
        path: Path,
        output: OutputContainer,
        ending: str,
        mux: Callable[[Packet], None],
        *,
        zero: Fraction,
        cut: bool,
        end: Fraction | None,
    ) -> None:
        """Open the source and add a stream to the output, before its header is written.

        Args:
            path: the file with the audio.
            output: the container that is written.
            ending: that container's ending.
            mux: writes a packet.
            zero: the source's time, in seconds, that is 0 in the output.
            cut: whether to leave out what lies before `zero`.
            end: the source's time to stop at, or None.
        """
        self.problems: list[str] = []
        self._path, self._mux = path, mux
        self.damaged = 0
        self._zero, self._cut, self._end = zero, cut, end
        self._container: InputContainer = open_container(path)
        self._packets: Iterator[tuple[Packet, Fraction]] = iter(())
        self._next: tuple[Packet, Fraction] | None = None
        stream = self._container.streams.best("audio")
        if stream is None:
            return
        stream = cast("AudioStream", stream)
        context: AudioCodecContext | None = stream.codec_context
        if context is None:
            self.problems.append(f"{path}: there is no decoder for the audio; it is left out")
            return
        name = context.codec.canonical_name
        target: AudioStream | None = None
        if ending not in _COPIED or name in _COPIED[ending]:
            target = _copy_of(output, stream)
        if target is not None:
            self._packets = self._copied(stream, target)
        else:
            encoder = _ENCODERS.get(ending, "aac")
            target = _encoded(output, stream, encoder)
            self._packets = self._transcoded(stream, target)
        self._advance()

    def write_until(self, time: Fraction | None) -> None:
        """Write what begins before an output time in seconds; all that is left if None."""
        while self._next is not None and (time is None or self._next[1] < time):
            self._mux(self._next[0])
            self._advance()

    def _advance(self) -> None:
        try:
            self._next = next(self._packets, None)
        except (av.error.FFmpegError, ValueError) as error:
            # The layout may change in mid-stream, or the encoder refuse what it is given.
            self.problems.append(f"{self._path}: the audio breaks off: {reason(error)}")
            self._next = None

    def close(self) -> None:
        """Close the source, and say what was damaged in it."""
        if self.damaged:
            self.problems.append(
                f"{self._path}: "
                + counted(
                    self.damaged,
                    "damaged packet of audio was skipped",
                    "damaged packets of audio were skipped",
                )
            )
        self._next, self._packets = None, iter(())
        self._container.close()

    def _read(self, stream: AudioStream) -> Iterator[tuple[Packet, int]]:
        """Yield packets with their output time in ticks of the source's time base."""
        base = stream.time_base or Fraction(1, 1000)
        zero = round(self._zero / base)
        end = None if self._end is None else self._end / base
        samples = stream.codec_context.frame_size or 1024
        timeline = Timeline(base, Fraction(stream.codec_context.sample_rate or 48000, samples))
        try:
            if self._cut:
                self._container.seek(max(zero, stream.start_time or 0), stream=stream)
            for packet in self._container.demux(stream):
                if not packet.size:
                    continue
                tick = timeline.place(packet.dts if packet.pts is None else packet.pts)
                if end is not None and tick >= end:
                    return
                if not self._cut or tick >= zero:
                    yield packet, tick - zero
        except av.error.FFmpegError as error:
            self.problems.append(f"{self._path}: the audio breaks off: {reason(error)}")

    def _copied(
        self, stream: AudioStream, target: AudioStream
    ) -> Iterator[tuple[Packet, Fraction]]:
        base = stream.time_base or Fraction(1, 1000)
        for packet, tick in self._read(stream):
            packet.pts = packet.dts = tick
            packet.stream = target
            yield packet, tick * base

    def _transcoded(
        self, stream: AudioStream, target: AudioStream
    ) -> Iterator[tuple[Packet, Fraction]]:
        context = target.codec_context
        resampler = AudioResampler(
            context.format, context.layout, context.sample_rate, _frame_size(context.name)
        )
        for packet, tick in self._read(stream):
            packet.pts = packet.dts = tick
            try:
                frames = stream.decode(packet)
            except av.error.FFmpegError:
                self.damaged += 1
                continue
            for frame in frames:
                for part in resampler.resample(frame):
                    yield from _timed(target.encode(part))
        for part in resampler.resample(None):
            yield from _timed(target.encode(part))
        yield from _timed(target.encode(None))


def _timed(packets: list[Packet]) -> Iterator[tuple[Packet, Fraction]]:
    for packet in packets:
        yield packet, (packet.pts or 0) * packet.time_base


def _copy_of(output: OutputContainer, stream: AudioStream) -> AudioStream | None:
    """Return a stream that takes the source's packets as they are; None if not allowed."""
    try:
        return output.add_stream_from_template(stream)
    except ValueError:
        return None


def _encoded(output: OutputContainer, stream: AudioStream, encoder: str) -> AudioStream:
    source = stream.codec_context
    rate = source.sample_rate
    if encoder == "libopus":
        rate = next((each for each in _OPUS_RATES if each <= rate), _OPUS_RATES[-1])
    elif encoder == "libmp3lame":
        rate = 48000 if rate % 8000 == 0 else 44100
    target = cast("AudioStream", output.add_stream(encoder, rate=rate))
    target.codec_context.layout = "mono" if source.channels == 1 else "stereo"
    target.codec_context.bit_rate = _BITS_PER_SECOND
    target.codec_context.time_base = Fraction(1, rate)
    return target


def _frame_size(encoder: str) -> int:
    """Return how many samples the encoder takes at once."""
    return {"libopus": 960, "libmp3lame": 1152}.get(encoder, 1024)
