"""From which side somebody is seen, and which angles can be measured from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner import load
from limner.core.arrays import Doubles
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, HAND_21
from limner.motion import AngleMeter, angle_names, angles, cadence, repetitions
from limner.motion.definitions import ANGLES
from limner.motion.view import FRONTAL, SAGITTAL
from support.figures import as_poses, figure, spoil, walk
from support.walkers import walk as walk_in_space

TIMES = np.arange(150) / 30
PLANES = {angle.name: angle.plane for angle in ANGLES}


def seen_from(degrees: float, count: int = 60) -> tuple[Doubles, Doubles]:
    """Return a walker's (T, 33, 2) pixels and (T, 33, 3) metres; 0 from the front."""
    metres = walk_in_space(np.arange(count) / 30)
    wide = [BLAZEPOSE_33.index(f"{side}_shoulder") for side in ("left", "right")]
    metres[:, wide, 2] *= 2  # shoulders are wider than hips
    turn = np.radians(degrees - 90)
    c, s = np.cos(turn), np.sin(turn)
    metres = metres @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    return metres[..., :2] * 250 + 400, metres


@pytest.mark.parametrize("degrees", [0, 15, 45, 75, 90, 110, 180])
@pytest.mark.parametrize("in_space", [True, False])
def test_the_view_is_the_angle_to_the_camera(degrees: float, in_space: bool) -> None:
    pixels, metres = seen_from(degrees)
    expected = 90 - abs(90 - degrees)
    found = angles(pixels, BLAZEPOSE_33, keypoints_3d=metres if in_space else None)["view"]
    # From the front, widths tell little: a person a little narrower than others looks turned.
    np.testing.assert_allclose(found, expected, atol=12 if in_space else 20)
    assert (found.min() >= SAGITTAL) == (degrees in (75, 90, 110))
    assert (found.max() <= FRONTAL) == (degrees in (0, 15, 180))


@pytest.mark.parametrize("turn", [0, 90, 180])
def test_the_view_holds_upside_down(turn: float) -> None:
    pixels, metres = seen_from(0)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    turned = metres @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    found = angles(turned[..., :2] * 250, BLAZEPOSE_33, keypoints_3d=turned)["view"]
    np.testing.assert_allclose(found, angles(pixels, BLAZEPOSE_33, keypoints_3d=metres)["view"])


@pytest.mark.parametrize(
    ("degrees", "planes"), [(90, {"sagittal", "both"}), (0, {"frontal", "both"}), (45, set())]
)
def test_only_what_can_be_measured_is_there(degrees: float, planes: set[str]) -> None:
    pixels, metres = seen_from(degrees)
    everything = angles(pixels, BLAZEPOSE_33, keypoints_3d=metres)
    found = angles(pixels, BLAZEPOSE_33, keypoints_3d=metres, auto=True)
    assert list(found) == angle_names(BLAZEPOSE_33, auto=True)
    for name, plane in PLANES.items():
        if name not in everything or np.isnan(everything[name]).all():
            continue
        if plane in planes:
            np.testing.assert_array_equal(found[name], everything[name])
        else:
            assert np.isnan(found[name]).all(), name
    # A knee in space is that of the walk, from wherever it is seen.
    np.testing.assert_allclose(
        found["left_knee_3d"], 30 * (1 - np.cos(2 * np.pi * 0.9 * np.arange(60) / 30)), atol=1e-6
    )


def test_an_unknown_view_suits_no_angle() -> None:
    pixels, metres = seen_from(90)
    pixels[:, BLAZEPOSE_33.index("left_shoulder")] = np.nan
    found = angles(pixels, BLAZEPOSE_33, keypoints_3d=metres, auto=True)
    assert np.isnan(found["view"]).all()
    assert np.isnan(found["left_knee"]).all()
    assert not np.isnan(found["left_knee_3d"]).any()


def test_a_hand_has_no_view() -> None:
    assert "view" not in angle_names(HAND_21)
    assert "view" not in angles(np.zeros((2, 21, 2)), HAND_21)


def test_frame_by_frame_is_as_all_at_once() -> None:
    clip = spoil(TIMES, walk(TIMES), np.random.default_rng(0))
    meter = AngleMeter(0.4, auto=True)
    each = [meter.push(poses) for poses in as_poses(clip)]
    whole = angles(
        clip.keypoints.astype(np.float32),
        BLAZEPOSE_33,
        clip.scores.astype(np.float32),
        0.4,
        times=TIMES,
        auto=True,
    )
    for name, values in whole.items():
        np.testing.assert_array_equal([one[name][0] for one in each], values, err_msg=name)


def test_people_whom_nobody_followed_stand_by_themselves() -> None:
    """All of them have the id 0: they must not take each other's sides and turns."""
    right = figure(1, trunk=80, knee=30, shoulder=170)
    left = right * [-1, 1] + [800, 0]
    meter = AngleMeter()
    for _ in range(3):
        poses = Poses.build(
            BLAZEPOSE_33,
            np.concatenate([right, left]).astype(np.float32),
            np.ones((2, 33), np.float32),
            np.ones(2, np.float32),
        )
        np.testing.assert_allclose(meter.push(poses)["left_knee"], 30, atol=1e-3)


def test_the_demos_people_are_seen_from_where_they_are(demo_recording: Path) -> None:
    """One walks past the camera; the other faces it for three seconds, then turns and jumps."""
    recording = load(demo_recording)
    walker = max(recording.people, key=lambda person: recording.track(person).keypoints[0, 0, 0])
    view = recording.track(walker).angles()["view"]
    assert (view[~np.isnan(view)] >= SAGITTAL).mean() > 0.95
    (other,) = (person for person in recording.people[:2] if person != walker)
    track = recording.track(other)
    view = track.angles()["view"]
    assert (view[track.times < 2.5] <= FRONTAL).all()
    auto = track.angles(auto=True)
    assert np.isnan(auto["left_knee"][track.times < 2.5]).all()
    assert not np.isnan(auto["left_knee_3d"][track.times < 2.5]).any()


def jumping_jacks(rate: float = 0.84) -> Doubles:
    """Somebody who faces the camera, and whose feet part and meet."""
    pixels, _ = seen_from(0, len(TIMES))
    pixels[:] = pixels[:1]
    middle = pixels[0, :, 0].mean()
    open_ = 0.5 - 0.5 * np.cos(2 * np.pi * rate * TIMES)
    for side, sign in (("left", 1), ("right", -1)):
        for joint, far in (("ankle", 80), ("knee", 40), ("wrist", 130), ("elbow", 70)):
            place = BLAZEPOSE_33.index(f"{side}_{joint}")
            pixels[:, place, 0] = middle + sign * (15 + far * open_)
    pixels[..., 1] -= 60 * np.abs(np.sin(2 * np.pi * rate * TIMES))[:, None]
    return pixels + np.random.default_rng(0).normal(0, 1.5, pixels.shape)


def test_nobody_steps_in_jumping_jacks() -> None:
    steps = cadence(jumping_jacks(), BLAZEPOSE_33, TIMES)
    assert np.isnan(steps.per_minute)
    assert steps.confidence == 0
    again = repetitions(jumping_jacks(), BLAZEPOSE_33, TIMES)
    assert again.per_minute == pytest.approx(60 * 0.84, rel=0.03)
    assert again.confidence > 0.8


@pytest.mark.parametrize("degrees", [0, 30, 60, 90])
def test_steps_are_counted_from_every_side(degrees: float) -> None:
    pixels, _ = seen_from(degrees, len(TIMES))
    assert cadence(pixels, BLAZEPOSE_33, TIMES).per_minute == pytest.approx(108, rel=0.03)
