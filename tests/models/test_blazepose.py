"""BlazePose finds everyone in real images, and its parts do what they say."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from limner.core.frame import Frame
from limner.core.oks import oks_matrix
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.core.steps import run
from limner.errors import UsageError
from limner.media.image import read_image
from limner.media.read import VideoReader
from limner.models.base import FILE, LIVE, Pace
from limner.models.blazepose import BlazePose
from limner.models.blazepose.detector import LAYERS
from limner.models.blazepose.region import MARGIN, around
from limner.models.blazepose.search import SEARCHES
from limner.models.blazepose.single_shot import anchors, weighted_nms
from limner.models.topdown import Crop
from limner.models.topdown.search import tiles

SURE = 0.45
PLACES = st.floats(-2000, 2000)


@pytest.fixture(scope="module")
def model(weights: list[Path]) -> BlazePose:
    return BlazePose(weights, search="fast")


@pytest.fixture(scope="module")
def followed(weights: list[Path], shared: Path) -> list[Poses]:
    """Follow everyone through the first two seconds of a video."""
    session = BlazePose(weights).session()
    with VideoReader(shared / "data" / "videos" / "sports2d_demo.mp4", end=2.0) as reader:
        return [seen.people for seen in run(reader, session)]


def sure(poses: Poses) -> Poses:
    return poses[poses.person_scores >= SURE]


def noise(seed: int, width: int = 320, height: int = 240) -> Frame:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3))
    return Frame(values.astype(np.uint8))


class TestAnchors:
    def test_they_are_the_centres_of_the_cells(self) -> None:
        found = anchors(LAYERS)
        assert found.shape == (2254, 2)
        assert found[0] == pytest.approx([0.5 / 28, 0.5 / 28])
        assert found[1] == pytest.approx(found[0])  # two to a cell
        assert found[2] == pytest.approx([1.5 / 28, 0.5 / 28])  # row by row
        assert found[28 * 28 * 2] == pytest.approx([0.5 / 14, 0.5 / 14])
        assert found[-6:] == pytest.approx(np.full((6, 2), 6.5 / 7))
        assert found.mean(axis=0) == pytest.approx([0.5, 0.5], abs=1e-4)


@st.composite
def clusters(draw: st.DrawFn) -> list[tuple[float, float, int]]:
    """Draw faces far from each other: column, row and how many anchors saw it."""
    cells = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), unique=True, max_size=6))
    return [(x, y, draw(st.integers(1, 5))) for x, y in cells]


class TestMerging:
    def anchors_of(
        self, faces: list[tuple[float, float, int]], seed: int
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """Return boxes of side 0.1 that differ by up to 0.01, and scores that all differ."""
        random = np.random.default_rng(seed)
        values = []
        for x, y, count in faces:
            for _ in range(count):
                centre = np.array([0.1 + 0.2 * x, 0.1 + 0.2 * y]) + random.uniform(-0.01, 0.01, 2)
                points = np.tile(centre, (6, 1))
                points[1] = 0.1
                values.append(points)
        scores = random.permutation(np.linspace(0.5, 0.99, len(values)))
        return np.array(values).reshape(-1, 6, 2), scores

    @given(clusters(), st.integers(0, 999))
    def test_one_detection_per_face(self, faces: list[tuple[float, float, int]], seed: int) -> None:
        values, scores = self.anchors_of(faces, seed)
        merged = weighted_nms(values, scores)
        assert len(merged) == len(faces)
        places = {tuple(np.round((points[0] - 0.1) / 0.2).astype(int)) for points, _ in merged}
        assert places == {(x, y) for x, y, _ in faces}
        assert [score for _, score in merged] == sorted((s for _, s in merged), reverse=True)

    @given(clusters(), st.integers(0, 999))
    def test_order_does_not_matter(self, faces: list[tuple[float, float, int]], seed: int) -> None:
        values, scores = self.anchors_of(faces, seed)
        shuffled = np.random.default_rng(seed + 1).permutation(len(scores))
        straight, mixed = (
            weighted_nms(values, scores),
            weighted_nms(values[shuffled], scores[shuffled]),
        )
        for (points, score), (others, other) in zip(straight, mixed, strict=True):
            np.testing.assert_allclose(points, others)
            assert score == other

    def test_the_mean_is_weighted_by_score(self) -> None:
        values, _ = self.anchors_of([(1, 1, 2)], 0)
        ((points, score),) = weighted_nms(values, np.array([0.9, 0.3]))
        np.testing.assert_allclose(points, 0.75 * values[0] + 0.25 * values[1])
        assert score == pytest.approx(0.9)


class TestRegion:
    @given(x=PLACES, y=PLACES, reach=st.floats(1, 1000), angle=st.floats(-math.pi + 0.01, math.pi))
    def test_it_stands_up_along_the_body(
        self, x: float, y: float, reach: float, angle: float
    ) -> None:
        """The head is above the hips in the patch, however the body lies."""
        hips = np.array([x, y])
        top = hips + reach * np.array([math.sin(angle), -math.cos(angle)])
        region = around(hips, top)
        assert region.width == region.height == pytest.approx(2 * MARGIN * reach, rel=1e-6)
        assert math.cos(region.angle - angle) == pytest.approx(1)
        inverse = np.linalg.inv(np.vstack([region.matrix((100, 100)), [0, 0, 1]]))
        assert inverse @ [*hips, 1] == pytest.approx([50, 50, 1], abs=1e-3)
        assert inverse @ [*top, 1] == pytest.approx([50, 50 - 50 / MARGIN, 1], abs=1e-3)

    @given(side=st.floats(10, 500), distance=st.floats(0, 1), ratio=st.floats(1, 3))
    def test_likeness_is_mutual(self, side: float, distance: float, ratio: float) -> None:
        one = Region.square(0, 0, side)
        other = Region.square(distance * side, 0, side * ratio, 1)
        assert one.resembles(other) == other.resembles(one)
        assert one.resembles(one)


class TestTiles:
    @pytest.mark.parametrize("search", SEARCHES)
    @pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (640, 640), (4000, 50), (1, 1)])
    def test_they_cover_the_picture(self, search: str, size: tuple[int, int]) -> None:
        width, height = size
        for part in SEARCHES[search].search.parts:
            squares = tiles(width, height, part)
            side = squares[0].width
            assert side == pytest.approx(max(size) * part)
            for length, centres in (
                (width, sorted({tile.x for tile in squares})),
                (height, sorted({tile.y for tile in squares})),
            ):
                assert centres[0] - side / 2 <= 1e-6
                assert centres[-1] + side / 2 >= length - 1e-6
                assert all(b - a <= side * 0.75 + 1e-6 for a, b in pairwise(centres))


class TestPictures:
    # Labelled people of COCO whom the networks see well: image, annotation, least OKS.
    KNOWN = (
        ("000000030752.jpg", 204343, 0.9),
        ("000000084533.jpg", 183545, 0.85),
        ("000000227000.jpg", 2162823, 0.85),
        ("000000463557.jpg", 427109, 0.75),
    )

    @pytest.mark.parametrize(("name", "person", "least"), KNOWN)
    def test_joints_are_where_people_labelled_them(
        self, model: BlazePose, shared: Path, name: str, person: int, least: float
    ) -> None:
        folder = shared / "data" / "coco-mini"
        labels: Any = json.loads((folder / "person_keypoints.json").read_text())
        (label,) = (one for one in labels["annotations"] if one["id"] == person)
        points = np.array(label["keypoints"], np.float32).reshape(17, 3)
        points[points[:, 2] == 0] = np.nan
        found = sure(model.estimate([read_image(folder / "images" / name)])[0]).to(COCO_17)
        alike = oks_matrix(
            points[None, :, :2],
            found.keypoints,
            COCO_17.sigmas,
            areas=np.array([label["area"]], np.float32),
        )
        assert alike.max() >= least

    def test_a_single_person(self, model: BlazePose, shared: Path) -> None:
        poses = model.estimate([read_image(shared / "data" / "images" / "p1.jpg")])[0]
        assert len(poses) == 1
        assert poses.person_scores[0] > 0.8
        for name, place in {
            "nose": (110, 37),
            "left_wrist": (143, 108),
            "right_wrist": (57, 76),
            "left_ankle": (152, 179),
            "right_ankle": (113, 191),
        }.items():
            assert poses.keypoints[0, BLAZEPOSE_33.index(name)] == pytest.approx(place, abs=4)

    def test_both_people_are_found(self, model: BlazePose, shared: Path) -> None:
        poses = model.estimate([read_image(shared / "data" / "images" / "p2.jpg")])[0]
        assert len(poses) == 2
        noses = poses.keypoints[:, BLAZEPOSE_33.index("nose")]
        noses = noses[np.argsort(noses[:, 0])]
        assert noses == pytest.approx(np.array([[135, 77], [351, 85]]), abs=6)

    def test_at_most_so_many_people(self, weights: list[Path], shared: Path) -> None:
        one = BlazePose(weights, search="fast", max_people=1)
        assert len(one.estimate([read_image(shared / "data" / "images" / "p2.jpg")])[0]) == 1

    def test_depth_is_in_metres_about_the_hips(self, model: BlazePose, shared: Path) -> None:
        poses = model.estimate([read_image(shared / "data" / "images" / "p1.jpg")])[0]
        assert poses.keypoints_3d is not None
        points = poses.keypoints_3d[0]
        hips = points[[BLAZEPOSE_33.index("left_hip"), BLAZEPOSE_33.index("right_hip")]]
        assert np.abs(hips.mean(axis=0)).max() < 0.05
        assert np.ptp(points[:, 1]) == pytest.approx(1.6, abs=0.5)  # a person's height
        # In the image and in space, y points down and x to the right.
        head, ankle = BLAZEPOSE_33.index("nose"), BLAZEPOSE_33.index("right_ankle")
        assert points[head, 1] < points[ankle, 1]
        wrists = [BLAZEPOSE_33.index("right_wrist"), BLAZEPOSE_33.index("left_wrist")]
        assert np.diff(points[wrists, 0])[0] > 0
        assert np.diff(poses.keypoints[0, wrists, 0])[0] > 0

    def test_the_picture_may_be_turned(self, model: BlazePose, shared: Path) -> None:
        """A person lying down is found, joint by joint where the turn puts them."""
        upright = read_image(shared / "data" / "images" / "p1.jpg")
        turned = Frame(np.ascontiguousarray(np.rot90(upright.image, -1)))
        straight, lying = model.estimate([upright])[0], sure(model.estimate([turned])[0])
        assert len(lying) == 1
        x, y = straight.keypoints[0].T
        expected = np.stack([upright.height - y, x], axis=1)
        apart = np.linalg.norm(lying.keypoints[0] - expected, axis=1)
        assert np.median(apart) < 4

    @pytest.mark.parametrize("seed", [1, 2])
    def test_nobody_is_in_noise(self, model: BlazePose, seed: int) -> None:
        assert len(sure(model.estimate([noise(seed)])[0])) == 0

    def test_a_cat_is_nobody(self, model: BlazePose, shared: Path) -> None:
        assert (
            len(sure(model.estimate([read_image(shared / "data" / "images" / "cat.jpg")])[0])) == 0
        )

    @pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (31, 17)])
    def test_pictures_of_any_size(self, model: BlazePose, size: tuple[int, int]) -> None:
        assert len(sure(model.estimate([noise(3, *size)])[0])) == 0


class TestFollowing:
    def test_everyone_is_followed(self, followed: list[Poses]) -> None:
        """One person is near throughout, another far off and backlit."""
        assert len(followed) == 60
        assert sum(len(sure(poses)) >= 1 for poses in followed) >= 58
        assert sum(len(sure(poses)) == 2 for poses in followed[-10:]) >= 8
        assert [poses.index for poses in followed] == list(range(60))

    def test_who_is_followed_moves_like_a_person(self, followed: list[Poses]) -> None:
        """Between two frames, 33 ms apart, the surest person's hips hardly jump."""
        hips = [BLAZEPOSE_33.index("left_hip"), BLAZEPOSE_33.index("right_hip")]
        surest = [poses[int(np.argmax(poses.person_scores))] for poses in followed if len(poses)]
        paths = np.stack([poses.keypoints[0, hips].mean(axis=0) for poses in surest])
        heights = np.array([poses.boxes[0, 3] - poses.boxes[0, 1] for poses in surest])
        steps = np.linalg.norm(np.diff(paths, axis=0), axis=1)
        assert np.quantile(steps / heights[1:], 0.9) < 0.1

    def test_looking_ahead_changes_nothing(
        self, model: BlazePose, shared: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The look at a followed person begins a frame ahead, once, and is the same look."""
        with VideoReader(shared / "data" / "videos" / "sports2d_demo.mp4", end=0.5) as reader:
            frames = list(reader)
        start = model.pose.start
        looked_at: list[int] = []

        def noted(crops: Sequence[Crop]) -> Any:
            looked_at.extend(crop.frame.index for crop in crops)
            return start(crops)

        def follow(pace: Pace) -> tuple[list[Any], list[int], int]:
            looked_at.clear()
            found, ahead = [], 0
            for seen in run(frames, model.session(pace)):
                poses = seen.people
                found.append((poses.keypoints.tolist(), poses.person_scores.tolist()))
                ahead += looked_at.count(poses.index + 1)
            return found, sorted(looked_at), ahead

        monkeypatch.setattr(model.pose, "start", noted)
        unaware, aware = follow(LIVE), follow(FILE)
        assert aware[:2] == unaware[:2]
        assert unaware[2] == 0
        assert aware[2] >= 10

    def test_at_most_so_many_are_followed(self, weights: list[Path], shared: Path) -> None:
        picture = read_image(shared / "data" / "images" / "p2.jpg")
        session = BlazePose(weights, search="fast", max_people=1).session(LIVE)
        for number in range(3):
            frame = Frame(picture.image, index=number, time=number / 30)
            (seen,) = session.push(frame)
            assert len(seen.people) == 1

    def test_everyone_is_found_again_after_a_cut(self, model: BlazePose, shared: Path) -> None:
        """Nobody, two people, nobody, one person: the next shot is searched at once."""
        images = shared / "data" / "images"
        two, one = (read_image(images / name).image for name in ("p2.jpg", "p1.jpg"))
        empty = np.full_like(two, 128)
        session = model.session(LIVE)
        counts = []
        for number, image in enumerate([empty] * 2 + [two] * 20 + [one] * 20 + [empty] * 2):
            (seen,) = session.push(Frame(image, index=number, time=number / 30))
            counts.append(len(sure(seen.people)))
        assert counts[:2] == [0, 0]
        assert counts[21] == 2
        assert counts[41] == 1
        assert counts[-1] == 0

    def test_two_films_do_not_know_of_each_other(self, model: BlazePose, shared: Path) -> None:
        picture = read_image(shared / "data" / "images" / "p1.jpg")
        first, second = model.session(LIVE), model.session(LIVE)
        assert len(first.push(picture)[0].people) == 1
        assert len(second.push(noise(5))[0].people) == 0


def test_an_unknown_search_names_the_known(weights: list[Path]) -> None:
    with pytest.raises(UsageError, match="unknown search 'hard': expected fast, normal, thorough"):
        BlazePose(weights, search="hard")


def test_it_says_what_it_is(model: BlazePose, weights: list[Path]) -> None:
    assert model.info.skeleton is BLAZEPOSE_33
    assert model.info.name == "blazepose-full"
    assert model.info.runs_on == "openvino CPU"
    assert [network.role for network in model.info.networks] == ["pose", "detector", "face"]
    assert {network.file for network in model.info.networks} == {path.name for path in weights}
