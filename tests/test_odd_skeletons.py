"""People of any skeleton go the whole way: whole bodies, a hand, a dog."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner import load
from limner.cleaning import Cleaner
from limner.core.frame import Frame
from limner.core.oks import nms_oks, pose_similarity
from limner.core.poses import Poses
from limner.core.skeletons import COCO_WHOLEBODY_133, HAND_21, Skeleton
from limner.drawing import Canvas, Style, parse_style
from limner.drawing.annotators import Annotator, BlackAnnotator, BoxAnnotator, SkeletonAnnotator
from limner.drawing.faces import FaceBlur, head_of
from limner.drawing.labels import AngleAnnotator, IdAnnotator
from limner.drawing.trails import TrailAnnotator
from limner.errors import RecordingError
from limner.export import FORMATS, export
from limner.recording.recording import Recording
from limner.report.page import write_report
from limner.tracking.confirmation import Confirmation
from limner.tracking.tracker import Tracker
from support import skeletons

odd = pytest.mark.parametrize("skeleton", skeletons.ODD, ids=lambda skeleton: skeleton.name)


def followed(skeleton: Skeleton, lag: int) -> list[Poses]:
    """Return what comes out of tracking, confirmation and cleaning."""
    frames = skeletons.walking(skeleton)
    for step in (Tracker(skeleton), Confirmation(15), Cleaner(skeleton, lag=lag)):
        frames = [*(out for poses in frames for out in step.push(poses)), *step.flush()]
    return frames


def recorded(skeleton: Skeleton) -> Recording:
    return Recording(skeletons.header(skeleton), tuple(followed(skeleton, 10)), complete=True)


def in_space(walk: Recording) -> Recording:
    """Return the recording with 3-D in which every keypoint has a depth of its own."""
    depth = np.random.default_rng(0).uniform(-0.2, 0.2, len(walk.skeleton))
    frames = []
    for poses in walk:
        flat = poses.keypoints / 100
        deep = np.broadcast_to(depth, flat.shape[:2])[..., None]
        points = np.concatenate([flat, deep], axis=2).astype(np.float32)
        frames.append(replace(poses, keypoints_3d=points))
    return replace(walk, frames=tuple(frames))


@odd
@pytest.mark.parametrize("lag", [0, 10])
def test_people_are_followed_and_cleaned(skeleton: Skeleton, lag: int) -> None:
    frames = followed(skeleton, lag)
    assert [poses.index for poses in frames] == list(range(40))
    assert all(poses.ids.tolist() == [1, 2] for poses in frames)
    raw = skeletons.walking(skeleton)
    for before, after in zip(raw, frames, strict=True):
        np.testing.assert_allclose(after.keypoints[0], before.keypoints[0], atol=4)
    if lag:  # the gaps of a frame are filled
        assert not any(np.isnan(poses.keypoints).any() for poses in frames[1:-1])


@odd
def test_everything_is_drawn(skeleton: Skeleton) -> None:
    style = parse_style("classic")
    annotators: list[Annotator] = [
        *(BlackAnnotator(), TrailAnnotator(0.5, style), SkeletonAnnotator(style)),
        *(BoxAnnotator(style), AngleAnnotator(style), IdAnnotator(style)),
    ]
    faces = FaceBlur()
    for poses in followed(skeleton, 0)[:5]:
        frame = Frame(np.full((120, 320, 3), 90, np.uint8), poses.index, poses.time)
        faces.see(poses)
        faces.blur(frame)
        canvas = Canvas(frame)
        for annotator in annotators:
            annotator.draw(canvas, poses)
        assert (frame.image != 0).any()


@odd
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_it_or_says_why_not(
    name: str, skeleton: Skeleton, tmp_path: Path
) -> None:
    options = {"scale": 0.01} if name == "trc" else {}
    walk, path = recorded(skeleton), tmp_path / "walk"
    if name == "bvh":
        walk = in_space(walk)
    refused = {
        "coco-wholebody-133": (),
        "hand-21": ("coco", "openpose", "opensim-mot", "bvh"),
        "dog-17": ("coco", "openpose"),
    }
    if name in refused[skeleton.name]:
        with pytest.raises(RecordingError, match=f"skeleton {skeleton.name} has no") as caught:
            export(walk, name, path, **options)
        assert str(caught.value).count("\n") == 0
        assert not path.exists()
    else:
        assert all(each.exists() for each in export(walk, name, path, **options))


@odd
def test_the_recording_says_the_skeleton(skeleton: Skeleton, tmp_path: Path) -> None:
    walk = recorded(skeleton)
    export(walk, "jsonl", tmp_path / "walk.jsonl", angles=True)
    again = load(tmp_path / "walk.jsonl")
    assert again.skeleton == skeleton
    np.testing.assert_allclose(again.keypoints, walk.keypoints, atol=0.006)


@odd
def test_the_report_shows_what_there_is(skeleton: Skeleton, tmp_path: Path) -> None:
    page = tmp_path / "walk.html"
    write_report(recorded(skeleton), page)
    text = page.read_text(encoding="utf-8")
    assert f"{skeleton.name}, {len(skeleton)} keypoints" in text
    assert {
        "coco-wholebody-133": "left_knee_deg",
        "hand-21": "thumb_4_x",
        "dog-17": "left_hip_deg",
    }[skeleton.name] in text


def test_a_whole_body_in_openpose_json(tmp_path: Path) -> None:
    walk = recorded(COCO_WHOLEBODY_133)
    export(walk, "openpose", tmp_path / "walk")
    first = json.loads(sorted((tmp_path / "walk").iterdir())[0].read_text())
    person, poses = first["people"][0], walk.frames[0]
    for key, part, count in (
        ("face_keypoints_2d", "face", 70),
        ("hand_left_keypoints_2d", "left_hand", 21),
        ("hand_right_keypoints_2d", "right_hand", 21),
    ):
        values = np.array(person[key]).reshape(count, 3)
        at = list(COCO_WHOLEBODY_133.parts[part])
        np.testing.assert_allclose(values[: len(at), :2], poses.keypoints[0, at], atol=1e-3)
        np.testing.assert_allclose(values[: len(at), 2], poses.scores[0, at], atol=1e-3)
        assert not values[len(at) :].any()
    assert len(person["pose_keypoints_2d"]) == 75


def test_a_whole_body_in_coco_results(tmp_path: Path) -> None:
    walk = recorded(COCO_WHOLEBODY_133)
    export(walk, "coco", tmp_path / "walk.json")
    entry = json.loads((tmp_path / "walk.json").read_text())[0]
    for key, part, count in (
        ("keypoints", "body", 17),
        ("foot_kpts", "feet", 6),
        ("face_kpts", "face", 68),
        ("lefthand_kpts", "left_hand", 21),
        ("righthand_kpts", "right_hand", 21),
    ):
        values = np.array(entry[key]).reshape(count, 3)
        at = list(COCO_WHOLEBODY_133.parts[part])
        np.testing.assert_allclose(values[:, :2], walk.frames[0].keypoints[0, at], atol=1e-3)


@pytest.mark.parametrize(
    "skeleton", [COCO_WHOLEBODY_133, skeletons.DOG_17], ids=lambda skeleton: skeleton.name
)
def test_a_body_that_exchanged_its_sides_is_repaired_whole(skeleton: Skeleton) -> None:
    """For three frames everything is on the other side, numbered points of the face too."""
    frames = skeletons.walking(skeleton)
    for poses in frames:
        poses.ids[:] = (1, 2)
    truth = [poses.keypoints.copy() for poses in frames]
    for poses in frames[18:21]:
        poses.keypoints[:] = poses.keypoints[:, list(skeleton.mirror)]
        poses.scores[:] = poses.scores[:, list(skeleton.mirror)]
    cleaner = Cleaner(skeleton, lag=10, smooth=False, max_gap=0, reject_outliers=False)
    clean = [*(out for poses in frames for out in cleaner.push(poses)), *cleaner.flush()]
    for expected, poses in zip(truth, clean, strict=True):
        np.testing.assert_allclose(poses.keypoints, expected)


def test_a_hand_has_no_sides_to_repair() -> None:
    frames = skeletons.walking(HAND_21)
    for poses in frames:
        poses.ids[:] = (1, 2)
    cleaner = Cleaner(HAND_21, lag=10, smooth=False, max_gap=0, reject_outliers=False)
    clean = [*(out for poses in frames for out in cleaner.push(poses)), *cleaner.flush()]
    for before, after in zip(frames, clean, strict=True):
        np.testing.assert_array_equal(after.keypoints, before.keypoints)


def test_people_are_recognised_by_the_body_whatever_face_and_hands_say() -> None:
    frames = skeletons.walking(COCO_WHOLEBODY_133)
    rng = np.random.default_rng(1)
    tracker = Tracker(COCO_WHOLEBODY_133)
    for poses in frames:
        poses.keypoints[:, 17:] = rng.uniform(0, 320, (2, 116, 2))
        (followed,) = tracker.push(poses)
        assert followed.ids.tolist() == [1, 2]
        np.testing.assert_array_equal(followed.keypoints, poses.keypoints)


def test_one_body_is_one_person_whatever_face_and_hands_say() -> None:
    (first, *_) = skeletons.walking(COCO_WHOLEBODY_133)
    twice = first[[0, 0]]
    twice.keypoints[1, 17:] += 100
    assert len(nms_oks(twice)) == 1
    np.testing.assert_allclose(pose_similarity(twice, twice), 1, atol=1e-6)
    twice.keypoints[1, :17] += 100
    twice.keypoints[1, 17:] -= 100
    assert len(nms_oks(twice)) == 2


def test_sides_of_a_face_have_their_colours() -> None:
    style = Style()
    face = COCO_WHOLEBODY_133.parts["face"]
    assert style.color(COCO_WHOLEBODY_133, face[0], face[1]) == style.right
    assert style.color(COCO_WHOLEBODY_133, face[15], face[16]) == style.left
    assert style.color(COCO_WHOLEBODY_133, face[7], face[8]) == style.middle
    assert style.color(skeletons.DOG_17, 5, 6) == style.left
    assert style.color(HAND_21, 0, 1) == style.middle


def test_a_face_of_many_points_is_hidden() -> None:
    (poses, *_) = skeletons.walking(COCO_WHOLEBODY_133)
    head = head_of(poses, 0)
    assert head is not None
    face = poses.keypoints[0, list(COCO_WHOLEBODY_133.parts["face"])]
    assert (np.hypot(*(face - (head.x, head.y)).T) <= head.radius).all()
    (hand, *_) = skeletons.walking(HAND_21)
    assert head_of(hand, 0) is None
