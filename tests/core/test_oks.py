from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.cocoeval import COCOeval

from limner.core.oks import (
    best_first,
    body_areas,
    body_sizes,
    nms_oks,
    oks_matrix,
    pose_similarity,
)
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from support.crowd import Walker, film


class _Picture(COCOeval):  # type: ignore[misc]
    """pycocotools' own OKS on one image's labels and detections."""

    def __init__(self, labels: list[dict[str, object]], found: list[dict[str, object]]) -> None:
        super().__init__(iouType="keypoints")
        self.params.maxDets = [100]
        self._gts, self._dts = {(1, 1): labels}, {(1, 1): found}


def test_oks_equals_that_of_pycocotools() -> None:
    random = np.random.default_rng(0)
    labels = random.uniform(0, 100, (4, 17, 2)).astype(np.float32)
    found = (labels[[3, 1, 0]] + random.normal(0, 6, (3, 17, 2))).astype(np.float32)
    seen = random.random((4, 17)) < 0.7
    areas = np.array([2000, 3000, 1500, 900], np.float32)
    picture = _Picture(
        [
            {
                "keypoints": np.column_stack([pose, mask * 2.0]).ravel(),
                "bbox": [0, 0, 10, 10],
                "area": float(area),
            }
            for pose, mask, area in zip(labels, seen, areas, strict=True)
        ],
        [
            {"keypoints": np.column_stack([pose, np.ones(17)]).ravel(), "score": 1 - i / 10}
            for i, pose in enumerate(found)
        ],
    )
    expected = picture.computeOks(1, 1).T  # labels by detections
    labels[~seen] = np.nan
    got = oks_matrix(labels, found, COCO_17.sigmas, areas)
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_a_keypoint_counts_by_the_product_of_its_weights() -> None:
    a = np.zeros((1, 17, 2), np.float32)
    a[0, 1] = (100, 100)
    b = a.copy()
    b[0, 0] = (1000, 1000)  # one keypoint far off, all others equal
    weights_a, weights_b = np.ones((2, 1, 17), np.float32)
    weights_a[0, 0], weights_b[0, 0] = 4, 0.5
    got = oks_matrix(a, b, COCO_17.sigmas, weights_a=weights_a, weights_b=weights_b)
    assert got[0, 0] == pytest.approx(16 / 18, abs=1e-6)
    weights_b[0, 0] = np.nan
    got = oks_matrix(a, b, COCO_17.sigmas, weights_a=weights_a, weights_b=weights_b)
    assert got[0, 0] == pytest.approx(1, abs=1e-6)


def test_poses_without_a_common_keypoint_are_not_alike() -> None:
    a = np.full((1, 17, 2), np.nan, np.float32)
    b = a.copy()
    a[0, :3], b[0, 5:] = 7, 7
    assert oks_matrix(a, b, COCO_17.sigmas).tolist() == [[0]]
    assert oks_matrix(a, a, COCO_17.sigmas).tolist() == [[1]]
    assert oks_matrix(a, a[:0], COCO_17.sigmas).shape == (1, 0)


@given(st.integers(0, 10**6), st.floats(0.1, 10), st.floats(-500, 500))
def test_oks_does_not_depend_on_size_place_or_sides(seed: int, zoom: float, shift: float) -> None:
    random = np.random.default_rng(seed)
    a = random.uniform(0, 100, (3, 17, 2)).astype(np.float32)
    b = random.uniform(0, 100, (2, 17, 2)).astype(np.float32)
    a[random.random((3, 17)) < 0.2] = np.nan
    alike = oks_matrix(a, b, COCO_17.sigmas)
    assert ((alike >= 0) & (alike <= 1)).all()
    np.testing.assert_allclose(alike.T, oks_matrix(b, a, COCO_17.sigmas), atol=1e-5)
    moved = oks_matrix(
        (a * zoom + shift).astype(np.float32),
        (b * zoom + shift).astype(np.float32),
        COCO_17.sigmas,
    )
    np.testing.assert_allclose(alike, moved, atol=1e-3)


def test_a_thin_body_is_not_small() -> None:
    keypoints = np.zeros((2, 17, 2), np.float32)
    keypoints[0, :, 1] = np.linspace(0, 100, 17)
    keypoints[1] = np.nan
    assert body_sizes(keypoints)[0] == 100
    assert body_areas(keypoints)[0] == pytest.approx(0.2 * 100**2)
    assert np.isnan(body_areas(keypoints)[1])


def test_one_pose_is_kept_for_each_body() -> None:
    walkers = [Walker(300, score=0.5), Walker(302, score=0.8), Walker(600, score=0.6)]
    (poses,) = film(walkers, [0.0], noise=0)
    assert pose_similarity(poses, poses)[0, 1] > 0.8
    assert nms_oks(poses).tolist() == [1, 2]
    assert best_first(poses).tolist() == [1, 2, 0]
    assert nms_oks(Poses.empty(COCO_17)).tolist() == []
