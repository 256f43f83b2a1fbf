"""From frames to people: estimate, track, clean. The middle of the pipeline."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

import numpy as np

from limner.cleaning import Cleaner
from limner.frame import Frame
from limner.models.base import Model
from limner.poses import Poses
from limner.settings import Settings
from limner.tracking import Chooser, GhostFilter, Tracker

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
    for frame in frames:
        yield frame, follower.estimate(frame)


def know_people(
    pairs: Iterable[Pair], model: Model, settings: Settings, rate: Fraction | None
) -> Iterator[Pair]:
    """Say who is who, drop ghosts, choose people and clean their motion.

    Args:
        pairs: the frames of a video in order, each with its poses.
        model: what made the poses.
        settings: what the user asked for.
        rate: the video's frames per second, where known.

    Yields:
        The same frames in the same order, some frames later, with the people in them. The
        tutorial's one person passes as it is.
    """
    if settings.tutorial:
        yield from pairs
        return
    tracker = Tracker(model.skeleton, sure=model.sure_from)
    per_second = float(rate or _FALLBACK_RATE)
    stages: list[_Stage] = [GhostFilter(math.ceil(settings.lag * per_second), sure=model.sure_from)]
    if settings.smooth:
        lag = math.ceil(min(settings.lag, _CLEANING_LAG) * per_second)
        stages.append(Cleaner(model.skeleton, lag=lag))
    chooser: Chooser | None = None
    waiting: deque[Frame] = deque()

    def choose(frame: Frame, poses: Poses) -> Pair:
        nonlocal chooser
        if chooser is None:
            chooser = Chooser(
                settings.max_people,
                settings.person,
                settings.roi,
                size=(frame.width, frame.height),
            )
        return frame, chooser.update(poses)

    for frame, poses in pairs:
        waiting.append(frame)
        for ready in _through(stages, [tracker.update(poses)]):
            yield choose(waiting.popleft(), ready)
    for place, stage in enumerate(stages):
        for ready in _through(stages[place + 1 :], stage.flush()):
            yield choose(waiting.popleft(), ready)


def _through(stages: list[_Stage], poses: list[Poses]) -> list[Poses]:
    for stage in stages:
        poses = [ready for one in poses for ready in stage.push(one)]
    return poses


def people_in_picture(frame: Frame, model: Model, settings: Settings) -> Poses:
    """Return the people in a picture that stands by itself, numbered from 1."""
    poses = model.estimate(frame)
    if settings.tutorial:
        return poses
    poses = poses[poses.person_scores >= model.sure_from]
    poses = replace(poses, ids=np.arange(1, len(poses) + 1))
    chooser = Chooser(
        settings.max_people, settings.person, settings.roi, size=(frame.width, frame.height)
    )
    return chooser.update(poses)
