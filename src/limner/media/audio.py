"""The audio of the source, in step with the image: copied if the container takes it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
from av.audio.resampler import AudioResampler
from av.bitstream import BitStreamFilterContext

from limner.core.wording import counted
from limner.media.audio_input import AudioInput
from limner.media.container import reason
from limner.media.finish import FRAGMENTED
from limner.media.timing import Timeline

if TYPE_CHECKING:
    from av.audio.codeccontext import AudioCodecContext
    from av.audio.stream import AudioStream
    from av.container import OutputContainer

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
# What cannot be played, nor written into an MP4, without the private data that a file may lack.
_NEEDING_DATA = ("opus", "vorbis", "flac", "alac")
_ENCODERS = {".webm": "libopus", ".avi": "libmp3lame"}
_BITS_PER_SECOND = 160_000
_OPUS_RATES = (48000, 24000, 16000, 12000, 8000)


class Audio:
    """Carries the sound of an input into a file.

    Attributes:
        problems: sentences on what could not be carried over.
        damaged: how many packets could not be.
    """

    def __init__(
        self,
        source: AudioInput,
        output: OutputContainer,
        ending: str,
        mux: Callable[[Packet], None],
        *,
        zero: Fraction,
        cut: bool,
        end: Fraction | None,
    ) -> None:
        """Add a stream to the output, before its header is written.

        Args:
            source: the sound; it is closed with this.
            output: the container that is written.
            ending: that container's ending.
            mux: writes a packet.
            zero: the source's time, in seconds, that is 0 in the output.
            cut: whether to leave out what lies before `zero`.
            end: the source's time to stop at, or None.
        """
        self.problems: list[str] = []
        self.damaged = 0
        self._source, self._mux = source, mux
        stream = source.stream
        self._base = stream.time_base or Fraction(1, 1000)
        self._zero, self._cut = zero, cut
        self._end = end
        # What is ready to be written, with its time in the output.
        self._ready: deque[tuple[Packet, Fraction]] = deque()
        self._ended = False
        self._decoded_until: Fraction | None = None
        self._resampler: AudioResampler | None = None
        self._headers: BitStreamFilterContext | None = None
        context: AudioCodecContext | None = stream.codec_context
        if context is None:
            self.problems.append(
                f"{source.name}: there is no decoder for the sound; it is left out"
            )
            self._ended = True
            return
        samples = context.frame_size or 1024
        if cut:
            source.seek(max(round(zero / self._base), stream.start_time or 0))
        self._ahead = self._first_packet()
        self._ended = self._ended or (source.ended and self._ahead is None)
        if self._ended:
            return  # a stream in which nothing comes would keep fragments from being written
        rate = context.sample_rate or 48000
        # Packets may be shorter than the container's tick, so that their times repeat. They are
        # moved forward by a sample then, which leaves those that follow where they are.
        self._tick = min(self._base, Fraction(1, rate))
        self._timeline = Timeline(self._tick, Fraction(rate, samples))
        target: AudioStream | None = None
        codec = context.codec.canonical_name
        if (ending not in _COPIED or codec in _COPIED[ending]) and (
            codec not in _NEEDING_DATA or context.extradata
        ):
            target = _copy_of(output, stream)
        if target is not None and codec == "aac" and ending in FRAGMENTED:
            # FFmpeg puts this in by itself, but not where it writes fragments. It takes a header
            # away from every packet that has one, as in a transport stream.
            self._headers = BitStreamFilterContext("aac_adtstoasc", stream)
        if target is None:
            target = _encoded(output, stream, _ENCODERS.get(ending, "aac"))
            encoder = target.codec_context
            self._resampler = AudioResampler(
                encoder.format, encoder.layout, encoder.sample_rate, _frame_size(encoder.name)
            )
        self._target = target

    def write_until(self, time: Fraction | None) -> None:
        """Write what begins before an output time in seconds; all that is left if None."""
        while True:
            while self._ready and (time is None or self._ready[0][1] < time):
                self._mux(self._ready.popleft()[0])
            if self._ready or self._ended:
                return
            packet, self._ahead = self._ahead or self._source.take(), None
            if packet is None and not self._source.ended:
                return  # it has not been read yet
            try:
                self._ready += self._flush() if packet is None else self._converted(packet)
            except (av.error.FFmpegError, ValueError) as error:
                # The layout may change in mid-stream, or the encoder refuse what it is given.
                self.problems.append(f"{self._source.name}: the audio breaks off: {reason(error)}")
                self._ended = True

    def close(self) -> None:
        """Close the source, and say what was damaged in it."""
        self.problems += self._source.problems
        if self.damaged:
            self.problems.append(
                f"{self._source.name}: "
                + counted(
                    self.damaged,
                    "damaged packet of audio was skipped",
                    "damaged packets of audio were skipped",
                )
            )
        self._ended = True
        self._ready.clear()
        self._source.close()

    def _first_packet(self) -> Packet | None:
        """Return the first packet that is not cut off, None if there is none or none yet."""
        while (packet := self._source.take()) is not None:
            time = self._stated(packet)
            if self._end is not None and time is not None and time >= self._end:
                self._ended = True
                return None
            if packet.size and not (self._cut and time is not None and time < self._zero):
                return packet
        return None

    def _stated(self, packet: Packet) -> Fraction | None:
        """Return the time of a packet in seconds, as the source says."""
        tick = packet.dts if packet.pts is None else packet.pts
        return None if tick is None else tick * self._base

    def _converted(self, packet: Packet) -> list[tuple[Packet, Fraction]]:
        """Return what a packet of the source becomes, none where it is cut off."""
        if not packet.size:
            return []
        stated = self._stated(packet)
        tick = self._timeline.place(None if stated is None else round(stated / self._tick))
        time = tick * self._tick
        if self._end is not None and time >= self._end:
            return self._flush()
        time -= self._zero
        if self._cut and time < 0:
            return []
        if self._resampler is None:
            packet.pts = packet.dts = round(time / self._tick)
            packet.duration = round((packet.duration or 0) * self._base / self._tick)
            packet.time_base = self._tick
            return self._copied(packet)
        # The decoder counts in the source's ticks.
        packet.pts = packet.dts = round(time / self._base)
        try:
            frames = self._source.stream.decode(packet)
        except av.error.FFmpegError:
            self.damaged += 1
            return []
        return [
            timed
            for frame in frames
            if self._follows(frame)
            for part in self._resampler.resample(frame)
            for timed in _timed(self._target.encode(part))
        ]

    def _follows(self, frame: av.AudioFrame) -> bool:
        """Say whether a frame comes after those before it, and let it begin where they end.

        Where reading begins amid a packet, as in a program stream, the next one may come twice.
        Times say to a tick of the source when a frame begins; samples say it exactly.
        """
        if frame.pts is None or not frame.sample_rate:
            return True
        begin = frame.pts * (frame.time_base or self._base)
        length = Fraction(frame.samples, frame.sample_rate)
        until = self._decoded_until
        if until is not None:
            if begin < until - length / 2 - self._base:
                return False
            if abs(begin - until) <= self._base:
                begin = until
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(begin / frame.time_base)
        self._decoded_until = begin + length
        return True

    def _copied(self, packet: Packet) -> list[tuple[Packet, Fraction]]:
        """Return a packet of the source for the output as it is."""
        packets = [packet]
        if self._headers is not None:
            try:
                packets = cast("list[Packet]", self._headers.filter(packet))
            except av.error.FFmpegError:
                self._headers.flush()
                self.damaged += 1
                return []
        for each in packets:
            each.stream = self._target
        return [(each, (each.pts or 0) * self._tick) for each in packets]

    def _flush(self) -> list[tuple[Packet, Fraction]]:
        """Return what the encoder still holds; nothing comes after it."""
        self._ended = True
        if self._resampler is None:
            return []
        rest = [
            timed
            for part in self._resampler.resample(None)
            for timed in _timed(self._target.encode(part))
        ]
        return [*rest, *_timed(self._target.encode(None))]


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
