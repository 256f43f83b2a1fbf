"""How near the cleaned movement comes to the true one, on clips whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from limner.cleaning import Cleaner
from support.figures import MOVEMENTS, Clip, as_poses, body_size, flip, spoil, walk

LAG = 10


def cleaned(clip: Clip, lag: int = LAG) -> np.ndarray:
    frames = as_poses(clip)
    cleaner = Cleaner(frames[0].skeleton, lag=lag)
    ready = [poses for frame in frames for poses in cleaner.push(frame)] + cleaner.flush()
    return np.stack([poses.keypoints[0] for poses in ready]).astype(float)


def error(keypoints: np.ndarray, clip: Clip) -> float:
    """Mean distance to the truth over the keypoints that the estimator saw, in pixels."""
    seen = ~np.isnan(clip.keypoints[..., 0])
    return float(np.nanmean(np.linalg.norm(keypoints - clip.truth, axis=-1)[seen]))


def delay(keypoints: np.ndarray, clip: Clip) -> float:
    """By how many frames the keypoints lag behind the truth, by least squares."""
    velocity = np.gradient(clip.truth, axis=0)
    behind = np.nan_to_num(clip.truth - keypoints)
    return float((behind * velocity).sum() / (velocity**2).sum())


def shake(keypoints: np.ndarray) -> float:
    return float(np.nanmean(np.linalg.norm(np.diff(keypoints, n=2, axis=0), axis=-1)))


def movie(name: str, seed: int = 0, rate: float = 30, **faults: float) -> Clip:
    times = np.arange(int(5 * rate)) / rate
    truth = MOVEMENTS[name](times)
    return spoil(times, truth, np.random.default_rng(seed), **faults)  # type: ignore[arg-type]


# What stays of the error. A movement of 100 px a frame leaves a filter little to average.
@pytest.mark.parametrize(
    ("name", "part"), [("stand", 0.45), ("walk", 0.55), ("flip", 0.55), ("jump", 0.9)]
)
@pytest.mark.parametrize("jitter", [0.005, 0.0075, 0.01])
def test_the_error_falls(name: str, part: float, jitter: float) -> None:
    clip = movie(name, jitter=jitter)
    assert error(cleaned(clip), clip) < part * error(clip.keypoints, clip)


def test_the_error_falls_by_forty_percent_over_all_movements() -> None:
    clips = [movie(name, swaps=2 if name == "walk" else 0) for name in MOVEMENTS]
    before = sum(error(clip.keypoints, clip) for clip in clips)
    assert sum(error(cleaned(clip), clip) for clip in clips) < 0.6 * before


@pytest.mark.parametrize("name", ["walk", "jump", "flip"])
@pytest.mark.parametrize("lag", [1, 5, LAG])
def test_there_is_no_delay(name: str, lag: int) -> None:
    clip = movie(name)
    assert abs(delay(cleaned(clip, lag), clip)) < 0.1


@pytest.mark.parametrize("name", ["walk", "jump", "flip"])
def test_the_live_filter_is_late_by_less_than_a_frame(name: str) -> None:
    clip = movie(name)
    assert 0 < delay(cleaned(clip, 0), clip) < 1
    standing = movie("stand")
    assert error(cleaned(standing, 0), standing) < 0.75 * error(standing.keypoints, standing)


def test_a_flip_is_not_flattened() -> None:
    clip = movie("flip", jitter=0.0075, outliers=0, dropouts=0)
    fast = slice(45, 65)
    result = cleaned(clip)
    ankle = 27
    speed = np.linalg.norm(np.diff(result[:, ankle], axis=0), axis=-1)
    true_speed = np.linalg.norm(np.diff(clip.truth[:, ankle], axis=0), axis=-1)
    assert speed.max() == pytest.approx(true_speed.max(), rel=0.03)
    height, true_height = result[..., 1].min(axis=0), clip.truth[..., 1].min(axis=0)
    assert np.abs(height - true_height).max() < 0.02 * body_size(clip.truth)
    # The fastest part is better than raw, too: there a plain low-pass is far worse.
    raw = np.linalg.norm(clip.keypoints - clip.truth, axis=-1)[fast].mean()
    assert np.linalg.norm(result - clip.truth, axis=-1)[fast].mean() < 0.95 * raw


@pytest.mark.parametrize("name", MOVEMENTS)
def test_movement_without_noise_is_left_alone(name: str) -> None:
    clip = movie(name, jitter=0, outliers=0, dropouts=0)
    moved = np.linalg.norm(cleaned(clip) - clip.truth, axis=-1) / body_size(clip.truth)
    assert moved.mean() < 0.005
    assert moved.max() < 0.02


@pytest.mark.parametrize("rate", [15, 25, 60, 120])
def test_any_frame_rate(rate: float) -> None:
    clip = movie("walk", rate=rate)
    assert error(cleaned(clip), clip) < 0.75 * error(clip.keypoints, clip)
    assert abs(delay(cleaned(clip), clip)) < 0.1


def test_an_uneven_frame_rate() -> None:
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.choice([1 / 60, 1 / 30, 1 / 20], 150))
    clip = spoil(times, walk(times), rng)
    result = cleaned(clip)
    assert error(result, clip) < 0.6 * error(clip.keypoints, clip)
    # Taken as if evenly spaced, the same frames come out clearly worse.
    even = Clip(np.arange(150) / 31, clip.truth, clip.keypoints, clip.scores)
    assert error(result, clip) < 0.9 * error(cleaned(even), clip)


def test_standing_people_stand_still() -> None:
    clip = movie("stand", dropouts=0)
    assert shake(cleaned(clip)) < 0.1 * shake(clip.keypoints)


@pytest.mark.parametrize("start", [1.0, 1.5, 2.2])
def test_the_landing_is_not_smeared(start: float) -> None:
    times = np.arange(120) / 30
    truth = flip(times, start=start)
    clip = spoil(times, truth, np.random.default_rng(1), outliers=0, dropouts=0)
    assert error(cleaned(clip), clip) < 0.6 * error(clip.keypoints, clip)
