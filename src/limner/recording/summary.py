"""A person's movement in a few numbers: steps, repetitions, the fastest moment, the turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.motion.height import standing_height
from limner.motion.points import hidden, named_points
from limner.motion.rhythm import cadence, repetitions
from limner.motion.speeds import speeds
from limner.recording.track import Track

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


def movements(recording: Recording, people: Sequence[int] | None = None) -> list[Movement]:
    """Return the movement of people in a recording, from the keypoints that count as seen.

    Args:
        recording: the recording.
        people: their identities; everyone unless given.

    Raises:
        RecordingError: two people in a frame have one identity.
        UsageError: nobody has one of the identities.
    """
    chosen = recording.people if people is None else people
    return [_movement(recording.track(person), recording.times) for person in chosen]


def _movement(track: Track, times: NDArray[np.float64]) -> Movement:
    skeleton = track.skeleton
    points = hidden(track.keypoints.astype(np.float64), track.scores, track.threshold)
    steps = repeats = None
    names = set(skeleton.keypoints)
    if {"left_ankle", "right_ankle"} <= names:
        steps = _known(cadence(points, skeleton, track.times).per_minute)
    fastest = at = None
    hips = named_points(points, skeleton, ["mid_hip"]).get("mid_hip")
    if hips is not None:
        repeats = _known(repetitions(points, skeleton, track.times).per_minute)
        first, last = track.rows[0], track.rows[-1]
        whole = np.full((last - first + 1, 1, 2), np.nan)
        whole[track.rows - first, 0] = hips
        height = standing_height(points, skeleton) or np.nan  # a person without size has no speed
        speed = speeds(whole, times[first : last + 1], height=height)
        if np.isfinite(speed).any():
            fastest = float(np.nanmax(speed))
            at = float(times[first + np.nanargmax(speed)])
    return Movement(track.person, steps, repeats, fastest, at)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
