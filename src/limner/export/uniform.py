"""Uniform time, for formats that know a rate and no time stamps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Ints
from limner.errors import RecordingError, UsageError
from limner.recording.header import Header

# How far, relative to the stated rate, the usual distance of two frames may be from it. More
# means that frames were left out (a stride), so the stated rate is not the recording's.
_SAME_RATE = 0.05
# So many samples are always made; beyond that only as many as this for each frame. A pause of
# hours is written as such, one of years is a damaged time.
_MANY, _SAMPLES_PER_FRAME = 200_000, 20
# Containers round time stamps, Matroska to milliseconds. A sample this close to a frame is
# that frame: interpolation would only blur it, and lose it where a neighbour is missing.
_CLOCK = 0.6e-3


def frame_rate(header: Header, times: NDArray[np.float64]) -> float:
    """Return the frames per second of a recording.

    Args:
        header: its header; the rate stated there is taken where the times bear it out.
        times: (T,) seconds.

    Raises:
        RecordingError: no rate is stated and there are too few frames to find one.
    """
    stated = header.input.frame_rate
    steps = np.diff(times)
    steps = steps[steps > 0]
    if len(steps) == 0:
        if stated:
            return float(stated)
        raise RecordingError(
            f"the recording of {header.input.path} has {len(times)} frames and states no frame "
            "rate; give one with --rate"
        )
    usual = 1 / float(np.median(steps))
    if stated and abs(usual / float(stated) - 1) < _SAME_RATE:
        return float(stated)
    return usual


def resample(
    times: NDArray[np.float64], values: NDArray[np.floating], rate: float
) -> tuple[Ints, NDArray[np.float64]]:
    """Bring values to uniform times by linear interpolation, never across a missing one.

    Args:
        times: (T,) rising seconds.
        values: (T, ...) numbers, NaN where missing.
        rate: samples per second.

    Returns:
        (S,) sample numbers n, at n / rate seconds, and (S, ...) values.

    Raises:
        UsageError: the rate is not positive.
        RecordingError: there would be far more samples than frames.
    """
    if not rate > 0 or not np.isfinite(rate):
        raise UsageError(f"expected a rate above 0 samples a second, got {rate}")
    length = (times[-1] - times[0]) * rate
    if length > max(_MANY, _SAMPLES_PER_FRAME * len(times)):
        widest = int(np.argmax(np.diff(times)))
        raise RecordingError(
            f"at {rate:g} a second, the {len(times)} frames from {times[0]:g} to {times[-1]:g} s "
            f"would be {length:,.0f} samples: the time jumps from {times[widest]:g} to "
            f"{times[widest + 1]:g} s; give a lower --rate, or export another format, such as csv"
        )
    place = times * rate
    near = float(np.clip(_CLOCK * rate, 0.02, 0.25))
    samples = np.arange(np.ceil(place[0] - near), np.floor(place[-1] + near) + 1).astype(np.int64)
    right = np.clip(np.searchsorted(place, samples), 1, max(len(place) - 1, 1))
    left = right - 1
    right = np.minimum(right, len(place) - 1)
    span = place[right] - place[left]
    weight = np.divide(samples - place[left], span, out=np.zeros(len(samples)), where=span > 0)
    weight = np.where(np.abs(samples - place[left]) <= near, 0, weight)
    weight = np.where(np.abs(samples - place[right]) <= near, 1, weight)
    weight = weight.reshape(-1, *[1] * (values.ndim - 1))
    before, after = values[left].astype(np.float64), values[right].astype(np.float64)
    mixed = before + (after - before) * weight
    return samples, np.where(weight == 0, before, np.where(weight == 1, after, mixed))
