"""What cleaning does to the sample clip: a man who does jumping jacks, walks and somersaults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner.core.oks import body_sizes
from limner.evaluation.steadiness import evaluate_recording
from limner.motion import speeds
from limner.recording.recording import Recording, load

# Jumping jacks, and the somersault from take-off to landing, by frame.
JACKS, FLIP = slice(0, 90), slice(150, 200)


@pytest.fixture(scope="module")
def recording(demo_recording: Path) -> Recording:
    return load(demo_recording)


@pytest.fixture(scope="module")
def man(recording: Recording) -> Recording:
    return recording.person(int(recording[0].ids[0]))


def tracks(man: Recording, *names: str) -> tuple[np.ndarray, np.ndarray]:
    """(T, names, 2) raw and clean, the same keypoints seen in both."""
    joints = [man.skeleton.index(name) for name in names]
    assert man.raw_keypoints is not None
    raw, clean = man.raw_keypoints[:, 0, joints], man.keypoints[:, 0, joints]
    seen = ~np.isnan(raw + clean)
    raw, clean = raw.astype(float), clean.astype(float)
    return np.where(seen, raw, np.nan), np.where(seen, clean, np.nan)


def test_jitter_falls_by_more_than_half_and_hardly_anything_moves(recording: Recording) -> None:
    figures = evaluate_recording(recording.frames, threshold=recording.header.threshold)
    assert figures.raw_keypoints is not None
    assert figures.keypoints.jitter is not None
    assert figures.raw_keypoints.jitter is not None
    assert figures.keypoints.jitter < 0.5 * figures.raw_keypoints.jitter
    moved = []
    for poses in recording:
        if len(poses):
            assert poses.raw_keypoints is not None
            distances = np.linalg.norm(poses.keypoints - poses.raw_keypoints, axis=2)
            moved.append((distances / body_sizes(poses.keypoints)[:, None]).ravel())
    assert np.nanmedian(np.concatenate(moved)) < 0.01


def test_the_somersault_is_not_flattened(man: Recording) -> None:
    raw, clean = (
        values[FLIP] for values in tracks(man, "left_hip", "right_hip", "left_ankle", "right_ankle")
    )
    fastest = [
        np.nanpercentile(speeds(values, man.times[FLIP])[:, :2].mean(axis=1), 95)
        for values in (raw, clean)
    ]
    # Raw values of the few frames in which he is upside down and plain to see are noisy both ways.
    assert 0.95 * fastest[0] < fastest[1] < 1.1 * fastest[0]
    size = np.nanmedian(np.ptp(raw[..., 1], axis=1))
    for extreme in (np.nanmin, np.nanmax):
        hips = [extreme(values[:, :2].mean(axis=1)[:, 1]) for values in (raw, clean)]
        assert hips[1] == pytest.approx(hips[0], abs=0.03 * size)


def test_the_jumping_jacks_keep_their_reach(man: Recording) -> None:
    raw, clean = (
        values[JACKS]
        for values in tracks(man, "left_wrist", "right_wrist", "left_ankle", "right_ankle", "nose")
    )
    height = np.nanmax(raw[..., 1]) - np.nanmin(raw[:, 4, 1])
    for wrist in (0, 1):  # up and down
        for extreme in (np.nanmin, np.nanmax):
            reached = [extreme(values[:, wrist, 1]) for values in (raw, clean)]
            assert reached[1] == pytest.approx(reached[0], abs=0.03 * height)
    for extreme in (np.nanmin, np.nanmax):  # apart and together
        apart = [extreme(abs(values[:, 2, 0] - values[:, 3, 0])) for values in (raw, clean)]
        assert apart[1] == pytest.approx(apart[0], abs=0.03 * height)
    # The jump itself, by which the head goes up and down.
    jump = [np.nanmax(values[:, 4, 1]) - np.nanmin(values[:, 4, 1]) for values in (raw, clean)]
    assert jump[1] > 0.95 * jump[0]


def test_a_body_turned_around_is_turned_back_with_its_legs(man: Recording) -> None:
    """He faces the camera all the time, so his left is on the image's right."""
    pairs = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    names = [f"{side}_{part}" for side in ("left", "right") for part in pairs]
    raw, clean = (values[JACKS, :, 0] for values in tracks(man, *names))
    turned = (raw[:, : len(pairs)] < raw[:, len(pairs) :]).all(axis=1)
    if not turned.any():
        pytest.skip("the model no longer takes his front for his back")
    left, right = clean[:, : len(pairs)], clean[:, len(pairs) :]
    assert (left > right).all()


def test_the_leg_in_front_stays_in_front(man: Recording) -> None:
    """He steps with his left leg; the stripe on his shorts says that his right one is behind."""
    # Before that his feet are beside each other.
    raw, clean = (values[106:120, :, 0] for values in tracks(man, "left_ankle", "right_ankle"))
    if (raw[:, 0] > raw[:, 1]).all():
        pytest.skip("the model no longer exchanges his legs")
    assert (clean[:, 0] > clean[:, 1] + 10).all()
