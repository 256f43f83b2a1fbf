"""The tutorial through the whole program, against the tutorial's own lines of OpenCV."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import limner
from limner.errors import UsageError
from limner.media.image import read_image
from limner.media.inputs import expand
from limner.media.read import VideoReader
from limner.pipeline.annotate import annotate_input
from limner.pipeline.opening import open_model
from limner.pipeline.result import Result
from limner.settings import Settings
from support.cli_run import Limner


@pytest.fixture(scope="module")
def graph(shared: Path) -> str:
    return str(shared / "models/openpose-mobilenet-v2-small/graph_opt_368.pb")


def script(network: Any, bgr: Any) -> list[tuple[int, int] | None]:
    """Return the pixels that the tutorial's script finds, None where it finds none."""
    height, width = bgr.shape[:2]
    blob = cv2.dnn.blobFromImage(bgr, 1.0, (368, 368), (127.5,) * 3, swapRB=True, crop=False)
    network.setInput(blob)
    points: list[tuple[int, int] | None] = []
    for heatmap in network.forward()[0, :18]:
        _, value, _, (x, y) = cv2.minMaxLoc(heatmap)
        place = int(width * x / heatmap.shape[1]), int(height * y / heatmap.shape[0])
        points.append(place if value > 0.2 else None)
    return points


def run(path: Path, folder: Path, **options: Any) -> Result:
    settings = Settings(tutorial=True, output=folder, **options)
    (source,) = expand([str(path)])
    return annotate_input(source, open_model(settings), settings)


@pytest.mark.parametrize(
    ("name", "start", "end"), [("sports2d_demo", 5.0, 5.2), ("mmpose_demo", None, None)]
)
def test_the_recording_holds_the_scripts_pixels(
    graph: str, shared: Path, tmp_path: Path, name: str, start: float | None, end: float | None
) -> None:
    path = shared / f"data/videos/{name}.mp4"
    made = run(path, tmp_path, model=graph, backend="opencv", start=start, end=end)
    header, *lines = [json.loads(line) for line in made.paths[2].read_text().splitlines()]
    assert header["options"]["threshold"] == 0.2
    assert header["options"]["tutorial"] is True
    assert header["options"]["smooth"] is False
    assert header["skeleton"]["name"] == "openpose-18"
    network = cv2.dnn.readNetFromTensorflow(graph)
    found = 0
    with VideoReader(path, start=start, end=end) as frames:
        for frame, line in zip(frames, lines[:-1], strict=True):
            expected = script(network, np.ascontiguousarray(frame.image[..., ::-1]))
            assert line["frame"] == frame.index
            assert [person["id"] for person in line["people"]] == [1] * any(expected)
            nowhere: Any = [[None] * 3] * 18
            joints = line["people"][0]["keypoints"] if line["people"] else nowhere
            # The middle of the script's pixel: rounded down, it is the script's integer.
            pixels = [None if x is None else (int(x), int(y)) for x, y, _ in joints]
            assert pixels == expected
            assert all(x % 1 == y % 1 == 0.5 for x, y, _ in joints if x is not None)
            found += sum(place is not None for place in expected)
    assert found >= 5


def test_tables_hold_the_same(graph: str, shared: Path, tmp_path: Path) -> None:
    made = run(shared / "data/images/p3.jpg", tmp_path, model=graph, format=("csv", "jsonl"))
    with made.paths[1].open(newline="") as file:
        (row,) = csv.DictReader(file)
    (poses,) = limner.load(made.paths[2]).frames
    assert row["person"] == "1"
    for keypoint, (x, y) in zip(poses.skeleton.keypoints, poses.keypoints[0], strict=True):
        assert row[f"{keypoint}_x"] == ("" if np.isnan(x) else f"{x:.2f}")
        assert row[f"{keypoint}_y"] == ("" if np.isnan(y) else f"{y:.2f}")
    assert sum(1 for value in row.values() if value) > 10


def test_it_is_drawn_as_the_script_draws(graph: str, shared: Path, tmp_path: Path) -> None:
    made = run(
        shared / "data/images/p3.jpg",
        tmp_path,
        model=graph,
        backend="opencv",
        dot_color="#00f",
        line_color="#ff00ff",
    )
    drawn = read_image(made.paths[0]).image
    expected = np.ascontiguousarray(read_image(shared / "data/images/p3.jpg").image)
    network = cv2.dnn.readNetFromTensorflow(graph)
    points = script(network, np.ascontiguousarray(expected[..., ::-1]))
    skeleton = limner.load(made.paths[2]).header.skeleton
    for start, end in ((points[i], points[j]) for i, j in skeleton.edges):
        if start and end:
            cv2.line(expected, start, end, (255, 0, 255), 3)
            for point in (start, end):
                cv2.ellipse(expected, point, (3, 3), 0, 0, 360, (0, 0, 255), cv2.FILLED)
    # All but the milliseconds at the top left, which are never the same.
    different = (drawn != expected).any(axis=2)
    rows, columns = np.nonzero(different)
    assert len(rows) > 0
    assert rows.max() < 24
    assert columns.max() < 100


def test_nobody_still_has_milliseconds(graph: str, shared: Path, tmp_path: Path) -> None:
    path = shared / "data/images/cat.jpg"
    made = run(path, tmp_path, model=graph, threshold=1.0)
    assert made.people == 0
    plain, drawn = (read_image(each).image for each in (path, made.paths[0]))
    changed = (plain != drawn).any(axis=2)
    assert changed[:24, :100].any()
    assert not changed[24:].any()


def test_frames_as_an_iterator_are_the_same(graph: str, shared: Path) -> None:
    (poses,) = limner.estimate(shared / "data/images/p3.jpg", tutorial=True, model=graph)
    assert poses.ids.tolist() == [1]
    assert poses.raw_keypoints is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"search": "fast"}, "tutorial: it cannot be combined with search"),
        ({"net_size": 432, "flip": True}, "cannot be combined with net-size, flip"),
        ({"max_people": 1}, "cannot be combined with max-people"),
        ({"boxes": True, "labels": "ids"}, "cannot be combined with boxes, labels"),
        ({"blur_faces": True}, "cannot be combined with blur-faces"),
        ({"line_color": "green"}, "line-color is a colour such as #ff9100, got 'green'"),
    ],
)
def test_more_than_the_tutorial_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Settings(tutorial=True, **options)


def test_its_colours_are_for_it_alone() -> None:
    with pytest.raises(UsageError, match="dot-color: only the tutorial's drawing has it"):
        Settings(dot_color="#fff")


def test_the_command_line(limner: Limner, graph: str, shared: Path, tmp_path: Path) -> None:
    picture = shared / "data/images/p3.jpg"
    done = limner(picture, "--tutorial", "--model", graph, "-o", tmp_path, "--line-color", "#0ff")
    assert (done.code, done.err.count("1 person")) == (0, 1)
    green = (read_image(tmp_path / "p3_pose.png").image == (0, 255, 255)).all(axis=2)
    assert green.sum() > 100
    refused = limner(picture, "--tutorial", "--model", "blazepose-full", "-o", tmp_path)
    assert refused.code == 2
    assert "expected an OpenPose network" in refused.err
