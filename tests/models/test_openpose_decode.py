"""Decoding against maps whose people are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from limner.core.skeletons import OPENPOSE_18
from limner.models.openpose.decode import Decoding, Peaks, decode, find_peaks, score_limbs
from limner.models.openpose.layout import CHANNELS, LIMB_CHANNELS, LIMBS, PARTS, mirror
from support.openpose_maps import STANDING, perfect_maps


def crowd(count: int, height: float = 18, columns: int = 5) -> np.ndarray:
    """Return (count, 18, 2) people who stand in rows, not quite in step."""
    rng = np.random.default_rng(count)
    corners = np.array([(i % columns, i // columns) for i in range(count)]).reshape(-1, 1, 2)
    people = (STANDING + corners * (0.75, 1.15)) * height + 1.5
    return np.asarray(people + rng.uniform(0, 0.9, (count, 1, 2)), np.float32)


def paired(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the found people in the order of the truth, by their necks."""
    distance = np.linalg.norm(found[None, :, 1] - truth[:, None, 1], axis=-1)
    return np.asarray(found[distance.argmin(axis=1)])


@pytest.mark.parametrize("count", [1, 5, 20])
def test_everyone_is_found_between_the_cells(count: int) -> None:
    people = crowd(count)
    keypoints, scores, person_scores = decode(perfect_maps(people, (96, 76)))
    assert len(keypoints) == count
    assert np.abs(paired(keypoints, people) - people).max() < 0.1
    assert scores.min() > 0.67  # half a cell off in both directions
    assert person_scores == pytest.approx(scores.mean(axis=1), abs=1e-5)


@given(st.lists(st.integers(0, PARTS - 1), max_size=12, unique=True))
def test_missing_parts_are_nan_and_the_rest_stays(missing: list[int]) -> None:
    people = crowd(2)
    people[0, missing] = np.nan
    keypoints, scores, _ = decode(perfect_maps(people, (26, 36)))
    whole = int(np.nanargmin(np.linalg.norm(keypoints[:, 1] - people[1, 1], axis=1)))
    assert np.abs(keypoints[whole] - people[1]).max() < 0.1
    seen = np.zeros(PARTS, bool)
    for person, score in zip(
        np.delete(keypoints, whole, 0), np.delete(scores, whole, 0), strict=True
    ):
        there = np.isfinite(person[:, 0])
        assert (there == np.isfinite(score)).all()
        assert there.sum() >= 3
        # Without their middle, people may come in pieces, but no part twice or invented.
        assert not (seen & there).any()
        assert np.abs(person[there] - people[0, there]).max() < 0.1
        seen |= there
    assert not seen[missing].any()


def test_people_who_overlap_keep_their_own_limbs() -> None:
    people = np.stack([STANDING * 30 + (2, 2), STANDING * 30 + (9, 4)]).astype(np.float32)
    keypoints, _, _ = decode(perfect_maps(people, (40, 44)))
    assert len(keypoints) == 2
    assert np.abs(paired(keypoints, people) - people).max() < 0.35


def test_the_mirrored_picture_has_the_mirrored_people() -> None:
    people = crowd(3)
    maps = perfect_maps(people, (26, 50))
    mirrored = people[:, list(OPENPOSE_18.mirror)]
    mirrored[..., 0] = 50 - mirrored[..., 0]
    # The networks see a mirrored image and name left and right for what they see.
    assert mirror(perfect_maps(mirrored, (26, 50))) == pytest.approx(maps, abs=1e-4)
    assert mirror(mirror(maps)) == pytest.approx(maps)


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_noise_makes_only_well_formed_people(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    maps = perfect_maps(crowd(2), (26, 36))
    maps += (rng.normal(size=maps.shape) * level * 0.5).astype(np.float32)
    keypoints, scores, person_scores = decode(maps)
    assert keypoints.dtype == scores.dtype == person_scores.dtype == np.float32
    seen = np.isfinite(keypoints).all(axis=2)
    assert (seen == np.isfinite(scores)).all()
    assert (seen.sum(axis=1) >= 3).all()
    assert ((scores[seen] >= 0) & (scores[seen] <= 1)).all()
    assert (np.diff(person_scores) <= 0).all()
    x, y = keypoints[seen].T
    assert ((x >= 0) & (x <= 36) & (y >= 0) & (y <= 26)).all()
    # No peak belongs to two people.
    part = np.nonzero(seen)[1]
    assert len({(p, *xy) for p, xy in zip(part, keypoints[seen].tolist(), strict=True)}) == len(
        part
    )


def test_nobody() -> None:
    keypoints, scores, person_scores = decode(np.zeros((46, 46, CHANNELS), np.float32))
    assert keypoints.shape == (0, PARTS, 2)
    assert scores.shape == (0, PARTS)
    assert person_scores.shape == (0,)


def test_a_broken_network_gives_nobody() -> None:
    assert len(decode(np.full((8, 8, CHANNELS), np.nan, np.float32))[0]) == 0


@given(st.floats(2, 18), st.floats(2, 14), st.floats(0.6, 1.5))
def test_peaks_lie_between_the_cells(x: float, y: float, sigma: float) -> None:
    rows, columns = np.mgrid[:16, :20] + 0.5
    maps = np.zeros((16, 20, CHANNELS), np.float32)
    maps[..., 7] = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))
    peaks = find_peaks(maps, Decoding())
    assert peaks.part.tolist() == [7]
    assert peaks.xy[0] == pytest.approx((x, y), abs=0.02)


def test_a_plateau_is_one_peak() -> None:
    maps = np.zeros((10, 10, CHANNELS), np.float32)
    maps[4:6, 4:6, 3] = 0.5
    assert len(find_peaks(maps, Decoding()).part) == 1


def test_a_peak_on_the_border_stays_in_its_cell() -> None:
    maps = np.zeros((10, 10, CHANNELS), np.float32)
    maps[0, 9, 0], maps[0, 8, 0] = 0.5, 0.4
    assert find_peaks(maps, Decoding()).xy.tolist() == [[9.5, 0.5]]


def test_the_highest_candidates_are_kept() -> None:
    rng = np.random.default_rng(0)
    maps = rng.random((40, 40, CHANNELS)).astype(np.float32)
    few = find_peaks(maps, Decoding(candidates=5))
    every = find_peaks(maps, Decoding(candidates=10_000))
    for part in range(PARTS):
        highest = np.sort(every.score[every.part == part])[-5:]
        assert np.sort(few.score[few.part == part]) == pytest.approx(highest)


def test_line_integrals_match_scipy() -> None:
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(20, 30, CHANNELS)).astype(np.float32)
    part = np.repeat(np.arange(PARTS), 3)
    xy = rng.uniform((0.5, 0.5), (29.5, 19.5), (len(part), 2)).astype(np.float32)
    peaks = Peaks(part, xy, np.ones(len(part), np.float32))
    limbs = score_limbs(maps, peaks, Decoding(along=-1e9))
    assert len(limbs.limb) == len(LIMBS) * 9
    for limb, (a, b), score in zip(limbs.limb, limbs.ends, limbs.score, strict=True):
        assert part[[a, b]].tolist() == LIMBS[limb].tolist()
        steps = np.linspace(0, 1, 10)[:, None]
        column, row = (xy[a] + steps * (xy[b] - xy[a])).T
        unit = (xy[b] - xy[a]) / np.linalg.norm(xy[b] - xy[a])
        expected = sum(
            map_coordinates(maps[..., channel], [row - 0.5, column - 0.5], order=0) * component
            for channel, component in zip(LIMB_CHANNELS[limb], unit, strict=True)
        )
        assert score == pytest.approx(np.mean(expected), abs=1e-4)


def test_no_limb_leaps_a_gap() -> None:
    people = crowd(2)
    maps = perfect_maps(people, (26, 36))
    # Only the first one's right elbow and the second one's right wrist are left.
    maps[:, 16:, 3] = 0
    maps[:, :16, 4] = 0
    keypoints, _, _ = decode(maps)
    assert np.isnan(keypoints[:, [3, 4], 0]).any(axis=1).all()


def test_channels_are_those_of_the_paper() -> None:
    assert sorted(LIMB_CHANNELS.ravel().tolist()) == list(range(19, CHANNELS))
    assert {tuple(sorted(edge)) for edge in OPENPOSE_18.edges} <= {
        tuple(sorted(limb)) for limb in LIMBS.tolist()
    }
