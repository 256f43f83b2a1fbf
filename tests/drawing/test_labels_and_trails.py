"""What is written beside people, and where hands and feet have been."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.drawing import AngleAnnotator, Canvas, IdAnnotator, Style, TrailAnnotator
from support.people import body, people

BLACK = Style(left=(255, 0, 0), right=(0, 0, 255), middle=(0, 255, 0), outline=None)
WRIST = COCO_17.index("left_wrist")


def blank(time: float = 0.0) -> Frame:
    return Frame(np.zeros((480, 640, 3), np.uint8), 0, time)


def ink(image: Image, x: float, y: float, reach: int = 20) -> int:
    """Return how many pixels about a place are drawn on."""
    rows = slice(max(int(y) - reach, 0), int(y) + reach)
    columns = slice(max(int(x) - reach, 0), int(x) + reach)
    return int(image[rows, columns].any(axis=2).sum())


class TestAngles:
    def written(self, poses: Poses) -> dict[str, tuple[float, float]]:
        """Return the texts and where they are written."""
        texts = {}

        class Listening(Canvas):
            def text(self, text, at, color, height, rim):  # type: ignore[no-untyped-def]
                texts[f"{text} {color}"] = at

        AngleAnnotator(BLACK).draw(Listening(blank()), poses)
        return texts

    def bent(self, degrees: float) -> Floats:
        """Return somebody whose left elbow is bent so far."""
        points = body(300, 20, 440)
        elbow = COCO_17.index("left_elbow")
        upper = points[elbow] - points[COCO_17.index("left_shoulder")]
        angle = np.radians(degrees)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points[WRIST] = points[elbow] + turn @ upper
        return points

    @pytest.mark.parametrize("degrees", [20, 90, 130])
    def test_a_bent_elbow(self, degrees: float) -> None:
        texts = self.written(people(self.bent(-degrees)))
        x, y = texts[f"{degrees:.0f} {BLACK.left}"]
        elbow = self.bent(degrees)[COCO_17.index("left_elbow")]
        # Beside the elbow, on the far side from the body.
        assert elbow[0] < x < elbow[0] + 40
        assert abs(y - elbow[1]) < 20

    def test_they_are_in_the_picture(self) -> None:
        frame = blank()
        AngleAnnotator(BLACK).draw(Canvas(frame), people(self.bent(90)))
        elbow = self.bent(90)[COCO_17.index("left_elbow")]
        assert ink(frame.image, elbow[0] + 25, elbow[1]) > 20

    def test_zero_has_no_sign(self) -> None:
        assert not any(text.startswith("-0") for text in self.written(people(self.bent(0.1))))

    def test_unseen_joints_have_none(self) -> None:
        everything = self.written(people(body(300, 20, 440)))
        scores = np.full(17, 0.9, np.float32)
        scores[[COCO_17.index("left_elbow"), COCO_17.index("right_knee")]] = 0.1
        fewer = self.written(people(body(300, 20, 440), scores=scores))
        assert len(fewer) < len(everything)

    def test_small_people_and_nobody_have_none(self) -> None:
        assert not self.written(people(body(300, 20, 60)))
        assert not self.written(people())


class TestIds:
    def test_above_the_head(self) -> None:
        frame, poses = blank(), people(body(300, 100, 300), ids=[7])
        IdAnnotator(BLACK).draw(Canvas(frame), poses)
        rows, columns = np.nonzero(frame.image.any(axis=2))
        assert 60 < rows.min() < rows.max() < 130
        assert 280 < columns.min() < columns.max() < 320

    def test_inside_the_picture_where_the_head_is_not(self) -> None:
        frame, poses = blank(), people(body(630, -50, 300), ids=[123])
        IdAnnotator(BLACK).draw(Canvas(frame), poses)
        assert frame.image.any()

    def test_a_person_without_one(self) -> None:
        frame = blank()
        IdAnnotator(BLACK).draw(Canvas(frame), people(body(300, 100, 300), ids=[0]))
        assert not frame.image.any()


class TestTrails:
    SPEED = 100.0

    def walk(self, trails: TrailAnnotator, times: np.ndarray, gone: bool = False) -> Image:
        """Draw somebody who walks to the right; return the last frame."""
        frame = blank()
        for time in times.tolist():
            frame = blank(time)
            points = body(100 + self.SPEED * time, 20, 400)
            # The other hand follows at the same height.
            points[COCO_17.index("right_wrist")] = np.nan
            poses = people() if gone else people(points)
            trails.draw(Canvas(frame), replace(poses, time=time))
        return frame.image

    def wrist(self, time: float) -> tuple[float, float]:
        x, y = body(100 + self.SPEED * time, 20, 400)[WRIST].tolist()
        return x, y

    def test_they_reach_back_so_many_seconds(self) -> None:
        image = self.walk(TrailAnnotator(1.0, BLACK), np.arange(0, 3.05, 0.1))
        assert ink(image, *self.wrist(2.9), 6) > 10
        assert ink(image, *self.wrist(2.3), 6) > 10
        assert ink(image, *self.wrist(1.7), 6) == 0

    def test_newer_parts_are_brighter_and_wider(self) -> None:
        image = self.walk(TrailAnnotator(2.0, BLACK), np.arange(0, 3.05, 0.05))
        columns = []
        for time in (2.9, 1.3):
            x, y = self.wrist(time)
            columns.append(image[int(y) - 20 : int(y) + 20, int(x)])
        assert int(columns[0].max()) > int(columns[1].max()) + 25
        assert (columns[0] > 0).sum() > (columns[1] > 0).sum()

    def test_hands_and_feet_in_the_colours_of_their_sides(self) -> None:
        image = self.walk(TrailAnnotator(1.0, BLACK), np.arange(0, 2.05, 0.05))
        for name, channel in {"left_ankle": 0, "left_wrist": 0, "right_ankle": 2}.items():
            x, y = body(100 + self.SPEED * 1.97, 20, 400)[COCO_17.index(name)].astype(int)
            assert image[y - 1 : y + 2, x - 1 : x + 2].max(axis=(0, 1)).argmax() == channel

    def test_they_outlast_the_person_and_then_go(self) -> None:
        trails = TrailAnnotator(1.0, BLACK)
        self.walk(trails, np.arange(0, 2.05, 0.05))
        assert self.walk(trails, np.array([2.5]), gone=True).any()
        assert not self.walk(trails, np.array([3.5]), gone=True).any()
        assert not trails._trails

    def test_a_gap_is_not_bridged(self) -> None:
        times = np.concatenate([np.arange(0, 1, 0.05), np.arange(2, 3, 0.05)])
        image = self.walk(TrailAnnotator(10.0, BLACK), times)
        assert ink(image, *self.wrist(0.5), 6) > 0
        assert ink(image, *self.wrist(1.5), 6) == 0

    def test_unsure_hands_leave_none(self) -> None:
        trails, frame = TrailAnnotator(1.0, BLACK), blank()
        for time in (0.0, 0.1, 0.2):
            poses = people(body(100 + 300 * time, 20, 400), scores=0.2)
            trails.draw(Canvas(frame), replace(poses, time=time))
        assert not frame.image.any()

    def test_memory_does_not_grow(self) -> None:
        trails = TrailAnnotator(1.0, BLACK)
        self.walk(trails, np.arange(0, 20, 0.1))
        assert sum(map(len, trails._trails.values())) <= 11
