"""Uniform time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import RecordingError, UsageError
from limner.export import export
from limner.export.uniform import frame_rate, resample
from support import walkers


@given(
    rate=st.sampled_from([24.0, 25.0, 30000 / 1001, 60.0, 240.0]),
    count=st.integers(1, 200),
    first=st.integers(0, 1000),
)
def test_frames_at_the_rate_are_taken_as_they_are(rate: float, count: int, first: int) -> None:
    # Matroska keeps milliseconds.
    times = np.round((first + np.arange(count)) / rate, 3)
    values = np.random.default_rng(0).normal(size=(count, 2))
    values[::3, 0] = np.nan
    samples, result = resample(times, values, rate)
    np.testing.assert_array_equal(samples, first + np.arange(count))
    np.testing.assert_array_equal(result, values)


def test_uneven_times_are_interpolated() -> None:
    times = np.array([0.0, 0.03, 0.11, 0.2, 0.21, 0.4])
    values = np.stack([3 * times + 1, times], axis=1)
    samples, result = resample(times, values, 25)
    np.testing.assert_array_equal(samples, np.arange(11))
    np.testing.assert_allclose(result[:, 0], 3 * samples / 25 + 1)


def test_nothing_is_invented_next_to_a_gap() -> None:
    times = np.array([0.0, 0.1, 0.2, 0.3])
    values = np.array([1.0, np.nan, 3.0, 4.0])
    samples, result = resample(times, values, 20)
    known = np.isfinite(result)
    assert samples[known].tolist() == [0, 4, 5, 6]
    np.testing.assert_allclose(result[known], [1, 3, 3.5, 4])


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_senseless_rates(rate: float) -> None:
    with pytest.raises(UsageError, match="rate above 0"):
        resample(np.array([0.0]), np.array([1.0]), rate)


def test_rate_of_a_recording() -> None:
    ntsc = walkers.header(rate=Fraction(30000, 1001))
    times = np.arange(10) * 1001 / 30000
    assert frame_rate(ntsc, times) == pytest.approx(30000 / 1001)
    assert frame_rate(ntsc, times[:1]) == pytest.approx(30000 / 1001)
    assert frame_rate(ntsc, times[::2]) == pytest.approx(15000 / 1001)
    camera = walkers.header(rate=None)
    assert frame_rate(camera, np.arange(5) / 12) == pytest.approx(12)
    with pytest.raises(RecordingError, match="give one with --rate"):
        frame_rate(camera, times[:1])


@pytest.mark.parametrize("name", ["trc", "opensim-mot"])
def test_a_time_that_jumps_by_days_is_a_sentence(name: str, tmp_path: Path) -> None:
    times = np.arange(60) / 30
    times[30:] += 1e6
    walk = walkers.recording(people=(1,), times=times)
    with pytest.raises(RecordingError, match=r"the time jumps from 0\.96\d* to 1e\+06 s; give a"):
        export(walk, name, tmp_path / "walk")
    assert list(tmp_path.iterdir()) == []
    export(walk, name, tmp_path / "walk", rate=0.1)  # as slow as it takes


def test_a_pause_of_an_hour_is_written(tmp_path: Path) -> None:
    times = np.arange(60) / 30
    times[30:] += 3600
    walk = walkers.recording(people=(1,), times=times)
    export(walk, "trc", tmp_path / "walk.trc", rate=2)
    assert len((tmp_path / "walk.trc").read_text().splitlines()) == pytest.approx(7200, abs=15)


@pytest.mark.parametrize("name", ["trc", "opensim-mot"])
def test_no_sample_between_two_frames_is_a_sentence(name: str, tmp_path: Path) -> None:
    """All frames lie within one step of the uniform time, and none at its ticks."""
    times = np.linspace(0.5, 0.51, 4) / 30
    walk = walkers.recording(people=(1,), times=times)
    with pytest.raises(RecordingError, match=r"person 1 is ever known"):
        export(walk, name, tmp_path / "walk", rate=30)
