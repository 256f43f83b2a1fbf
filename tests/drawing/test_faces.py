"""Hidden faces: detail is gone, for everyone, also when the face was missed for a moment."""

from __future__ import annotations

from dataclasses import replace

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Image
from limner.core.frame import Frame, VideoFrame
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17, SKELETONS
from limner.drawing import FaceBlur
from limner.drawing.faces import head_of
from support.people import body, people

NOSE = COCO_17.index("nose")
FACE = slice(0, 5)
HEIGHT = 400
HEAD = body(300, 30, HEIGHT)[NOSE]
NOISE = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)


def at(time: float, *, x: float = 300, identity: int = 1, score: float = 0.9) -> Poses:
    poses = people(body(x, 30, HEIGHT), scores=score, ids=[identity])
    return replace(poses, time=time)


def frame_at(time: float) -> Frame:
    return Frame(NOISE.copy(), 0, time)


def detail(image: Image, x: float, y: float, reach: int = 14) -> float:
    """Return how much neighbouring pixels differ about a place; noise has about 85."""
    part = image[int(y) - reach : int(y) + reach, int(x) - reach : int(x) + reach].astype(float)
    return float(np.abs(np.diff(part, axis=1)).mean())


def hidden(image: Image, x: float = HEAD[0], y: float = HEAD[1]) -> bool:
    return detail(image, x, y) < 12


def test_noise_is_not_hidden() -> None:
    assert not hidden(NOISE)


def test_the_face_loses_its_detail_and_nothing_else_changes() -> None:
    faces, frame = FaceBlur(), frame_at(0)
    faces.see(at(0))
    faces.blur(frame)
    assert hidden(frame.image)
    # All points of the face are inside, with room around.
    points = body(300, 30, HEIGHT)[FACE]
    changed = (frame.image != NOISE).any(axis=2)
    for x, y in points:
        assert changed[int(y) - 10 : int(y) + 10, int(x) - 10 : int(x) + 10].mean() > 0.99
    rows, columns = np.nonzero(changed)
    head = head_of(at(0), 0)
    assert head is not None
    assert np.hypot(rows - head.y, columns - head.x).max() < head.radius + 2
    # The shoulders are below it, half a head's width of 400 pixels' person is at most 40.
    assert head.radius < 60


def test_few_grey_levels_are_left_of_a_face() -> None:
    faces, frame = FaceBlur(), frame_at(0)
    faces.see(at(0))
    faces.blur(frame)
    head = head_of(at(0), 0)
    assert head is not None
    reach = int(head.radius * 0.6)
    x, y = int(head.x), int(head.y)
    inside = frame.image[y - reach : y + reach, x - reach : x + reach]
    assert len(np.unique(inside.reshape(-1, 3), axis=0)) <= 25


def test_video_loses_brightness_and_colour_detail() -> None:
    picture = av.VideoFrame.from_ndarray(NOISE, format="rgb24").reformat(format="yuv420p")
    frame = VideoFrame(picture, 0, 0.0)
    faces = FaceBlur()
    faces.see(at(0))
    faces.blur(frame)
    for layer in frame.layers():
        image = layer.pixels[..., None]
        assert detail(image, HEAD[0] * layer.scale, HEAD[1] * layer.scale, 7) < 8
        assert detail(image, 500 * layer.scale, 300 * layer.scale, 7) > 16


@pytest.mark.parametrize("score", [0.0, 0.2, 0.9])
def test_the_unsure_are_hidden_too(score: float) -> None:
    faces, frame = FaceBlur(), frame_at(0)
    faces.see(at(0, score=score))
    faces.blur(frame)
    assert hidden(frame.image)


def test_a_guess_is_hidden_wider() -> None:
    sure, unsure = head_of(at(0), 0), head_of(at(0, score=0.1), 0)
    assert sure is not None
    assert unsure is not None
    assert unsure.radius > 1.2 * sure.radius


def test_without_a_face_the_body_tells_where_the_head_is() -> None:
    poses = at(0)
    poses.keypoints[0, FACE] = np.nan
    faces, frame = FaceBlur(), frame_at(0)
    faces.see(poses)
    faces.blur(frame)
    assert hidden(frame.image)


def test_upside_down_too() -> None:
    poses = at(0)
    poses.keypoints[0, :, 1] = 460 - poses.keypoints[0, :, 1]
    poses.keypoints[0, FACE] = np.nan
    head = head_of(poses, 0)
    assert head is not None
    assert np.hypot(head.x - HEAD[0], head.y - (460 - HEAD[1])) < head.radius / 2


def test_nothing_tells_where_the_head_is() -> None:
    poses = at(0)
    poses.keypoints[0, :11] = np.nan
    assert head_of(poses, 0) is None
    FaceBlur().see(poses)


@pytest.mark.parametrize("name", SKELETONS.keys() - {"hand-21"})
def test_every_skeleton_has_a_head(name: str) -> None:
    skeleton = SKELETONS[name]
    head = head_of(at(0).to(skeleton), 0)
    assert head is not None
    assert np.hypot(head.x - HEAD[0], head.y - HEAD[1]) < head.radius / 2


def test_somebody_unseen_for_a_moment_stays_hidden_where_they_go() -> None:
    faces = FaceBlur()
    speed = 200.0  # pixels per second
    seen = [0.0, 0.1, 0.2, 0.6, 0.7]
    for time in seen:
        faces.see(at(time, x=300 + speed * time))
    for time in np.arange(8) / 10:
        frame = frame_at(float(time))
        faces.blur(frame)
        assert hidden(frame.image, HEAD[0] + speed * time), time


def test_somebody_lost_stays_hidden_for_a_while_and_before_they_are_found() -> None:
    faces = FaceBlur(hold=1.0)
    for time in (2.0, 2.1):
        faces.see(at(time))
    shown = {}
    for time in (0.5, 1.5, 2.0, 2.1, 2.5, 3.0, 3.2):
        frame = frame_at(time)
        faces.blur(frame)
        shown[time] = not hidden(frame.image)
    assert shown == {
        0.5: True, 1.5: False, 2.0: False, 2.1: False, 2.5: False, 3.0: False, 3.2: True
    }  # fmt: skip


def test_the_longer_out_of_sight_the_larger() -> None:
    faces = FaceBlur()
    faces.see(at(0))
    areas = []
    for time in (0.0, 0.3, 0.6):
        frame = frame_at(time)
        faces.blur(frame)
        areas.append(int((frame.image != NOISE).any(axis=2).sum()))
    assert areas[0] * 1.5 < areas[1]
    assert areas[1] * 1.2 < areas[2]


def test_several_people_without_ids() -> None:
    poses = people(body(150, 30, HEIGHT), body(450, 30, HEIGHT), ids=[0, 0])
    faces, frame = FaceBlur(), frame_at(0)
    faces.see(poses)
    faces.blur(frame)
    assert hidden(frame.image, 150)
    assert hidden(frame.image, 450)
    assert not hidden(frame.image, 300)


def test_memory_does_not_grow() -> None:
    faces = FaceBlur()
    for index in range(2000):
        faces.see(at(index / 30, identity=1 + index // 100))
        faces.blur(frame_at(index / 30))
    assert len(faces._heads) <= 2
    assert all(len(heads) <= 4 for heads in faces._heads.values())


@given(
    x=st.floats(-1e5, 1e5),
    y=st.floats(-1e5, 1e5),
    height=st.floats(0, 1e5),
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_heads_may_be_anywhere(x: float, y: float, height: float, size: tuple[int, int]) -> None:
    faces = FaceBlur()
    faces.see(people(body(x, y, height)))
    faces.blur(Frame(np.zeros((*size, 3), np.uint8)))
