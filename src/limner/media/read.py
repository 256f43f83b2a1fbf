"""Reading a video: upright frames with their true times, whatever state the file is in."""

from __future__ import annotations

import bisect
import logging
import math
from collections.abc import Iterator
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self, cast

import av
from av.codec.context import ThreadType

from limner.core.frame import VideoFrame
from limner.core.info import InputInfo
from limner.core.wording import counted
from limner.errors import InputError
from limner.media.audio_input import AudioInput, FileAudio, PipedAudio
from limner.media.container import open_container, reason, video_stream
from limner.media.images.header import MAX_PIXELS, check_size
from limner.media.probe import MediaInfo, describe, tagged_duration
from limner.media.sources.pipe import Pipe, is_pipe
from limner.media.timing import Timeline
from limner.media.upright import Upright
from limner.system.cores import usable_cores
from limner.system.priority import give_way
from limner.system.signals import Stop, never

if TYPE_CHECKING:
    from collections.abc import Generator

    from av.audio.stream import AudioStream

    Packet = av.Packet[av.VideoStream]

# Reading errors in a row, without a packet between them, after which the rest is given up.
MAX_READ_ERRORS = 50
# How long closing waits for a reading in another thread, seconds.
_PATIENCE = 5.0

log = logging.getLogger(__name__)


class VideoReader:
    """Yields the frames of a video, upright, in time order; a context manager; see `Source`.

    Damage does not stop it: what can be decoded is yielded, and `problems` says what could
    not.

    Attributes:
        path: the file.
        info: what the file says of itself.
        start, end: the part that is read, in seconds of frame time; None where it is open.
        width, height: size of the frames.
        frame_rate: average frames per second; None if the file does not say.
        time_base: seconds per tick of the frames' timestamps.
        origin: the container's time, in seconds, at which frame times are 0.
        problems: sentences on what went wrong on the way; complete when iteration ends.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        start: float | None = None,
        end: float | None = None,
        threads: int | None = None,
        audio: bool = False,
        stop: Stop = never,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        """Open a video and decode its first image.

        Args:
            path: the file.
            start: seconds to begin at: the first frame at or after.
            end: seconds to stop at: the last frame before.
            threads: threads of the decoder; None for one per two cores.
            audio: whether the sound of a pipe, which can be read only once, is kept for
                `audio`; a file's can always be asked for.
            stop: is asked whether to end while a pipe keeps silent.
            max_pixels: of how many pixels images are decoded.

        Raises:
            InputError: the file cannot be read, has no image, or too large ones, or ends
                before `start`.
        """
        self.path = Path(path)
        self.start = start or None
        self.end = end
        self.problems: list[str] = []
        self._max_pixels = max_pixels
        self._damaged = 0
        self._index = 0
        # Held while a packet is read, so that nobody closes the file under FFmpeg's feet.
        self._reading = Lock()
        self._pipe = Pipe(self.path, stop) if is_pipe(self.path) else None
        self._piped_audio: PipedAudio | None = None
        self._container = open_container(self.path, self._pipe)
        try:
            # The networks need the other half: with a thread per core a video takes 2 to 4 %
            # longer on two cores.
            self._threads = threads or max(usable_cores() // 2, 1)
            self._stream = self._prepare()
            if self._pipe is not None and audio:
                self._piped_audio = _keep_audio(self.path, self._container)
            self.time_base = self._stream.time_base or Fraction(1, 1000)
            skip_to = self._seek()
            self._decoded: Iterator[av.VideoFrame] = self._decode(skip_to)
            first = next(self._decoded, None)
            if skip_to is not None and (first is None or (first.pts or 0) > skip_to):
                # Some indexes lead to a key frame that is too late.
                self._reopen()
                self._decoded = self._decode(skip_to)
                first = next(self._decoded, None)
            if first is None:
                raise self._nothing()
            self._upright = Upright(first, self._stream.sample_aspect_ratio)
            self.info: MediaInfo = describe(
                self.path, self._container, self._stream, first, self._upright
            )
        except BaseException:
            self.close()
            raise
        self._first: av.VideoFrame | None = first
        self.width, self.height = self._upright.width, self._upright.height
        self.frame_rate = self.info.frame_rate
        self._timeline = Timeline(self.time_base, self.frame_rate)
        start_time = self._stream.start_time
        if start_time is None or (self.start is None and first.pts is not None):
            start_time = first.pts or 0
        self._origin_tick = start_time
        self.origin = start_time * self.time_base
        if self._piped_audio is not None:
            self._piped_audio.origin = self.origin

    @property
    def frame_count(self) -> int | None:
        """How many frames will come, as far as the file tells."""
        total = self.info.frame_count
        if total is None or (self.start is None and self.end is None):
            return total
        if not self.frame_rate:
            return None
        last = total if self.end is None else min(total, math.ceil(self.end * self.frame_rate))
        return max(0, last - math.ceil((self.start or 0) * self.frame_rate))

    @property
    def input(self) -> InputInfo:
        """What recordings say about the video."""
        info = self.info
        return InputInfo(
            str(self.path),
            self.width,
            self.height,
            info.frame_rate,
            info.frame_count,
            info.duration,
            info.rotation,
            info.title,
            info.created,
        )

    @property
    def still(self) -> bool:
        """False: its frames follow each other."""
        return False

    @property
    def live(self) -> bool:
        """False: its frames wait until they are taken."""
        return False

    @property
    def repeatable(self) -> bool:
        """Whether it can be read again: a pipe cannot."""
        return self._pipe is None

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return self.info.has_audio

    def audio(self) -> AudioInput | None:
        """Return the sound that belongs to the frames, None without any; ask once.

        Raises:
            InputError: the file cannot be opened again.
        """
        if self._pipe is not None:
            return self._piped_audio
        return FileAudio(self.path, self.origin) if self.info.has_audio else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. A reading that waits for more of a pipe, in another thread, ends."""
        if self._pipe is not None:
            self._pipe.stop()
        if not self._reading.acquire(timeout=_PATIENCE):
            log.warning("%s: a reading does not return; the file stays open", self.path)
            return
        try:
            # The generator refers to this, and a cycle would keep the decoder and its images.
            self._decoded = iter(())
            self._container.close()
            if self._pipe is not None:
                self._pipe.close()
        finally:
            self._reading.release()

    def __iter__(self) -> Iterator[VideoFrame]:
        """Yield the frames that are left, in time order.

        Raises:
            InputError: no frame lies between `start` and `end`, or its images are of a
                kind that cannot be converted.
        """
        count, tick = 0, None
        try:
            for picture, tick in self._in_range():
                picture.pts, picture.time_base = tick, self.time_base
                time = float((tick - self._origin_tick) * self.time_base)
                yield VideoFrame(picture, self._index + count, time)
                count += 1
        except (av.error.FFmpegError, ValueError) as error:
            raise InputError(
                f"{self.path}: images of the kind {self.info.pixel_format} cannot be "
                f"converted: {reason(error)}"
            ) from error
        if not count:
            span = f"from {self.start or 0:g} s to {'its end' if self.end is None else self.end}"
            raise InputError(f"{self.path}: this video has no frame {span}")
        self._report(self._index + count, tick)

    def _in_range(self) -> Iterator[tuple[av.VideoFrame, int]]:
        """Yield the upright images with their ticks, up to the end that was asked for."""
        limit: Fraction | float = math.inf
        if self.end is not None:
            limit = self._origin_tick + Fraction(str(self.end)) / self.time_base
        begin = self._origin_tick + Fraction(str(self.start or 0)) / self.time_base
        picture, self._first = self._first, None
        while picture is not None:
            tick = self._timeline.place(picture.pts)
            if tick >= limit:
                break
            if tick >= begin:
                yield from self._upright(picture, tick)
            else:
                self._index += 1
            picture = next(self._decoded, None)
        yield from self._upright.flush()

    def _decode(self, skip_to: int | None) -> Iterator[av.VideoFrame]:
        """Yield images as decoded, from tick `skip_to` on, stepping over damage."""
        errors = 0
        while errors < MAX_READ_ERRORS:
            try:
                for packet in self._packets():
                    errors = 0
                    for picture in self._decode_packet(packet):
                        if skip_to is None or picture.pts is None or picture.pts >= skip_to:
                            yield picture
                return
            except av.error.FFmpegError:
                # Reading goes on after the place that could not be read.
                errors += 1
                self._damaged += 1

    def _packets(self) -> Iterator[Packet]:
        """Yield the packets of images; those of a pipe's sound are put aside."""
        audio = self._piped_audio
        streams = [self._stream] if audio is None else [self._stream, audio.stream]
        packets = self._container.demux(streams)
        while True:
            with self._reading:
                packet = next(packets, None)
            if packet is None:
                break
            if audio is not None and packet.stream is audio.stream:
                audio.give(cast("av.Packet[AudioStream]", packet))
            else:
                yield cast("Packet", packet)
        if audio is not None:
            audio.finish()

    def _decode_packet(self, packet: Packet) -> list[av.VideoFrame]:
        self._damaged += packet.is_corrupt
        try:
            pictures = self._stream.decode(packet)
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self._damaged += 1
            return []
        self._damaged += sum(picture.is_corrupt for picture in pictures)
        return pictures

    def _seek(self) -> int | None:
        """Go to the key frame before `start`.

        Returns:
            The tick of the first frame to yield, or None to yield from the first.
        """
        if self.start is None or self._pipe is not None:
            return None
        with open_container(self.path) as scanned:
            stream = video_stream(self.path, scanned)
            times = _timestamps(scanned, stream, self.start)
        if times is None:
            return None
        first = min(times, default=0) if stream.start_time is None else stream.start_time
        target = math.ceil(first + Fraction(str(self.start)) / self.time_base)
        times = sorted(time for time in times if time >= first)
        self._index = bisect.bisect_left(times, target)
        if self._index == len(times):
            raise InputError(
                f"{self.path}: --start {self.start:g} is past the end of this video, which "
                f"lasts {float((times[-1] - first) * self.time_base) if times else 0:.1f} s"
            )
        try:
            self._container.seek(target, stream=self._stream)
        except av.error.FFmpegError:
            # Without an index there is only the long way, from the beginning.
            self._reopen()
        return times[self._index]

    def _prepare(self) -> av.VideoStream:
        stream = video_stream(self.path, self._container)
        context = stream.codec_context
        check_size(self.path, context.width, context.height, self._max_pixels)
        # Images may be larger than the file's header says.
        context.options = {"max_pixels": str(self._max_pixels)}
        stream.codec_context.thread_type = ThreadType.AUTO
        stream.codec_context.thread_count = self._threads
        # A decoder that cannot be opened says so when it is first used.
        with suppress(av.error.FFmpegError):
            give_way(stream.codec_context.open)
        return stream

    def _reopen(self) -> None:
        self.close()
        self._container = open_container(self.path)
        self._stream = self._prepare()

    def _nothing(self) -> InputError:
        if self._damaged:
            return InputError(
                f"{self.path}: no image of this video could be decoded; it is damaged or cut off"
            )
        return InputError(f"{self.path}: this video has no image in it")

    def _report(self, count: int, tick: int | None) -> None:
        """Write down what went wrong, once everything is read."""
        timeline, problems = self._timeline, self.problems
        if self._damaged:
            damage = counted(
                self._damaged,
                "damaged packet or image was met",
                "damaged packets or images were met",
            )
            problems.append(f"{self.path}: {damage}")
        if self.end is None:
            missing = self._missing(count, tick)
            if missing:
                problems.append(f"{self.path}: the file is cut off: {missing}")
        if self._upright.resized:
            pictures = counted(
                self._upright.resized,
                "image has another size than the first and was scaled",
                "images have another size than the first and were scaled",
            )
            problems.append(f"{self.path}: {pictures} to {self.width}x{self.height}")
        if timeline.repaired or timeline.restarts:
            times = counted(
                timeline.repaired + timeline.restarts,
                "frame time repeated or stepped back and was moved forward",
                "frame times repeated or stepped back and were moved forward",
            )
            problems.append(f"{self.path}: {times}")

    def _missing(self, count: int, tick: int | None) -> str:
        """Say how much the file should hold beyond what was read; empty if nothing."""
        container, stream = self._container, self._stream
        names = container.format.name.split(",")
        if "mp4" in names and self._pipe is None:
            # The index says where each frame lies: some may lie beyond the file's end.
            size = self.path.stat().st_size
            beyond = sum(entry.pos + entry.size > size for entry in stream.index_entries)
            return f"{count} of {count + beyond} frames could be read" if beyond else ""
        if "avi" in names:
            lost = stream.frames - count
            return f"{count} of {stream.frames} frames could be read" if lost > 1 else ""
        stated = tagged_duration(stream)
        if stated is not None and tick is not None:
            read = (tick + self._timeline.step) * self.time_base
            if stated - read > 2 * self._timeline.step * self.time_base:
                return f"{float(read):.1f} of {float(stated):.1f} s could be read"
        return ""


def _keep_audio(path: Path, container: av.container.InputContainer) -> PipedAudio | None:
    stream = container.streams.best("audio")
    return None if stream is None else PipedAudio(str(path), cast("AudioStream", stream))


def _timestamps(
    container: av.container.InputContainer, stream: av.VideoStream, start: float
) -> list[int] | None:
    """Return the ticks of all frames up to a little after `start`, without decoding.

    None if the file does not give every frame a time.
    """
    limit = None
    times: list[int] = []
    with closing(cast("Generator[Packet]", container.demux(stream))) as packets:
        try:
            for packet in packets:
                if packet.is_discard or not packet.size:
                    continue
                if packet.pts is None:
                    return None
                times.append(packet.pts)
                if limit is None:
                    first = packet.pts if stream.start_time is None else stream.start_time
                    limit = first + (Fraction(str(start)) + 1) / (stream.time_base or 1)
                if packet.dts is not None and packet.dts > limit:
                    break
        except av.error.FFmpegError:
            # What lies before the damage is counted; reading itself reports it.
            pass
    return times
