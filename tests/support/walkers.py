"""People with known motion: stick figures of 33 keypoints that walk through the image."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from limner.core.info import InputInfo, ModelInfo, NetworkInfo
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, Skeleton
from limner.recording.header import Header
from limner.recording.recording import Recording

HEIGHT = 1.70  # metres
PIXELS_PER_METRE = 250.0
STRIDES_PER_SECOND = 0.9
# Lengths as parts of the height, after Drillis and Contini.
SHANK, THIGH, TRUNK = 0.246 * HEIGHT, 0.245 * HEIGHT, 0.288 * HEIGHT


def header(
    skeleton: Skeleton = BLAZEPOSE_33,
    rate: Fraction | None = Fraction(30),
    threshold: float = 0.3,
    path: str = "walk.mp4",
) -> Header:
    network = NetworkInfo("pose", "landmark.tflite", "ab" * 32, "openvino", "CPU")
    return Header(
        input=InputInfo(path, 1280, 720, frame_rate=rate, frame_count=90, duration=3.0),
        skeleton=skeleton,
        models=(ModelInfo("blazepose-full", skeleton, (network,), 0.45, 0.3),),
        options={"threshold": threshold},
    )


def walk(times: NDArray[np.float64], phase: float = 0.0) -> NDArray[np.float64]:
    """Return (T, 33, 3) metres about the middle of the hips, seen from the right side.

    x is where the person goes, y points down, z away from the camera. The legs swing by 25
    degrees about the vertical and the knees bend by up to 60.
    """
    points = np.zeros((len(times), 33, 3))
    swing = 2 * np.pi * STRIDES_PER_SECOND * times + phase

    def put(name: str, place: NDArray[np.float64]) -> None:
        points[:, BLAZEPOSE_33.index(name)] = place

    for side, depth, offset in (("left", 0.1, 0.0), ("right", -0.1, np.pi)):
        hip = np.tile([0.0, 0.0, depth], (len(times), 1))
        shoulder = hip + np.array([0, -TRUNK, 0])
        thigh = np.radians(25) * np.sin(swing + offset)
        knee = hip + THIGH * _along(thigh)
        bend = np.radians(30) * (1 - np.cos(swing + offset))
        ankle = knee + SHANK * _along(thigh - bend)
        arm = -thigh
        elbow = shoulder + 0.186 * HEIGHT * _along(arm)
        wrist = elbow + 0.146 * HEIGHT * _along(arm + np.radians(20))
        put(f"{side}_hip", hip)
        put(f"{side}_shoulder", shoulder)
        put(f"{side}_knee", knee)
        put(f"{side}_ankle", ankle)
        put(f"{side}_heel", ankle + np.array([-0.05, 0.05, 0]))
        put(f"{side}_foot_index", ankle + np.array([0.18, 0.06, 0]))
        put(f"{side}_elbow", elbow)
        put(f"{side}_wrist", wrist)
        for number, finger in enumerate(("pinky", "index", "thumb")):
            put(f"{side}_{finger}", wrist + np.array([0.02 * number, 0.08, 0]))
        head = np.array([0.0, -TRUNK - 0.2, 0.0])
        put("nose", head + np.array([0.1, 0.03, 0.0]))
        put(f"{side}_eye", head + np.array([0.07, 0, 0.3 * depth]))
        put(f"{side}_eye_inner", head + np.array([0.08, 0, 0.2 * depth]))
        put(f"{side}_eye_outer", head + np.array([0.06, 0, 0.4 * depth]))
        put(f"{side}_ear", head + np.array([0.0, 0.0, 0.7 * depth]))
        put(f"mouth_{side}", head + np.array([0.08, 0.07, 0.2 * depth]))
    return points


def _along(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit vectors (T, 3) that hang down, turned forward by an angle in radians."""
    return np.stack([np.sin(angle), np.cos(angle), np.zeros_like(angle)], axis=1)


def recording(
    seconds: float = 3.0,
    rate: Fraction | None = Fraction(30),
    people: Sequence[int] = (1, 2),
    times: NDArray[np.float64] | None = None,
    skeleton: Skeleton = BLAZEPOSE_33,
    metric: bool = True,
    cleaned: bool = False,
    unsure: Sequence[str] = ("left_wrist",),
) -> Recording:
    """Return a recording of walkers; the second and later ones come in 0.5 s after the first.

    Every score is 0.9, but 0.1, under the threshold, for the keypoints that are unsure.
    """
    if times is None:
        times = np.arange(round(seconds * float(rate or 30))) / float(rate or 30)
    bodies = {name: walk(times, phase=name) for name in people}
    frames = []
    for row, time in enumerate(times):
        there = [name for order, name in enumerate(people) if time >= 0.5 * order]
        if not there:
            frames.append(Poses.empty(BLAZEPOSE_33, row, float(time)).to(skeleton))
            continue
        metres = np.stack([bodies[name][row] for name in there])
        middle = np.array([[200 + 260 * time + 150 * name, 400.0] for name in there])
        pixels = (metres[..., :2] * PIXELS_PER_METRE + middle[:, None]).astype(np.float32)
        scores = np.full((len(there), 33), 0.9, np.float32)
        scores[:, [BLAZEPOSE_33.index(part) for part in unsure]] = 0.1
        poses = Poses(
            BLAZEPOSE_33,
            keypoints=pixels,
            scores=scores,
            person_scores=np.full(len(there), 0.8, np.float32),
            boxes=boxes_around(pixels),
            ids=np.array(there, np.int64),
            index=row,
            time=float(time),
            keypoints_3d=metres.astype(np.float32) if metric else None,
            raw_keypoints=pixels + 1 if cleaned else None,
        )
        frames.append(poses.to(skeleton))
    return Recording(header(skeleton, rate), tuple(frames))
