"""OpenSim's motion file (.mot): the angles of one person over uniform time.

https://simtk-confluence.stanford.edu/display/OpenSim/Motion+%28.mot%29+Files. Degrees, at
n / rate seconds of the input, from the first to the last angle known. A missing angle is
``nan``, since columns are told apart by white space.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from limner.export.trc import trimmed
from limner.export.uniform import frame_rate, resample
from limner.recording import Recording


def lines(recording: Recording, *, name: str, rate: float | None = None) -> Iterator[str]:
    """Return the lines of one person's file.

    Args:
        recording: a recording of one person.
        name: the file's name, for the reader of the file.
        rate: samples per second; the recording's own frame rate unless given.

    Raises:
        UsageError: the rate is out of range.
        RecordingError: the recording has no rate.
    """
    angles = recording.angles()
    table = np.concatenate(list(angles.values()), axis=1)  # one person: each is (T, 1)
    rate = frame_rate(recording.header, recording.times) if rate is None else rate
    samples, table = trimmed(*resample(recording.times, table, rate))
    return _lines(list(angles), samples / rate, table, name)


def _lines(
    names: list[str], times: NDArray[np.float64], table: NDArray[np.floating], name: str
) -> Iterator[str]:
    yield "Coordinates\nversion=1\n"
    yield f"nRows={len(times)}\nnColumns={len(names) + 1}\ninDegrees=yes\n\n"
    yield f"Angles of {name}, in degrees.\n\nendheader\n"
    yield "\t".join(["time", *names]) + "\n"
    row = "%.6f" + "\t%.4f" * len(names) + "\n"
    for time, values in zip(times.tolist(), table, strict=True):
        yield row % (time, *values.tolist())
