"""A live session answers each frame before the next one is captured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.core.frame import Frame
from limner.core.steps import Chain, run
from limner.media.image import read_image
from limner.models.base import FILE, LIVE, Model, Pace
from limner.models.blazepose import BlazePose
from limner.models.openpose import OpenPose
from limner.pipeline.steps import track_and_clean
from limner.settings import Settings


class Camera:
    """Captures the same image again and again, and notes what is known at each capture."""

    def __init__(self, image: Path, count: int) -> None:
        self.image, self.count = read_image(image).image, count
        self.answered = 0
        self.behind: list[int] = []

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count):
            self.behind.append(index - self.answered)
            yield Frame(self.image, index, index / 30)


def behind(model: Model, image: Path, pace: Pace, lag: float) -> list[int]:
    """Return how many frames are unanswered when each next one is captured."""
    camera = Camera(image, 8)
    settings = Settings(lag=lag)
    people = track_and_clean(model.info, settings, None, (640, 480))
    for seen in run(camera, Chain(model.session(pace), people)):
        assert seen.frame.index == seen.people.index == camera.answered
        camera.answered += 1
    assert camera.answered == camera.count
    return camera.behind


@pytest.fixture(scope="module")
def models(weights: list[Path], shared: Path) -> list[Model]:
    graph = shared / "models" / "openpose-mobilenet-v2-small" / "graph_opt.pb"
    return [BlazePose(weights, search="fast"), OpenPose([graph], name="small")]


def test_no_frame_waits_for_the_next(models: list[Model], shared: Path) -> None:
    for model in models:
        assert behind(model, shared / "data/images/p1.jpg", LIVE, lag=0) == [0] * 8


def test_the_frames_of_a_file_may_wait(models: list[Model], shared: Path) -> None:
    for model in models:
        assert max(behind(model, shared / "data/images/p1.jpg", FILE, lag=0)) >= 1
