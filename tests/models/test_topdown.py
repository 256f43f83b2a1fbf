"""Following, searching and suppressing work for any detector and pose network."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.steps import run
from limner.models.base import FILE, LIVE, Pace
from limner.models.onestage import OneStage
from limner.models.topdown import Crop, Detection, Look, Rules, Search, TopDown, WhenTurned
from limner.models.topdown.fuse import fuse
from limner.models.topdown.suppress import nms_regions
from limner.tracking import Tracker
from support.dots import (
    FOUR,
    DotDetector,
    DotPose,
    Nudge,
    UprightPose,
    dot_model,
    dots,
    draw,
    turn,
)

People = Callable[[int], list[Floats]]


def walkers(index: int) -> list[Floats]:
    """Two people who walk towards each other on different heights of the image."""
    return [dots(100 + 3 * index, 150, 160), dots(540 - 3 * index, 330, 200)]


def video(people: People, count: int) -> Iterator[Frame]:
    for index in range(count):
        yield Frame(draw(people(index)), index, index / 30)


def nearest(found: Floats, person: Floats) -> float:
    """Return how far the pose that is nearest to a person is from it, at most, in pixels."""
    if len(found) == 0:
        return float("inf")
    return float(np.linalg.norm(found - person, axis=2).max(axis=1).min())


@pytest.mark.parametrize("count", [0, 1, 3])
def test_everyone_in_an_image(count: int) -> None:
    people = [dots(120 + 200 * i, 200 + 30 * i, 150) for i in range(count)]
    (poses,) = dot_model().estimate([Frame(draw(people), 4, 0.2)])
    assert (len(poses), poses.index, poses.time) == (count, 4, 0.2)
    assert poses.keypoints_3d is None
    for person in people:
        assert nearest(poses.keypoints, person) < 1.5


def test_several_images_at_once() -> None:
    frames = [Frame(draw([dots(100 + 150 * i, 240, 180)]), i) for i in range(3)]
    found = dot_model().estimate(frames)
    for index, poses in enumerate(found):
        assert nearest(poses.keypoints, dots(100 + 150 * index, 240, 180)) < 1.5


@pytest.mark.parametrize("pace", [FILE, LIVE, Pace(look_ahead=8, batch=8), Pace(0, 4)])
def test_people_are_followed_at_any_pace(pace: Pace) -> None:
    model = dot_model()
    seen = list(run(video(walkers, 60), model.session(pace)))
    assert [each.frame.index for each in seen] == list(range(60))
    for index, each in enumerate(seen):
        assert len(each.people) == 2
        for person in walkers(index):
            assert nearest(each.people.keypoints, person) < 1.5


def test_they_keep_their_identity() -> None:
    tracker = Tracker(dot_model().info.skeleton)
    ids = [
        tracker.push(each.people)[0].ids.tolist()
        for each in run(video(walkers, 60), dot_model().session())
    ]
    assert ids == [[1, 2]] * 60


def test_people_go_through_a_batch_together() -> None:
    alone, together = DotPose(), DotPose()
    for pose, pace in ((alone, LIVE), (together, Pace(0, 8))):
        model = dot_model()
        model.pose = pose
        list(run(video(walkers, 20), model.session(pace)))
    assert set(alone.batches) == {1}
    assert together.batches.count(2) >= 18


def test_a_batch_may_hold_people_of_several_frames() -> None:
    pose = DotPose()
    people = [dots(200, 200, 150), dots(420, 260, 180)]
    crops = [Crop(Frame(draw([person])), pose.region(detection_of(person))) for person in people]
    looks = pose.start(crops)()
    for look, person in zip(looks, people, strict=True):
        np.testing.assert_allclose(look.keypoints, person, atol=1.5)


def detection_of(person: Floats) -> Detection:
    (x, top), (_, bottom) = person[0].tolist(), person[3].tolist()
    height = bottom - top
    return Detection(Region(x, (top + bottom) / 2, 0.4 * height, height), 0.9)


def test_who_is_away_is_let_go_and_found_again() -> None:
    def comes_and_goes(index: int) -> list[Floats]:
        stays, other = walkers(index)
        return [stays] if 20 <= index < 50 else [stays, other]

    seen = list(run(video(comes_and_goes, 90), dot_model().session()))
    counts = [len(each.people) for each in seen]
    assert counts[:20] == [2] * 20
    assert counts[20:50] == [1] * 30
    # The whole image is looked through in half a second.
    assert counts[66:] == [2] * 24


def test_whoever_leaves_by_the_border_is_let_go() -> None:
    def leaves(index: int) -> list[Floats]:
        return [dots(560 + 4 * index, 240, 180)]

    seen = list(run(video(leaves, 60), dot_model().session()))
    assert len(seen[5].people) == 1
    assert len(seen[-1].people) == 0
    half_in = seen[25].people  # the left hand is still in the image
    for pose in half_in.keypoints:
        assert np.isnan(pose).any()


def test_nobody() -> None:
    seen = list(run(video(lambda index: [], 12), dot_model().session()))
    assert [len(each.people) for each in seen] == [0] * 12


def test_a_cut_is_searched_at_once() -> None:
    def cut(index: int) -> list[Floats]:
        return [dots(150, 200, 150)] if index < 10 else [dots(480, 250, 190)]

    counts = [len(each.people) for each in run(video(cut, 20), dot_model().session())]
    assert counts == [1] * 20


def test_at_most_so_many_are_followed() -> None:
    model = dot_model(max_people=1)
    seen = list(run(video(walkers, 10), model.session()))
    for index, each in enumerate(seen):
        (pose,) = each.people.keypoints
        assert nearest(pose[None], walkers(index)[1]) < 1.5  # the larger one
    (poses,) = model.estimate([Frame(draw(walkers(0)))])
    assert len(poses) == 1


def test_the_search_is_spread_over_the_frames() -> None:
    detector = DotDetector()
    model = dot_model(search=Search((1.0, 0.5), period=0.5))
    model.detector = detector
    list(run(video(walkers, 61), model.session(LIVE)))
    tiles = max(detector.areas)  # the first frame is searched whole
    later = sum(detector.areas) - tiles
    assert tiles > 4
    assert later == pytest.approx(tiles * 4, abs=tiles)  # two seconds, half a second each
    assert sorted(detector.areas)[-2] <= 2


def test_refiners_in_images_and_in_videos() -> None:
    plain, image, both = (
        dot_model(),
        dot_model(refiners=[Nudge()]),
        dot_model(refiners=[Nudge()], video_refiners=[Nudge()]),
    )
    frame = Frame(draw(walkers(0)))

    def heads(model: TopDown) -> tuple[list[float], list[float]]:
        (alone,) = model.estimate([frame])
        (seen,) = model.session(LIVE).push(frame)
        return sorted(alone.keypoints[:, 0, 0]), sorted(seen.people.keypoints[:, 0, 0])

    still, moving = heads(plain)
    moved = np.array([[1.0], [0.0]])
    assert np.allclose(np.array(heads(image)) - moved, np.array([still, moving]))
    assert np.allclose(np.array(heads(both)) - 1, np.array([still, moving]))


def test_looks_at_a_body_are_averaged_over_what_they_see() -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), 3, 0.1)
    region = Region(200, 200, 150, 200)
    first, second = dots(200, 200, 150), dots(204, 200, 150)
    second[1] = np.nan  # only the first look sees the left hand, nobody the foot
    first[3] = second[3] = np.nan
    first[0] = np.nan

    def look(points: Floats, score: float) -> Look:
        scores = np.where(np.isnan(points[:, 0]), np.nan, 0.8).astype(np.float32)
        return Look(points, scores, score, 1.0, region, region)

    looks = [look(first, 0.9), look(second, 0.8)]
    poses = fuse(looks, FOUR, frame, one_body=0.1, same_look=0.1, sharpness=4)
    assert (len(poses), poses.index) == (1, 3)
    expected = np.array([second[0], first[1], (first[2] + second[2]) / 2, [np.nan, np.nan]])
    np.testing.assert_allclose(poses.keypoints[0], expected, rtol=1e-5)
    np.testing.assert_allclose(poses.scores[0], [0.8, 0.8, 0.8, np.nan], rtol=1e-5)


@pytest.mark.parametrize(("look_ahead", "behind"), [(0, 0), (1, 1), (2, 2), (16, 4)])
def test_frames_side_by_side_are_no_further_ahead_than_the_pace(
    look_ahead: int, behind: int
) -> None:
    def maps(frame: Frame, *, repeated: bool = False) -> Floats:
        return np.zeros((1, 1), np.float32)

    info = dot_model().info
    model = OneStage(info, maps, lambda frame, _: Poses.empty(FOUR, frame.index), at_once=4)
    session, answered, most = model.session(Pace(look_ahead)), 0, 0
    for frame in video(lambda index: [], 12):
        most = max(most, frame.index - answered)
        answered += len(session.push(frame))
    assert most == behind
    assert answered + len(session.flush()) == 12


def test_one_region_for_each_body() -> None:
    one = Detection(Region(100, 100, 80, 200), 0.6)
    same = Detection(Region(105, 104, 90, 220), 0.8)
    other = Detection(Region(300, 100, 80, 200), 0.5)
    assert nms_regions([one, same, other], 0.15) == [same, other]


def upright_model(**options: object) -> TopDown:
    """Return a model whose pose network knows upright people only."""
    search = Search((1.0,), merge=0.05, turned=WhenTurned(0.3, 0.8, period=0.1))
    model = dot_model(**{"search": search, **options})
    model.pose = UprightPose()
    return model


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_turned_people_are_found_in_turned_squares(quarters: int) -> None:
    person = turn(dots(320, 240, 160), quarters)
    model = upright_model()
    (poses,) = model.estimate([Frame(draw([person]))])
    assert nearest(poses[poses.person_scores > 0.5].keypoints, person) < 2.5
    assert isinstance(model.detector, DotDetector)
    # The turned squares are looked through only where nobody is read upright.
    assert model.detector.areas == [1] if quarters == 0 else [1, 3]


def test_networks_that_know_turned_people_are_not_asked_twice() -> None:
    model = dot_model()
    model.pose = UprightPose()
    (poses,) = model.estimate([Frame(draw([turn(dots(320, 240, 160), 2)]))])
    assert not (poses.person_scores > 0.5).any()
    assert isinstance(model.detector, DotDetector)
    assert model.detector.areas == [1]


def test_turned_squares_take_turns_in_videos() -> None:
    """Somebody who stands is followed; somebody who hangs by the feet comes in later."""

    def comes(index: int) -> list[Floats]:
        standing = dots(150, 240, 160)
        return [standing] if index < 10 else [standing, turn(dots(320, 240, 150), 2)]

    model = upright_model()
    seen = list(run(video(comes, 40), model.session()))
    assert [len(each.people) for each in seen[:10]] == [1] * 10
    for each in seen[-10:]:
        for person in comes(each.frame.index):
            assert nearest(each.people.keypoints, person) < 2.5


def test_only_so_many_are_looked_at() -> None:
    people = [dots(80 + 90 * i, 240, 120) for i in range(6)]
    model = dot_model(search=Search((1.0,), most=4))
    (poses,) = model.estimate([Frame(draw(people))])
    assert len(poses) == 4


@pytest.mark.parametrize(("missed_for", "found_at"), [(0.0, 23), (0.5, 20)])
def test_who_is_missed_is_looked_for_in_turns(missed_for: float, found_at: int) -> None:
    """Somebody turns over between two frames; nobody searches while another may be followed."""

    def flips(index: int) -> list[Floats]:
        return [turn(dots(320, 240, 160), 2 if index >= 20 else 0)]

    search = Search((1.0,), merge=0.05, turned=WhenTurned(0.3, 0.8, period=9), period=9)
    model = upright_model(search=search, rules=Rules(missed_for=missed_for))
    frames = [flips(index) for index in range(30)]
    seen = list(run(video(lambda index: [dots(90, 240, 100), *frames[index]], 30), model.session()))
    counts = [len(each.people) for each in seen]
    assert counts[:20] == [2] * 20
    assert counts[20:] == ([2] * 10 if missed_for else [1] * 10)
    if missed_for:
        assert nearest(seen[20].people.keypoints, flips(20)[0]) < 2.5


def test_nobody_is_missed_for_ever() -> None:
    pose = UprightPose()
    model = upright_model(rules=Rules(missed_for=0.2))
    model.pose = pose

    def leaves(index: int) -> list[Floats]:
        return [dots(150, 240, 160), *([dots(450, 240, 160)] if index < 10 else [])]

    list(run(video(leaves, 40), model.session(LIVE)))
    # One look a frame at who stays, and while the other is missed four more.
    assert sum(pose.batches[-10:]) == 10
