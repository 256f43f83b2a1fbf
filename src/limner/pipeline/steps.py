"""From what a model sees to the people in a frame: track, confirm, clean, select."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from limner.cleaning import Cleaner, Doubts
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.steps import AtOnce, Chain, OnPeople, Seen, Step
from limner.media.sources import Source
from limner.models.base import FILE, LIVE, Model
from limner.settings import Settings
from limner.tracking import Confirmation, Selector, Tally, Tracker

# Frames are held back by their times and not by a rate, which a file may state wrongly: for each
# second of lag at least so many frames, so that bursts with pauses are seen as a whole, ...
_LEAST_HELD = 30
# ... at most so many, and no more than fit into so many bytes.
_MOST_HELD = 120
_HELD_BYTES = 400e6
# Cleaning gains nothing from looking further ahead than this, seconds and frames.
_CLEANING_LAG = 1 / 3
_CLEANING_FRAMES = 20


def track_and_clean(
    model: ModelInfo,
    settings: Settings,
    rate: Fraction | None,
    size: tuple[int, int],
    *,
    keep: Collection[int] | None = None,
    watch: Step[Seen, Seen] | None = None,
    tally: Tally | None = None,
) -> Step[Seen, Seen]:
    """Return the step that says who is who, drops ghosts, cleans motion and selects people.

    Args:
        model: what sees the people.
        settings: what the user asked for.
        rate: the video's frames per second, where known.
        size: width and height of the frames.
        keep: ids of the people to select from, where a first pass has told; None for all. Of
            who is seen longest it holds no others.
        watch: a step that wants whoever is found as soon as they are tracked.
        tally: takes note of who is found and who is left out.

    Returns:
        What takes what is seen in each frame and gives it some frames later, with the people
        in it; at once where nobody is to be tracked, as each frame stands by itself then. Their
        numbers are rounded as recordings are, so that all that is made of them agrees.
    """
    steps: list[Step[Seen, Seen]] = [] if watch is None else [watch]
    tally = Tally() if tally is None else tally
    if not settings.track:
        return Chain(*steps, _ByItself(model, settings, tally), *_finish(model, settings, size))
    fits = int(_HELD_BYTES // (1.5 * size[0] * size[1]))
    lag = min(_cleaning_lag(settings, rate), fits // 2) if settings.smooth else 0
    on_people: list[Step[Poses, Poses]] = [_confirmation(model, settings, fits - lag, tally)]
    if settings.smooth:
        on_people.append(Cleaner(model.skeleton, lag=lag))
    if keep is not None:
        on_people.append(Keep(keep))
    if keep is not None and settings.person == "longest":
        on_people.append(Selector(roi=settings.roi, size=size, tally=tally))
    else:
        on_people.append(
            Selector(settings.max_people, settings.person, settings.roi, size=size, tally=tally)
        )
    tracker = Tracker(model.skeleton, sure=model.person_threshold)
    found = [_Track(tracker), *steps, *map(OnPeople, on_people)]
    return Chain(*found, *_finish(model, settings, size))


def _finish(
    model: ModelInfo, settings: Settings, size: tuple[int, int], *, linked: bool | None = None
) -> list[Step[Seen, Seen]]:
    """Return the last steps of everybody who is shown: rounded and flagged."""
    limit = model.keypoint_threshold if settings.threshold is None else settings.threshold
    known = settings.track if linked is None else linked
    return [OnPeople(_Round()), OnPeople(Doubts(model.skeleton, size, limit, linked=known))]


def _confirmation(model: ModelInfo, settings: Settings, fits: int, tally: Tally) -> Confirmation:
    """Return what tells people from ghosts, with frames held back as far as memory allows."""
    most = min(math.ceil(settings.lag * _MOST_HELD), fits)
    return Confirmation(
        min(math.ceil(settings.lag * _LEAST_HELD), most),
        sure=model.person_threshold,
        seconds=settings.lag,
        most=most,
        tally=tally,
    )


def _cleaning_lag(settings: Settings, rate: Fraction | None) -> int:
    """Return how many frames cleaning looks ahead; 0 for live images."""
    seconds = min(settings.lag, _CLEANING_LAG)
    frames = max(math.ceil(seconds * float(rate or 0)), math.ceil(seconds * _LEAST_HELD))
    return min(frames, _CLEANING_FRAMES)


def known_people(
    source: Source,
    model: ModelInfo,
    settings: Settings,
    *,
    keep: Collection[int] | None = None,
    watch: Step[Seen, Seen] | None = None,
    tally: Tally | None = None,
) -> Step[Seen, Seen]:
    """Return the step from who is seen in a source to who is in each frame of it.

    Args:
        source: a video, or an image, in which `EstimateImage` knows everybody already.
        model: see `track_and_clean`, as for the others.
        settings: see there.
        keep: see there.
        watch: see there.
        tally: see there.
    """
    size = (source.input.width, source.input.height)
    if source.still:
        steps = [] if watch is None else [watch]
        return Chain(*steps, *_finish(model, settings, size, linked=False))
    rate = source.input.frame_rate
    return track_and_clean(model, settings, rate, size, keep=keep, watch=watch, tally=tally)


def see(
    source: Source, model: Model, settings: Settings, tally: Tally | None = None
) -> Step[Frame, Seen]:
    """Return the step that sees the people in each frame of a source.

    Args:
        source: a video or an image.
        model: estimates the poses.
        settings: what the user asked for.
        tally: takes note of who is found in an image; see `known_people` for videos.
    """
    if source.still:
        return EstimateImage(model, settings, tally)
    return model.session(LIVE if source.live else FILE)


class _ByItself(AtOnce):
    """Selects people in each frame as if there were no other; they are numbered from 1."""

    def __init__(self, model: ModelInfo, settings: Settings, tally: Tally) -> None:
        self._sure = model.person_threshold
        self._settings = settings
        self._tally = tally

    def push(self, item: Seen) -> Sequence[Seen]:
        people = item.found[item.found.person_scores >= self._sure]
        people = replace(people, ids=np.arange(1, len(people) + 1))
        self._tally.found.update(people.ids.tolist())
        self._tally.unsure = max(self._tally.unsure, len(item.found) - len(people))
        # In a single image everybody is seen equally long.
        person = "largest" if self._settings.person == "longest" else self._settings.person
        size = (item.frame.width, item.frame.height)
        selector = Selector(
            self._settings.max_people, person, self._settings.roi, size=size, tally=self._tally
        )
        return [replace(item, people=people) for people in selector.push(people)]


class EstimateImage(AtOnce):
    """Sees everyone in images that stand by themselves, and of these who is to be shown.

    Whoever is found is there, sure or not; the people are numbered from 1.
    """

    def __init__(self, model: Model, settings: Settings, tally: Tally | None = None) -> None:
        self._model = model
        self._select = _ByItself(model.info, settings, Tally() if tally is None else tally)

    def push(self, frame: Frame) -> Sequence[Seen]:
        """Return who is in the next image."""
        (found,) = self._model.estimate([frame])
        return self._select.push(Seen(frame, found, found))


class _Track(AtOnce):
    """Gives everyone who is found their identity."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def push(self, item: Seen) -> Sequence[Seen]:
        return [Seen(item.frame, poses, poses) for poses in self._tracker.push(item.found)]


class Keep(AtOnce):
    """Keeps the people of certain ids.

    Args:
        ids: their identities.
    """

    def __init__(self, ids: Collection[int]) -> None:
        self._ids = list(ids)

    def push(self, poses: Poses) -> Sequence[Poses]:
        """Return those of them in the next frame."""
        return [poses[np.isin(poses.ids, self._ids)]]


class _Round(AtOnce):
    """Rounds everything as recordings are."""

    def push(self, poses: Poses) -> Sequence[Poses]:
        return [poses.rounded()]
