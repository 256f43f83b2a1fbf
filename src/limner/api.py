"""The Python interface: the same work as the command line's, as functions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Unpack

from limner.core.poses import Poses
from limner.core.steps import run
from limner.errors import UsageError
from limner.media.inputs import expand
from limner.media.sources import open_source
from limner.pipeline.annotate import annotate_input
from limner.pipeline.opening import open_model
from limner.pipeline.result import Progress, Result
from limner.pipeline.stages import Stages
from limner.pipeline.steps import known_people, see
from limner.settings import Options, Settings

PathLike = str | os.PathLike[str]


def annotate(
    path: PathLike, *, progress: Progress | None = None, **options: Unpack[Options]
) -> Result:
    """Annotate a video or image: write a copy with everyone's pose, and the numbers.

    Args:
        path: the video or image.
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
    sources = expand([os.fspath(path)])
    if len(sources) != 1:
        raise UsageError(f"{path}: expected one video or image, got a folder or pattern")
    if sources[0].error is not None:
        raise sources[0].error
    return annotate_input(sources[0], open_model(settings), settings, progress)


def estimate(path: PathLike, **options: Unpack[Options]) -> Iterator[Poses]:
    """Estimate the poses in a video or image, frame by frame, as they are asked for.

    Args:
        path: the video or image.
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
    if settings.person == "longest":
        raise UsageError(
            "person: who is seen longest is known at the end only, and frames are yielded as they "
            "come; expected largest, center or an id, or use limner.annotate"
        )
    for source in expand([os.fspath(path)]):
        if source.error is not None:
            raise source.error
        model = open_model(settings)
        with (
            open_source(
                source.path,
                start=settings.start,
                end=settings.end,
                rate=settings.input_rate,
                audio=False,
            ) as opened,
            Stages() as stages,
        ):
            frames = stages.overlap(opened, "reading", gives_way=True)
            seen = stages.overlap(run(frames, see(opened, model, settings)), "estimating")
            for each in run(seen, known_people(opened, model.info, settings)):
                yield each.people
