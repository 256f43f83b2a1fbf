"""The default model with real networks: on labelled images, turned ones, crowds, and a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from limner.core.frame import Frame
from limner.core.oks import oks_matrix
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.core.steps import run
from limner.errors import UsageError
from limner.media.image import read_image
from limner.media.read import VideoReader
from limner.models.catalogue import catalogue
from limner.models.composed import Composed
from limner.models.loading import load_model
from limner.models.store import ensure

# Labelled people of COCO: image, annotation, least OKS.
KNOWN = (
    ("000000030752.jpg", 204343, 0.9),
    ("000000084533.jpg", 183545, 0.85),
    ("000000227000.jpg", 2162823, 0.85),
    ("000000463557.jpg", 427109, 0.75),
)


@pytest.fixture(scope="module")
def model(default_weights: list[Path]) -> Composed:
    return Composed(default_weights)


def sure(poses: Poses) -> Poses:
    return poses[poses.person_scores >= 0.37]


def at(poses: Poses, name: str, person: int = 0) -> Any:
    return poses.keypoints[person, poses.skeleton.index(name)]


@pytest.mark.parametrize(("name", "person", "least"), KNOWN)
def test_joints_are_where_people_labelled_them(
    model: Composed, shared: Path, name: str, person: int, least: float
) -> None:
    folder = shared / "data" / "coco-mini"
    labels: Any = json.loads((folder / "person_keypoints.json").read_text())
    (label,) = (one for one in labels["annotations"] if one["id"] == person)
    points = np.array(label["keypoints"], np.float32).reshape(17, 3)
    points[points[:, 2] == 0] = np.nan
    found = sure(model.estimate([read_image(folder / "images" / name)])[0]).to(COCO_17)
    area = np.array([label["area"]], np.float32)
    alike = oks_matrix(points[None, :, :2], found.keypoints, COCO_17.sigmas, areas=area)
    assert alike.max() >= least


def test_a_single_person_has_feet_and_hands(model: Composed, shared: Path) -> None:
    poses = sure(model.estimate([read_image(shared / "data" / "images" / "p1.jpg")])[0])
    assert (len(poses), poses.skeleton) == (1, BLAZEPOSE_33)
    assert np.isfinite(poses.keypoints).all()
    for name, place in {
        "nose": (110, 37),
        "left_wrist": (143, 108),
        "left_ankle": (152, 179),
    }.items():
        assert at(poses, name) == pytest.approx(place, abs=6)
    for side in ("left", "right"):
        foot = np.linalg.norm(at(poses, f"{side}_heel") - at(poses, f"{side}_ankle"))
        assert foot < 20
    assert poses.keypoints_3d is not None
    assert np.ptp(poses.keypoints_3d[0, :, 1]) == pytest.approx(1.6, abs=0.5)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_person_may_be_turned(model: Composed, shared: Path, quarters: int) -> None:
    upright = read_image(shared / "data" / "images" / "p1.jpg")
    turned = Frame(np.ascontiguousarray(np.rot90(upright.image, -quarters)))
    standing, lying = sure(model.estimate([upright])[0]), sure(model.estimate([turned])[0])
    assert len(lying) == 1
    x, y = standing.keypoints[0].T
    width, height = upright.width, upright.height
    for _ in range(quarters):
        x, y = height - y, x
        width, height = height, width
    apart = np.linalg.norm(lying.keypoints[0] - np.stack([x, y], axis=1), axis=1)
    assert np.nanmedian(apart) < 5


def test_nobody_is_in_noise_or_in_a_cat(model: Composed, shared: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
    cat = read_image(shared / "data" / "images" / "cat.jpg")
    for image in (Frame(noise), cat):
        assert len(sure(model.estimate([image])[0])) == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (31, 17)])
def test_images_of_any_size(model: Composed, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (*size, 3), np.uint8)
    assert len(sure(model.estimate([Frame(noise)])[0])) == 0


def test_at_most_so_many_people(default_weights: list[Path], shared: Path) -> None:
    one = Composed(default_weights, max_people=1)
    assert len(one.estimate([read_image(shared / "data" / "images" / "p2.jpg")])[0]) == 1


def test_signers_from_the_hips_up_have_no_legs(model: Composed, shared: Path) -> None:
    """What the image's border cuts off is not seen."""
    legs = [BLAZEPOSE_33.index(f"{side}_ankle") for side in ("left", "right")]
    with VideoReader(shared / "data" / "videos" / "asl_book.mkv", end=0.7) as reader:
        seen = [sure(each.people) for each in run(reader, model.session())]
    assert all(len(poses) == 1 for poses in seen)
    assert np.mean([(poses.scores[0, legs] >= 0.6).any() for poses in seen]) < 0.1


def test_both_people_of_the_clip_are_followed(model: Composed, shared: Path) -> None:
    with VideoReader(
        shared / "data" / "videos" / "sports2d_demo.mp4", start=3.5, end=5.0
    ) as reader:
        seen = [sure(each.people) for each in run(reader, model.session())]
    # A man on a roof, against the sun, and a woman who walks past.
    counts = [len(poses) for poses in seen]
    assert counts[12:].count(2) >= 30
    feet = [BLAZEPOSE_33.index(f"{side}_heel") for side in ("left", "right")]
    assert np.mean([np.isfinite(poses.keypoints[:, feet]).all() for poses in seen]) > 0.5


@pytest.mark.parametrize(
    ("name", "keypoints", "networks"),
    [
        ("balanced", 33, ["movenet-thunder.json", "nanodet.json", "pose_landmark_full.tflite"]),
        ("fast", 17, ["movenet-lightning.json", "nanodet.json"]),
        ("accurate", 33, ["movenet-thunder.json", "nanodet.json", "pose_landmark_heavy.tflite"]),
        ("movenet-thunder", 17, ["movenet-thunder.json", "nanodet.json"]),
    ],
)
def test_every_composition(name: str, keypoints: int, networks: list[str], shared: Path) -> None:
    ensure(catalogue().model(name).files)
    made = load_model(name)
    assert [network.file for network in made.info.networks] == networks
    # Half precision where the processor has it; BlazePose's keypoints would suffer from it.
    precisions = [network.precision for network in made.info.networks]
    assert precisions[0] == precisions[1]
    assert precisions[0] in ("bf16", "f32")
    assert precisions[2:] == ["f32"] * (len(networks) - 2)
    (poses,) = made.estimate([read_image(shared / "data" / "images" / "p2.jpg")])
    people = sure(poses)
    assert (len(people), len(people.skeleton), made.info.name) == (2, keypoints, name)
    noses = np.sort(people.keypoints[:, people.skeleton.index("nose"), 0])
    assert noses == pytest.approx([135, 351], abs=8)


def test_an_unknown_effort() -> None:
    with pytest.raises(UsageError, match="unknown effort 'heroic': expected fast, balanced"):
        Composed([], effort="heroic")


def test_an_unknown_search() -> None:
    with pytest.raises(UsageError, match="search: model balanced has fast, normal or thorough"):
        Composed([], search="mediapipe")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_people_of_one_size_are_found_in_any_image(
    model: Composed, shared: Path, size: tuple[int, int]
) -> None:
    """A woman who walks, 190 pixels high in all of them."""
    with VideoReader(shared / "data" / "videos" / "sports2d_demo.mp4", start=3) as reader:
        frame = next(iter(reader)).image
    small = cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    wide = np.full((size[1], size[0], 3), 128, np.uint8)
    rows, columns = small.shape[:2]
    y, x = (size[1] - rows) // 2, (size[0] - columns) // 2
    wide[y : y + rows, x : x + columns] = small
    (poses,) = model.estimate([Frame(wide)])
    assert len(sure(poses)) == 2
    heights = sure(poses).boxes[:, 3] - sure(poses).boxes[:, 1]
    assert heights == pytest.approx([180, 180], abs=25)
