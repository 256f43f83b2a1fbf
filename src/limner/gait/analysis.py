"""Gait analysis of everybody in a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from limner.core.wording import counted
from limner.errors import RecordingError, UsageError
from limner.gait.cycles import Cycles, find_cycles
from limner.gait.events import Event, find_events, has_feet
from limner.gait.measures import Measure, measure
from limner.gait.passages import LOWEST_RATE, Part, find_parts, leg_length
from limner.gait.samples import Samples, sample
from limner.gait.strides import Stride, find_strides
from limner.motion.points import point_sources
from limner.motion.scale.reference import EVERYONE, parse_heights
from limner.motion.scale.value import Plane
from limner.recording.recording import Recording

# Strides of both feet together: one alone may be chance, and has nothing to be compared with.
FEWEST_STRIDES = 2


@dataclass(frozen=True)
class Passage:
    """A part of a person's time, and whether their gait was measured in it.

    Attributes:
        start: seconds.
        end: seconds.
        direction: ``right`` or ``left`` in the image, empty where the person does not walk.
        reason: why the passage was not used, empty where it was.
        events: foot strikes and toe-offs, of passages that were used.
        strides: lengths in the unit of the `Gait`; likewise.
        left_out: sentences on strides of a passage that are not used.
    """

    start: float
    end: float
    direction: str
    reason: str
    events: Sequence[Event] = ()
    strides: Sequence[Stride] = ()
    left_out: Sequence[str] = ()

    @property
    def used(self) -> bool:
        """Whether the passage was used."""
        return not self.reason


@dataclass(frozen=True)
class Gait:
    """The gait of one person.

    Attributes:
        person: their identity.
        unit: of lengths, ``m`` or ``leg lengths``.
        leg: length of thigh and shank in pixels; NaN if never seen.
        passages: all of the person's time, in order.
        measures: empty where no passage was used.
        cycles: likewise.
        notes: what must be known of the numbers, in sentences.
    """

    person: int
    unit: str
    leg: float
    passages: Sequence[Passage]
    measures: Sequence[Measure] = ()
    cycles: Sequence[Cycles] = ()
    notes: Sequence[str] = field(default=())

    @property
    def walks(self) -> bool:
        """Whether any passage was used."""
        return any(passage.used for passage in self.passages)

    @property
    def strides(self) -> list[Stride]:
        """The strides of all passages, in order."""
        return [stride for passage in self.passages for stride in passage.strides]


def analyse(
    recording: Recording,
    *,
    person: int | None = None,
    height: float | str | Mapping[int, float] | None = None,
) -> list[Gait]:
    """Return the gait of everybody in a recording, or of one person.

    Args:
        recording: of a video from the side.
        person: only this one.
        height: the walker's, or each one's by identity, in metres or centimetres. Lengths are in
            metres where this or the recording's scale says what a pixel is, else in leg lengths.

    Returns:
        A gait for each person; of those who do not walk it says why, and measures nothing.

    Raises:
        RecordingError: it is of a single image, or its skeleton has no legs.
        UsageError: nobody has an identity, a height is none, or one is given where several
            people walk.
    """
    path = recording.header.input.path
    if len(recording) < 2:
        raise RecordingError(
            f"the recording of {path} has {counted(len(recording), 'frame')}, and a gait is "
            "measured over time; record a video, or choose a longer part"
        )
    needed = [f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "ankle")]
    missing = [name for name in needed if name not in point_sources(recording.skeleton, needed)]
    if missing:
        raise RecordingError(
            f"a gait is told from hips and ankles, and skeleton {recording.skeleton.name} of the "
            f"recording of {path} has no {missing[0]}; record with a model of the whole body"
        )
    people = recording.people if person is None else (person,)
    heights = {} if height is None else parse_heights("height", height)
    for who in set(heights) - {EVERYONE, *people}:
        recording.track(who)  # refuses who is not there
    found = [_gait(recording, who, heights.get(who, heights.get(EVERYONE))) for who in people]
    walkers = [gait.person for gait in found if gait.walks]
    if EVERYONE in heights and len(walkers) > 1:
        raise UsageError(
            f"--height is one person's, and {len(walkers)} people walk in the recording of {path} "
            f"({', '.join(map(str, walkers))}); choose one with --person"
        )
    return found


def _gait(recording: Recording, who: int, height: float | None) -> Gait:
    track = recording.track(who)
    samples = sample(track)
    leg = leg_length(samples)
    unit, scale = "leg lengths", 1 / leg if leg > 0 else np.nan
    parts = find_parts(samples)
    plane = None
    if any(not part.reason for part in parts):
        plane = _plane(recording, who, height)
    if plane is not None:
        unit, scale = "m", plane.metres_per_pixel
    passages: list[Passage] = []
    used: list[tuple[slice, float, Sequence[Stride]]] = []
    for part in parts:
        passage = _passage(samples, part, scale)
        passages.append(passage)
        if passage.used:
            used.append((part.samples, float(part.forward), passage.strides))
    if not used:
        return Gait(track.person, unit, leg, passages)
    cycles = find_cycles(samples, used)
    strides = [stride for _, _, each in used for stride in each]
    lengths = ""
    if plane is not None:
        scaled = recording.header.scale
        lengths = f"a body height of {height:.2f} m" if height or scaled is None else scaled.source
    return Gait(
        track.person,
        unit,
        leg,
        passages,
        measure(strides, cycles, unit),
        cycles,
        _notes(samples, cycles, lengths, leg, {p.direction for p in passages if p.used}),
    )


def _plane(recording: Recording, who: int, height: float | None) -> Plane | None:
    """Return what a pixel is in metres where somebody walks, None where that is not known."""
    if height is not None:
        recording = recording.alone(who).scaled(height=height)
    scale = recording.header.scale
    return None if scale is None else scale.people.get(who, scale.everyone)


def _passage(samples: Samples, part: Part, scale: float) -> Passage:
    """Return a part of a person's time as a passage, measured where it is a walk."""
    start, end = samples.times[part.samples.start], samples.times[part.samples.stop - 1]
    times = (float(start), float(end))
    if part.reason:
        return Passage(*times, "", part.reason)
    direction = "right" if part.forward > 0 else "left"
    if samples.rate < LOWEST_RATE:
        reason = f"{samples.rate:.3g} frames a second; {LOWEST_RATE:g} are needed to time a step"
        return Passage(*times, direction, reason)
    events = find_events(samples, part.samples, part.forward)
    strides = find_strides(samples, events, part.forward)
    if len(strides.used) < FEWEST_STRIDES:
        number = counted(len(strides.used), "whole stride")
        others = f" ({'; '.join(strides.left_out)})" if strides.left_out else ""
        reason = f"too few strides: {number}, of {FEWEST_STRIDES} that are needed{others}"
        return Passage(*times, direction, reason)
    scaled = [stride.scaled(scale) for stride in strides.used]
    return Passage(*times, direction, "", events, scaled, strides.left_out)


def _notes(
    samples: Samples,
    cycles: Sequence[Cycles],
    lengths: str,
    leg: float,
    directions: set[str],
) -> list[str]:
    notes = []
    if not has_feet(samples):
        notes.append(
            "The recording has no heels and toes, so strikes and toe-offs are those of the ankles: "
            "less exact in time, and steps come out shorter by how far an ankle rolls forward."
        )
    if lengths:
        notes.append(f"Lengths are in metres by {lengths}.")
    else:
        notes.append(
            f"Lengths are in leg lengths (thigh and shank, {leg:.0f} pixels here), as no height is "
            "known."
        )
    if not any(each.joint == "ankle" for each in cycles):
        notes.append("There are no ankle angles: they need heels and toes.")
    if len(directions) == 1:
        near = directions.pop()
        far = "right" if near == "left" else "left"
        notes.append(
            f"All passages go to the {near}, so the {far} leg is the far one: what differs between "
            "the legs may come from the view. Film both ways to compare them."
        )
    notes.append(
        "Angles and lengths are those in the image's plane; they hold as far as the person walks "
        "across the image."
    )
    return notes
