"""What is drawn is what was measured: where, in whose colours, how thick, how faint."""

from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.frame import Frame, VideoFrame
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17, SKELETONS
from limner.drawing import BoxAnnotator, Canvas, IdAnnotator, SkeletonAnnotator, Style
from limner.drawing.annotators import Annotator
from support.people import body, people

WIDTH, HEIGHT, GREY = 320, 240, 90
STYLE = Style()
SCORES = st.floats(0, 1)


def blank(width: int = WIDTH, height: int = HEIGHT) -> Frame:
    return Frame(np.full((height, width, 3), GREY, np.uint8))


def drawn(poses: Poses, *annotators: Annotator, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Frame:
    frame = blank(*size)
    canvas = Canvas(frame)
    for annotator in annotators or (SkeletonAnnotator(),):
        annotator.draw(canvas, poses)
    return frame


def touched(frame: Frame) -> NDArray[np.bool_]:
    """Return (H, W) which pixels are not the background's."""
    changed: NDArray[np.bool_] = (frame.image != GREY).any(axis=2)
    return changed


def somebody() -> Floats:
    return body(160, 20, 200)


def at(frame: Frame, point: Floats) -> list[int]:
    return [int(value) for value in frame.image[int(point[1]), int(point[0])]]


def test_joints_and_limbs_are_where_the_keypoints_are() -> None:
    frame = drawn(people(somebody()))
    for name in ("left_wrist", "right_knee", "left_ankle", "right_shoulder"):
        point = somebody()[COCO_17.index(name)]
        assert at(frame, point) == list(STYLE.color(COCO_17, COCO_17.index(name)))
    far = touched(frame)
    far[10:230, 110:210] = False
    assert not far.any()


def test_left_and_right_have_their_own_colours() -> None:
    points = somebody()
    frame = drawn(people(points))
    for side, color in (("left", STYLE.left), ("right", STYLE.right)):
        knee, ankle = (points[COCO_17.index(f"{side}_{joint}")] for joint in ("knee", "ankle"))
        assert at(frame, (knee + ankle) / 2) == list(color)
    shoulders = points[[COCO_17.index("left_shoulder"), COCO_17.index("right_shoulder")]]
    assert at(frame, shoulders.mean(axis=0)) == list(STYLE.middle)


def test_other_colours_can_be_chosen() -> None:
    frame = drawn(people(somebody()), SkeletonAnnotator(Style(left=(1, 250, 2))))
    assert at(frame, somebody()[COCO_17.index("left_knee")]) == [1, 250, 2]


@pytest.mark.parametrize("score", [0.0, 0.29, np.nan])
def test_nothing_is_drawn_below_the_threshold(score: float) -> None:
    assert not touched(drawn(people(somebody(), scores=score))).any()


def test_a_joint_below_the_threshold_takes_its_limbs_with_it() -> None:
    points, knee = somebody(), COCO_17.index("left_knee")
    scores = np.full(17, 0.9, np.float32)
    scores[knee] = 0.1
    frame = drawn(people(points, scores=scores))
    hip, ankle = (points[COCO_17.index(f"left_{joint}")] for joint in ("hip", "ankle"))
    assert at(frame, points[knee]) == [GREY] * 3
    assert at(frame, (points[knee] + ankle) / 2) == [GREY] * 3
    assert at(frame, (points[knee] + hip) / 2) == [GREY] * 3
    assert at(frame, ankle) == list(STYLE.left)


@pytest.mark.parametrize("missing", [(0,), (1,), (0, 1)])
def test_a_missing_joint_is_not_drawn_whatever_its_score(missing: tuple[int, ...]) -> None:
    points, knee = somebody(), COCO_17.index("left_knee")
    points[knee, list(missing)] = np.nan
    frame = drawn(people(points))
    there = touched(frame)
    assert not there[135:200, 170:183].any()  # where the left leg would be
    assert not there[:8, :8].any()


@given(low=SCORES, high=SCORES)
def test_surer_is_never_fainter(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert 0 <= STYLE.opacity(low) <= STYLE.opacity(high) <= 1


@pytest.mark.parametrize(("score", "opacity"), [(0.3, 0.35), (0.45, 0.675), (0.6, 1), (1, 1)])
def test_opacity_shows_in_the_picture(score: float, opacity: float) -> None:
    assert STYLE.opacity(score) == pytest.approx(opacity)
    black = Style(left=(0, 0, 0), right=(0, 0, 0), middle=(0, 0, 0), outline=(0, 0, 0))
    frame = drawn(people(somebody(), scores=score), SkeletonAnnotator(black))
    points = somebody()
    shin = (points[COCO_17.index("left_knee")] + points[COCO_17.index("left_ankle")]) / 2
    # Limb and rim are blended as one, in steps of a fifth.
    expected = GREY * (1 - np.ceil(opacity * 5) / 5)
    assert at(frame, shin)[0] == pytest.approx(expected, abs=2)


def width_of(frame: Frame, row: int) -> int:
    return int(touched(frame)[row].sum())


def test_widths_follow_the_person_and_the_picture() -> None:
    near, far = people(body(160, 20, 500)), people(body(160, 20, 300))
    ratio = STYLE.widths(near, 1920, 1080) / STYLE.widths(far, 1920, 1080)
    assert ratio == pytest.approx(5 / 3)
    assert STYLE.widths(far, 3840, 2160) > STYLE.widths(far, 640, 480)
    giant, dwarf = people(body(0, 0, 1e5)), people(body(0, 0, 2))
    assert STYLE.widths(giant, 1920, 1080) == pytest.approx(2 + 1080 / 130)
    assert STYLE.widths(dwarf, 1920, 1080) == pytest.approx(1 + 1080 / 720)
    assert Style(width=2).widths(near, 640, 480) == pytest.approx(2 * STYLE.widths(near, 640, 480))


def test_a_wider_style_is_drawn_wider() -> None:
    poses, shin, size = people(body(320, 20, 440)), int(20 + 0.85 * 440), (640, 480)
    widths = [
        width_of(drawn(poses, SkeletonAnnotator(Style(width=scale)), size=size), shin)
        for scale in (0.5, 1, 2)
    ]
    assert widths[0] + 4 <= widths[1] <= widths[2] - 8


@given(
    x=st.floats(-400, 700),
    y=st.floats(-400, 700),
    height=st.floats(0.5, 2000),
    size=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    score=SCORES,
)
def test_people_may_be_anywhere(
    x: float, y: float, height: float, size: tuple[int, int], score: float
) -> None:
    everything = (SkeletonAnnotator(), BoxAnnotator(), IdAnnotator())
    frame = drawn(people(body(x, y, height), scores=score), *everything, size=size)
    assert frame.image.shape == (size[1], size[0], 3)


@pytest.mark.parametrize("name", SKELETONS)
def test_every_skeleton_can_be_drawn(name: str) -> None:
    skeleton = SKELETONS[name]
    points = np.random.default_rng(1).uniform(20, 200, (len(skeleton), 2)).astype(np.float32)
    assert touched(drawn(people(points, skeleton=skeleton))).sum() > 500


@pytest.mark.parametrize("size", [(640, 480), (641, 481)])
def test_rgb_and_video_look_the_same(size: tuple[int, int]) -> None:
    """Thin bright edges differ: the colour planes of video are half as large."""
    everything = (SkeletonAnnotator(Style(width=2)), BoxAnnotator(), IdAnnotator())
    poses = people(body(320, 20, 440), body(160, 120, 300), scores=0.5)
    picture = av.VideoFrame.from_ndarray(blank(*size).image)
    video = VideoFrame(picture.reformat(format="yuv420p", dst_colorspace=6), 0, 0.0)
    video.decoded.colorspace = 6
    plain = Frame(video.image.copy())
    for frame in (plain, video):
        canvas = Canvas(frame)
        for annotator in everything:
            annotator.draw(canvas, poses)
    difference = np.abs(plain.image.astype(int) - video.image)
    assert difference.mean() < 1.5
    luma = np.array([0.299, 0.587, 0.114])
    assert np.abs(plain.image @ luma - video.image @ luma).mean() < 0.5
    for point in body(320, 20, 440)[[COCO_17.index("left_wrist"), COCO_17.index("right_knee")]]:
        assert difference[int(point[1]), int(point[0])].max() <= 16


def test_a_box_goes_around_the_person() -> None:
    poses = people(somebody())
    frame = drawn(poses, BoxAnnotator())
    x1, y1, x2, y2 = poses.boxes[0]
    rows, columns = np.nonzero(touched(frame))
    assert (columns.min(), columns.max()) == (pytest.approx(x1, abs=3), pytest.approx(x2, abs=3))
    assert (rows.min(), rows.max()) == (pytest.approx(y1, abs=3), pytest.approx(y2, abs=3))
    assert not touched(frame)[int(y1) + 5 : int(y2) - 5, int(x1) + 5 : int(x2) - 5].any()


def test_a_person_without_keypoints_has_no_box_and_no_label() -> None:
    ghost = people(np.full((17, 2), np.nan, np.float32))
    everything = (SkeletonAnnotator(), BoxAnnotator(), IdAnnotator())
    assert not touched(drawn(ghost, *everything)).any()


def test_numbers_are_written_above_people() -> None:
    first, second = body(80, 60, 150), body(240, 60, 150)
    frame = drawn(people(first, second, ids=[1, 0]), IdAnnotator())
    there = touched(frame)
    assert there[40:62, 60:100].any()
    assert not there[:, 160:].any()  # who has no number yet gets none
    other = drawn(people(first, second, ids=[2, 0]), IdAnnotator())
    assert (frame.image != other.image).any()


def test_a_number_stays_in_the_picture() -> None:
    frame = drawn(people(body(2, -50, 300), ids=[17]), IdAnnotator())
    rows, columns = np.nonzero(touched(frame))
    assert columns.min() == 0 or rows.min() >= 0
    assert len(rows) > 100
