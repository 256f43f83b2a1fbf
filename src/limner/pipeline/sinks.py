"""Where results go: the annotated video or image, and the tables, all behind one protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from limner.core.poses import Poses
from limner.core.steps import AtOnce, Seen
from limner.export import find_format, open_writer
from limner.media.image import write_image
from limner.media.sources import Source
from limner.media.timing import place_evenly
from limner.media.write import VideoWriter
from limner.motion import AngleMeter, angle_names
from limner.recording.header import Header
from limner.settings import Settings


class Sink(Protocol):
    """Takes what was seen, frame by frame."""

    def write(self, seen: Seen) -> None:
        """Take the next frame.

        Raises:
            OutputError: it cannot be written.
        """

    def close(self, complete: bool) -> None:
        """Finish: what was taken stays, whether the input came to its end or not.

        Raises:
            OutputError: it cannot be written.
        """


class VideoSink:
    """Writes the frames into a video.

    Attributes:
        problems: sentences on what could not be carried over.
    """

    def __init__(self, path: Path, source: Source, settings: Settings) -> None:
        """Create the file.

        Raises:
            OutputError: the file cannot be created or its ending names no video.
            UsageError: no such codec, or it does not go into this container.
        """
        self._rate = _new_rate(settings, source)
        self._frames = 0
        self._problems: list[str] = []
        if self._rate and settings.audio and source.has_audio:
            self._problems.append(
                f"{source.input.path}: the audio is left out, because at {float(self._rate):g} "
                f"frames per second it would not fit the image any more"
            )
        self._writer = VideoWriter(
            path,
            width=source.input.width,
            height=source.input.height,
            frame_rate=self._rate or source.input.frame_rate,
            source=source,
            codec=settings.codec,
            quality=settings.quality,
            audio=settings.audio and not self._rate,
            alpha=settings.background == "transparent",
        )

    @property
    def problems(self) -> list[str]:  # noqa: D102 - see the class
        return [*self._writer.problems, *self._problems]

    def write(self, seen: Seen) -> None:
        """Encode the frame."""
        if self._rate:
            place_evenly(seen.frame, self._frames, self._rate)
        self._frames += 1
        self._writer.write(seen.frame)

    def close(self, complete: bool) -> None:
        """Finish the video so that it plays; after an error as far as that goes."""
        if complete:
            self._writer.close()
        else:
            self._writer.abort()


class ImageSink:
    """Writes the frame of an image."""

    problems: Sequence[str] = ()

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, seen: Seen) -> None:
        """Write the file."""
        write_image(self._path, seen.frame)

    def close(self, complete: bool) -> None:
        """Do nothing: the file is whole once it is written."""


class TableSink:
    """Writes the numbers into data files.

    Args:
        files: the files by format.
        header: of the recordings.
        angles: whether angles go into the formats that hold them.
        angles_auto: whether those do that can be measured in a person's view, and those in space.
        flags: whether flags do, also where they need not.
        source: what the frames come from, where it can say how much of it could be read.

    Raises:
        OutputError: a file cannot be created.
        RecordingError: a format cannot hold this skeleton.
    """

    def __init__(
        self,
        files: dict[str, Path],
        header: Header,
        *,
        angles: bool,
        angles_auto: bool = False,
        flags: bool = False,
        source: Source | None = None,
    ) -> None:
        self._source = source
        self._meter: AngleMeter | None = None
        if angles or angles_auto:
            self._meter = AngleMeter(header.threshold, linked=header.linked, auto=angles_auto)
        self._writers = []
        try:
            for name, path in files.items():
                options: dict[str, Any] = {}
                if flags and "flags" in find_format(name).options:
                    options["flags"] = True
                if self._meter is not None and "angles" in find_format(name).options:
                    options["angles"] = angle_names(header.skeleton, auto=angles_auto)
                self._writers.append(open_writer(name, path, header, **options))
        except BaseException:
            self.close(complete=False)
            raise

    def write(self, seen: Seen) -> None:
        """Write the people of the frame."""
        angles = None if self._meter is None else self._meter.push(seen.people)
        for writer in self._writers:
            writer.write(seen.people, angles)

    def close(self, complete: bool) -> None:
        """Finish the files."""
        source = self._source
        for writer in self._writers:
            if complete and source is not None and not source.complete:
                # The run came to its end, the input did not come to its own.
                writer.problems = source.problems
                writer.close(False)
            else:
                writer.close(complete)


class Write(AtOnce):
    """The step at the end of a frame's way: everything is written, and the numbers pass on.

    Attributes:
        sinks: where to.
        frames: how many frames were written, everywhere.
        people: the ids of everybody who was.
    """

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self.sinks = sinks
        self.frames = 0
        self.people: set[int] = set()

    def push(self, seen: Seen) -> Sequence[Poses]:
        """Write the next frame into every sink."""
        for sink in self.sinks:
            sink.write(seen)
        self.frames += 1
        self.people.update(seen.people.ids.tolist())
        return [seen.people]


@contextmanager
def closing(sink: Sink) -> Iterator[None]:
    """Close a sink at the end, as complete only if no error ends it."""
    try:
        yield
    except BaseException:
        sink.close(complete=False)
        raise
    sink.close(complete=True)


def _new_rate(settings: Settings, source: Source) -> Fraction | None:
    """Return the frames per second that the user wants instead of the source's, if any."""
    if settings.output_rate is None:
        return None
    rate = Fraction(settings.output_rate).limit_denominator(1001)
    return None if rate == source.input.frame_rate else rate
