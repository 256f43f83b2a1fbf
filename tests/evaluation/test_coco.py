from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17, Skeleton
from limner.core.steps import Seen, Step
from limner.errors import InputError
from limner.evaluation.coco import coco_results, evaluate_images, score
from limner.evaluation.labels import load_labels, read_labelled
from limner.models.base import FILE, Pace


class Oracle:
    """A model that is told what to find in the image it is shown next."""

    def __init__(self, answers: dict[bytes, Poses], skeleton: Skeleton = COCO_17) -> None:
        self.info = ModelInfo("oracle", skeleton)
        self.answers = answers

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        nobody = Poses.empty(self.info.skeleton)
        return [self.answers.get(image.image.tobytes(), nobody) for image in images]

    def session(self, pace: Pace = FILE) -> Step[Frame, Seen]:
        raise NotImplementedError


def person(x: float, height: float, seen: int = 17) -> list[float]:
    """Return labelled keypoints of somebody, the last ones unseen."""
    random = np.random.default_rng(int(x))
    points = random.uniform(0, 1, (17, 2)) * (height / 3, height) + (x, 10)
    labels = np.column_stack([points.round(), np.full(17, 2.0)])
    labels[seen:] = 0
    return labels.ravel().tolist()


def label(number: int, entry: int, x: float, height: float) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": entry,
        "category_id": 1,
        "iscrowd": 0,
        "num_keypoints": 17,
        "keypoints": person(x, height),
        "bbox": [x, 10, height / 3, height],
        "area": height * height / 4,
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with three images and labels: two people, one, nobody."""
    entries = []
    for number in (1, 2, 3):
        image = np.full((400, 600, 3), 60 * number, np.uint8)
        cv2.imwrite(str(tmp_path / f"{number}.png"), image)
        entries.append({"id": number, "file_name": f"{number}.png", "width": 600, "height": 400})
    labels = [label(1, 1, 20, 50), label(2, 1, 200, 300), label(3, 2, 300, 150)]
    dataset = {
        "images": entries,
        "annotations": labels,
        "categories": [{"id": 1, "name": "person"}],
    }
    (tmp_path / "labels.json").write_text(json.dumps(dataset))
    return tmp_path


def result(entry: int, keypoints: list[float], score: float) -> dict[str, Any]:
    return {"image_id": entry, "category_id": 1, "keypoints": keypoints, "score": score}


def test_the_truth_itself_has_an_ap_of_one(data: Path) -> None:
    labels = load_labels(data / "labels.json")
    found = [result(a["image_id"], a["keypoints"], 0.9) for a in labels.dataset["annotations"]]
    figures = score(labels, found)
    assert [figures.ap, figures.ap_50, figures.ar, figures.recall] == pytest.approx([1] * 4)
    assert (figures.images, figures.people, figures.found) == (3, 3, 3)


def test_a_detection_set_whose_figures_are_known_by_hand(data: Path) -> None:
    labels = load_labels(data / "labels.json")
    truth = {a["id"]: a["keypoints"] for a in labels.dataset["annotations"]}
    found = [
        result(1, truth[2], 0.9),  # right
        result(3, person(100, 200), 0.8),  # a false alarm where nobody is
        result(2, truth[3], 0.7),  # right
    ]  # and the small one is missed
    figures = score(labels, found)
    # Precision is 1 up to recall 1/3 and 2/3 up to 2/3, at 101 points of recall.
    expected = (34 * 1 + 33 * 2 / 3) / 101
    assert [figures.ap, figures.ap_50, figures.ap_75] == pytest.approx([expected] * 3)
    assert [figures.recall, figures.ar] == pytest.approx([2 / 3, 2 / 3])
    bands = {band.height: (band.people, band.recall) for band in figures.recall_by_height}
    assert bands == {"<64": (1, 0), "64-128": (0, None), "128-256": (1, 1), ">256": (1, 1)}


def test_a_false_alarm_in_a_picture_without_people_costs(data: Path) -> None:
    labels = load_labels(data / "labels.json")
    found = [result(a["image_id"], a["keypoints"], 0.5) for a in labels.dataset["annotations"]]
    alarm = result(3, person(100, 200), 0.9)
    assert score(labels, [*found, alarm]).ap == pytest.approx(3 / 4)


def test_finding_nobody_is_a_result(data: Path) -> None:
    figures = score(load_labels(data / "labels.json"), [])
    assert figures.ap == figures.recall == 0
    assert figures.people == 3


def answers(data: Path, skeleton: Skeleton) -> dict[bytes, Poses]:
    """Return poses that are the truth, by image."""
    labels = load_labels(data / "labels.json")
    result = {}
    for entry in labels.dataset["images"]:
        image = read_labelled(data / entry["file_name"], entry).image
        people = [a for a in labels.dataset["annotations"] if a["image_id"] == entry["id"]]
        values = np.array([a["keypoints"] for a in people], np.float32).reshape(-1, 17, 3)
        keypoints = np.full((len(people), len(skeleton), 2), np.nan, np.float32)
        scores = np.full((len(people), len(skeleton)), np.nan, np.float32)
        places = [skeleton.index(name) for name in COCO_17.keypoints]
        keypoints[:, places] = values[:, :, :2] + 0.5
        scores[:, places] = 0.9
        sure = np.linspace(0.9, 0.5, len(people), dtype=np.float32)
        result[image.tobytes()] = Poses.build(skeleton, keypoints, scores, sure)
    return result


@pytest.mark.parametrize("skeleton", [COCO_17, BLAZEPOSE_33])
def test_a_model_that_knows_the_truth(data: Path, skeleton: Skeleton) -> None:
    model = Oracle(answers(data, skeleton), skeleton)
    figures, results = evaluate_images(model, data, data / "labels.json")
    assert figures.ap == pytest.approx(1)
    assert figures.model == "oracle"
    assert figures.milliseconds is not None
    assert len(results) == 3
    # The results are a file that pycocotools reads.
    (data / "results.json").write_text(json.dumps(results))
    labels = load_labels(data / "labels.json")
    assert len(labels.loadRes(str(data / "results.json")).getAnnIds()) == 3
    json.dumps(figures.to_dict(), allow_nan=False)

    figures, results = evaluate_images(model, data, data / "labels.json", max_people=1)
    assert figures.recall == pytest.approx(2 / 3)


def test_a_missing_keypoint_is_zero_in_the_results() -> None:
    keypoints = np.full((1, 17, 2), 10.25, np.float32)
    scores = np.full((1, 17), 0.5, np.float32)
    keypoints[0, 3] = scores[0, 3] = np.nan
    poses = Poses.build(COCO_17, keypoints, scores, np.array([0.7], np.float32))
    (found,) = coco_results(poses, 7)
    assert found["keypoints"][:3] == [9.75, 9.75, 0.5]
    assert found["keypoints"][9:12] == [0, 0, 0]
    assert (found["image_id"], found["category_id"], found["score"]) == (7, 1, 0.7)
    assert np.isnan(poses.keypoints[0, 3]).all()


def test_real_labels_score_one_against_themselves(shared: Path) -> None:
    labels = load_labels(shared / "data/coco-mini/person_keypoints.json")
    people = [a for a in labels.dataset["annotations"] if a["num_keypoints"] and not a["iscrowd"]]
    figures = score(labels, [result(a["image_id"], a["keypoints"], 1) for a in people])
    assert [figures.ap, figures.ar, figures.recall] == pytest.approx([1] * 3)
    assert (figures.images, figures.people) == (80, 86)
    assert [band.people for band in figures.recall_by_height] == [12, 27, 25, 22]


def edit(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def apply(folder: Path) -> None:
        path = folder / "labels.json"
        dataset = json.loads(path.read_text())
        change(dataset)
        path.write_text(json.dumps(dataset))

    return apply


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda d: (d / "labels.json").unlink(), "cannot read the annotations"),
        (lambda d: (d / "labels.json").write_text("{"), "got a file that is not JSON"),
        (lambda d: (d / "labels.json").write_bytes(b"\xff\xd8\xff"), "that is not JSON"),
        (lambda d: (d / "labels.json").write_text("[]"), "got JSON without images"),
        (edit(lambda s: s["images"].clear()), "name no images"),
        (edit(lambda s: s["images"][0].pop("id")), "an image without id"),
        (edit(lambda s: s["annotations"][0].pop("keypoints")), "annotation without keypoints"),
        (edit(lambda s: s["annotations"][0]["keypoints"].pop()), "expected 51 .* got 50"),
        (lambda d: (d / "2.png").unlink(), "1 of the 3 images .* first 2.png"),
        (lambda d: (d / "2.png").write_bytes(b""), "2.png: the file is empty"),
        (lambda d: (d / "2.png").write_bytes(b"no"), "2.png: this is not an image"),
        (
            lambda d: cv2.imwrite(str(d / "2.png"), np.zeros((5, 6, 3), np.uint8)),
            "labels are for 600x400 pixels, the image has 6x5",
        ),
    ],
)
def test_bad_input_is_one_sentence(
    data: Path, damage: Callable[[Path], object], message: str
) -> None:
    damage(data)
    with pytest.raises(InputError, match=message) as raised:
        evaluate_images(Oracle({}), data, data / "labels.json")
    assert "\n" not in str(raised.value)
