"""A person's movement in a few numbers: steps, repetitions, the fastest moment, the turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from limner.motion.height import standing_height
from limner.motion.points import hidden, named_points
from limner.motion.rhythm import cadence, repetitions
from limner.motion.speeds import speeds

if TYPE_CHECKING:
    from limner.recording.recording import Recording


@dataclass(frozen=True)
class Movement:
    """How one person moves. None where it cannot be told.

    Attributes:
        person: their identity.
        steps_per_minute: cadence of a walk or run.
        repetitions_per_minute: how often the whole movement repeats; a stride is two steps.
        fastest: highest speed of the middle of the hips in the image, in body heights per
            second; a camera that follows or pans is in it too.
        fastest_at: the time of that, in seconds.
    """

    person: int
    steps_per_minute: float | None
    repetitions_per_minute: float | None
    fastest: float | None
    fastest_at: float | None


def movements(recording: Recording) -> list[Movement]:
    """Return the movement of everyone in a recording, from the keypoints that count as seen.

    Raises:
        RecordingError: two people in a frame have one identity.
    """
    return [_movement(recording, column) for column in range(len(recording.people))]


def _movement(recording: Recording, column: int) -> Movement:
    there = recording.present[:, column]
    skeleton, times = recording.skeleton, recording.times[there]
    points = hidden(
        recording.keypoints[there, column].astype(np.float64),
        recording.scores[there, column],
        recording.header.threshold,
    )
    steps = repeats = None
    names = set(skeleton.keypoints)
    if {"left_ankle", "right_ankle"} <= names:
        steps = _known(cadence(points, skeleton, times).per_minute)
    fastest = at = None
    hips = named_points(points, skeleton, ["mid_hip"]).get("mid_hip")
    if hips is not None:
        repeats = _known(repetitions(points, skeleton, times).per_minute)
        whole = np.full((len(recording), 1, 2), np.nan)
        whole[there, 0] = hips
        height = standing_height(points, skeleton)
        speed = speeds(whole, recording.times, height=height)[:, 0]
        if np.isfinite(speed).any():
            fastest = float(np.nanmax(speed))
            at = float(recording.times[np.nanargmax(speed)])
    return Movement(recording.people[column], steps, repeats, fastest, at)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
