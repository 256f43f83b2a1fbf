"""Walkers whose foot strikes and toe-offs are known: the truth of gait tests.

Their feet stand on the floor from strike to toe-off: a foot strikes with its heel, comes to lie
flat, rolls over its toes, leaves the floor with a jerk and swings to its next place. What it
does in between is after D. A. Winter, "Foot trajectory in human gait" (1992): toes leave the
floor at about 40 m/s2, and heels strike while they still go forward at half the walking speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.interpolate import BPoly, PchipInterpolator, make_interp_spline
from scipy.optimize import brentq

from limner.core.arrays import Doubles
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, Skeleton
from limner.recording.recording import Recording
from support.figures import LENGTHS, figure
from support.walkers import header

# Parts of the stride: the foot lies flat, its heel rises, its toe leaves the floor.
_FLAT, _HEEL_OFF = 0.1, 0.35
# Degrees by which the toe is above the heel at the strike, and below it at toe-off.
_STRIKE, _TOE_OFF = 20.0, -60.0
# Speed and acceleration at toe-off and at the strike, in strides' lengths and times. A toe is on
# its way at toe-off already, as the foot rolls over the tip before it.
_LEAVES = (0.6, 40.0)
_STRIKES = (0.8, -26.0)


@dataclass(frozen=True)
class Walk:
    """A walk and what is true of it.

    Attributes:
        times: (T,) seconds.
        keypoints: (T, 33, 2) pixels.
        strikes: side to times of its foot strikes.
        toe_offs: likewise.
        leg: length of thigh and shank, pixels.
        stride_length: pixels.
    """

    times: Doubles
    keypoints: Doubles
    strikes: dict[str, Doubles]
    toe_offs: dict[str, Doubles]
    leg: float
    stride_length: float


def walk(
    times: Doubles,
    *,
    stride: float = 1.1,
    length: float = 1.6,
    stance: float = 0.62,
    direction: int = 1,
    treadmill: bool = False,
    noise: float = 0.0,
    limp: float = 0.0,
    size: float = 120.0,
    start: float = 0.13,
    seed: int = 0,
) -> Walk:
    """Return somebody who walks across the image.

    Args:
        times: (T,) seconds.
        stride: seconds of a stride.
        length: of a stride, in leg lengths.
        stance: part of the stride in which a foot is on the floor.
        direction: 1 to the right, -1 to the left.
        treadmill: whether the body stays where it is.
        noise: pixels, standard deviation.
        limp: part of the stride by which the right foot strikes late.
        size: of the trunk, pixels.
        start: seconds at which the left foot strikes first.
        seed: of the noise.
    """
    leg = size * (LENGTHS["thigh"] + LENGTHS["shank"])
    way = length * leg
    feet = {
        side: _foot((times - start) / stride, late, way, stance, 0.4 * size)
        for side, late in (("left", 0.0), ("right", 0.5 + limp))
    }
    hip = np.stack([way * (times - start) / stride, times * 0], axis=1)
    ankles = {
        side: heel + 0.1 * size * along + 0.06 * size * np.stack([-along[:, 1], along[:, 0]], 1)
        for side, (heel, _, along) in feet.items()
    }
    # Between the furthest that the feet come, and as high as both legs reach all the while.
    before = ankles["left"][:, 0] - hip[:, 0]
    hip[:, 0] += (before.min() + before.max()) / 2
    reaches = [
        a[:, 1] + np.sqrt((0.995 * leg) ** 2 - (a - hip)[:, 0] ** 2) for a in ankles.values()
    ]
    hip[:, 1] = np.min(reaches)
    points = figure(len(times), root=(0.0, 0.0), size=size, width=0.0, elbow=15.0)
    points = points * np.array([1.0, -1.0]) + hip[:, None]
    for side, (heel, toe, _) in feet.items():
        knee = _knee(hip, ankles[side], size * LENGTHS["thigh"], size * LENGTHS["shank"])
        for name, place in (
            ("knee", knee), ("ankle", ankles[side]), ("heel", heel), ("foot_index", toe)
        ):  # fmt: skip
            points[:, BLAZEPOSE_33.index(f"{side}_{name}")] = place
    if treadmill:
        points[..., 0] -= hip[:, :1]
    points *= np.array([direction, -1.0])
    points += np.array([1000.0, 700.0])
    if noise:
        points += np.random.default_rng(seed).normal(0, noise, points.shape)
    numbers = np.arange(-2, int((times[-1] - start) / stride) + 2)
    strikes = {"left": start + stride * numbers, "right": start + stride * (numbers + 0.5 + limp)}
    toe_offs = {side: at + stance * stride for side, at in strikes.items()}

    def inside(events: dict[str, Any]) -> dict[str, Doubles]:
        return {s: at[(at > times[0]) & (at < times[-1])] for s, at in events.items()}

    return Walk(times, points, inside(strikes), inside(toe_offs), leg, way)


def _foot(
    phase: Doubles, late: float, way: float, stance: float, foot: float
) -> tuple[Doubles, Doubles, Doubles]:
    """Return heel and toe (T, 2), x forward, y up, and the direction from one to the other."""
    part, number = np.mod(phase - late, 1), np.floor(phase - late)
    pitch = np.radians(
        PchipInterpolator(
            [0, _FLAT, _HEEL_OFF, stance, (1 + stance) / 2, 0.96, 1],
            [_STRIKE, 0, 0, _TOE_OFF, -15, _STRIKE, _STRIKE],
        )(part)
    )
    along = np.stack([np.cos(pitch), np.sin(pitch)], axis=1)
    end = way + foot * np.cos(np.radians(_STRIKE)) - foot
    lift = BPoly.from_derivatives(
        [stance, (1 + stance) / 2, 1],
        [[0, 0], [0.15 * foot, 0], [foot * np.sin(np.radians(_STRIKE)), -0.5 * foot]],
    )
    toe = np.stack([np.full(len(part), foot), np.zeros(len(part))], axis=1)
    in_swing = part > stance
    toe[in_swing, 0] += way * _swing(part[in_swing], stance, end / way)
    toe[in_swing, 1] = lift(part[in_swing])
    heel = toe - foot * along
    on_heel = part < _HEEL_OFF
    heel[on_heel] = 0.0
    toe[on_heel] = foot * along[on_heel]
    there = np.stack([way * (number + late), 0 * number], axis=1)
    return heel + there, toe + there, along


def _swing(part: Doubles, start: float, end: float) -> Doubles:
    """Return how far a toe has swung, in stride lengths: quickly off, evenly on, slowed down."""

    def way(highest: float) -> tuple[Doubles, Doubles]:
        rise, fall = (highest - _LEAVES[0]) / _LEAVES[1], (highest - _STRIKES[0]) / _STRIKES[1]
        knots = np.array([start, start + rise, 1 + fall, 1])
        return knots, np.array([_LEAVES[0], highest, highest, _STRIKES[0]])

    def reached(highest: float) -> float:
        knots, speeds = way(highest)
        return float(np.trapezoid(speeds, knots)) - end

    speed = make_interp_spline(*way(float(brentq(reached, 1.0, 5.0))), k=1)
    return np.asarray(speed.antiderivative()(part))


def _knee(hip: Doubles, ankle: Doubles, thigh: float, shank: float) -> Doubles:
    """Return where thigh and shank meet, in front of the line from hip to ankle."""
    down = ankle - hip
    far = np.linalg.norm(down, axis=1, keepdims=True)
    down = down / far
    along = (thigh**2 - shank**2 + far**2) / (2 * far)
    ahead = np.sqrt(np.maximum(thigh**2 - along**2, 0))
    place: Doubles = hip + along * down + ahead * np.stack([-down[:, 1], down[:, 0]], axis=1)
    return place


def recording(
    keypoints: Doubles,
    times: Doubles,
    *,
    skeleton: Skeleton = BLAZEPOSE_33,
    rate: Fraction | None = Fraction(30),
) -> Recording:
    """Return a recording of one person's (T, 33, 2) keypoints, or of N people's (T, N, 33, 2)."""
    people = keypoints[:, None] if keypoints.ndim == 3 else keypoints
    found = []
    for index, (points, time) in enumerate(zip(people, times.tolist(), strict=True)):
        poses = Poses(
            BLAZEPOSE_33,
            keypoints=points.astype(np.float32),
            scores=np.full(points.shape[:2], 0.9, np.float32),
            person_scores=np.full(len(points), 0.9, np.float32),
            boxes=boxes_around(points.astype(np.float32)),
            ids=1 + np.arange(len(points)),
            index=index,
            time=time,
        )
        found.append(poses.to(skeleton))
    return Recording(header(skeleton, rate), tuple(found))
