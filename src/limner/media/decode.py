"""Decoding a video's images in the order they are shown, whatever state the file is in."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, cast

import av
from av.codec.context import ThreadType

from limner.media.audio_input import PipedAudio
from limner.media.container import TimesFrom, open_container, times_from, video_stream
from limner.media.images.header import MAX_PIXELS, check_size
from limner.media.sources.pipe import Pipe
from limner.media.unread import Gaps
from limner.system.priority import give_way

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

    Packet = av.Packet[av.VideoStream]

# Reading errors in a row, without a packet between them, after which the rest is given up.
MAX_READ_ERRORS = 50
# How long closing waits for a reading in another thread, seconds.
_PATIENCE = 5.0
# In damaged files images may come out later than their times say, by so many images.
LATE = 4


class Decoded(NamedTuple):
    """An image as it comes out of the decoder.

    Attributes:
        image: its pixels, as they are stored.
        timestamp: the container's time of it in ticks, None where it has none.
        lost: how many images that should come before it, and after the one before it, could
            not be decoded, as far as the container tells.
    """

    image: av.VideoFrame
    timestamp: int | None
    lost: int = 0


class Decoder:
    """Decodes the moving image of a file or a pipe, stepping over damage.

    Attributes:
        container, stream: what is read.
        times_from: where the images' timestamps are taken from.
        audio: the sound of a pipe, put aside while images are read; None if it is not wanted.
        damaged: how many packets or images were damaged.
        headless: how many images before the first one could not be decoded.
        changed: whether streams began in mid-file, which are not read.
        gaps: what lies between the packets of a Matroska file; None for others.
    """

    def __init__(
        self,
        path: Path,
        *,
        pipe: Pipe | None = None,
        threads: int,
        audio: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        """Open the file.

        Raises:
            InputError: it cannot be read, or holds no moving image, or one that is too large.
        """
        self.path = path
        self.damaged = 0
        self.headless = 0
        self.changed = False
        self.gaps: Gaps | None = None
        self.audio: PipedAudio | None = None
        self._threads = threads
        self._max_pixels = max_pixels
        self._pipe = pipe
        # Held while a packet is read, so that nobody closes the file under FFmpeg's feet.
        self._reading = Lock()
        self.container = open_container(path, pipe)
        try:
            self.stream = self._prepare()
            if pipe is not None and audio:
                self.audio = _keep_audio(path, self.container)
        except BaseException:
            self.close()
            raise
        self.times_from = times_from(self.container, self.stream)

    def images(self, *, begun: bool = False) -> Iterator[Decoded]:
        """Yield the images from here on.

        Args:
            begun: whether images came before, so that none before the first one is missing.
        """
        return _settled(self._images(begun=begun))

    def _images(self, *, begun: bool) -> Iterator[Decoded]:
        order = _Order(self.times_from, begun=begun)
        errors = 0
        while errors < MAX_READ_ERRORS:
            try:
                for packet in self._packets():
                    errors = 0
                    order.expect(packet)
                    for image in self._decode(packet):
                        yield order.take(image)
                        self.headless = max(self.headless, order.headless)
                return
            except av.error.FFmpegError:
                # Reading goes on after the place that could not be read.
                errors += 1
                self.damaged += 1

    def jump(self, tick: int) -> None:
        """Go to the key frame at or before a time.

        Raises:
            av.error.FFmpegError: there is no way to it but from the beginning.
        """
        self.container.seek(tick, stream=self.stream)
        if self.gaps is not None:
            self.gaps.restart()

    def reopen(self) -> None:
        """Go back to the beginning; a pipe cannot."""
        self.close()
        self.container = open_container(self.path)
        self.stream = self._prepare()

    def close(self) -> bool:
        """Close the file; a reading that waits for more of a pipe, in another thread, ends.

        Returns:
            Whether it could be closed: not while a reading does not return.
        """
        if self._pipe is not None:
            self._pipe.stop()
        if not self._reading.acquire(timeout=_PATIENCE):
            return False
        try:
            self.container.close()
            if self._pipe is not None:
                self._pipe.close()
        finally:
            self._reading.release()
        return True

    def _prepare(self) -> av.VideoStream:
        self.gaps = Gaps() if "matroska" in self.container.format.name.split(",") else None
        stream = video_stream(self.path, self.container)
        context = stream.codec_context
        check_size(self.path, context.width, context.height, self._max_pixels)
        # Images may be larger than the file's header says.
        context.options = {"max_pixels": str(self._max_pixels)}
        stream.codec_context.thread_type = ThreadType.AUTO
        stream.codec_context.thread_count = self._threads
        # A decoder that cannot be opened says so when it is first used.
        with suppress(av.error.FFmpegError):
            give_way(stream.codec_context.open)
        # An image then says which packet it was in; see `_Order`.
        stream.codec_context.copy_opaque = True
        return stream

    def _packets(self) -> Iterator[Packet]:
        """Yield the packets of images; those of a pipe's sound are put aside."""
        audio = self.audio
        packets = self.container.demux()
        while True:
            try:
                with self._reading:
                    packet = next(packets, None)
            except IndexError:
                # PyAV knows the streams that were there at the beginning only, and stumbles
                # over later ones when all packets have been read.
                self.changed = True
                break
            if packet is None:
                break
            if self.gaps is not None and packet.size:
                self.gaps.note(packet.pos, packet.size)
            if audio is not None and packet.stream is audio.stream:
                audio.give(cast("av.Packet[AudioStream]", packet))
            elif packet.stream is self.stream:
                yield cast("Packet", packet)
        if audio is not None:
            audio.finish()

    def _decode(self, packet: Packet) -> list[av.VideoFrame]:
        self.damaged += packet.is_corrupt
        try:
            images = self.stream.decode(packet)
        except av.error.EOFError:
            return []
        except av.error.FFmpegError:
            self.damaged += 1
            return []
        self.damaged += sum(image.is_corrupt for image in images)
        return images


class _Order:
    """Tells from the packets when an image that comes out of the decoder is shown.

    Packets come in the order of decoding, images in the order they are shown. Where a packet
    is an image, the packets' times, sorted, are those of the images.

    Attributes:
        headless: how many images before the first that came out could not be decoded.
    """

    def __init__(self, source: TimesFrom, *, begun: bool) -> None:
        self._source = source
        self._begun = begun
        self.headless = 0
        # The times of the packets whose images have not come out.
        self._waiting: list[int] = []
        # The times that were passed over: their images are lost, unless they come out later.
        self._missed: set[int] = set()
        self._latest: int | None = None
        self._regular = True

    def expect(self, packet: Packet) -> None:
        """Note a packet, before it is decoded."""
        decoding = self._source is TimesFrom.DECODING
        time = packet.dts if decoding else packet.pts
        if time is None or not packet.size or packet.is_discard or not self._regular:
            return
        if decoding:
            packet.opaque = time
        elif self._latest is not None and time <= self._latest:
            # It should have been shown already: from here on times say nothing of the order.
            self._regular = False
            self._waiting.clear()
            return
        heapq.heappush(self._waiting, time)

    def take(self, image: av.VideoFrame) -> Decoded:
        """Say of the next image that came out when it is shown, and what was lost before it.

        -1 of one that seemed lost.
        """
        if self._source is TimesFrom.NOTHING:
            return Decoded(image, None)
        if self._source is TimesFrom.DECODING:
            return Decoded(image, self._next_in_line(image))
        lost = 0
        time = image.pts
        while time is not None and self._waiting and self._waiting[0] <= time:
            passed = heapq.heappop(self._waiting)
            if passed < time:
                lost += 1
                self._missed.add(passed)
        if time in self._missed:
            self._missed.remove(time)
            lost = -1
        self._latest = time
        if not self._begun:
            self.headless, lost = lost, 0
            self._missed.clear()
            self._begun = True
        return Decoded(image, time, lost if self._source is TimesFrom.IMAGES else 0)

    def _next_in_line(self, image: av.VideoFrame) -> int | None:
        """Return the first time that is free: the image's own is that of its decoding."""
        own = image.opaque
        if image.key_frame and isinstance(own, int):
            # Whatever was to be decoded before it is to be shown before it.
            while self._waiting and self._waiting[0] < own:
                heapq.heappop(self._waiting)
        return heapq.heappop(self._waiting) if self._waiting else None


def _settled(images: Iterator[Decoded]) -> Iterator[Decoded]:
    """Yield images, those before which some seem lost when it is clear whether these come later."""
    held: deque[Decoded] = deque()
    for image in images:
        if image.lost < 0:
            image = image._replace(lost=0)
            for place in reversed(range(len(held))):
                if held[place].lost:
                    held[place] = held[place]._replace(lost=held[place].lost - 1)
                    break
        held.append(image)
        while held and (not held[0].lost or len(held) > LATE):
            yield held.popleft()
    yield from held


def _keep_audio(path: Path, container: InputContainer) -> PipedAudio | None:
    stream = container.streams.best("audio")
    return None if stream is None else PipedAudio(str(path), cast("AudioStream", stream))
