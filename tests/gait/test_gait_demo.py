"""The sample clip's walker against events counted by eye.

Her feet were looked at frame by frame, each in a window that stands still: a strike is counted
at the frame from which the heel goes no further, a toe-off at the first in which the toe is
clear of its place. Grass hides soles, so a count may be one frame off. She enters from behind a
tree (frame 38), walks to the left, and her foot of the strike at 189 is outside the image.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import limner
from limner.core.skeletons import COCO_17
from limner.gait.analysis import Gait, analyse

COUNTED = {
    ("right", "foot strike"): (60, 98, 134, 171),
    ("left", "foot strike"): (79, 116, 152),
    ("left", "toe-off"): (66, 103, 140, 176),
    ("right", "toe-off"): (85, 122, 158),
}
RATE = 30


def walker(recording: limner.Recording) -> Gait:
    """Return the gait of the one who walks; the man jumps, runs up and somersaults."""
    (gait,) = [gait for gait in analyse(recording) if gait.walks]
    return gait


def distances(gait: Gait, more: int = 0) -> dict[str, list[float]]:
    """Return how many frames each counted event is from the one that was found.

    Args:
        gait: hers.
        more: how many are found before and after those that can be seen by eye.
    """
    (passage,) = [passage for passage in gait.passages if passage.used]
    assert passage.direction == "left"
    assert len(passage.events) == sum(map(len, COUNTED.values())) + more
    result: dict[str, list[float]] = {"foot strike": [], "toe-off": []}
    for (side, kind), counted in COUNTED.items():
        found = [RATE * e.time for e in passage.events if (e.side, e.kind) == (side, kind)]
        result[kind] += [min(abs(one - frame) for one in found) for frame in counted]
    return result


def test_blazepose_within_a_frame(weights: list[Path], shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "videos" / "sports2d_demo.mp4"
    made = limner.annotate(
        source, output=tmp_path, video=False, format=("jsonl",), model="blazepose-full"
    )
    found = distances(walker(limner.load(made.paths[0])))
    assert max(found["foot strike"]) <= 1
    assert max(found["toe-off"]) <= 1


def test_the_default_within_a_frame_but_for_one_toe(demo_recording: Path) -> None:
    """In frame 122 it puts the far toe 26 pixels ahead of where it is, so that one is early."""
    found = distances(walker(limner.load(demo_recording)))
    assert max(found["foot strike"]) <= 1
    assert sorted(found["toe-off"])[-2] <= 1.1
    assert max(found["toe-off"]) <= 2.5


def test_ankles_alone_time_strikes(demo_recording: Path) -> None:
    """An ankle is furthest behind before the toe leaves the floor: toe-offs come early.

    Ankles are also found behind the tree and where the feet are outside the image already.
    """
    whole = limner.load(demo_recording)
    ankles = limner.Recording(
        replace(whole.header, skeleton=COCO_17), tuple(poses.to(COCO_17) for poses in whole)
    )
    gait = walker(ankles)
    assert any("no heels and toes" in note for note in gait.notes)
    found = distances(gait, more=3)
    assert max(found["foot strike"]) <= 1
    assert max(found["toe-off"]) <= 3


def test_her_measures(demo_recording: Path) -> None:
    """Seven strikes in 111 frames are 97 steps a minute; a stride moves her by 365 pixels."""
    gait = walker(limner.load(demo_recording))
    measures = {each.name: each.both for each in gait.measures}
    assert measures["cadence"].mean == pytest.approx(60 * 6 / (111 / RATE), rel=0.01)
    assert measures["stride_length"].mean * gait.leg == pytest.approx(365, rel=0.04)
    assert 58 < measures["stance"].mean < 68
    assert measures["stride_time"].count == 5
    knee = next(c for c in gait.cycles if (c.side, c.joint) == ("left", "knee"))
    assert 50 < knee.mean.max() < 75  # bends most in swing ...
    assert 60 < knee.mean.argmax() < 85
    assert abs(knee.mean[0]) < 15  # ... and strikes nearly straight
