"""What a report says, as plain data for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.errors import RecordingError
from limner.recording.recording import Recording
from limner.recording.summary import Movement, movements
from limner.recording.track import stretches
from limner.report.quantities import Curve, curves, first_choice, panels, quantities, seen_longest

# More people than this are a crowd: their lines could not be told apart, and the page would
# grow by megabytes. Those who are seen longest are kept.
MOST_PEOPLE = 12
# So many people's charts are shown at first; the others by a click.
_FIRST_PEOPLE = 2

# A line's values stand in the page as whole steps above its lowest one, in two bytes each, and
# the highest number stands for a value that is missing.
_MISSING = 65535
_FINEST = 0.1  # degrees or pixels, which is finer than a line on the screen


@dataclass(frozen=True)
class Content:
    """What a page shows.

    Attributes:
        data: everything but the lines, ready for JSON.
        curves: for each of the quantities in `data` its lines, person by person: F values each,
            and after them both ends of their interval where there is one, little-endian 16-bit
            whole numbers. ``data["quantities"][n]["scales"]`` and ``["bands"]`` say what they
            stand for, ``data["people"][n]["rows"]`` in which frames they are.
    """

    data: dict[str, Any]
    curves: list[bytes]


def content(recording: Recording, names: Sequence[str] | None = None) -> Content:
    """Return everything the page shows.

    Args:
        recording: the recording.
        names: the quantities to offer, by the names of the CSV's columns; every angle and
            the main joints unless given.

    Raises:
        RecordingError: the recording has no frames.
        UsageError: there is no quantity of a name.
    """
    if len(recording) == 0:
        raise RecordingError(
            f"the recording of {recording.header.input.path} has no frames, so there is nothing "
            "to report"
        )
    longest = seen_longest(recording, MOST_PEOPLE)
    tracks = [recording.track(person) for person in longest]
    offered = quantities(recording.skeleton, names)
    lines: list[list[Line]] = [[] for _ in offered]
    for track in tracks:
        for number, curve in enumerate(curves(track, offered)):
            lines[number].append(packed_curve(curve))
    shown = panels(offered)
    still = len(recording) == 1  # nothing moves: numbers, no time
    first = {quantity.name for quantity in offered if still and quantity.group == "angle"}
    first = set(names or first or first_choice(offered))
    data = {
        "title": recording.header.input.name,
        "facts": facts(recording, [track.person for track in tracks]),
        "still": still,
        "times": np.round(recording.times, 4).tolist(),
        "frames": recording.indices.tolist(),
        "people": [{"id": track.person, "rows": stretches(track.rows)} for track in tracks],
        "shown": longest if still else seen_longest(recording, _FIRST_PEOPLE),
        "hidden_people": len(recording.people) - len(tracks),
        "quantities": [
            {
                "name": quantity.name,
                "label": quantity.label,
                "side": quantity.side,
                "scales": [line.scale for line in each],
                "bands": [line.band for line in each],
                "marked": [line.marked for line in each],
            }
            for quantity, each in zip(offered, lines, strict=True)
        ],
        "panels": [
            {
                "title": panel.title,
                "group": panel.group,
                "unit": panel.unit,
                "members": panel.members,
                "chosen": any(offered[member].name in first for member in panel.members),
            }
            for panel in shown
        ],
    }
    return Content(data, [b"".join(line.steps for line in each) for each in lines])


@dataclass(frozen=True)
class Line:
    """A curve as the page holds it.

    Attributes:
        scale: lowest value and step of the values.
        band: the same of the interval's lower and upper ends, None without an interval.
        marked: each kind of stretch with its first and last frames.
        steps: the values, and then the interval's two ends if there is one.
    """

    scale: tuple[float, float]
    band: list[tuple[float, float]] | None
    marked: dict[str, list[tuple[int, int]]]
    steps: bytes


def packed_curve(curve: Curve) -> Line:
    """Return a curve as the page holds it."""
    scale, steps = packed(curve.values)
    marked = {kind: list(each) for kind, each in curve.marked.items()}
    if curve.interval is None:
        return Line(scale, None, marked, steps)
    (low, lower), (high, upper) = (packed(end) for end in curve.interval)
    return Line(scale, [low, high], marked, steps + lower + upper)


def facts(recording: Recording, people: Sequence[int]) -> list[tuple[str, str]]:
    """Return what is known about clip, model and run, as pairs of name and value.

    Args:
        recording: the recording.
        people: of whom to say how they move.
    """
    header = recording.header
    source = header.input
    seen = sum(len(frame) > 0 for frame in recording) / len(recording)
    moved = movements(recording, people)
    number = len(recording.people)
    result = [
        ("Input", source.path),
        ("Image", f"{source.width} x {source.height} pixels"),
    ]
    if source.frame_rate is None and len(recording) == 1:
        result.append(("People", str(number)))
    else:
        rate = source.frame_rate
        result += [
            ("Frame rate", "unknown" if rate is None else f"{float(rate):.3f} frames/s"),
            (
                "Measured",
                f"{len(recording)} frames, {recording.times[0]:.2f} to {recording.times[-1]:.2f} s",
            ),
            ("People", f"{number}, somebody in {100 * seen:.0f} % of the frames"),
        ]
    result += [
        *((f"Person {one.person}", described) for one in moved if (described := _described(one))),
        ("Skeleton", f"{header.skeleton.name}, {len(header.skeleton)} keypoints"),
        *(("Model", f"{model.name} on {model.runs_on}") for model in header.models),
        ("Program", header.program),
    ]
    result += [
        (f"SHA-256 of {network.file}", network.sha256)
        for model in header.models
        for network in model.networks
    ]
    result += [(f"Option {name}", str(value)) for name, value in header.options.items()]
    if recording.problem:
        result.append(("Not complete", recording.problem))
    return result


def _described(one: Movement) -> str:
    """Return a person's movement in words, empty where nothing can be told."""
    parts = []
    if one.steps_per_minute is not None:
        parts.append(f"{one.steps_per_minute:.0f} steps/min ({_sure(one.steps_confidence)})")
    if one.repetitions_per_minute is not None:
        sure = _sure(one.repetitions_confidence)
        parts.append(f"{one.repetitions_per_minute:.0f} repetitions/min ({sure})")
    if one.fastest is not None:
        sure = _sure(one.fastest_confidence)
        speed = f"{one.fastest:.1f} body heights/s"
        parts.append(f"fastest at {one.fastest_at:.2f} s: {speed} ({sure})")
    return ", ".join(parts)


def _sure(confidence: float) -> str:
    return f"confidence {confidence:.2f}"


def packed(values: NDArray[np.floating]) -> tuple[tuple[float, float], bytes]:
    """Return a line's lowest value and step, and its values in steps above the lowest one."""
    known = np.isfinite(values)
    lowest = float(values[known].min()) if known.any() else 0.0
    extent = float(values[known].max()) - lowest if known.any() else 0.0
    step = max(_FINEST, extent / (_MISSING - 1))
    steps = np.full(len(values), _MISSING, "<u2")
    steps[known] = np.round((values[known].astype(np.float64) - lowest) / step)
    return (round(lowest, 3), step), steps.tobytes()
