"""A person's movement in a few numbers: steps, repetitions, the fastest moment, the turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner.core.flags import Flag
from limner.motion.height import standing_height
from limner.motion.points import hidden, named_points, point_sources
from limner.motion.rhythm import Rhythm, cadence, repetitions
from limner.motion.speeds import speeds
from limner.recording.track import Track

if TYPE_CHECKING:
    from limner.recording.recording import Recording


_GUESSED = Flag.FILLED | Flag.REPLACED | Flag.DOUBTFUL


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
        steps_confidence: how like itself the movement is one step later, 0 where nobody steps.
        repetitions_confidence: the same one repetition later.
        fastest_confidence: the lower score of the hips at the fastest moment. Hips that were
            filled in, dropped or doubtful have no speed.
    """

    person: int
    steps_per_minute: float | None
    repetitions_per_minute: float | None
    fastest: float | None
    fastest_at: float | None
    steps_confidence: float = 0.0
    repetitions_confidence: float = 0.0
    fastest_confidence: float = 0.0


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
    steps = repeats = Rhythm(np.nan, 0.0)
    names = set(skeleton.keypoints)
    if {"left_ankle", "right_ankle"} <= names:
        steps = cadence(points, skeleton, track.times)
    fastest = at = None
    sure = 0.0
    hips = named_points(points, skeleton, ["mid_hip"]).get("mid_hip")
    if hips is not None:
        repeats = repetitions(points, skeleton, track.times)
        first, last = track.rows[0], track.rows[-1]
        whole = np.full((last - first + 1, 1, 2), np.nan)
        whole[track.rows - first, 0] = hips
        ends = list(point_sources(skeleton, ["mid_hip"])["mid_hip"])
        if track.flags is not None:
            wrong = (track.flags[:, ends] & _GUESSED > 0).any(axis=1)
            whole[track.rows[wrong] - first] = np.nan
        height = standing_height(points, skeleton) or np.nan  # a person without size has no speed
        speed = speeds(whole, times[first : last + 1], height=height)
        if np.isfinite(speed).any():
            fastest = float(np.nanmax(speed))
            row = first + int(np.nanargmax(speed))
            at = float(times[row])
            sure = float(track.scores[np.searchsorted(track.rows, row), ends].min())
    return Movement(
        track.person,
        _known(steps.per_minute),
        _known(repeats.per_minute),
        fastest,
        at,
        steps.confidence,
        repeats.confidence,
        sure,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
