"""The Python interface: the same work as the command line's, as functions."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Unpack, get_args

import numpy as np

from limner.core.arrays import Image
from limner.core.poses import Poses
from limner.core.steps import run
from limner.errors import UsageError
from limner.media.inputs import Input, Kind, expand
from limner.media.sources import Source
from limner.media.sources.arrays import ArraySource, Channels
from limner.pipeline.annotate import annotate_input
from limner.pipeline.opening import open_input, open_model
from limner.pipeline.redraw import draw_recording
from limner.pipeline.result import Progress, Result
from limner.pipeline.stages import Stages
from limner.pipeline.steps import known_people, see
from limner.settings import FASTEST, Options, Settings

PathLike = str | os.PathLike[str]
Arrays = Image | Iterable[Image]


def annotate(
    path: PathLike | Arrays,
    *,
    channels: Channels | None = None,
    rate: Fraction | float | None = None,
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> Result:
    """Annotate a video or image: write a copy with everyone's pose, and the numbers.

    Args:
        path: the video or image; or one as a (height, width, 3) array of 8 bits, or as such
            arrays, all of one size, one after the other.
        channels: the order of arrays' channels, ``rgb`` or ``bgr`` (OpenCV's); it must be said.
        rate: frames per second of arrays; None for 30.
        progress: is told how the run goes.
        **options: what to do: the names, meanings and defaults of `limner.Settings` and of
            the command line, as in ``start="1:30", person="largest"``.

    Returns:
        The files that were made, and what there is to say about them.

    Raises:
        UsageError: an option makes no sense.
        InputError: the input cannot be read.
        OutputError: a result is there already, or cannot be written.
        ModelError: the model's files cannot be had or are damaged.
        BackendError: the runtime or device is not there or cannot run the model.

    Example:
        >>> result = limner.annotate("dance.mp4", overwrite=True)  # doctest: +SKIP
        >>> result.paths[0]  # doctest: +SKIP
        PosixPath('dance_pose.mp4')
    """
    settings = Settings(**options)
    arrays = _open_arrays(path, channels, rate, settings)
    if arrays is not None:
        kind: Kind = "image" if arrays.still else "video"
        named = Input(Path(arrays.input.path), kind, source=arrays)
        return annotate_input(named, open_model(settings), settings, progress)
    assert isinstance(path, (str, os.PathLike))  # noqa: S101 - what else there is are arrays
    sources = expand([os.fspath(path)], sequence=settings.sequence is not None)
    if len(sources) != 1:
        raise UsageError(f"{path}: expected one video or image, got a folder or pattern")
    if sources[0].error is not None:
        raise sources[0].error
    return annotate_input(sources[0], open_model(settings), settings, progress)


def draw(
    recording: PathLike,
    *,
    source: PathLike | None = None,
    progress: Progress | None = None,
    **options: Unpack[Options],
) -> Result:
    """Draw a recording on the video or image it was measured on; nothing is measured again.

    Args:
        recording: the .jsonl that a run wrote.
        source: what was measured; a file of that name beside the recording unless given.
        progress: is told how it goes.
        **options: how to draw, whom, which part, and where to: the names, meanings and defaults
            of `limner.annotate`. What bears on measuring does not count here.

    Returns:
        The file that was made, ``dance_pose_drawn.mp4`` unless an output is given, and what there
        is to say about it.

    Raises:
        UsageError: an option makes no sense.
        RecordingError: the recording cannot be read.
        InputError: what was measured is not there, cannot be read, or is another video.
        OutputError: the result is there already, or cannot be written.

    Example:
        >>> limner.draw("dance_pose.jsonl", style="neon", trails=1)  # doctest: +SKIP
    """
    return draw_recording(recording, Settings(**options), source, progress)


def estimate(
    path: PathLike | Arrays,
    *,
    channels: Channels | None = None,
    rate: Fraction | float | None = None,
    **options: Unpack[Options],
) -> Iterator[Poses]:
    """Estimate the poses in a video or image, frame by frame, as they are asked for.

    Args:
        path: the video or image; or one as a (height, width, 3) array of 8 bits, or as such
            arrays, all of one size, one after the other.
        channels: the order of arrays' channels, ``rgb`` or ``bgr`` (OpenCV's); it must be said.
        rate: frames per second of arrays; None for 30.
        **options: what to do: the names, meanings and defaults of `limner.Settings` and of
            the command line. What is about files does not count here.

    Yields:
        Everyone in each frame, in order, frames without people included.

    Raises:
        UsageError: an option makes no sense.
        InputError: the input cannot be read.
        ModelError: the model's files cannot be had or are damaged.
        BackendError: the runtime or device is not there or cannot run the model.

    Example:
        >>> for poses in limner.estimate("dance.mp4"):  # doctest: +SKIP
        ...     print(poses.time, poses.ids, poses.keypoints.shape)
    """
    settings = Settings(**options)
    if settings.two_passes:
        raise UsageError(
            f"{settings.two_passes} is known at the end only, and frames are yielded as they come; "
            f"use limner.annotate"
        )
    opened = _open_arrays(path, channels, rate, settings)
    if opened is None:
        assert isinstance(path, (str, os.PathLike))  # noqa: S101 - what else there is are arrays
        for named in expand([os.fspath(path)], sequence=settings.sequence is not None):
            if named.error is not None:
                raise named.error
            yield from _estimate(open_input(named, settings, audio=False), settings)
    else:
        yield from _estimate(opened, settings)


def _estimate(source: Source, settings: Settings) -> Iterator[Poses]:
    with source as opened, Stages() as stages:
        model = open_model(settings)
        frames = stages.overlap(opened, "reading", gives_way=True)
        seen = stages.overlap(run(frames, see(opened, model, settings)), "estimating")
        for each in run(seen, known_people(opened, model.info, settings)):
            yield each.people


def _open_arrays(
    where: PathLike | Arrays,
    channels: Channels | None,
    rate: Fraction | float | None,
    settings: Settings,
) -> ArraySource | None:
    """Return the source of arrays; None for a path.

    Raises:
        UsageError: it is not said what the arrays hold, or it is said of a path.
        InputError: the arrays are of another kind.
    """
    if isinstance(where, (str, os.PathLike)):
        if channels is not None or rate is not None:
            raise UsageError("channels and rate: expected them for arrays only, got a path")
        return None
    if channels is None or channels not in get_args(Channels):
        raise UsageError(
            f"channels: expected rgb or bgr, as arrays do not say it themselves, got {channels!r}"
        )
    if rate is not None and not 0 < rate <= FASTEST:
        raise UsageError(f"rate: expected frames per second up to {FASTEST}, got {rate!r}")
    images, still = where, False
    if isinstance(where, np.ndarray) and where.ndim <= 3:
        images, still = [where], True
    return ArraySource(
        images,
        rate=rate,
        channels=channels,
        still=still,
        start=settings.start,
        end=settings.end,
    )
