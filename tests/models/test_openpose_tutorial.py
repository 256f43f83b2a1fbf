"""The tutorial's way, against the tutorial's own few lines of OpenCV."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from limner.core.frame import Frame, VideoFrame
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import OPENPOSE_18
from limner.drawing.tutorial import TutorialStyle, draw_tutorial
from limner.errors import UsageError
from limner.models.openpose.highest import HighestPoints, TimedPoses
from limner.runtime import Runtime


@pytest.fixture(scope="module")
def graph(shared: Path) -> Path:
    return shared / "models/openpose-mobilenet-v2-small/graph_opt_368.pb"


def pictures(shared: Path) -> list[np.ndarray]:
    """Return stills and frames of both clips, BGR as OpenCV reads them."""
    images = [cv2.imread(str(path)) for path in sorted((shared / "data/images").glob("*.jpg"))]
    for clip in sorted((shared / "data/videos").glob("*.mp4")):
        capture = cv2.VideoCapture(str(clip))
        for _ in range(3):
            ok, image = capture.read()
            assert ok
            images.append(image)
        capture.release()
    return [np.asarray(image) for image in images]


@pytest.mark.parametrize("threshold", [0.2, 0.0])
def test_joints_equal_the_tutorials_to_the_pixel(
    graph: Path, shared: Path, threshold: float
) -> None:
    model = HighestPoints([graph], Runtime("opencv"), name="tutorial", threshold=threshold)
    network = cv2.dnn.readNetFromTensorflow(str(graph))
    found = 0
    for bgr in pictures(shared):
        height, width = bgr.shape[:2]
        blob = cv2.dnn.blobFromImage(bgr, 1.0, (368, 368), (127.5,) * 3, swapRB=True, crop=False)
        network.setInput(blob)
        heatmaps = network.forward()[0, :18]
        expected = np.full((18, 2), np.nan)
        for part, heatmap in enumerate(heatmaps):
            _, value, _, (x, y) = cv2.minMaxLoc(heatmap)
            if value > threshold:
                expected[part] = int(width * x / 46), int(height * y / 46)
        poses = model.estimate([Frame(np.ascontiguousarray(bgr[..., ::-1]), index=4, time=0.16)])[0]
        assert isinstance(poses, TimedPoses)
        assert poses.index == 4
        assert poses.inference_ms > 0
        assert len(poses) == np.isfinite(expected).any()
        if len(poses):
            np.testing.assert_array_equal(np.floor(poses.keypoints[0]), expected)
            found += int(np.isfinite(expected[:, 0]).sum())
    assert found >= 30


def test_openvino_and_any_size_graph_work_too(graph: Path, shared: Path) -> None:
    image = np.ascontiguousarray(pictures(shared)[1][..., ::-1])
    fixed = HighestPoints([graph], name="tutorial").estimate([Frame(image)])[0]
    free = HighestPoints([graph.with_name("graph_opt.pb")], name="tutorial").estimate(
        [Frame(image)]
    )[0]
    assert len(fixed) == 1
    np.testing.assert_array_equal(fixed.keypoints, free.keypoints)


def test_a_threshold_that_makes_no_sense(graph: Path) -> None:
    with pytest.raises(UsageError, match="threshold 2: expected 0 to 1"):
        HighestPoints([graph], name="tutorial", threshold=2)


def tutorial_poses() -> TimedPoses:
    rng = np.random.default_rng(3)
    keypoints = rng.integers(20, 180, (1, 18, 2)).astype(np.float32)
    keypoints[0, [4, 10]] = np.nan
    return TimedPoses(
        OPENPOSE_18,
        keypoints=keypoints,
        scores=np.ones((1, 18), np.float32),
        person_scores=np.ones(1, np.float32),
        boxes=boxes_around(keypoints),
        ids=np.zeros(1, np.int64),
        inference_ms=41.456,
    )


def test_the_drawing_is_the_tutorials() -> None:
    poses = tutorial_poses()
    frame = Frame(np.full((200, 200, 3), 90, np.uint8))
    draw_tutorial(frame, poses)
    expected = np.full((200, 200, 3), 90, np.uint8)
    points = [None if np.isnan(x) else (int(x), int(y)) for x, y in poses.keypoints[0]]
    for i, j in OPENPOSE_18.edges:
        start, end = points[i], points[j]
        if start and end:
            cv2.line(expected, start, end, (0, 255, 0), 3)
            cv2.ellipse(expected, start, (3, 3), 0, 0, 360, (255, 0, 0), cv2.FILLED)
            cv2.ellipse(expected, end, (3, 3), 0, 0, 360, (255, 0, 0), cv2.FILLED)
    cv2.putText(expected, "41.46ms", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0))
    np.testing.assert_array_equal(frame.image, expected)


def test_colours_can_be_set_and_nobody_is_nothing() -> None:
    frame = Frame(np.full((200, 200, 3), 90, np.uint8))
    draw_tutorial(frame, Poses.empty(OPENPOSE_18))
    assert (frame.image == 90).all()
    style = TutorialStyle(line=(1, 2, 3), dot=(4, 5, 6), text=(7, 8, 9))
    draw_tutorial(frame, tutorial_poses(), style)
    colours = {tuple(pixel) for pixel in frame.image.reshape(-1, 3).tolist()}
    assert {(1, 2, 3), (4, 5, 6)} <= colours
    assert (0, 255, 0) not in colours


def test_video_planes_are_drawn_on_alike() -> None:
    grey = np.full((200, 200, 3), 90, np.uint8)
    picture = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format="yuv420p")
    video, still = VideoFrame(picture, 0, 0.0), Frame(grey.copy())
    poses = tutorial_poses()
    draw_tutorial(video, poses)
    draw_tutorial(still, poses)
    difference = np.abs(video.image.astype(int) - still.image).max(axis=2)
    # Colour has half the resolution there, so only edges differ.
    drawn = (still.image != 90).any(axis=2)
    assert (difference[drawn] < 60).mean() > 0.6
    untouched = ~cv2.dilate(drawn.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    assert difference[untouched].max() < 6
