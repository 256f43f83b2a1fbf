"""The truth lies within the margins of angles, as often as they say."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner import load
from limner.cleaning import Cleaner
from limner.core.arrays import Doubles
from limner.core.flags import Flag
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, BODY_25
from limner.errors import RecordingError, UsageError
from limner.export.saving import export
from limner.motion import angle_names, angles, margins
from limner.recording.recording import Recording
from limner.recording.writer import JsonlWriter
from support.clean_angles import measured
from support.figures import MOVEMENTS, Clip, as_poses, figure, spoil, walk
from support.walkers import header

TIMES = np.arange(90) / 30


@pytest.mark.parametrize("noise", [0.005, 0.0075, 0.01, 0.015])
def test_nine_in_ten_truths_lie_within(noise: float) -> None:
    within = []
    for name in MOVEMENTS:
        off, wide = measured(name, noise, seed=1)
        pairs = [(off[angle], wide[angle]) for angle in wide]
        inside = np.concatenate([(a <= b)[~np.isnan(b)] for a, b in pairs])
        assert inside.mean() > 0.85, name
        within.append(inside)
    assert 0.85 <= np.concatenate(within).mean() <= 0.95


def test_margins_are_those_of_independent_errors() -> None:
    """Against many draws, on a figure whose keypoints shake by known amounts."""
    rng = np.random.default_rng(0)
    truth = figure(1, hip=30, knee=50, elbow=40, ankle=10)
    spread = rng.uniform(0.2, 1.5, (1, 33))
    draws = truth + rng.normal(size=(4000, 33, 2)) * spread[..., None]
    found = angles(draws, BLAZEPOSE_33, facing="right", linked=False)
    expected = margins(truth, BLAZEPOSE_33, spread, np.zeros(1), level=0.683)
    for name, values in expected.items():
        assert values[0] == pytest.approx(1.15 * np.std(found[name]), rel=0.06), name


def test_a_higher_level_is_wider() -> None:
    truth, spread = figure(5), np.full((5, 33), 0.5)
    half, most = (margins(truth, BLAZEPOSE_33, spread, TIMES[:5], level=at) for at in (0.5, 0.99))
    for name in half:
        np.testing.assert_allclose(most[name] / half[name], 2.5758 / 0.6745, rtol=1e-3)


def test_what_is_filled_is_less_certain_and_what_is_doubtful_unknown() -> None:
    truth, spread = figure(3), np.full((3, 33), 0.5)
    flags = np.zeros((3, 33), np.uint8)
    wrist = BLAZEPOSE_33.index("left_wrist")
    flags[1, wrist], flags[2, wrist] = Flag.FILLED, Flag.DOUBTFUL
    found = margins(truth, BLAZEPOSE_33, spread, TIMES[:3], flags=flags)
    assert found["left_elbow"][1] > 1.2 * found["left_elbow"][0]
    assert np.isnan(found["left_elbow"][2])
    assert len(set(found["left_knee"])) == 1


def test_limbs_that_change_their_length_make_angles_uncertain() -> None:
    """A network that is wrong for half a second looks steady, and its limbs do not."""
    truth, spread = walk(TIMES), np.full((90, 33), 0.3)
    wrong = truth.copy()
    knee = BLAZEPOSE_33.index("left_knee")
    wrong[:, knee, 1] += 8 * np.sin(2 * np.pi * 2 * TIMES)
    before, after = (margins(each, BLAZEPOSE_33, spread, TIMES) for each in (truth, wrong))
    assert (after["left_knee"] > 2 * before["left_knee"]).all()
    np.testing.assert_array_equal(after["right_knee"], before["right_knee"])


def test_margins_that_make_no_sense_are_refused() -> None:
    truth, spread = figure(3), np.full((3, 33), 0.5)
    with pytest.raises(UsageError, match="level: expected a share between 0 and 1"):
        margins(truth, BLAZEPOSE_33, spread, TIMES[:3], level=90)
    with pytest.raises(UsageError, match=r"errors: expected shape \(3, 33\)"):
        margins(truth, BLAZEPOSE_33, spread[:2], TIMES[:3])


def cleaned(truth: Doubles) -> list[Poses]:
    clip: Clip = spoil(TIMES, truth, np.random.default_rng(0))
    cleaner = Cleaner(BLAZEPOSE_33, lag=10)
    return [each for poses in as_poses(clip) for each in cleaner.push(poses)] + cleaner.flush()


def test_a_recording_holds_what_margins_need(tmp_path: Path) -> None:
    frames = [poses.rounded() for poses in cleaned(walk(TIMES))]
    with JsonlWriter(tmp_path / "a.jsonl", header()) as writer:
        for poses in frames:
            writer.write(poses)
    recording = load(tmp_path / "a.jsonl")
    for poses, read in zip(frames, recording, strict=True):
        np.testing.assert_array_equal(poses.errors, read.errors)
    found = recording.margins()
    assert list(found) == [name for name in angle_names(BLAZEPOSE_33) if name != "view"]
    whole = Recording(header(), tuple(frames)).track(1).margins()
    for name, values in found.items():
        np.testing.assert_array_equal(values[:, 0], whole[name])
    table = recording.to_pandas(angles=True, margins=True)
    np.testing.assert_array_equal(table["left_knee_margin_deg"], found["left_knee"][:, 0])
    export(recording, "csv", tmp_path / "a.csv", margins=True)
    with (tmp_path / "a.csv").open() as file:
        written = [float(row["left_knee_margin_deg"] or "nan") for row in csv.DictReader(file)]
    np.testing.assert_allclose(written, found["left_knee"][:, 0], atol=0.0051)


def test_a_recording_without_errors_says_so() -> None:
    frames = tuple(as_poses(spoil(TIMES, walk(TIMES), np.random.default_rng(0))))
    with pytest.raises(RecordingError, match="does not say how far keypoints may be off"):
        Recording(header(), frames).margins()


def test_errors_of_a_middle_are_those_of_a_mean() -> None:
    poses = cleaned(walk(TIMES))[40]
    assert poses.errors is not None
    poses = replace(poses, errors=np.full_like(poses.errors, 2.0))
    other = poses.to(BODY_25).errors
    assert other is not None
    assert other[0, BODY_25.index("neck")] == pytest.approx(np.sqrt(2))
    assert other[0, BODY_25.index("left_knee")] == 2
