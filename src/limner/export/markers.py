"""One person's keypoints as markers in metres over uniform time, x right, y up, z to the viewer.

There are two kinds of coordinates:

- in the plane in which the person moves, z 0. Where the recording has a scale
  (`limner.recording.metres`), x goes along the floor and y up from it; where no floor is known
  they count from the left and the bottom edge of the image;
- in space: the model's own 3-D about the middle of the hips. Where metres in the plane are
  known, it is brought to that size, and the middle of the hips moves with its place there; else
  it stays at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Ints
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.export.uniform import frame_rate, resample
from limner.motion.height import standing_height
from limner.motion.points import named_points
from limner.recording.base import seen
from limner.recording.metres import metres, scaled
from limner.recording.recording import Recording

Coordinates = Literal["plane", "space"]


@dataclass(frozen=True)
class Markers:
    """Markers of one person.

    Attributes:
        names: of the K markers.
        samples: (S,) sample numbers n, at n / rate seconds of the input.
        positions: (S, K, 3), NaN where missing; the first and the last sample have one.
        rate: samples per second.
        unit: of the positions, ``m``, or ``px`` where the size of a pixel is not known.
    """

    names: tuple[str, ...]
    samples: Ints
    positions: NDArray[np.float64]
    rate: float
    unit: str = "m"

    @property
    def times(self) -> NDArray[np.float64]:
        """(S,) seconds of the input."""
        times: NDArray[np.float64] = self.samples / self.rate
        return times

    def named(self, names: dict[str, str]) -> Markers:
        """Return some of the markers, under other names.

        Args:
            names: their names, each with its new one.

        Raises:
            RecordingError: none of them is ever known.
        """
        kept = [name for name in self.names if name in names]
        at = [self.names.index(name) for name in kept]
        samples, positions = trimmed(self.samples, self.positions[:, at])
        if len(samples) == 0:
            raise RecordingError(
                f"none of the markers {', '.join(kept)} is ever known; the keypoints are under "
                "the threshold"
            )
        kept = [names[name] for name in kept]
        return Markers(tuple(kept), samples, positions, self.rate, self.unit)


def markers_of(
    recording: Recording,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
    coordinates: Coordinates,
) -> Markers:
    """Return the markers of a recording of one person.

    Args:
        recording: of one person.
        height: the person's height in metres.
        scale: metres per pixel; this or the height.
        rate: samples per second; the recording's own frame rate unless given.
        coordinates: in the image's plane, there in pixels unless height or scale are given, or
            in space.

    Raises:
        UsageError: an option is out of range, or height and scale were both given.
        RecordingError: there is no 3-D and it is asked for, the height in pixels is not known,
            or no keypoint is ever known.
    """
    for option, value in (("height", height), ("scale", scale)):
        if value is not None and not (value > 0 and np.isfinite(value)):
            raise UsageError(f"expected --{option} above 0, got {value}")
    if height is not None and scale is not None:
        raise UsageError("give either --height or --scale, not both")
    if height is not None:
        recording = scaled(recording, height=height)
    here = _in_plane if coordinates == "plane" else _in_space
    positions = here(recording, scale)
    metric = scale is not None or recording.header.scale is not None
    names = recording.skeleton.keypoints
    rate = frame_rate(recording.header, recording.times) if rate is None else rate
    samples, positions = trimmed(*resample(recording.times, positions, rate))
    if len(samples) == 0:
        raise RecordingError(
            f"no keypoint of person {recording.people[0]} is ever known, so there are no markers "
            "to write; the keypoints are under the threshold"
        )
    unit = "px" if coordinates == "plane" and not metric else "m"
    return Markers(names, samples, positions, rate, unit)


def trimmed(samples: Ints, values: NDArray[np.float64]) -> tuple[Ints, NDArray[np.float64]]:
    """Return the part from the first to the last sample where anything is known."""
    known = np.flatnonzero(np.isfinite(values).any(axis=tuple(range(1, values.ndim))))
    part = slice(known[0], known[-1] + 1) if len(known) else slice(0, 0)
    return samples[part], values[part]


def _in_plane(recording: Recording, scale: float | None) -> NDArray[np.float64]:
    """Return (T, K, 3): metres, or pixels where the size of one is not known."""
    if scale is None and recording.header.scale is not None:
        points = metres(recording)[:, 0]
    else:
        points = recording.seen_keypoints[:, 0].astype(np.float64)
        points[..., 1] = recording.header.input.height - points[..., 1]
        points *= scale or 1.0
    flat = np.where(np.isfinite(points[..., :1]), 0.0, np.nan)
    result: NDArray[np.float64] = np.concatenate([points, flat], axis=-1)
    return result


def _in_space(recording: Recording, scale: float | None) -> NDArray[np.float64]:
    """Return (T, K, 3) metres, moving where there are metres in the plane, too."""
    points = recording.keypoints_3d
    if points is None:
        raise RecordingError(
            f"the recording of {recording.header.input.path} has no 3-D coordinates: model "
            f"{recording.header.model.name} does not measure them; use one that does, such as "
            "--model balanced"
        )
    sure = seen(points[:, 0], recording.scores[:, 0], recording.header.threshold)
    upright: NDArray[np.float64] = sure * np.array([1.0, -1.0, -1.0]) + 0.0  # no negative zero
    if scale is None and recording.header.scale is None:
        return upright
    plane = _in_plane(recording, scale)
    own = standing_height(upright, recording.skeleton)
    real = standing_height(plane, recording.skeleton)
    if not (own > 0 and real > 0):
        raise RecordingError(
            f"no frame of person {recording.people[0]} shows shank, thigh and trunk in 3-D and in "
            "the image, so their size cannot be brought to metres; leave out what gives them"
        )
    return upright * (real / own) + _middle_of_the_hips(plane, recording.skeleton)[:, None]


def _middle_of_the_hips(points: NDArray[np.float64], skeleton: Skeleton) -> NDArray[np.float64]:
    found = named_points(points, skeleton, ["mid_hip"])
    return found.get("mid_hip", np.full((len(points), 3), np.nan))
