"""The skeletons are what their owners define, and map onto each other by name."""

from __future__ import annotations

import pytest

from limner.core.skeletons import (
    BLAZEPOSE_33,
    BODY_25,
    COCO_17,
    HALPE_26,
    OPENPOSE_18,
    SKELETONS,
    Skeleton,
)
from limner.errors import UsageError

ALL = list(SKELETONS.values())


def test_names_and_counts() -> None:
    counts = {name: len(skeleton) for name, skeleton in SKELETONS.items()}
    assert counts == {
        "blazepose-33": 33,
        "coco-17": 17,
        "openpose-18": 18,
        "body-25": 25,
        "halpe-26": 26,
    }


def test_coco_sigmas_are_those_of_the_benchmark() -> None:
    # https://github.com/cocodataset/cocoapi, cocoeval.py, in units of 0.1.
    official = [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72]
    official += [0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]
    assert COCO_17.sigmas == pytest.approx([value / 10 for value in official])


@pytest.mark.parametrize("skeleton", ALL, ids=lambda skeleton: skeleton.name)
class TestEverySkeleton:
    def test_sides_are_mirrored(self, skeleton: Skeleton) -> None:
        for name, partner in zip(skeleton.keypoints, skeleton.swap, strict=True):
            other = skeleton.keypoints[partner]
            assert skeleton.keypoints[skeleton.swap[partner]] == name
            assert other == name or {"left", "right"} <= set(f"{name}_{other}".split("_"))
        for left, right in skeleton.pairs:
            assert "left" in skeleton.keypoints[left]
            assert skeleton.keypoints[right] == skeleton.keypoints[left].replace("left", "right")
        middle = [i for i, j in enumerate(skeleton.swap) if i == j]
        assert 2 * len(skeleton.pairs) + len(middle) == len(skeleton)

    def test_the_drawing_is_symmetric(self, skeleton: Skeleton) -> None:
        edges = {frozenset(edge) for edge in skeleton.edges}
        assert {frozenset(skeleton.swap[end] for end in edge) for edge in edges} == edges
        assert len(edges) == len(skeleton.edges)

    def test_every_keypoint_hangs_on_a_limb(self, skeleton: Skeleton) -> None:
        assert {end for edge in skeleton.edges for end in edge} == set(range(len(skeleton)))

    def test_index_finds_every_name(self, skeleton: Skeleton) -> None:
        assert [skeleton.index(name) for name in skeleton.keypoints] == list(range(len(skeleton)))

    def test_maps_onto_itself(self, skeleton: Skeleton) -> None:
        assert skeleton.sources(skeleton) == tuple((i,) for i in range(len(skeleton)))

    def test_holds_all_of_coco(self, skeleton: Skeleton) -> None:
        for target, source in zip(COCO_17.keypoints, skeleton.sources(COCO_17), strict=True):
            assert [skeleton.keypoints[i] for i in source] == [target]


def test_known_maps() -> None:
    def first(source: Skeleton, target: Skeleton) -> list[int]:
        return [one[0] for one in source.sources(target) if one]

    coco_from_openpose = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]
    coco_from_body_25 = [0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11]
    body_25_from_halpe = [0, 18, 6, 8, 10, 5, 7, 9, 19, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]
    body_25_from_halpe += [20, 22, 24, 21, 23, 25]
    assert first(OPENPOSE_18, COCO_17) == coco_from_openpose
    assert first(BODY_25, COCO_17) == coco_from_body_25
    assert first(HALPE_26, BODY_25) == body_25_from_halpe


def test_midpoints_and_feet() -> None:
    sources = dict(zip(BODY_25.keypoints, BLAZEPOSE_33.sources(BODY_25), strict=True))

    def names(keypoint: str) -> list[str]:
        return [BLAZEPOSE_33.keypoints[i] for i in sources[keypoint]]

    assert names("neck") == ["left_shoulder", "right_shoulder"]
    assert names("mid_hip") == ["left_hip", "right_hip"]
    assert names("left_big_toe") == ["left_foot_index"]
    assert names("left_small_toe") == []
    assert COCO_17.sources(HALPE_26)[HALPE_26.index("head")] == ()


def test_an_unknown_keypoint_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="coco-17 has no keypoint 'tail'; it has nose, left_eye"):
        COCO_17.index("tail")


@pytest.mark.parametrize(
    ("keypoints", "edges", "sigmas", "message"),
    [
        (("nose", "nose"), (), (0.1, 0.1), "names must differ"),
        (("nose", "neck"), (), (0.1,), "2 keypoints, 1 sigmas"),
        (("nose", "neck"), ((0, 2),), (0.1, 0.1), "points outside its 2 keypoints"),
    ],
)
def test_a_skeleton_that_contradicts_itself_is_refused(
    keypoints: tuple[str, ...],
    edges: tuple[tuple[int, int], ...],
    sigmas: tuple[float, ...],
    message: str,
) -> None:
    with pytest.raises(ValueError, match=message):
        Skeleton("odd", keypoints, edges, sigmas)
