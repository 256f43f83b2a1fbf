"""Passage detection: the parts of a person's time in which their gait can be measured.

That is where they are seen from the side, walk one way and are seen all the while. The others
are told, each with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from limner.core.arrays import Doubles
from limner.gait.events import SIDES, has_feet
from limner.gait.samples import Samples, stretches
from limner.motion.height import segment_lengths

# Under this an image every 67 ms says no more on which of two frames a foot strikes.
LOWEST_RATE = 15.0
SHORT = "seen for a moment only"
UNSEEN = "hips or ankles are unseen"
SPARSE = "the frames lie too far apart in time"
FACING = "not clearly seen from the side: faces the camera, or away from it"
TURNING = "turns round"
LYING = "is not upright"
STANDING = "stands: the feet do not step"

# How far the feet point to a side, as a part of what they do in a side view: 0.5 is the cosine of
# 60 degrees, less what a foot that lifts looks shorter by.
_SIDEWAYS = 0.5
# The horizontal length of a foot in a side view, as a part of the shank's, by the keypoints heel
# and toe, and of the nose before the ears, as a part of the trunk's.
_FOOT, _NOSE = 0.4, 0.15
# The shoulders' width as a part of the trunk's length above which the body is turned to the
# camera: seen from the front it is 0.75 and more, so this is 45 degrees.
_WIDE = 0.55
# The part of the leg's length by which the ankles must pass one another, there and back: steps
# of a sixth of the leg.
_STEPS = 0.35
# Seconds in which that happens in the slowest walk, and over which a direction is told.
_STEP_WINDOW, _SIDE_WINDOW = 1.5, 0.6
# A passage of one way is not shorter than this, seconds.
_SHORTEST = 0.5
# Longer than this between two ways is standing there, not turning.
_LONGEST_TURN = 3.0


@dataclass(frozen=True)
class Part:
    """A part of a person's time.

    Attributes:
        samples: which of theirs.
        forward: 1 where they walk to the right, -1 to the left, 0 where this is not a walk.
        reason: why it is none, empty where it may be one.
    """

    samples: slice
    forward: int
    reason: str = ""


def leg_length(samples: Samples) -> float:
    """Return the usual length of thigh and shank together, pixels; NaN if never seen."""
    lengths = _lengths(samples.keypoints, samples)
    return lengths["thigh"] + lengths["shank"]


def _lengths(keypoints: Doubles, samples: Samples) -> dict[str, float]:
    """Return the usual lengths of shank, thigh and trunk; NaN where there is none."""
    found = segment_lengths(keypoints, samples.skeleton)
    return {segment: length or np.nan for segment, length in found.items()}


def find_parts(samples: Samples) -> list[Part]:
    """Return the parts of a person's time, in order: passages to one side, and what is between."""
    points = samples.points
    needed = [points["mid_hip"], points["left_ankle"], points["right_ankle"]]
    seen: NDArray[np.bool_] = ~np.isnan(np.stack(needed).sum(axis=(0, 2)))
    reasons = np.where(samples.gap == "frames apart", SPARSE, UNSEEN).astype(object)
    sides = np.zeros(len(seen))
    for stretch in stretches(seen):
        if _is_moment(samples, stretch):
            reasons[stretch] = ""
            continue
        way = _sides(samples, stretch)
        sides[stretch] = way
        reasons[stretch] = np.where(way == 0, FACING, "")
        _name_turns(reasons, sides, stretch, samples.rate)
        still = _still(samples, stretch)
        reasons[stretch][still & (way != 0)] = STANDING
        reasons[stretch][~_upright(samples, stretch)] = LYING
    for start, stop in _alike(reasons.tolist()):
        if reasons[start] == "" and _is_moment(samples, slice(start, stop)):
            # What is too short to be a walk belongs to what is beside it.
            beside = [n for n in (start - 1, stop) if 0 <= n < len(seen)]
            reasons[start:stop] = reasons[beside[0]] if beside else SHORT
    sides[reasons != ""] = 0
    return [
        Part(slice(start, stop), int(sides[start]), str(reasons[start]))
        for start, stop in _alike(list(zip(reasons.tolist(), sides.tolist(), strict=True)))
    ]


def _is_moment(samples: Samples, part: slice) -> bool:
    """Say whether a part is too short to be a walk."""
    return bool(samples.times[part.stop - 1] - samples.times[part.start] < _SHORTEST)


def _sides(samples: Samples, part: slice) -> Doubles:
    """Return 1 where a person goes right, -1 where left, 0 where neither is clear."""
    window = max(1, round(_SIDE_WINDOW * samples.rate)) | 1
    points = {name: point[part] for name, point in samples.points.items()}
    lengths = _lengths(samples.keypoints[part], samples)
    if has_feet(samples):
        feet = [points[f"{s}_foot_index"][:, 0] - points[f"{s}_heel"][:, 0] for s in SIDES]
        towards = _mean(feet) / (_FOOT * lengths["shank"])
    else:
        ears = _mean([points[f"{s}_ear"][:, 0] for s in SIDES])
        towards = (points["nose"][:, 0] - ears) / (_NOSE * lengths["trunk"])
        if np.isnan(towards).all():
            # Neither feet nor a face: where the person goes to, in leg lengths a second.
            leg = lengths["shank"] + lengths["thigh"]
            pelvis = samples.smooth(samples.points["mid_hip"][:, 0])[part]
            pace = np.gradient(pelvis) if len(pelvis) > 1 else np.zeros(len(pelvis))
            towards = pace * samples.rate / leg
    width = np.abs(points["left_shoulder"][:, 0] - points["right_shoulder"][:, 0])
    wide = _usual(width / lengths["trunk"], window)
    clear = _usual(towards, window)
    side = np.where(np.abs(clear) >= _SIDEWAYS, np.sign(clear), 0.0)
    side[wide > _WIDE] = 0.0
    # What is too short to be a way of its own is the turn between two.
    result = np.zeros(len(side))
    for start, stop in _alike(side.tolist()):
        if (stop - start) / samples.rate >= _SHORTEST:
            result[start:stop] = side[start:stop]
    return result


def _name_turns(reasons: NDArray[np.object_], sides: Doubles, stretch: slice, rate: float) -> None:
    """Call what lies between two ways a turn, where it is as short as one."""
    ways = _alike(sides[stretch].tolist())
    for (_, _), (start, stop), (after, _) in zip(ways, ways[1:], ways[2:], strict=False):
        before = sides[stretch][start - 1]
        between_two = sides[stretch][start] == 0 and before * sides[stretch][after] < 0
        if between_two and (stop - start) / rate < _LONGEST_TURN:
            reasons[stretch][start:stop] = TURNING


def _still(samples: Samples, part: slice) -> NDArray[np.bool_]:
    """Say where the ankles do not pass one another."""
    left, right = (samples.points[f"{side}_ankle"][:, 0] for side in SIDES)
    apart = samples.smooth(left - right)[part]
    size = max(1, round(_STEP_WINDOW * samples.rate)) | 1
    reach = ndimage.maximum_filter1d(apart, size) - ndimage.minimum_filter1d(apart, size)
    still: NDArray[np.bool_] = ~(reach >= _STEPS * leg_length(samples))
    return still


def _upright(samples: Samples, part: slice) -> NDArray[np.bool_]:
    """Say where the trunk is nearer to upright than to lying; yes where it is unseen."""
    trunk = (samples.points["neck"] - samples.points["mid_hip"])[part]
    size = max(1, round(_SIDE_WINDOW * samples.rate)) | 1
    lying = np.where(np.isnan(trunk[:, 0]), -1.0, trunk[:, 1] + np.abs(trunk[:, 0]))
    upright: NDArray[np.bool_] = _usual(lying, size) <= 0
    return upright


def _usual(values: Doubles, window: int) -> Doubles:
    """Return the running median, what is missing filled from beside it; NaN if all is."""
    known = ~np.isnan(values)
    if not known.any():
        return values
    places = np.arange(len(values))
    filled = np.interp(places, places[known], values[known])
    result: Doubles = ndimage.median_filter(filled, size=window, mode="nearest")
    return result


def _mean(values: list[Doubles]) -> Doubles:
    """Return the mean of what is known at each place, NaN where nothing is."""
    known = [~np.isnan(each) for each in values]
    count = np.sum(known, axis=0)
    total = np.sum([np.where(k, each, 0) for k, each in zip(known, values, strict=True)], axis=0)
    mean: Doubles = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean


def _alike(labels: list[object]) -> list[tuple[int, int]]:
    """Return the first place of each run of equal labels, and the one after its last."""
    starts = [n for n, label in enumerate(labels) if n == 0 or label != labels[n - 1]]
    return list(zip(starts, [*starts[1:], len(labels)], strict=True))
