"""A person's sightings, and what is measured from them instead of whole arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33
from limner.errors import RecordingError, UsageError
from limner.motion.angles import angles, angles_3d
from limner.motion.rhythm import cadence, rhythm
from limner.recording.recording import Recording
from support import walkers


def test_a_track_is_what_the_arrays_hold_of_a_person() -> None:
    walk = walkers.recording(cleaned=True)
    frames = [
        Poses.empty(BLAZEPOSE_33, frame.index, frame.time) if 30 <= row < 40 else frame
        for row, frame in enumerate(walk.frames)
    ]
    # Somebody else comes first among the people of a frame.
    frames[50] = frames[50][[1, 0]]
    walk = Recording(walk.header, tuple(frames))
    for column, person in enumerate(walk.people):
        track = walk.track(person)
        rows = np.flatnonzero(walk.present[:, column])
        np.testing.assert_array_equal(track.rows, rows)
        np.testing.assert_array_equal(track.times, walk.times[rows])
        for name in ("keypoints", "scores", "keypoints_3d", "raw_keypoints", "seen_keypoints"):
            whole = walk.seen_keypoints if name == "seen_keypoints" else getattr(walk, name)
            np.testing.assert_array_equal(getattr(track, name), whole[rows, column])
    with pytest.raises(UsageError, match="no person 9; it has 1, 2"):
        walk.track(9)


def test_angles_are_those_of_each_person_over_the_whole_recording() -> None:
    walk = walkers.recording()
    found, in_space = walk.angles(), walk.angles_3d()
    assert walk.keypoints_3d is not None
    for column in range(2):
        one = angles(walk.keypoints[:, column], walk.skeleton, walk.scores[:, column], 0.3)
        for name, values in one.items():
            np.testing.assert_array_equal(found[name][:, column], values)
        space = angles_3d(walk.keypoints_3d[:, column], walk.skeleton, walk.scores[:, column], 0.3)
        for name, values in space.items():
            np.testing.assert_array_equal(in_space[name][:, column], values)
    for row, each in enumerate(walk.frame_angles()):
        columns = [walk.people.index(int(person)) for person in walk[row].ids]
        for name, values in each.items():
            np.testing.assert_array_equal(values, found[name][row, columns])


def test_two_of_one_identity_are_refused() -> None:
    walk = walkers.recording()
    walk.frames[40].ids[:] = 1
    with pytest.raises(RecordingError, match="frame 40 has two people of the same identity"):
        walk.track(1)


def test_a_frame_without_space_is_missing_in_a_track() -> None:
    walk = walkers.recording(people=(1,))
    frames = list(walk.frames)
    frames[3] = replace(frames[3], keypoints_3d=None)
    track = Recording(walk.header, tuple(frames)).track(1)
    assert track.keypoints_3d is not None
    assert np.isnan(track.keypoints_3d[3]).all()
    assert not np.isnan(track.keypoints_3d[4]).any()


def test_alone_is_the_person_from_first_to_last() -> None:
    walk = walkers.recording()
    alone = walk.alone(2)
    assert (len(alone), alone.people, alone[0].index) == (75, (2,), 15)
    np.testing.assert_array_equal(alone.keypoints, walk.person(2).keypoints[15:])


@pytest.mark.parametrize("jump", [10.0, 1e6, 9e8])
def test_a_jump_of_the_clock_does_not_change_a_cadence(jump: float) -> None:
    """Evenly sampled, it would fill the memory."""
    times = np.arange(300) / 30
    points = walkers.walk(times)[..., :2]
    truth = cadence(points, BLAZEPOSE_33, times)
    assert truth.per_minute == pytest.approx(2 * 60 * walkers.STRIDES_PER_SECOND, rel=0.02)
    jumped = times + np.where(times > 8, jump, 0)
    found = cadence(points, BLAZEPOSE_33, jumped)
    assert found.per_minute == pytest.approx(truth.per_minute, rel=0.05)


def test_a_rhythm_of_frames_that_are_days_apart() -> None:
    assert np.isnan(rhythm(np.ones((50, 1)), np.arange(50) * 1e5).per_minute)
