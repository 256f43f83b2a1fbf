"""Stretches of a curve that are to be hatched: by the keypoints' flags, and by the view."""

from __future__ import annotations

import numpy as np

from limner.core.flags import Flag
from limner.core.skeletons import COCO_17
from limner.recording.track import Track
from limner.report.marks import marks
from support.people import body

ROWS = np.array([3, 4, 5, 6, 7, 10, 11, 12])


def track(flags: dict[tuple[str, int], Flag]) -> Track:
    """Return somebody who stands, with flags at keypoints and sightings."""
    count = len(ROWS)
    points = np.repeat(body(50, 5, 90)[None], count, axis=0)
    each = np.zeros((count, 17), np.uint8)
    for (keypoint, row), flag in flags.items():
        each[row, COCO_17.index(keypoint)] |= flag
    scores = np.ones((count, 17), np.float32)
    return Track(1, COCO_17, 0.3, ROWS, ROWS / 10, points, scores, None, None, each)


def test_a_knee_has_the_marks_of_hip_knee_and_ankle() -> None:
    person = track(
        {
            ("left_hip", 0): Flag.FILLED,
            ("left_ankle", 1): Flag.REPLACED,
            ("left_knee", 5): Flag.DOUBTFUL,
            ("left_knee", 6): Flag.DOUBTFUL | Flag.FILLED,
            ("right_knee", 3): Flag.FILLED,
            ("left_wrist", 4): Flag.DOUBTFUL,
            ("left_knee", 7): Flag.EXCHANGED | Flag.OUTSIDE,
        }
    )
    assert marks(person, "left_knee_deg", None) == {
        "filled": [(3, 4), (11, 11)],
        "doubtful": [(10, 11)],
    }
    assert marks(person, "right_knee_x", None) == {"filled": [(6, 6)]}
    assert marks(person, "nose_y", None) == {}


def test_a_knee_cannot_be_measured_from_the_front() -> None:
    view = np.array([0.0, 10.0, 80.0, 80.0, np.nan, 45.0, 20.0, 90.0])
    person = track({})
    assert marks(person, "left_knee_deg", view) == {"not measurable from here": [(3, 4), (10, 11)]}
    assert marks(person, "left_knee_x", view) == {}
    assert marks(person, "view_deg", view) == {}
