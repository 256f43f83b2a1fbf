"""The skeletons are what their owners define, and map onto each other by name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.skeletons import (
    BLAZEPOSE_33,
    BODY_25,
    COCO_17,
    COCO_WHOLEBODY_133,
    HALPE_26,
    HAND_21,
    OPENPOSE_18,
    SKELETONS,
    Skeleton,
    join,
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
        "coco-wholebody-133": 133,
        "hand-21": 21,
    }


def test_coco_sigmas_are_those_of_the_benchmark() -> None:
    # https://github.com/cocodataset/cocoapi, cocoeval.py, in units of 0.1.
    official = [0.26, 0.25, 0.25, 0.35, 0.35, 0.79, 0.79, 0.72, 0.72]
    official += [0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89]
    assert COCO_17.sigmas == pytest.approx([value / 10 for value in official])


@pytest.mark.parametrize("skeleton", ALL, ids=lambda skeleton: skeleton.name)
class TestEverySkeleton:
    def test_sides_are_mirrored(self, skeleton: Skeleton) -> None:
        for name, partner in zip(skeleton.keypoints, skeleton.mirror, strict=True):
            other = skeleton.keypoints[partner]
            assert skeleton.keypoints[skeleton.mirror[partner]] == name
            named = any(side in name for side in ("left", "right"))
            swapped = {"left": "right", "right": "left"}
            expected = "_".join(swapped.get(word, word) for word in name.split("_"))
            assert other == expected or not named
        for left, right in skeleton.pairs:
            assert left in skeleton.parts["left"]
            assert right in skeleton.parts["right"]
            assert "right" not in skeleton.keypoints[left]
        middle = [i for i, j in enumerate(skeleton.mirror) if i == j]
        assert 2 * len(skeleton.pairs) + len(middle) == len(skeleton)

    def test_the_drawing_is_symmetric(self, skeleton: Skeleton) -> None:
        edges = {frozenset(edge) for edge in skeleton.edges}
        assert {frozenset(skeleton.mirror[end] for end in edge) for edge in edges} == edges
        assert len(edges) == len(skeleton.edges)

    def test_every_keypoint_hangs_on_a_limb(self, skeleton: Skeleton) -> None:
        assert {end for edge in skeleton.edges for end in edge} == set(range(len(skeleton)))

    def test_index_finds_every_name(self, skeleton: Skeleton) -> None:
        assert [skeleton.index(name) for name in skeleton.keypoints] == list(range(len(skeleton)))

    def test_maps_onto_itself(self, skeleton: Skeleton) -> None:
        assert skeleton.sources(skeleton) == tuple((i,) for i in range(len(skeleton)))

    def test_holds_all_of_coco(self, skeleton: Skeleton) -> None:
        if skeleton is HAND_21:
            pytest.skip("a hand holds nothing of a body")
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
        (("nose", "neck"), (), (0.1, 0.0), "sigmas must be above 0, got 0.0 to 0.1"),
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


@pytest.mark.parametrize(
    ("parts", "mirror", "message"),
    [
        ({"body": (1, 0)}, (), "part body must be rising indices of its 3 keypoints"),
        ({"body": (0, 3)}, (), "part body must be rising indices of its 3 keypoints"),
        ({}, (0, 1), "mirror must exchange pairs of its 3 keypoints"),
        ({}, (1, 2, 0), "mirror must exchange pairs of its 3 keypoints"),
    ],
)
def test_parts_and_mirror_that_contradict_are_refused(
    parts: dict[str, tuple[int, ...]], mirror: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Skeleton("odd", ("nose", "eye", "ear"), (), (0.1,) * 3, parts, mirror)


def test_the_whole_body_is_that_of_the_data_set() -> None:
    # https://github.com/jin-s13/COCO-WholeBody, in its order.
    counts = {part: len(at) for part, at in COCO_WHOLEBODY_133.parts.items()}
    assert counts == {
        "body": 17,
        "feet": 6,
        "face": 68,
        "left_hand": 21,
        "right_hand": 21,
        "left": 61,
        "right": 61,
    }
    order = [
        index
        for part in ("body", "feet", "face", "left_hand", "right_hand")
        for index in COCO_WHOLEBODY_133.parts[part]
    ]
    assert order == list(range(133))
    assert COCO_WHOLEBODY_133.part("body").keypoints == COCO_17.keypoints


def test_a_mirrored_face_exchanges_its_sides() -> None:
    """The pairs of COCO-WholeBody's own definition, as MMPose numbers them."""
    face = COCO_WHOLEBODY_133
    pairs = [(23, 39), (30, 32), (40, 49), (44, 45), (54, 58), (55, 57), (59, 68), (60, 67)]
    pairs += [(62, 65), (63, 70), (64, 69), (71, 77), (73, 75), (82, 78), (81, 79), (83, 87)]
    pairs += [(84, 86), (90, 88)]
    for right, left in pairs:
        assert (face.mirror[right], face.mirror[left]) == (left, right)
        assert (left, right) in face.pairs
    middle = [index - 23 for index in face.parts["face"] if face.mirror[index] == index]
    assert middle == [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]


def test_what_a_person_is_measured_by() -> None:
    assert COCO_WHOLEBODY_133.body == tuple(range(17))
    assert HAND_21.body == tuple(range(21))
    assert BLAZEPOSE_33.body == tuple(range(33))


@st.composite
def made_up(draw: st.DrawFn, prefix: str = "") -> Skeleton:
    """Return a skeleton with any mirror, edges and parts."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations(range(count)))
    mirror = list(range(count))
    for one, other in zip(order[::2], order[1::2], strict=False):
        if draw(st.booleans()):
            mirror[one], mirror[other] = other, one
    index = st.integers(0, count - 1)
    members = st.sets(index, min_size=1).map(lambda found: tuple(sorted(found)))
    return Skeleton(
        f"{prefix}made-up",
        tuple(f"{prefix}point_{number}" for number in range(count)),
        tuple(draw(st.lists(st.tuples(index, index), max_size=8))),
        tuple(draw(st.lists(st.floats(0.01, 0.1), min_size=count, max_size=count))),
        draw(st.dictionaries(st.sampled_from(["body", "face", "left"]), members)),
        tuple(mirror),
    )


@given(made_up())
def test_mirrored_twice_is_as_before(skeleton: Skeleton) -> None:
    values = np.arange(len(skeleton))
    mirror = list(skeleton.mirror)
    np.testing.assert_array_equal(values[mirror][mirror], values)
    assert len({skeleton, skeleton}) == 1


@given(made_up())
def test_a_part_keeps_what_is_inside_it(skeleton: Skeleton) -> None:
    for name, at in skeleton.parts.items():
        part = skeleton.part(name)
        assert part.keypoints == tuple(skeleton.keypoints[index] for index in at)
        assert part.sigmas == tuple(skeleton.sigmas[index] for index in at)
        assert part.parts[name] == tuple(range(len(part)))
        inside = [(a, b) for a, b in skeleton.edges if a in at and b in at]
        assert [(at[a], at[b]) for a, b in part.edges] == inside
        for new, old in enumerate(at):
            image = skeleton.mirror[old]
            assert at[part.mirror[new]] == (image if image in at else old)


@given(made_up(), made_up(prefix="other_"))
def test_joined_skeletons_are_side_by_side(one: Skeleton, other: Skeleton) -> None:
    both = join(one, other, name="both")
    cut = len(one)
    assert both.keypoints == one.keypoints + other.keypoints
    assert both.sigmas == one.sigmas + other.sigmas
    assert both.mirror[:cut] == one.mirror
    assert tuple(index - cut for index in both.mirror[cut:]) == other.mirror
    assert both.edges[: len(one.edges)] == one.edges
    for name, at in both.parts.items():
        assert tuple(index for index in at if index < cut) == one.parts.get(name, ())
        assert tuple(index - cut for index in at if index >= cut) == other.parts.get(name, ())


def test_hands_that_are_joined_are_each_others_image() -> None:
    hands = [COCO_WHOLEBODY_133.part(f"{side}_hand") for side in ("left", "right")]
    assert hands[0].mirror == tuple(range(21))
    both = join(COCO_17, *hands, name="body-and-hands")
    assert both.mirror[17:] == (*range(38, 59), *range(17, 38))
    assert both.parts["left"] == (*COCO_17.parts["left"], *range(17, 38))
    with pytest.raises(ValueError, match="names must differ"):
        join(COCO_17, COCO_17, name="twins")


def test_an_unknown_part_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="coco-17 has no part 'tail'; it has body, left, right"):
        COCO_17.part("tail")
