"""The packets of sound that belong to an input's frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import av

from limner.media.container import open_container, reason

if TYPE_CHECKING:
    from av.audio.stream import AudioStream

    Packet = av.Packet[AudioStream]


class AudioInput(Protocol):
    """Gives the packets of the track that players choose, in order.

    Attributes:
        name: of the input, for messages.
        stream: the track.
        origin: the container's time, in seconds, at which frame times are 0.
        problems: sentences on what went wrong.
    """

    name: str
    stream: AudioStream
    origin: Fraction
    problems: list[str]

    @property
    def ended(self) -> bool:
        """Whether all packets were taken."""

    def seek(self, tick: int) -> None:
        """Go to a time, in the track's ticks, where that is possible."""

    def take(self) -> Packet | None:
        """Return the next packet, None if there is none now."""

    def close(self) -> None:
        """Let go of the input."""


class FileAudio:
    """Reads the sound of a file beside its frames; see `AudioInput`."""

    def __init__(self, path: Path, origin: Fraction) -> None:
        self.name, self.origin = str(path), origin
        self.problems: list[str] = []
        self.ended = False
        self._container = open_container(path)
        self.stream = cast("AudioStream", self._container.streams.best("audio"))
        self._packets: Iterator[Packet] | None = None

    def seek(self, tick: int) -> None:
        """Go to a time; where there is no index, what comes before is passed over."""
        with suppress(av.error.FFmpegError):
            self._container.seek(tick, stream=self.stream)

    def take(self) -> Packet | None:
        """Return the next packet, None at the end."""
        if self._packets is None:
            self._packets = self._container.demux(self.stream)
        try:
            packet = next(self._packets, None)
        except IndexError:
            # PyAV stumbles at the end over streams that began in mid-file.
            packet = None
        except av.error.FFmpegError as error:
            self.problems.append(f"{self.name}: the audio breaks off: {reason(error)}")
            packet = None
        self.ended = packet is None
        return packet

    def close(self) -> None:
        """Close the file."""
        self._packets = None
        self._container.close()


class PipedAudio:
    """Holds the sound of an input that is read once, until it is asked for; see `AudioInput`.

    Whoever reads the frames gives it the packets that come between them.
    """

    def __init__(self, name: str, stream: AudioStream) -> None:
        self.name, self.stream = name, stream
        self.origin = Fraction(0)
        self.problems: list[str] = []
        self._packets: deque[Packet] = deque()
        self._complete = False

    @property
    def ended(self) -> bool:
        """Whether the input has ended and all packets were taken."""
        return self._complete and not self._packets

    def give(self, packet: Packet) -> None:
        """Add the next packet."""
        self._packets.append(packet)

    def finish(self) -> None:
        """Say that no more packets will come."""
        self._complete = True

    def seek(self, tick: int) -> None:
        """Do nothing: what comes before is passed over."""

    def take(self) -> Packet | None:
        """Return the next packet, None if it has not been read yet."""
        return self._packets.popleft() if self._packets else None

    def close(self) -> None:
        """Forget what was not taken."""
        self._packets.clear()
