"""Reading a video: upright frames with their true times, whatever state the file is in."""

from __future__ import annotations

import logging
import math
import os
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Self

import av

from limner.core.frame import VideoFrame
from limner.core.info import InputInfo
from limner.core.options import seconds
from limner.core.wording import counted
from limner.errors import InputError
from limner.media.audio_input import AudioInput, FileAudio
from limner.media.container import TimesFrom, reason
from limner.media.decode import LATE, Decoded, Decoder
from limner.media.gif import read_blocks
from limner.media.images.header import MAX_PIXELS
from limner.media.probe import MediaInfo, describe, tagged_duration
from limner.media.seek import find
from limner.media.sources.pipe import Pipe, is_pipe
from limner.media.timing import Timeline, with_lead_in
from limner.media.transport import breaks_off
from limner.media.upright import Upright
from limner.media.whole import stated_size
from limner.system.cores import usable_cores
from limner.system.signals import Stop, never

# Recordings and options state times to the microsecond, so a frame's own time may be that much
# away from what is asked for.
_EXACT = Fraction(1, 10**6)

log = logging.getLogger(__name__)


class VideoReader:
    """Yields the frames of a video, upright, in time order; a context manager; see `Source`.

    Damage does not stop it: what can be decoded is yielded, and `problems` says what could
    not. A frame has the same number and the same time wherever reading begins.

    Attributes:
        path: the file.
        info: what the file says of itself.
        start, end: the part that is read, in seconds of frame time; None where it is open.
        width, height: size of the frames.
        frame_rate: average frames per second; None if it is not known.
        time_base: seconds per tick of the frames' timestamps.
        origin: the container's time, in seconds, at which frame times are 0.
        problems: sentences on what went wrong on the way; complete when iteration ends.
        complete: after iteration, whether all that was to be read could be, as far as is known.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        start: float | str | None = None,
        end: float | str | None = None,
        rate: Fraction | float | None = None,
        threads: int | None = None,
        audio: bool = False,
        stop: Stop = never,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        """Open a video and decode its first image.

        Args:
            path: the file.
            start: when to begin: the first frame at or after; seconds, or text such as ``0:01``.
            end: when to stop: the last frame before; likewise.
            rate: frames per second that were taken, where the file says otherwise or nothing:
                all times are stretched to it. None for what the file says.
            threads: threads of the decoder; None for one per two cores.
            audio: whether `audio` will be asked for. That of a pipe, which can be read only
                once, is kept then, and that of a file stays within reach, whatever happens to
                its name.
            stop: is asked whether to end while a pipe keeps silent.
            max_pixels: of how many pixels images are decoded.

        Raises:
            InputError: the file cannot be read, has no image, or too large ones.
            UsageError: the start or end is no time.
        """
        self.path = Path(path)
        self.start = None if start is None else seconds("start", start) or None
        self.end = None if end is None else seconds("end", end)
        self.problems: list[str] = []
        self.complete = True
        self._audio: AudioInput | None = None
        self._pipe = Pipe(self.path, stop) if is_pipe(self.path) else None
        self._state = _state(self.path) if self._pipe is None else None
        # The networks need the other half: with a thread per core a video takes 2 to 4 %
        # longer on two cores.
        threads = threads or max(usable_cores() // 2, 1)
        self._decoder = Decoder(
            self.path, pipe=self._pipe, threads=threads, audio=audio, max_pixels=max_pixels
        )
        try:
            self._begin(rate)
            if audio and self.has_audio and self._pipe is None:
                self._audio = FileAudio(self.path, self.origin)
            if audio and self.info.has_audio and not self.has_audio:
                at = float(self.frame_rate or 0)
                self.problems.append(
                    f"{self.path}: the audio is left out, because at {at:g} frames per second it "
                    f"does not fit the image"
                )
        except BaseException:
            self.close()
            raise

    def _begin(self, rate: Fraction | float | None) -> None:
        """Decode the first image, and go to where reading begins."""
        decoder = self._decoder
        images: Iterator[Decoded] = decoder.images()
        first = next(images, None)
        if first is None:
            raise self._nothing()
        stream = decoder.stream
        self._upright = Upright(first.image, stream.sample_aspect_ratio)
        self.width, self.height = self._upright.width, self._upright.height
        self.info: MediaInfo = describe(
            self.path,
            decoder.container,
            stream,
            first.image,
            self._upright,
            again=self._pipe is None,
        )
        self.frame_rate = self.info.frame_rate
        self.time_base = stream.time_base or Fraction(1, 1000)
        # How much longer than in the file everything lasts.
        self._stretch = Fraction(1)
        if rate is not None:
            wanted = Fraction(rate).limit_denominator(1001)
            if decoder.times_from is not TimesFrom.NOTHING:
                self._stretch = (self.frame_rate or wanted) / wanted
            self.frame_rate = wanted
            self.time_base *= self._stretch
        self._timeline = Timeline(self.time_base, self.frame_rate)
        images = chain([first], images)
        if decoder.times_from is not TimesFrom.NOTHING:
            images = with_lead_in(images, self._timeline.step)
        first = next(images)
        self._images: Iterator[Decoded] = chain([first], images)
        self._origin_tick = first.timestamp or 0
        self.origin = self._origin_tick * self.time_base
        # How many frames come before the next one that is decoded.
        self._number = 0
        if self.start is not None and first.timestamp is not None and self._pipe is None:
            self._jump(first.timestamp)
        if decoder.audio is not None:
            decoder.audio.origin = self.origin
            self._audio = decoder.audio

    def _jump(self, first: int) -> None:
        """Go to the frame before `start`, if that can be done without decoding all before it.

        Filters that look at neighbours need that frame too.
        """
        target = math.ceil(self._begins_at)
        try:
            place = find(self.path, first, target) if target > first else None
        except EOFError as error:
            raise self._past_the_end() from error
        if place is None:
            return
        decoder = self._decoder
        try:
            decoder.jump(place.before)
            images = decoder.images(begun=True)
            last = -math.inf
            for image in images:
                if image.timestamp is None or not last < image.timestamp <= place.before:
                    break
                last = image.timestamp
                if last == place.before:
                    following = list(islice(images, LATE))
                    times = [each.timestamp or 0 for each in following]
                    if times[:1] != [place.tick] or times != sorted(set(times)):
                        break
                    self._images = chain([image._replace(lost=0), *following], images)
                    self._number = place.number - 1
                    return
        except av.error.FFmpegError:
            pass
        # Some indexes lead to a key frame that is too late, and in some damaged files images are
        # not shown in the order of their times: there is only the long way.
        decoder.reopen()
        self._images = decoder.images()

    @property
    def _begins_at(self) -> Fraction:
        """The time of `start`, in ticks."""
        return self._at(self.start or 0.0)

    def _at(self, seconds: float) -> Fraction:
        """Return a frame time in ticks; a little before, so that the frame at it is after."""
        return self._origin_tick + (Fraction(str(seconds)) - _EXACT) / self.time_base

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
            self.frame_rate,
            info.frame_count,
            None if info.duration is None else info.duration * float(self._stretch),
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
        """Whether there is sound that fits the frames: not if their times were stretched."""
        return self.info.has_audio and self._stretch == 1

    def audio(self) -> AudioInput | None:
        """Return the sound that belongs to the frames, None without any; ask once.

        Raises:
            InputError: the file cannot be opened again.
        """
        if not self.has_audio:
            return None
        audio, self._audio = self._audio, None
        if audio is None and self._pipe is None:
            return FileAudio(self.path, self.origin)
        return audio

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file. A reading that waits for more of a pipe, in another thread, ends."""
        if self._audio is not None:
            self._audio.close()
        if not self._decoder.close():
            log.warning("%s: a reading does not return; the file stays open", self.path)

    def __iter__(self) -> Iterator[VideoFrame]:
        """Yield the frames that are left, in time order.

        Raises:
            InputError: no frame lies between `start` and `end`, or its images are of a
                kind that cannot be converted.
        """
        count, tick = 0, None
        try:
            for picture, tick, number in self._in_range():
                picture.pts, picture.time_base = tick, self.time_base
                time = float((tick - self._origin_tick) * self.time_base)
                yield VideoFrame(picture, number, time)
                count += 1
        except (av.error.FFmpegError, ValueError) as error:
            raise InputError(
                f"{self.path}: images of the kind {self.info.pixel_format} cannot be "
                f"converted: {reason(error)}"
            ) from error
        if not count:
            raise self._no_frame()
        self._report(tick)

    def _in_range(self) -> Iterator[tuple[av.VideoFrame, int, int]]:
        """Yield the upright images with their ticks and numbers, up to where it ends."""
        limit = math.inf if self.end is None else self._at(self.end)
        begin = self._begins_at
        numbers: deque[int] = deque()
        before: tuple[av.VideoFrame, int] | None = None
        for image, timestamp, lost in self._images:
            self._number += lost
            tick = self._timeline.place(timestamp)
            if tick >= limit:
                break
            number = self._number
            self._number += 1
            if tick < begin:
                before = image, tick
                continue
            if before is not None:
                numbers.append(number - 1)
                yield from _since(begin, self._upright(*before), numbers)
                before = None
            numbers.append(number)
            yield from _since(begin, self._upright(image, tick), numbers)
        yield from _since(begin, self._upright.flush(), numbers)

    def _nothing(self) -> InputError:
        if self._decoder.damaged:
            return InputError(
                f"{self.path}: no image of this video could be decoded; it is damaged or cut off"
            )
        return InputError(f"{self.path}: this video has no image in it")

    def _no_frame(self) -> InputError:
        if self.start is not None and self._lasts < self.start:
            return self._past_the_end()
        span = f"from {self.start or 0:g} s to {'its end' if self.end is None else self.end}"
        return InputError(f"{self.path}: this video has no frame {span}")

    def _past_the_end(self) -> InputError:
        return InputError(
            f"{self.path}: --start {self.start or 0:g} is past the end of this video, which "
            f"lasts {self._lasts:.1f} s"
        )

    @property
    def _lasts(self) -> float:
        """How long the video is, in seconds: what was read, or else what it says."""
        last = self._timeline.last
        if last is not None:
            return float((last - self._origin_tick) * self.time_base)
        return (self.info.duration or 0.0) * float(self._stretch)

    def _report(self, tick: int | None) -> None:
        """Write down what went wrong, once everything is read."""
        decoder, timeline = self._decoder, self._timeline
        lacks = []
        if decoder.damaged:
            lacks.append(
                counted(
                    decoder.damaged,
                    "damaged packet or image was met",
                    "damaged packets or images were met",
                )
            )
        if decoder.headless and self.start is None:
            lost = counted(
                decoder.headless,
                "image before the first whole one could",
                "images before the first whole one could",
            )
            lacks.append(f"the beginning is lost: {lost} not be decoded")
        if decoder.changed:
            lacks.append("streams that begin in mid-file are not read")
        lacks += self._missing(tick) if self.end is None else self._passed_over()
        self.complete = not lacks
        self.problems += [f"{self.path}: {lack}" for lack in lacks]
        if self._upright.resized:
            pictures = counted(
                self._upright.resized,
                "image has another size than the first and was scaled",
                "images have another size than the first and were scaled",
            )
            self.problems.append(f"{self.path}: {pictures} to {self.width}x{self.height}")
        if timeline.repaired or timeline.restarts:
            times = counted(
                timeline.repaired + timeline.restarts,
                "frame time repeated or stepped back and was moved forward",
                "frame times repeated or stepped back and were moved forward",
            )
            self.problems.append(f"{self.path}: {times}")

    def _missing(self, tick: int | None) -> list[str]:
        """Say how much the file should hold beyond what was read, and whether it was changed."""
        if self._state is None:
            return []
        now = _state(self.path)
        if now is not None and (now.st_dev, now.st_ino) != (self._state.st_dev, self._state.st_ino):
            # What was opened stays readable, but its size is not known any more.
            self.problems.append(
                f"{self.path}: another file got this name meanwhile; the results are of the one "
                f"that had it before"
            )
            return []
        if now is None:
            return []
        if (now.st_size, now.st_mtime_ns) != (self._state.st_size, self._state.st_mtime_ns):
            return ["the file was changed while it was read"]
        stated = stated_size(self.path)
        if stated is None or stated <= now.st_size:
            return self._passed_over() + self._broken_off(tick)
        return [f"the file is cut off: {self._share(now.st_size, stated, tick)} could be read"]

    def _passed_over(self) -> list[str]:
        """Say how much FFmpeg left out in a Matroska file or a GIF, or nothing."""
        gaps, to_end = self._decoder.gaps, self.end is None
        if self._state is None:
            return []
        size = self._state.st_size
        try:
            blocks = read_blocks(self.path) if to_end else None
            found = None if gaps is None else gaps.unread(self.path, to_end=to_end)
        except OSError:
            return []
        if blocks is not None and blocks.broken is not None:
            found = blocks.broken, size - blocks.broken
        if found is None:
            return []
        place, lost = found
        return [
            f"the file is damaged at byte {place}: {lost} of its {size} bytes were passed over, "
            f"and what they held is lost"
        ]

    def _broken_off(self, tick: int | None) -> list[str]:
        """Say that a transport stream ends amid an image or audio, and where."""
        try:
            if tick is None or not breaks_off(self.path):
                return []
        except OSError:
            return []
        read = f"{counted(self._number, 'frame')}, {self._until(tick):.1f} s,"
        return [f"the file is cut off: {read} could be read"]

    def _until(self, tick: int) -> float:
        """Return when an image ends, in seconds of frame time."""
        return float((tick + self._timeline.step - self._origin_tick) * self.time_base)

    def _share(self, size: int, stated: int, tick: int | None) -> str:
        """Say how much was read of how much there should be, of a file that is cut off."""
        container, stream = self._decoder.container, self._decoder.stream
        names = container.format.name.split(",")
        read, whole = self._number, 0
        if "mp4" in names:
            # The index says where each frame lies: some may lie beyond the file's end.
            beyond = (entry.pos + entry.size > size for entry in stream.index_entries)
            whole = read + sum(beyond)
        if "avi" in names:
            whole = stream.frames
        if whole > read:
            return f"{read} of {whole} frames"
        duration = tagged_duration(stream)
        if duration is not None and tick is not None:
            return f"{self._until(tick):.1f} of {float(duration * self._stretch):.1f} s"
        return f"{size} of {stated} bytes"


def _since(
    begin: Fraction, images: Iterator[tuple[av.VideoFrame, int]], numbers: deque[int]
) -> Iterator[tuple[av.VideoFrame, int, int]]:
    """Yield images, which come in the order of their numbers, from a tick on."""
    for image, tick in images:
        number = numbers.popleft()
        if tick >= begin:
            yield image, tick, number


def _state(path: Path) -> os.stat_result | None:
    """Return what tells whether a file is still the same; None where there is none."""
    try:
        return path.stat()
    except OSError:
        return None
