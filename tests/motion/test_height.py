"""A person's standing height, on figures of known size and on people measured by eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17, OPENPOSE_18, Skeleton
from limner.errors import UsageError
from limner.motion.height import segment_lengths, standing_height
from limner.recording.recording import load
from support import walkers
from support.figures import LENGTHS, MOVEMENTS, figure, spoil

TIMES = np.arange(180) / 30
# The trunk of a figure is 150 pixels; shank, thigh and trunk are 0.779 of a height.
FIGURE = 150 * (1 + LENGTHS["thigh"] + LENGTHS["shank"]) / 0.779


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_the_posture_does_not_matter(movement: str) -> None:
    keypoints = MOVEMENTS[movement](TIMES)
    assert standing_height(keypoints, BLAZEPOSE_33) == pytest.approx(FIGURE)
    spoilt = spoil(TIMES, keypoints, np.random.default_rng(0), swaps=3)
    found = standing_height(spoilt.keypoints, BLAZEPOSE_33, spoilt.scores)
    assert found == pytest.approx(FIGURE, rel=0.02)


@pytest.mark.parametrize("jitter", [0.0, 2.0, 4.0])
@pytest.mark.parametrize("yaw", [0, 30, 60, 90])
def test_a_walk_seen_from_any_side(yaw: float, jitter: float) -> None:
    """Legs that swing along the view look short, unsure keypoints make segments look long."""
    walk = walkers.walk(TIMES)
    turn = np.radians(yaw)
    across = walk[..., 0] * np.cos(turn) + walk[..., 2] * np.sin(turn)
    keypoints = np.stack([across, walk[..., 1]], axis=2) * walkers.PIXELS_PER_METRE
    keypoints += np.random.default_rng(0).normal(size=keypoints.shape) * jitter
    truth = walkers.HEIGHT * walkers.PIXELS_PER_METRE
    assert standing_height(keypoints, BLAZEPOSE_33) == pytest.approx(truth, rel=0.031)
    lengths = segment_lengths(keypoints, BLAZEPOSE_33)
    for name, metres in (
        ("shank", walkers.SHANK),
        ("thigh", walkers.THIGH),
        ("trunk", walkers.TRUNK),
    ):
        assert lengths[name] == pytest.approx(metres * walkers.PIXELS_PER_METRE, rel=0.06)


@given(
    angle=st.floats(0, 360),
    scale=st.floats(0.01, 100),
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
)
def test_it_turns_and_grows_with_the_person(angle: float, scale: float, x: float, y: float) -> None:
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    keypoints = figure(3, knee=40, hip=20) @ np.array([[c, s], [-s, c]]) * scale + (x, y)
    assert standing_height(keypoints, BLAZEPOSE_33) == pytest.approx(FIGURE * scale, rel=1e-6)


def test_in_metres() -> None:
    assert standing_height(walkers.walk(TIMES), BLAZEPOSE_33) == pytest.approx(walkers.HEIGHT)


@pytest.mark.parametrize("skeleton", [COCO_17, OPENPOSE_18, BODY_25])
def test_on_other_bodies(skeleton: Skeleton) -> None:
    walk = walkers.recording(people=(1,), skeleton=skeleton)
    found = standing_height(walk.keypoints[:, 0], skeleton)
    assert found == pytest.approx(walkers.HEIGHT * walkers.PIXELS_PER_METRE, rel=0.001)


def test_one_side_is_enough_and_none_is_not() -> None:
    keypoints = figure(30)
    scores = np.ones(keypoints.shape[:2])
    scores[:, BLAZEPOSE_33.index("left_knee")] = 0.2
    assert standing_height(keypoints, BLAZEPOSE_33, scores, 0.5) == pytest.approx(FIGURE)
    scores[:, BLAZEPOSE_33.index("right_knee")] = 0.2
    assert np.isnan(standing_height(keypoints, BLAZEPOSE_33, scores, 0.5))
    lengths = segment_lengths(keypoints, BLAZEPOSE_33, scores, 0.5)
    assert [name for name, length in lengths.items() if np.isnan(length)] == ["shank", "thigh"]
    assert np.isnan(standing_height(figure(3)[:0], BLAZEPOSE_33))


def test_a_skeleton_without_legs_has_no_height() -> None:
    hand = Skeleton("hand", ("wrist", "thumb"), edges=((0, 1),), sigmas=(0.1, 0.1))
    assert np.isnan(standing_height(np.zeros((9, 2, 2)), hand))
    with pytest.raises(UsageError, match=r"must have shape \(n, 2, 2\)"):
        standing_height(figure(9), hand)


def test_the_two_people_of_the_sample_clip(demo_recording: Path) -> None:
    """Crown to sole where they stand or pass upright, measured in the images by hand.

    The man on the roof: 380 and 383 pixels in frames 0 and 10. The woman, who comes nearer:
    402, 417, 417, 427 and 426 in frames 50, 110, 140, 160 and 180.
    """
    recording = load(demo_recording)
    found = [
        standing_height(recording.seen_keypoints[:, column], recording.skeleton)
        for column in np.flatnonzero(recording.present.sum(axis=0) > 100)
    ]
    # MoveNet puts the woman's hips and shoulders a little farther apart than they are.
    assert sorted(found) == [pytest.approx(381, rel=0.025), pytest.approx(418, rel=0.035)]
