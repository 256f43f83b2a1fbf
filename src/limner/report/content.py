"""What a report says, as plain data for its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.errors import RecordingError
from limner.recording.recording import Recording
from limner.recording.summary import Movement, movements
from limner.report.quantities import COLOURS, first_choice, quantities

# More people than this are a crowd: their lines could not be told apart, and the page would
# grow by megabytes. Those who are seen longest are kept.
MOST_PEOPLE = 12


def content(recording: Recording, names: Sequence[str] | None = None) -> dict[str, Any]:
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
    order = np.argsort(-recording.present.sum(axis=0), kind="stable")[:MOST_PEOPLE]
    kept = sorted(order.tolist())
    offered = quantities(recording, names)
    return {
        "title": recording.header.input.path.replace("\\", "/").rsplit("/", 1)[-1],
        "facts": facts(recording),
        "times": np.round(recording.times, 4).tolist(),
        "frames": recording.indices.tolist(),
        "people": [
            {
                "id": recording.people[column],
                "colour": COLOURS[number % len(COLOURS)],
                "spans": spans(recording.times, recording.present[:, column]),
            }
            for number, column in enumerate(kept)
        ],
        "hidden_people": len(recording.people) - len(kept),
        "quantities": [
            {
                "name": quantity.name,
                "label": quantity.label,
                "group": quantity.group,
                "unit": quantity.unit,
                "values": [_numbers(quantity.values[:, column]) for column in kept],
            }
            for quantity in offered
        ],
        "chosen": [q.name for q in offered] if names is not None else first_choice(offered),
    }


def facts(recording: Recording) -> list[tuple[str, str]]:
    """Return what is known about clip, model and run, as pairs of name and value."""
    header = recording.header
    source = header.input
    seen = recording.present.any(axis=1).mean() if len(recording.people) else 0.0
    moved = movements(recording)[:MOST_PEOPLE]
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


def spans(times: NDArray[np.float64], there: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Return the (start, end) seconds of the unbroken stretches, each frame lasting to the next.

    Args:
        times: (T,) rising seconds.
        there: (T,) whether someone is in the frame.
    """
    edges = np.diff(there.astype(np.int8), prepend=0, append=0)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    ends = np.append(times[1:], times[-1] + usual)
    starts = times[np.flatnonzero(edges == 1)]
    stops = ends[np.flatnonzero(edges == -1) - 1]
    return list(zip(np.round(starts, 4).tolist(), np.round(stops, 4).tolist(), strict=True))


def _numbers(values: NDArray[np.floating]) -> list[float | None]:
    """Return numbers to a tenth, which is finer than a line on the screen, None if missing."""
    rounded = np.round(values.astype(np.float64), 1).tolist()
    return [value if value == value else None for value in rounded]
