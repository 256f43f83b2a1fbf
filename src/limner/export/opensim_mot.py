"""OpenSim's motion file (.mot): the angles of one person over uniform time.

https://simtk-confluence.stanford.edu/display/OpenSim/Motion+%28.mot%29+Files. Degrees, at
n / rate seconds of the input, from the first to the last angle known.

The format has no way to say that a value is missing: OpenSim stops reading a motion at the
first ``nan`` without a word. So an angle that is never known has no column, a gap is bridged
by a straight line, the ends of an angle hold its nearest value, and the head of the file says
which angles and how many samples that concerns.

The coordinates of Pose2Sim's model that an angle in the image's plane can stand for have its
names on request. They move the model in its own sagittal plane, facing x.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner.errors import RecordingError
from limner.export.base import one_line
from limner.export.markers import trimmed
from limner.export.pose2sim import check_name_set, coordinates
from limner.export.uniform import frame_rate, resample
from limner.recording.recording import Recording


def write(
    recording: Recording,
    path: Path,
    name: str,
    /,
    *,
    rate: float | None = None,
    markers: str | None = None,
) -> None:
    """Write one person's file.

    Args:
        recording: a recording of one person.
        path: where to write.
        name: the file's name, for the reader of the file.
        rate: samples per second; the recording's own frame rate unless given.
        markers: ``pose2sim`` for the coordinates of Pose2Sim's model, under its names; all
            angles under limner's unless given.

    Raises:
        UsageError: the rate is out of range, or there is no such set of names.
        RecordingError: the skeleton has no angles, none is ever known, or the recording has
            no rate.
    """
    check_name_set(markers)
    angles = recording.angles()
    angles.pop("view", None)  # it is no motion of the body
    if not angles:
        raise RecordingError(
            f"skeleton {recording.skeleton.name} has no angle that can be measured, and an OpenSim "
            "motion holds angles; choose another format, such as csv"
        )
    if markers is not None:
        angles = coordinates(angles)
    table = np.concatenate(list(angles.values()), axis=1)  # one person: each is (T, 1)
    rate = frame_rate(recording.header, recording.times) if rate is None else rate
    samples, table = trimmed(*resample(recording.times, table, rate))
    if len(samples) == 0:
        raise RecordingError(
            f"no angle of person {recording.people[0]} is ever known, so there is no motion to "
            "write; the joints are under the threshold"
        )
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_lines(list(angles), samples / rate, table, name))


def _lines(
    names: list[str], times: NDArray[np.float64], table: NDArray[np.floating], name: str
) -> Iterator[str]:
    missing = np.isnan(table)
    never = missing.all(axis=0)
    bridged = [
        f"{angle} {count}"
        for angle, count in zip(names, missing.sum(axis=0).tolist(), strict=True)
        if 0 < count < len(times)
    ]
    absent = [angle for angle, gone in zip(names, never, strict=True) if gone]
    kept = [angle for angle, gone in zip(names, never, strict=True) if not gone]
    table = np.stack([_bridged(times, column) for column in table.T[~never]], axis=1)
    yield "Coordinates\nversion=1\n"
    yield f"nRows={len(times)}\nnColumns={len(kept) + 1}\ninDegrees=yes\n\n"
    yield f"Angles of {one_line(name)}, in degrees.\n"
    yield f"Left out, never seen: {', '.join(absent) or 'none'}.\n"
    yield f"Samples that were missing and are bridged: {', '.join(bridged) or 'none'}.\n\n"
    yield "endheader\n" + "\t".join(["time", *kept]) + "\n"
    row = "%.6f" + "\t%.4f" * len(kept) + "\n"
    for time, values in zip(times.tolist(), table, strict=True):
        yield row % (time, *values.tolist())


def _bridged(times: NDArray[np.float64], values: NDArray[np.floating]) -> NDArray[np.float64]:
    known = np.isfinite(values)
    result: NDArray[np.float64] = np.interp(times, times[known], values[known])
    return result
