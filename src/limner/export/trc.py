"""TRC: marker positions of one person (Motion Analysis; read by OpenSim).

x points right, y up, z to the viewer, in metres. Two kinds of coordinates can be written:

- in the plane in which the person moves, where the height or the scale is given or the recording
  has a scale (`limner.recording.metres`): x along the floor and y up from it, z 0. Where no
  floor is known they count from the left and the bottom edge of the image;
- the model's own 3-D about the middle of the hips, otherwise. It does not say where the
  person is, only how they hold themselves.

Time is uniform. Frame n stands at (n - 1) / rate seconds of the input, and the file begins
and ends with the person. A missing marker is ``NaN``: OpenSim takes an empty cell for none at
the end of a row, and refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Ints
from limner.errors import RecordingError, UsageError
from limner.export.base import one_line
from limner.export.uniform import frame_rate, resample
from limner.recording.base import seen
from limner.recording.metres import metres, scaled
from limner.recording.recording import Recording


def lines(
    recording: Recording,
    *,
    name: str,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
) -> Iterator[str]:
    """Return the lines of one person's file.

    Args:
        recording: a recording of one person.
        name: the file's name, which TRC repeats inside.
        height: the person's height in metres.
        scale: metres per pixel; this or the height.
        rate: frames per second; the recording's own unless given.

    Raises:
        UsageError: an option is out of range, or height and scale were both given.
        RecordingError: there is nothing to write metres from, or no keypoint is ever known.
    """
    times = recording.times
    markers = _markers(recording, height, scale)
    rate = frame_rate(recording.header, times) if rate is None else rate
    samples, markers = trimmed(*resample(times, markers, rate))
    if len(samples) == 0:
        raise RecordingError(
            f"no keypoint of person {recording.people[0]} is ever known, so there are no markers "
            "to write; the keypoints are under the threshold"
        )
    return _lines(recording.skeleton.keypoints, samples, markers, rate, name)


def trimmed(samples: Ints, values: NDArray[np.floating]) -> tuple[Ints, NDArray[np.floating]]:
    """Return the part from the first to the last sample where anything is known."""
    known = np.flatnonzero(np.isfinite(values).any(axis=tuple(range(1, values.ndim))))
    part = slice(known[0], known[-1] + 1) if len(known) else slice(0, 0)
    return samples[part], values[part]


def _markers(
    recording: Recording, height: float | None, scale: float | None
) -> NDArray[np.floating]:
    """Return (T, K, 3) metres, y up."""
    for option, value in (("height", height), ("scale", scale)):
        if value is not None and not (value > 0 and np.isfinite(value)):
            raise UsageError(f"expected --{option} above 0, got {value}")
    if height is not None and scale is not None:
        raise UsageError("give either --height or --scale, not both")
    if scale is not None:
        return _planar(recording, scale)
    if height is not None:
        recording = scaled(recording, height=height)
    return _metric(recording) if recording.header.scale is None else _measured(recording)


def _measured(recording: Recording) -> NDArray[np.floating]:
    points = metres(recording)[:, 0]
    flat = np.where(np.isfinite(points[..., :1]), 0.0, np.nan)
    return np.concatenate([points, flat], axis=-1)


def _planar(recording: Recording, metres_per_pixel: float) -> NDArray[np.floating]:
    points = recording.seen_keypoints[:, 0].astype(np.float64)
    across, down = points[..., 0], points[..., 1]
    up = recording.header.input.height - down
    flat = np.where(np.isfinite(across), 0.0, np.nan)
    return np.stack([across, up, flat], axis=-1) * metres_per_pixel


def _metric(recording: Recording) -> NDArray[np.floating]:
    points = recording.keypoints_3d
    if points is None:
        raise RecordingError(
            f"TRC is in metres, and the recording of {recording.header.input.path} is in pixels; "
            "give --height METRES (the person's) or --scale METRES_PER_PIXEL"
        )
    sure = seen(points[:, 0], recording.scores[:, 0], recording.header.threshold)
    upright: NDArray[np.floating] = sure * np.array([1, -1, -1]) + 0.0  # no negative zero
    return upright


def _lines(
    names: tuple[str, ...],
    samples: Ints,
    markers: NDArray[np.floating],
    rate: float,
    name: str,
) -> Iterator[str]:
    count = len(samples)
    yield f"PathFileType\t4\t(X/Y/Z)\t{one_line(name)}\n"
    yield (
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames\n"
    )
    shown = f"{rate:.6f}"
    yield f"{shown}\t{shown}\t{count}\t{len(names)}\tm\t{shown}\t1\t{count}\n"
    yield "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\n"
    axes = "\t".join(f"{axis}{number}" for number in range(1, len(names) + 1) for axis in "XYZ")
    yield f"\t\t{axes}\n\n"
    row = "%d\t%.6f" + "\t%.6f" * (3 * len(names)) + "\n"
    for sample, values in zip(samples.tolist(), markers.reshape(count, -1), strict=True):
        text = row % (sample + 1, sample / rate, *values.tolist())
        yield text.replace("nan", "NaN")
