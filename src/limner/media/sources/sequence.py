"""Images that follow each other, as a source."""

from __future__ import annotations

from collections.abc import Iterator

from limner.core.frame import Frame
from limner.core.info import InputInfo
from limner.core.wording import counted
from limner.errors import InputError
from limner.media.images.series import Series
from limner.media.sources.memory import InMemory


class SequenceSource(InMemory):
    """Reads images that follow each other like the frames of a video; see `Source`.

    Images that are damaged, or of another size than the first, are left out.

    Args:
        series: the images.
        start: seconds to begin at.
        end: seconds to stop at.

    Raises:
        InputError: no image can be read.
    """

    still, repeatable = False, True

    def __init__(
        self, series: Series, *, start: float | None = None, end: float | None = None
    ) -> None:
        self.start, self.end = start, end
        self._series = series
        self._damaged: list[str] = []
        self._sizes: list[str] = []
        self._size: tuple[int, int] | None = None
        self._frames = self._read()
        self._first = next(self._frames, None)
        if self._first is None:
            if self._damaged:
                raise InputError(self._damaged[0])
            raise InputError(
                f"{series.name}: there is no image from {start or 0:g} s to "
                f"{'its end' if end is None else f'{end:g} s'}"
            )
        self.frame_count: int | None = series.count if start is None and end is None else None
        width, height = self._first.width, self._first.height
        self.input = InputInfo(series.name, width, height, series.rate, series.count)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the images as frames, with their places and times."""
        first, self._first = self._first, None
        if first is not None:
            yield first
        yield from self._frames

    @property
    def problems(self) -> list[str]:
        """Sentences on what went wrong on the way; complete when iteration ends."""
        name = self._series.name
        found = list(self._series.problems)
        for sentences, what in ((self._damaged, "cannot be read"), (self._sizes, "differ in size")):
            if sentences:
                found.append(
                    f"{name}: {counted(len(sentences), 'image')} left out, as they {what}; the "
                    f"first: {sentences[0]}"
                )
        return found

    def _read(self) -> Iterator[Frame]:
        for place, time, read in self._series.entries():
            if self.end is not None and time >= self.end:
                return
            if time < (self.start or 0):
                continue
            try:
                frame = Frame(read(), place, time)
            except InputError as error:
                self._damaged.append(str(error))
                continue
            size = frame.width, frame.height
            self._size = self._size or size
            if size == self._size:
                yield frame
            else:
                self._sizes.append(
                    f"expected {self._size[0]}x{self._size[1]} pixels, got {size[0]}x{size[1]} "
                    f"at {place}"
                )
