"""Poses hold everyone in a frame, and refuse arrays that do not belong together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17, HALPE_26, OPENPOSE_18, SKELETONS

FLOATS = st.floats(-1000, 1000, width=32)
PLACES = FLOATS | st.just(np.nan)


@st.composite
def poses(draw: st.DrawFn, skeleton: Any = COCO_17, *, missing: bool = True) -> Poses:
    people, count = draw(st.integers(0, 5)), len(skeleton)
    values = PLACES if missing else FLOATS

    def array(*shape: int, elements: Any = values) -> Any:
        return draw(hnp.arrays(np.float32, (people, *shape), elements=elements))

    scores = st.floats(0, 1, width=32)
    return Poses(
        skeleton,
        keypoints=array(count, 2),
        scores=array(count, elements=scores),
        person_scores=array(elements=scores),
        boxes=array(4),
        ids=np.arange(1, people + 1),
        index=draw(st.integers(0, 10**6)),
        time=draw(st.floats(0, 1e5)),
        keypoints_3d=array(count, 3) if draw(st.booleans()) else None,
        raw_keypoints=array(count, 2) if draw(st.booleans()) else None,
    )


def arrays(one: Poses) -> dict[str, Any]:
    names = ("keypoints", "scores", "person_scores", "boxes", "ids", "keypoints_3d")
    return {name: getattr(one, name) for name in (*names, "raw_keypoints")}


def assert_same(left: Poses, right: Poses) -> None:
    assert (left.skeleton, left.index, left.time) == (right.skeleton, right.index, right.time)
    for name, values in arrays(left).items():
        np.testing.assert_array_equal(values, getattr(right, name), err_msg=name)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("keypoints", (2, 16, 2)),
        ("keypoints", (2, 17, 3)),
        ("scores", (1, 17)),
        ("person_scores", (2, 1)),
        ("boxes", (2, 2)),
        ("ids", (3,)),
        ("keypoints_3d", (2, 17, 2)),
        ("raw_keypoints", (2, 17)),
    ],
)
def test_a_wrong_shape_is_refused(name: str, shape: tuple[int, ...]) -> None:
    fields: dict[str, Any] = {
        "keypoints": np.zeros((2, 17, 2), np.float32),
        "scores": np.zeros((2, 17), np.float32),
        "person_scores": np.zeros(2, np.float32),
        "boxes": np.zeros((2, 4), np.float32),
        "ids": np.zeros(2, np.int64),
    }
    Poses(COCO_17, **fields)
    with pytest.raises(ValueError, match=r"expected shape \(.*\), got \("):
        Poses(COCO_17, **{**fields, name: np.zeros(shape, np.float32)})


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_an_empty_frame_keeps_its_place(skeleton: Any) -> None:
    nobody = Poses.empty(skeleton, index=7, time=0.25)
    assert (len(nobody), nobody.index, nobody.time) == (0, 7, 0.25)
    assert nobody.keypoints.shape == (0, len(skeleton), 2)


@given(poses(), st.data())
def test_slicing_takes_whole_people(everyone: Poses, data: st.DataObject) -> None:
    chosen = data.draw(
        st.lists(st.integers(0, len(everyone) - 1)) if len(everyone) else st.just([])
    )
    some = everyone[np.array(chosen, int)]
    assert len(some) == len(chosen)
    for place, person in enumerate(chosen):
        assert_same(some[place], everyone[person])
    mask = np.zeros(len(everyone), bool)
    mask[chosen] = True
    assert_same(everyone[mask], everyone[sorted(set(chosen))])
    assert_same(everyone[: len(everyone)], everyone)


@given(poses())
def test_one_person_is_still_poses(everyone: Poses) -> None:
    for person in range(len(everyone)):
        assert len(everyone[person]) == 1
        assert everyone[person].ids.tolist() == [person + 1]


@given(poses(BLAZEPOSE_33))
def test_the_same_skeleton_is_no_work(everyone: Poses) -> None:
    assert everyone.to(BLAZEPOSE_33) is everyone


@given(poses(COCO_17))
def test_there_and_back_is_where_it_was(everyone: Poses) -> None:
    for skeleton in (BLAZEPOSE_33, OPENPOSE_18, BODY_25, HALPE_26):
        mapped = everyone.to(skeleton)
        assert mapped.keypoints.shape == (len(everyone), len(skeleton), 2)
        assert_same(mapped.to(COCO_17), everyone)


@given(poses(COCO_17))
def test_midpoints_lie_between_and_are_as_sure_as_the_less_sure(everyone: Poses) -> None:
    mapped = everyone.to(BODY_25)
    left, right = COCO_17.index("left_hip"), COCO_17.index("right_hip")
    middle = BODY_25.index("mid_hip")
    ends = everyone.keypoints[:, [left, right]]
    np.testing.assert_allclose(mapped.keypoints[:, middle], ends.mean(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(
        mapped.scores[:, middle], everyone.scores[:, [left, right]].min(axis=1)
    )


@given(poses(COCO_17))
def test_what_a_skeleton_lacks_is_missing(everyone: Poses) -> None:
    mapped = everyone.to(BODY_25)
    for toe in ("left_small_toe", "right_heel"):
        assert np.isnan(mapped.keypoints[:, BODY_25.index(toe)]).all()
        assert np.isnan(mapped.scores[:, BODY_25.index(toe)]).all()


@given(poses())
def test_boxes_hold_every_keypoint_that_is_there(everyone: Poses) -> None:
    boxes = boxes_around(everyone.keypoints)
    assert boxes.shape == (len(everyone), 4)
    for box, points in zip(boxes, everyone.keypoints, strict=True):
        for axis in (0, 1):
            there = points[:, axis][~np.isnan(points[:, axis])]
            if len(there):
                assert (box[axis], box[axis + 2]) == (there.min(), there.max())
            else:
                assert np.isnan(box[[axis, axis + 2]]).all()


def test_build_draws_boxes_and_knows_nobody() -> None:
    points = np.full((1, 17, 2), np.nan, np.float32)
    points[0, 3], points[0, 9] = (10, 40), (30, 20)
    built = Poses.build(COCO_17, points, np.ones((1, 17), np.float32), np.ones(1, np.float32))
    assert built.boxes.tolist() == [[10, 20, 30, 40]]
    assert built.ids.tolist() == [0]
