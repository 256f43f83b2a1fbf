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
from limner.report.quantities import COLOURS, curves, first_choice, quantities

# More people than this are a crowd: their lines could not be told apart, and the page would
# grow by megabytes. Those who are seen longest are kept.
MOST_PEOPLE = 12

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
            little-endian 16-bit whole numbers. ``data["quantities"][n]["scales"]`` says what
            they stand for, ``data["people"][n]["rows"]`` in which frames they are.
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
    tracks = [recording.track(person) for person in _seen_longest(recording)]
    offered = quantities(recording.skeleton, names)
    scales: list[list[tuple[float, float]]] = [[] for _ in offered]
    lines: list[list[bytes]] = [[] for _ in offered]
    for track in tracks:
        for number, values in enumerate(curves(track, offered)):
            scale, line = packed(values)
            scales[number].append(scale)
            lines[number].append(line)
    data = {
        "title": recording.header.input.path.replace("\\", "/").rsplit("/", 1)[-1],
        "facts": facts(recording, [track.person for track in tracks]),
        "times": np.round(recording.times, 4).tolist(),
        "frames": recording.indices.tolist(),
        "people": [
            {
                "id": track.person,
                "colour": COLOURS[number % len(COLOURS)],
                "rows": stretches(track.rows),
            }
            for number, track in enumerate(tracks)
        ],
        "hidden_people": len(recording.people) - len(tracks),
        "quantities": [
            {
                "name": quantity.name,
                "label": quantity.label,
                "group": quantity.group,
                "unit": quantity.unit,
                "scales": scale,
            }
            for quantity, scale in zip(offered, scales, strict=True)
        ],
        "chosen": [q.name for q in offered] if names is not None else first_choice(offered),
    }
    return Content(data, [b"".join(each) for each in lines])


def _seen_longest(recording: Recording) -> list[int]:
    """Return the identities of those who are in most frames, as many as a page shows, in order."""
    counts = dict.fromkeys(recording.people, 0)
    for frame in recording:
        for identity in frame.ids.tolist():
            counts[identity] += 1
    return sorted(sorted(counts, key=lambda each: -counts[each])[:MOST_PEOPLE])


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
    rate = "unknown" if source.frame_rate is None else f"{float(source.frame_rate):.3f} frames/s"
    result = [
        ("Input", source.path),
        ("Image", f"{source.width} x {source.height} pixels"),
        ("Frame rate", rate),
        (
            "Measured",
            f"{len(recording)} frames, {recording.times[0]:.2f} to {recording.times[-1]:.2f} s",
        ),
        ("People", f"{len(recording.people)}, somebody in {100 * seen:.0f} % of the frames"),
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
        parts.append(f"{one.steps_per_minute:.0f} steps/min")
    if one.repetitions_per_minute is not None:
        parts.append(f"{one.repetitions_per_minute:.0f} repetitions/min")
    if one.fastest is not None:
        parts.append(f"fastest at {one.fastest_at:.2f} s: {one.fastest:.1f} body heights/s")
    return ", ".join(parts)


def packed(values: NDArray[np.floating]) -> tuple[tuple[float, float], bytes]:
    """Return a line's lowest value and step, and its values in steps above the lowest one."""
    known = np.isfinite(values)
    lowest = float(values[known].min()) if known.any() else 0.0
    extent = float(values[known].max()) - lowest if known.any() else 0.0
    step = max(_FINEST, extent / (_MISSING - 1))
    steps = np.full(len(values), _MISSING, "<u2")
    steps[known] = np.round((values[known].astype(np.float64) - lowest) / step)
    return (round(lowest, 3), step), steps.tobytes()
