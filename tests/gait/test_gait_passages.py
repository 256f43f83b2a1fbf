"""What is no walk across the image is said, and never measured."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import integers

from limner.core.arrays import Doubles
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, SKELETONS
from limner.errors import RecordingError, UsageError
from limner.gait.analysis import Gait, analyse
from limner.recording.recording import Recording
from support import figures
from support.gaits import recording, walk
from support.walkers import header

TIMES = np.arange(240) / 30


def gait_of(keypoints: Doubles, times: Doubles = TIMES) -> Gait:
    (gait,) = analyse(recording(keypoints, times))
    return gait


def nothing(gait: Gait) -> str:
    """Return all the reasons, after a look that nothing was measured."""
    assert not gait.walks
    assert not gait.measures
    assert not gait.cycles
    assert not gait.strides
    assert all(not passage.events for passage in gait.passages)
    assert all(passage.reason for passage in gait.passages)
    return "; ".join(passage.reason for passage in gait.passages)


def towards_camera(count: int = 240) -> Doubles:
    """Somebody who walks at the camera: the body is wide, and feet point at it."""
    phase = 2 * np.pi * TIMES[:count]
    points = figures.figure(count, root=(400.0, 300.0), width=0.35)
    for side, shift in (("left", 0.0), ("right", np.pi)):
        for name in ("ankle", "heel", "foot_index"):
            place = BLAZEPOSE_33.index(f"{side}_{name}")
            points[:, place, 0] = points[:, BLAZEPOSE_33.index(f"{side}_knee"), 0]
            points[:, place, 1] += 12 * np.sin(phase + shift)
    return points


@pytest.mark.parametrize("move", [figures.stand, figures.jump])
def test_feet_that_do_not_step(move: Callable[[Doubles], Doubles]) -> None:
    rng = np.random.default_rng(1)
    points = move(TIMES)
    assert "the feet do not step" in nothing(gait_of(points + rng.normal(0, 2, points.shape)))


def test_who_faces_the_camera() -> None:
    assert "faces the camera" in nothing(gait_of(towards_camera()))


def seen_at(degrees: float) -> Doubles:
    """Somebody who walks on a treadmill that is turned out of the image's plane."""
    points = walk(TIMES, treadmill=True).keypoints
    middle = points[:, [BLAZEPOSE_33.index("left_hip")], 0]
    points[..., 0] = middle + (points[..., 0] - middle) * np.cos(np.radians(degrees))
    for side, sign in (("left", -1), ("right", 1)):
        # Shoulders are three quarters of the trunk's 120 pixels apart.
        across = sign * 0.5 * 0.75 * 120 * np.sin(np.radians(degrees))
        points[:, BLAZEPOSE_33.index(f"{side}_shoulder"), 0] += across
    return points


def test_the_side_need_not_be_exact_but_near() -> None:
    assert gait_of(seen_at(0)).walks
    assert gait_of(seen_at(20)).walks
    assert "not clearly seen from the side" in nothing(gait_of(seen_at(55)))
    assert "not clearly seen from the side" in nothing(gait_of(seen_at(80)))


def test_nobody_is_there() -> None:
    empty = tuple(Poses.empty(BLAZEPOSE_33, index, index / 30) for index in range(30))
    assert analyse(Recording(header(), empty)) == []


@pytest.mark.parametrize("part", ["left_ankle", "right_hip"])
def test_what_is_unseen(part: str) -> None:
    points = walk(TIMES).keypoints
    points[:, BLAZEPOSE_33.index(part)] = np.nan
    assert nothing(gait_of(points)) == "hips or ankles are unseen"


def test_one_stride_only() -> None:
    found = walk(TIMES)
    first = found.strikes["left"][1]
    inside = (first - 0.3 < TIMES) & (first + 1.4 > TIMES)
    reason = nothing(gait_of(found.keypoints[inside], TIMES[inside]))
    assert "too few strides: 1 whole stride, of 2" in reason


def test_a_turn_in_mid_walk() -> None:
    """Right, through the camera, and left: two passages, and the turn between is none."""
    there = walk(TIMES).keypoints
    back = walk(TIMES, direction=-1).keypoints
    place = BLAZEPOSE_33.index("left_hip")
    turn = towards_camera(30)
    turn += there[-1, place] - turn[-1, place]
    back += there[-1, place] - back[0, place]
    times = np.arange(510) / 30
    gait = gait_of(np.concatenate([there, turn, back]), times)
    used = [passage for passage in gait.passages if passage.used]
    assert [passage.direction for passage in used] == ["right", "left"]
    assert not any("far one" in note for note in gait.notes)
    assert [passage.reason for passage in gait.passages if not passage.used] == ["turns round"]
    for stride in gait.strides:
        assert stride.end < 8.2 or stride.start > 8.8
    length = next(each for each in gait.measures if each.name == "stride_length")
    assert length.both.mean == pytest.approx(1.6, rel=0.02)


def test_a_stop_in_mid_walk() -> None:
    first = walk(TIMES).keypoints
    stop = np.repeat(first[-1:], 120, axis=0)
    gait = gait_of(np.concatenate([first, stop]), np.arange(360) / 30)
    assert [p.reason for p in gait.passages] == ["", "stands: the feet do not step"]
    assert all(stride.end < 8.1 for stride in gait.strides)


def test_gaps_part_passages() -> None:
    times = np.concatenate([TIMES[:120], TIMES[120:] + 5.0])
    keypoints = walk(TIMES).keypoints
    gait = gait_of(keypoints, times)
    reasons = [passage.reason for passage in gait.passages]
    assert reasons == ["", "the frames lie too far apart in time", ""]
    assert all(not stride.start < times[119] < stride.end for stride in gait.strides)


@pytest.mark.parametrize("rate", [1.0, 5.0, 12.0])
def test_too_few_frames(rate: float) -> None:
    times = np.arange(round(20 * rate)) / rate
    assert nothing(gait_of(walk(times).keypoints, times))


def test_days_apart() -> None:
    """They take no memory, and what is after them is measured, too."""
    times = TIMES.copy()
    times[120:] += 1e7
    gait = gait_of(walk(TIMES).keypoints, times)
    assert [passage.used for passage in gait.passages] == [True, False, True]
    assert gait.passages[2].start == times[120]


def test_who_is_away_is_unseen() -> None:
    """The frames go on; it is the person who is not in them."""
    frames = list(recording(walk(TIMES).keypoints, TIMES))
    for row in range(110, 130):
        frames[row] = Poses.empty(BLAZEPOSE_33, row, TIMES[row])
    (gait,) = analyse(Recording(header(), tuple(frames)))
    reasons = [passage.reason for passage in gait.passages]
    assert reasons == ["", "hips or ankles are unseen", ""]


def test_who_is_upside_down() -> None:
    """As a camera that hangs, or somebody on their hands: flexion would have the wrong sign."""
    assert nothing(gait_of(walk(TIMES).keypoints * [1, -1])) == "is not upright"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("what", "keypoints", "times"),
    [
        ("one time", walk(TIMES).keypoints, TIMES * 0),
        ("a slide show", walk(TIMES).keypoints, TIMES * 3600),
        ("no size", walk(TIMES).keypoints * 0, TIMES),
        ("nothing seen", walk(TIMES).keypoints * np.nan, TIMES),
        ("two frames", walk(TIMES).keypoints[:2], TIMES[:2]),
        ("noise", np.random.default_rng(0).normal(500, 80, (240, 33, 2)), TIMES),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_odd_recordings(what: str, keypoints: Doubles, times: Doubles) -> None:
    gait = gait_of(keypoints, times)
    assert nothing(gait), what
    assert len(gait.passages) < 6


@pytest.mark.filterwarnings("error")
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(integers(0, 2**32 - 1))
def test_anything_is_measured_or_told(seed: int) -> None:
    """Walks with holes, exchanged legs, outliers and frames left out."""
    rng = np.random.default_rng(seed)
    noise, holes, outliers, swaps, left_out = rng.uniform(0, [20, 0.6, 0.1, 0.3, 0.6])
    keypoints = walk(TIMES, noise=noise, seed=seed).keypoints
    keypoints[rng.random((240, 33)) < holes * rng.integers(0, 2)] = np.nan
    keypoints[rng.random((240, 33)) < outliers * rng.integers(0, 2)] *= rng.uniform(-3, 3)
    swapped = rng.random(240) < swaps * rng.integers(0, 2)
    keypoints[swapped] = keypoints[swapped][:, list(BLAZEPOSE_33.mirror)]
    kept = rng.random(240) >= left_out * rng.integers(0, 2)
    kept[:2] = True
    gait = gait_of(keypoints[kept], TIMES[kept])
    if not gait.walks:
        nothing(gait)
    for stride in gait.strides:
        assert 0.4 <= stride.time <= 2.5
        assert 0 < stride.stance < 100
        assert 0 < stride.double_support < 100
    for passage, after in pairwise(gait.passages):
        assert passage.start <= passage.end <= after.start


def test_a_run_has_no_double_support() -> None:
    found = walk(TIMES, stride=0.75, stance=0.36, length=2.2)
    assert "as in a run" in nothing(gait_of(found.keypoints))


def test_one_frame_and_no_legs() -> None:
    one = recording(walk(TIMES).keypoints[:1], TIMES[:1])
    with pytest.raises(RecordingError, match="has 1 frame, and a gait is measured over time"):
        analyse(one)
    hand = next(s for s in SKELETONS.values() if "left_hip" not in s.keypoints)
    with pytest.raises(RecordingError, match=f"skeleton {hand.name} .* has no left_hip"):
        analyse(Recording(header(hand), (one[0].to(hand), one[0].to(hand))))


def test_a_height_is_one_persons() -> None:
    one = walk(TIMES).keypoints
    both = recording(np.stack([one, one + 50], axis=1), TIMES)
    with pytest.raises(UsageError, match=r"--height is one person's, and 2 people walk .*\(1, 2\)"):
        analyse(both, height=1.75)
    (gait,) = analyse(both, height=1.75, person=2)
    assert gait.unit == "m"
    each = analyse(both, height={2: 175})
    assert [gait.unit for gait in each] == ["leg lengths", "m"]
    with pytest.raises(UsageError, match="no person 3"):
        analyse(both, height={3: 1.75})
    still = recording(np.stack([one, figures.stand(TIMES)], axis=1), TIMES)
    assert [gait.walks for gait in analyse(still, height=1.75)] == [True, False]


@pytest.mark.parametrize("height", [17.5, -1.0, float("nan")])
def test_no_height_of_a_person(height: float) -> None:
    with pytest.raises(UsageError, match="--height"):
        analyse(recording(walk(TIMES).keypoints, TIMES), height=height)
