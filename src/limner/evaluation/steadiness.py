"""Jitter and identity figures of a recording, without labels: is it steady, are people apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats, Ints
from limner.core.oks import body_sizes
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.recording.track import sightings

# Limbs, which do not bend. Lengths within a face or a hand say little.
_JOINTS = {
    "mid_hip",
    *(
        f"{side}_{joint}"
        for side in ("left", "right")
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    ),
}
# Frames closer in time (seconds) than this give no acceleration worth the name.
_LEAST_STEP = 1e-3


@dataclass(frozen=True)
class Steadiness:
    """How steady a set of keypoints is. None where nothing can be measured.

    Attributes:
        jitter: mean acceleration of seen keypoints, in body sizes per second squared. True
            movement is in it too, so compare it between recordings of the same clip.
        bone_variation: deviation over mean of the lengths of arms, legs and trunk over time,
            from 0; turning away from the camera is in it too.
    """

    jitter: float | None
    bone_variation: float | None


@dataclass(frozen=True)
class RecordingFigures:
    """Figures of a recording. None where nothing can be measured.

    Attributes:
        frames: how many there are.
        seconds: their duration.
        people: how many ids.
        coverage: share of frames with anyone in them.
        coverage_by_id: share of frames with each id.
        births: ids that begin after the first frame.
        deaths: ids that end before the last frame.
        returns: how often an id was away for a frame or more and came back.
        births_per_minute: births over duration.
        deaths_per_minute: deaths over duration.
        keypoints: steadiness of the keypoints.
        raw_keypoints: of the keypoints before cleaning, if the recording has them, over the
            same sightings.
        keypoints_3d: of the metric keypoints, if there are any: their jitter in metres per
            second squared.
    """

    frames: int
    seconds: float
    people: int
    coverage: float | None
    coverage_by_id: dict[int, float]
    births: int
    deaths: int
    returns: int
    births_per_minute: float | None
    deaths_per_minute: float | None
    keypoints: Steadiness
    raw_keypoints: Steadiness | None
    keypoints_3d: Steadiness | None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        return asdict(self)


@dataclass(slots=True)
class _Person:
    """All sightings of one id: F of them.

    Attributes:
        frames: (F,) positions among the recording's frames.
        times: (F,) seconds.
        seen: (F, K) whether a keypoint's score reaches the threshold.
        size: the body's size in pixels, median.
        variants: ``keypoints`` (F, K, 2) and, where there are any, ``raw_keypoints``
            (F, K, 2) and ``keypoints_3d`` (F, K, 3).
    """

    frames: Ints
    times: NDArray[np.float64]
    seen: NDArray[np.bool_]
    size: float
    variants: dict[str, Floats]


def evaluate_recording(frames: Sequence[Poses], *, threshold: float = 0.3) -> RecordingFigures:
    """Measure a recording.

    Args:
        frames: every frame in order, those without people included.
        threshold: the score from which a keypoint counts as seen.
    """
    seconds = _duration(frames)
    last = len(frames) - 1
    births = deaths = returns = 0
    coverage: dict[int, float] = {}
    sums = {name: _Sums() for name in ("keypoints", "raw_keypoints", "keypoints_3d")}
    bones = _bones(frames[0].skeleton) if frames else np.empty((0, 2), np.int64)
    # One person at a time: all of them together are as much as the recording once more.
    for identity, (rows, places) in sightings(frames).items():
        if identity <= 0:  # somebody nobody followed
            continue
        person = _gather(frames, rows, places, threshold)
        births += bool(person.frames[0] > 0)
        deaths += bool(person.frames[-1] < last)
        returns += int((np.diff(person.frames) > 1).sum())
        coverage[identity] = len(person.frames) / len(frames)
        for name in person.variants:
            sums[name].add(person, name, bones)
    return RecordingFigures(
        frames=len(frames),
        seconds=seconds,
        people=len(coverage),
        coverage=sum(len(poses) > 0 for poses in frames) / len(frames) if frames else None,
        coverage_by_id=coverage,
        births=births,
        deaths=deaths,
        returns=returns,
        births_per_minute=births / seconds * 60 if seconds else None,
        deaths_per_minute=deaths / seconds * 60 if seconds else None,
        keypoints=sums["keypoints"].steadiness(),
        raw_keypoints=sums["raw_keypoints"].steadiness() if sums["raw_keypoints"].people else None,
        keypoints_3d=sums["keypoints_3d"].steadiness() if sums["keypoints_3d"].people else None,
    )


def _duration(frames: Sequence[Poses]) -> float:
    """Return seconds from the first frame to the end of the last; 0 if that is not known."""
    if len(frames) < 2:
        return 0.0
    times = [poses.time for poses in frames]
    return max(times[-1] - times[0] + float(np.median(np.diff(times))), 0.0)


def _gather(frames: Sequence[Poses], rows: Ints, places: Ints, threshold: float) -> _Person:
    variants = {}
    there = [frames[row] for row in rows.tolist()]
    at = places.tolist()
    for name in ("keypoints", "raw_keypoints", "keypoints_3d"):
        arrays = [getattr(frame, name) for frame in there]
        if all(array is not None for array in arrays):
            variants[name] = np.stack([array[i] for array, i in zip(arrays, at, strict=True)])
    scores = np.stack([frame.scores[i] for frame, i in zip(there, at, strict=True)])
    seen = scores >= threshold
    # The same sightings count before and after cleaning, so that the two can be compared.
    for name in variants.keys() - {"keypoints_3d"}:
        seen &= ~np.isnan(variants[name]).any(axis=2)
    shown = np.where(seen[:, :, None], variants["keypoints"], np.float32(np.nan))
    sizes = body_sizes(shown)
    sizes = sizes[~np.isnan(sizes)]
    return _Person(
        frames=rows,
        times=np.array([frame.time for frame in there], np.float64),
        seen=seen,
        size=float(np.median(sizes)) if len(sizes) else 0.0,
        variants=variants,
    )


@dataclass(slots=True)
class _Sums:
    """What the steadiness of a set of keypoints is the mean of, person by person.

    Attributes:
        people: how many have such keypoints.
        acceleration: the sum of all accelerations, and of how many.
        variation: the sum of the bones' variations, each times how often the bone is seen, and
            of how often that is.
    """

    people: int = 0
    acceleration: float = 0.0
    accelerations: int = 0
    variation: float = 0.0
    variations: int = 0

    def add(self, person: _Person, name: str, bones: Ints) -> None:
        """Add a person."""
        self.people += 1
        if person.size == 0:
            return
        values = person.variants[name].astype(float)
        values[~person.seen] = np.nan
        unit = 1.0 if name == "keypoints_3d" else person.size
        accelerations = _accelerations(person, values) / unit
        self.acceleration += float(accelerations.sum())
        self.accelerations += len(accelerations)
        variation, counts = _variations(values, bones)
        self.variation += float((variation * counts).sum())
        self.variations += int(counts.sum())

    def steadiness(self) -> Steadiness:
        """Return the means."""
        return Steadiness(
            jitter=self.acceleration / self.accelerations if self.accelerations else None,
            bone_variation=self.variation / self.variations if self.variations else None,
        )


def _accelerations(person: _Person, values: Floats) -> Floats:
    """Return the lengths of all accelerations over three frames in a row, units per s².

    Args:
        person: the times and frames.
        values: (F, K, D) the keypoints, NaN where not seen.
    """
    steps = np.diff(person.times)
    whole = (np.diff(person.frames) == 1) & (steps >= _LEAST_STEP)
    usable = whole[:-1] & whole[1:]
    before, after = steps[:-1][usable, None, None], steps[1:][usable, None, None]
    moves = np.diff(values, axis=0)
    bend = moves[1:][usable] / after - moves[:-1][usable] / before
    lengths: Floats = np.linalg.norm(2 * bend / (before + after), axis=2)
    return lengths[~np.isnan(lengths)]


def _bones(skeleton: Skeleton) -> Ints:
    """Return (B, 2) the skeleton's edges between the large joints."""
    names = skeleton.keypoints
    edges = [edge for edge in skeleton.edges if all(names[end] in _JOINTS for end in edge)]
    return np.array(edges, np.int64).reshape(-1, 2)


def _variations(values: Floats, bones: Ints) -> tuple[Floats, Ints]:
    """Return each bone's deviation over mean, and in how many frames it was seen.

    Args:
        values: (F, K, D) the keypoints, NaN where not seen.
        bones: (B, 2) their ends. Those seen in less than two frames are left out.
    """
    lengths = np.linalg.norm(values[:, bones[:, 0]] - values[:, bones[:, 1]], axis=2)
    counts = (~np.isnan(lengths)).sum(axis=0)
    lengths, counts = lengths[:, counts >= 2], counts[counts >= 2]
    means = np.nanmean(lengths, axis=0)
    deviations = np.nanstd(lengths, axis=0)
    return np.divide(deviations, means, out=np.zeros_like(means), where=means > 0), counts
