"""A jointed figure whose every angle is known, and the faults of an estimator to put on it.

The figure is BlazePose's 33 keypoints seen from the side, facing right, built by forward
kinematics: each segment's direction follows from the one before by a joint angle in the
conventions of ``limner.motion.angles``. Tests use it as the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33

Angle = float | Doubles

# Lengths relative to the trunk (neck to mid-hip).
LENGTHS = {"thigh": 0.85, "shank": 0.8, "arm": 0.55, "forearm": 0.5, "hand": 0.2}
JOINTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")


@dataclass
class Clip:
    """A person's movement: what is true, and what an estimator might say of it.

    Attributes:
        times: (T,) seconds.
        truth: (T, 33, 2) pixels.
        keypoints: (T, 33, 2) pixels with noise, NaN where missing.
        scores: (T, 33) from 0 to 1, NaN where missing.
        swapped: (T,) true where the legs' left and right are exchanged.
        outliers: (T, 33) true where a keypoint was thrown far off.
    """

    times: Doubles
    truth: Doubles
    keypoints: Doubles
    scores: Doubles
    swapped: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    outliers: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), bool))


def _towards(degrees: Angle) -> Doubles:
    """Unit vectors (T, 2) at an angle counted from the right, upwards, y pointing down."""
    radians = np.radians(np.asarray(degrees, float))
    return np.stack([np.cos(radians), -np.sin(radians)], axis=-1)


def figure(
    count: int = 1,
    *,
    trunk: float | NDArray[Any] = 90.0,
    root: Doubles | tuple[float, float] = (400.0, 300.0),
    size: float = 150.0,
    width: float = 0.12,
    **angles: Any,
) -> Doubles:
    """Return (count, 33, 2) keypoints of a figure with the given angles in degrees.

    Args:
        count: number of frames T.
        trunk: the trunk's angle from the horizontal, 90 is upright.
        root: middle of the hips, (2,) or (T, 2) pixels.
        size: length of the trunk in pixels.
        width: half the distance between left and right, relative to the trunk.
        **angles: joint angles, ``left_knee=...`` or ``knee=...`` for both sides.
    """
    theta = np.broadcast_to(np.asarray(trunk, float), count)
    middle = np.broadcast_to(np.asarray(root, float), (count, 2))
    points = {"mid_hip": middle, "neck": middle + size * _towards(theta)}
    across = size * width * np.array([1.0, 0.35])
    names = {*JOINTS, *(f"{side}_{joint}" for side in ("left", "right") for joint in JOINTS)}
    if unknown := set(angles) - names:
        raise ValueError(f"no such angles: {unknown}")
    for side, sign in (("left", -1.0), ("right", 1.0)):
        joint = {name: angles.get(f"{side}_{name}", angles.get(name, 0.0)) for name in JOINTS}
        hip, shoulder = points["mid_hip"] + sign * across, points["neck"] + sign * across
        thigh = theta + 180 + joint["hip"]
        shank = thigh - joint["knee"]
        foot = _towards(shank + 90 + joint["ankle"])
        arm = theta + 180 + joint["shoulder"]
        forearm = arm + joint["elbow"]
        hand = _towards(forearm + joint["wrist"])
        knee = hip + size * LENGTHS["thigh"] * _towards(thigh)
        ankle = knee + size * LENGTHS["shank"] * _towards(shank)
        elbow = shoulder + size * LENGTHS["arm"] * _towards(arm)
        wrist = elbow + size * LENGTHS["forearm"] * _towards(forearm)
        index = wrist + size * LENGTHS["hand"] * hand
        points |= {
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_heel": ankle - size * 0.1 * foot + size * 0.06 * _towards(shank),
            f"{side}_foot_index": ankle + size * 0.3 * foot + size * 0.06 * _towards(shank),
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": wrist,
            f"{side}_index": index,
            f"{side}_pinky": index - size * 0.03 * hand,
            f"{side}_thumb": wrist + size * 0.12 * hand,
        }
    up, ahead = _towards(theta), _towards(theta - 90)
    head = points["neck"] + size * 0.35 * up
    for name in BLAZEPOSE_33.keypoints:
        if name not in points:
            place = BLAZEPOSE_33.index(name)
            sign = -1.0 if "left" in name else 1.0 if "right" in name else 0.0
            forward = 0.15 if place == 0 else 0.03 if "ear" in name else 0.12
            height = -0.06 if "mouth" in name else 0.05 if "eye" in name else 0.0
            points[name] = head + size * (forward * ahead + height * up) + 0.2 * sign * across
    return np.stack([points[name] for name in BLAZEPOSE_33.keypoints], axis=1)


def stand(times: Doubles) -> Doubles:
    """Someone who stands and breathes."""
    breath = np.sin(2 * np.pi * 0.25 * times)
    return figure(len(times), trunk=90 + breath, shoulder=4 * breath, elbow=10.0, knee=3.0)


def walk(times: Doubles, steps_per_minute: float = 108.0) -> Doubles:
    """Someone who walks to the right."""
    phase = np.pi * steps_per_minute / 60 * times
    moves: dict[str, Any] = {}
    for side, shift in (("left", 0.0), ("right", np.pi)):
        swing = phase + shift
        moves |= {
            f"{side}_hip": 8 + 25 * np.sin(swing),
            f"{side}_knee": 25 - 22 * np.cos(swing - 0.6) + 6 * np.cos(2 * swing),
            f"{side}_ankle": 10 * np.sin(swing + 1.0),
            f"{side}_shoulder": -20 * np.sin(swing),
            f"{side}_elbow": 20 - 10 * np.sin(swing),
        }
    root = np.stack([200 + 180 * times, 300 + 5 * np.cos(2 * phase)], axis=1)
    return figure(len(times), trunk=87 + 1.5 * np.sin(2 * phase), root=root, **moves)


def jump(times: Doubles, rate: float = 1.0) -> Doubles:
    """Someone who squats and jumps, again and again."""
    phase = 2 * np.pi * rate * times
    bend = np.clip(np.sin(phase), 0, None) ** 1.5
    height = 120 * np.clip(-np.sin(phase), 0, None) ** 0.8
    root = np.stack([np.full_like(times, 400.0), 300 + 60 * bend - height], axis=1)
    return figure(
        len(times),
        trunk=90 - 30 * bend,
        root=root,
        hip=70 * bend,
        knee=100 * bend,
        ankle=20 * bend,
        shoulder=40 + 100 * np.sin(phase + 2.5),
        elbow=15.0,
    )


def flip(times: Doubles, start: float = 1.5, duration: float = 0.65) -> Doubles:
    """Someone who stands, turns once over backwards in the air, and stands again."""
    part = np.clip((times - start) / duration, 0, 1)
    turn = 360 * (part**2 * (3 - 2 * part))
    tuck = np.sin(np.pi * part) ** 2
    root = np.stack([400 - 100 * part, 300 - 4 * 90 * part * (1 - part)], axis=1)
    return figure(
        len(times), trunk=90 + turn, root=root, hip=110 * tuck, knee=120 * tuck, shoulder=60 * tuck
    )


MOVEMENTS: dict[str, Callable[[Doubles], Doubles]] = {
    "stand": stand,
    "walk": walk,
    "jump": jump,
    "flip": flip,
}


def body_size(keypoints: Doubles) -> float:
    """The longer side of the person's box, the median over time, in pixels."""
    sides = np.nanmax(keypoints, axis=1) - np.nanmin(keypoints, axis=1)
    return float(np.median(sides.max(axis=1)))


def spoil(
    times: Doubles,
    truth: Doubles,
    rng: np.random.Generator,
    *,
    jitter: float = 0.0075,
    outliers: float = 0.01,
    dropouts: float = 0.004,
    swaps: int = 0,
) -> Clip:
    """Return a clip with the faults that estimators have.

    Args:
        times: (T,) seconds.
        truth: (T, 33, 2) pixels.
        rng: source of randomness.
        jitter: standard deviation relative to the body's size where the score is 0.5; it
            is larger where the score is lower.
        outliers: part of the keypoints thrown off by 5 to 20 % of the body's size.
        dropouts: part of the keypoints at which a gap of 1 to 5 frames begins.
        swaps: how many times the legs exchange left and right for 2 to 5 frames.
    """
    count, size = len(times), body_size(truth)
    trend = rng.uniform(0.4, 0.95, (1, 33)) + 0.1 * np.sin(times[:, None] + np.arange(33))
    scores = np.clip(trend, 0.1, 1.0)
    noise = rng.normal(size=truth.shape) * (jitter * size * 1.5 * (1.15 - scores))[..., None]
    keypoints = truth + noise
    swapped = np.zeros(count, bool)
    legs = [BLAZEPOSE_33.index(f"left_{part}") for part in ("knee", "ankle", "heel", "foot_index")]
    legs += [BLAZEPOSE_33.mirror[joint] for joint in legs]
    for start in rng.choice(np.arange(5, count - 10, 12), swaps, replace=False):
        swapped[start : start + rng.integers(2, 6)] = True
    mirrored = keypoints[:, list(BLAZEPOSE_33.mirror)]
    where = np.flatnonzero(swapped)[:, None]
    keypoints[where, legs] = mirrored[where, legs]
    far = rng.random((count, 33)) < outliers
    directions = rng.normal(size=truth.shape)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    keypoints += (far * rng.uniform(0.05, 0.2, far.shape) * size)[..., None] * directions
    for frame, joint in np.argwhere(rng.random((count, 33)) < dropouts):
        stop = frame + rng.integers(1, 6)
        keypoints[frame:stop, joint] = scores[frame:stop, joint] = np.nan
    return Clip(times, truth, keypoints, scores, swapped, far)


def as_poses(clip: Clip, person: int = 1) -> list[Poses]:
    """Return a clip as one Poses per frame, with one person."""
    frames = []
    for index, time in enumerate(clip.times):
        keypoints = clip.keypoints[index : index + 1].astype(np.float32)
        frames.append(
            Poses(
                BLAZEPOSE_33,
                keypoints=keypoints,
                scores=clip.scores[index : index + 1].astype(np.float32),
                person_scores=np.array([0.9], np.float32),
                boxes=boxes_around(keypoints),
                ids=np.array([person]),
                index=index,
                time=float(time),
            )
        )
    return frames
