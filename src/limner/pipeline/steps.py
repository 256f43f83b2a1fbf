"""From frames to people: estimate, track, clean. The middle of the pipeline."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from limner.cleaning import Cleaner
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.models.base import Model
from limner.settings import Settings
from limner.tracking import Confirmation, Selector, Tracker

_FALLBACK_RATE = Fraction(30)
# Cleaning gains nothing from looking further ahead than this, seconds.
_CLEANING_LAG = 1 / 3

Pair = tuple[Frame, Poses]


class _Stage(Protocol):
    def push(self, poses: Poses) -> list[Poses]: ...
    def flush(self) -> list[Poses]: ...


def estimate_video(frames: Iterable[Frame], model: Model) -> Iterator[Pair]:
    """Pair each frame of a video with the poses that the model sees in it."""
    follower = model.follow()
    if follower.at_once == 1:
        for frame, coming in _with_the_next(frames):
            yield frame, follower.estimate(frame, coming)
        return
    begun: deque[tuple[Frame, Future[Poses]]] = deque()
    with ThreadPoolExecutor(follower.at_once, "estimating") as threads:
        try:
            for frame in frames:
                begun.append((frame, threads.submit(follower.estimate, frame)))
                if len(begun) > follower.at_once:
                    done, poses = begun.popleft()
                    yield done, poses.result()
            while begun:
                done, poses = begun.popleft()
                yield done, poses.result()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _with_the_next(frames: Iterable[Frame]) -> Iterator[tuple[Frame, Frame | None]]:
    """Yield each frame with the one after it, the last one with None."""
    left = iter(frames)
    frame = next(left, None)
    while frame is not None:
        coming = next(left, None)
        yield frame, coming
        frame = coming


def track_and_clean(
    pairs: Iterable[Pair],
    model: Model,
    settings: Settings,
    rate: Fraction | None,
    *,
    keep: Collection[int] | None = None,
    everyone: Callable[[Poses], None] | None = None,
) -> Iterator[Pair]:
    """Say who is who, drop ghosts, choose people and clean their motion.

    Args:
        pairs: the frames of a video in order, each with its poses.
        model: what made the poses.
        settings: what the user asked for.
        rate: the video's frames per second, where known.
        keep: ids of the people to choose, where that is settled; None to choose as the
            settings say.
        everyone: is shown whoever is found in a frame, ghosts and people who are not chosen
            included, before the frame is yielded.

    Yields:
        The same frames in the same order, some frames later, with the people in them. The
        tutorial's one person passes as it is.
    """
    if settings.tutorial:
        yield from pairs
        return
    tracker = Tracker(model.skeleton, sure=model.person_threshold)
    per_second = float(rate or _FALLBACK_RATE)
    stages: list[_Stage] = [
        Confirmation(math.ceil(settings.lag * per_second), sure=model.person_threshold)
    ]
    if settings.smooth:
        lag = math.ceil(min(settings.lag, _CLEANING_LAG) * per_second)
        stages.append(Cleaner(model.skeleton, lag=lag))
    chooser: Selector | None = None
    waiting: deque[Frame] = deque()

    def choose(frame: Frame, poses: Poses) -> Pair:
        nonlocal chooser
        if chooser is None:
            chooser = Selector(
                settings.max_people if keep is None else None,
                settings.person if keep is None else None,
                settings.roi,
                size=(frame.width, frame.height),
            )
        chosen = chooser.update(poses)
        return frame, chosen if keep is None else chosen[np.isin(chosen.ids, list(keep))]

    for frame, poses in pairs:
        waiting.append(frame)
        tracked = tracker.update(poses)
        if everyone is not None:
            everyone(tracked)
        for ready in _through(stages, [tracked]):
            yield choose(waiting.popleft(), ready)
    for place, stage in enumerate(stages):
        for ready in _through(stages[place + 1 :], stage.flush()):
            yield choose(waiting.popleft(), ready)


def _through(stages: list[_Stage], poses: list[Poses]) -> list[Poses]:
    for stage in stages:
        poses = [ready for one in poses for ready in stage.push(one)]
    return poses


def estimate_image(
    frame: Frame,
    model: Model,
    settings: Settings,
    *,
    everyone: Callable[[Poses], None] | None = None,
) -> Poses:
    """Return the people in an image that stands by itself, numbered from 1.

    Args:
        frame: the image.
        model: estimates the poses.
        settings: what the user asked for.
        everyone: is shown whoever is found, sure or not.
    """
    poses = model.estimate(frame)
    if everyone is not None:
        everyone(poses)
    if settings.tutorial:
        return poses
    poses = poses[poses.person_scores >= model.person_threshold]
    poses = replace(poses, ids=np.arange(1, len(poses) + 1))
    # In a single image everybody is seen equally long.
    person = "largest" if settings.person == "longest" else settings.person
    chooser = Selector(settings.max_people, person, settings.roi, size=(frame.width, frame.height))
    return chooser.update(poses)
