"""Where frames come from: files, images, pipes and arrays behind one protocol."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from limner.core.arrays import Image
from limner.core.frame import Frame
from limner.core.info import InputInfo
from limner.media.images.header import MAX_PIXELS
from limner.system.signals import Stop, never

if TYPE_CHECKING:
    from limner.media.audio_input import AudioInput


class Source(Protocol):
    """Gives the frames of an input, upright and in time order; a context manager.

    Attributes:
        input: what is known about it.
        start, end: the part of it that is read, in seconds of frame time; None where it is
            open.
        frame_count: how many frames will come, as far as is known.
        still: whether it is one image that stands by itself.
        live: whether frames come when they are captured, and are lost if nobody takes them.
        repeatable: whether it can be read again from the beginning.
        has_audio: whether there is sound.
        problems: sentences on what went wrong on the way; complete when iteration ends.
        complete: after iteration, whether all that was to be read could be, as far as is known.
    """

    @property
    def input(self) -> InputInfo: ...  # noqa: D102 - see the class
    @property
    def start(self) -> float | None: ...  # noqa: D102
    @property
    def end(self) -> float | None: ...  # noqa: D102
    @property
    def frame_count(self) -> int | None: ...  # noqa: D102
    @property
    def still(self) -> bool: ...  # noqa: D102
    @property
    def live(self) -> bool: ...  # noqa: D102
    @property
    def repeatable(self) -> bool: ...  # noqa: D102
    @property
    def has_audio(self) -> bool: ...  # noqa: D102
    @property
    def problems(self) -> list[str]: ...  # noqa: D102
    @property
    def complete(self) -> bool: ...  # noqa: D102

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that are left.

        Raises:
            InputError: there is none, or it cannot be read.
        """

    def audio(self) -> AudioInput | None:
        """Return the sound that belongs to the frames, None without any; ask once."""

    def close(self) -> None:
        """Let go of the input. A reading that waits for more, in another thread, ends."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...


def open_source(
    where: str | Path | Iterable[Frame | Image],
    *,
    start: float | None = None,
    end: float | None = None,
    rate: Fraction | float | None = None,
    audio: bool = True,
    stop: Stop = never,
    sequence: Fraction | float | None = None,
    max_pixels: int = MAX_PIXELS,
    **arrays: Any,
) -> Source:
    """Open an input.

    Args:
        where: the path of a video, an image or a pipe, a pattern of numbered images such as
            ``img_%04d.png``, ``-`` for standard input, or frames or RGB arrays, one after the
            other.
        start: seconds to begin at.
        end: seconds to stop at.
        rate: frames per second, where the input says otherwise or nothing.
        audio: whether the sound will be asked for.
        stop: is asked whether to end while a pipe keeps silent.
        sequence: frames per second of images that follow each other and state no times.
        max_pixels: of how many pixels images are read.
        **arrays: how arrays are to be taken; see `ArraySource`.

    Raises:
        InputError: it cannot be read.
    """
    from limner.media.images.series import open_series
    from limner.media.inputs import kind_of
    from limner.media.read import VideoReader
    from limner.media.sources.arrays import ArraySource
    from limner.media.sources.image import ImageSource
    from limner.media.sources.pipe import is_pipe
    from limner.media.sources.sequence import SequenceSource

    if not isinstance(where, (str, Path)):
        return ArraySource(where, start=start, end=end, rate=rate, **arrays)
    path = Path(where)
    if not is_pipe(path):
        series = open_series(path, sequence, max_pixels=max_pixels)
        if series is not None:
            return SequenceSource(series, start=start, end=end)
        if path.is_file() and path.stat().st_size and kind_of(path) == "image":
            return ImageSource(path, max_pixels=max_pixels)
    return VideoReader(
        path, start=start, end=end, rate=rate, audio=audio, stop=stop, max_pixels=max_pixels
    )
