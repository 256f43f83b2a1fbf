"""Flags: what was not measured as it stands, and what contradicts the body."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from limner import annotate, load
from limner.cleaning import Cleaner, Doubts
from limner.core.arrays import Doubles
from limner.core.flags import Flag
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.skeletons import BLAZEPOSE_33, BODY_25, COCO_17
from limner.drawing import Canvas, SkeletonAnnotator
from limner.export.saving import export
from limner.recording.recording import Recording
from limner.recording.writer import JsonlWriter
from support.figures import MOVEMENTS, Clip, as_poses, figure, spoil, stand, walk
from support.walkers import header

SIZE = (4000, 2000)
TIMES = np.arange(90) / 30
LEG = {
    side: [BLAZEPOSE_33.index(f"{side}_{part}") for part in ("knee", "ankle", "heel", "foot_index")]
    for side in ("left", "right")
}


def whole(truth: Doubles) -> Clip:
    return Clip(TIMES[: len(truth)], truth, truth, np.full(truth.shape[:2], 0.9))


def cleaned(clip: Clip) -> NDArray[np.uint8]:
    """Return (T, K) flags of the only person."""
    cleaner = Cleaner(BLAZEPOSE_33, lag=10)
    ready = [each for poses in as_poses(clip) for each in cleaner.push(poses)] + cleaner.flush()
    return flags_of(ready)


def doubted(clip: Clip, *, linked: bool = True) -> NDArray[np.uint8]:
    doubts = Doubts(BLAZEPOSE_33, SIZE, 0.3, linked=linked)
    return flags_of([each for poses in as_poses(clip) for each in doubts.push(poses)])


def flags_of(frames: list[Poses]) -> NDArray[np.uint8]:
    flags = [frame.flags for frame in frames]
    assert all(each is not None for each in flags)
    return np.concatenate(flags)  # type: ignore[arg-type]


def test_nothing_is_flagged_of_what_was_well_measured() -> None:
    for name, movement in MOVEMENTS.items():
        truth = movement(TIMES) + np.array([500.0, 500.0])
        clip = spoil(TIMES, truth, np.random.default_rng(1), outliers=0, dropouts=0, jitter=0.004)
        assert (doubted(whole(truth)) == 0).all(), name
        assert ((doubted(clip) & Flag.DOUBTFUL) > 0).mean() < 0.01, name
        assert (cleaned(whole(truth)) == 0).all(), name


def test_cleaning_says_what_it_did() -> None:
    clip = whole(walk(TIMES))
    knee, wrist = LEG["left"][0], BLAZEPOSE_33.index("right_wrist")
    clip.keypoints = clip.truth.copy()
    clip.keypoints[30:33, knee] = clip.scores[30:33, knee] = np.nan
    clip.keypoints[50, wrist] += (60, 40)
    swapped = [*LEG["left"], *LEG["right"]]
    mirrored = [BLAZEPOSE_33.mirror[joint] for joint in swapped]
    clip.keypoints[65:68, swapped] = clip.keypoints[65:68][:, mirrored]
    expected = np.zeros((len(TIMES), 33), np.uint8)
    expected[30:33, knee] = Flag.FILLED
    expected[50, wrist] = Flag.FILLED | Flag.REPLACED
    expected[65:68, swapped] = Flag.EXCHANGED
    np.testing.assert_array_equal(cleaned(clip), expected)


def test_a_person_who_was_missing_is_filled() -> None:
    frames = as_poses(whole(stand(TIMES)))
    frames[40] = frames[40][[]]
    cleaner = Cleaner(BLAZEPOSE_33, lag=10)
    ready = [each for poses in frames for each in cleaner.push(poses)] + cleaner.flush()
    np.testing.assert_array_equal(
        flags_of(ready), np.repeat((np.arange(90) == 40)[:, None], 33, axis=1) * Flag.FILLED
    )


def test_a_limb_that_grows_is_doubtful() -> None:
    truth = stand(TIMES)
    elbow, wrist = (BLAZEPOSE_33.index(f"left_{joint}") for joint in ("elbow", "wrist"))
    truth[40, wrist] += 0.4 * (truth[40, wrist] - truth[40, elbow])
    flags = doubted(whole(truth))
    assert set(np.flatnonzero(flags[40])) == {elbow, wrist}
    assert (np.delete(flags, 40, axis=0) == 0).all()


def test_somebody_who_comes_nearer_or_bends_an_arm_to_the_camera_is_not() -> None:
    truth = stand(TIMES) * np.linspace(1, 3, 90)[:, None, None]
    elbow, wrist = (BLAZEPOSE_33.index(f"left_{joint}") for joint in ("elbow", "wrist"))
    shorter = np.linspace(1, 0.45, 90)[:, None]
    truth[:, wrist] = truth[:, elbow] + shorter * (truth[:, wrist] - truth[:, elbow])
    assert (doubted(whole(truth)) == 0).all()


def test_legs_in_one_place_are_doubtful() -> None:
    truth = walk(TIMES)
    truth[40:44, LEG["left"]] = truth[40:44, LEG["right"]]
    flags = doubted(whole(truth))
    assert (flags[40:44][:, LEG["left"] + LEG["right"]] == Flag.DOUBTFUL).all()
    assert (np.delete(flags, slice(40, 44), axis=0) == 0).all()


def test_a_foot_that_slides_under_somebody_who_stands_is_doubtful() -> None:
    truth = stand(TIMES)
    truth[50:, LEG["left"][1:], 0] += np.clip(np.arange(40) * 4.0, 0, 40)[:, None]
    flags = doubted(whole(truth))
    assert (flags[57:60][:, LEG["left"][1:]] == Flag.DOUBTFUL).all()
    assert (flags[:50] == 0).all()
    assert (flags[75:] == 0).all()
    assert (flags[:, LEG["right"]] == 0).all()


def test_a_leg_that_steps_or_kicks_is_not() -> None:
    kick = np.clip(np.arange(90) - 50, 0, 15) * 5.0
    assert (doubted(whole(figure(90, left_hip=kick))) == 0).all()
    assert (doubted(whole(figure(90, left_knee=kick))) == 0).all()


@pytest.mark.parametrize("linked", [True, False])
def test_what_is_out_of_the_image_is_flagged(linked: bool) -> None:
    truth = stand(TIMES)
    truth[30, 0] = (-5, 100)
    truth[31, 1] = (100, SIZE[1] + 3)
    flags = doubted(whole(truth), linked=linked)
    assert list(zip(*np.nonzero(flags), strict=True)) == [(30, 0), (31, 1)]
    assert set(flags[flags > 0]) == {Flag.OUTSIDE}


@pytest.mark.parametrize(
    ("model", "joint", "frames"),
    [("blazepose-full", "right_knee", range(126, 130)), (None, "left_knee", [127])],
)
def test_the_walkers_far_knee_is_flagged(
    model: str | None,
    joint: str,
    frames: list[int],
    shared: Path,
    weights: list[Path],
    default_weights: list[Path],
    tmp_path: Path,
) -> None:
    """The knee goes from 46 to 10 and 4 degrees as the legs pass, with good scores."""
    clip = shared / "data" / "videos" / "sports2d_demo.mp4"
    annotate(clip, output=tmp_path, video=False, format="jsonl", model=model)
    recording = load(tmp_path / "sports2d_demo_pose.jsonl")
    walker = max(recording.people, key=lambda person: recording.track(person).keypoints[0, 0, 0])
    track = recording.track(walker)
    assert track.flags is not None
    doubtful = track.flags[:, recording.skeleton.index(joint)] & Flag.DOUBTFUL > 0
    at = recording.indices[track.rows]
    assert doubtful[np.isin(at, list(frames))].all()
    assert doubtful.mean() < 0.15


@pytest.fixture
def flagged() -> list[Poses]:
    frames = as_poses(whole(stand(TIMES[:5])))
    flags = np.zeros((1, 33), np.uint8)
    flags[0, [11, 12, 25]] = [Flag.FILLED, Flag.DOUBTFUL, Flag.EXCHANGED | Flag.OUTSIDE]
    frames[2] = replace(frames[2], flags=flags)
    frames[3] = replace(frames[3], flags=np.zeros((1, 33), np.uint8))
    return frames


def test_flags_stay_with_their_keypoints(flagged: list[Poses]) -> None:
    (poses,) = [each for each in flagged if each.flags is not None and each.flags.any()]
    assert poses.flags is not None
    two = Poses.build(
        BLAZEPOSE_33, poses.keypoints[[0, 0]], poses.scores[[0, 0]], poses.person_scores[[0, 0]]
    )
    two.flags = np.concatenate([poses.flags, 0 * poses.flags])
    assert two[1].flags is not None
    assert not two[1].flags.any()
    body = two[0].to(BODY_25).flags
    assert body is not None
    named = dict(zip(BODY_25.keypoints, body[0].tolist(), strict=True))
    assert {name: value for name, value in named.items() if value} == {
        "neck": Flag.FILLED | Flag.DOUBTFUL,
        "left_shoulder": Flag.FILLED,
        "right_shoulder": Flag.DOUBTFUL,
        "left_knee": Flag.EXCHANGED | Flag.OUTSIDE,
    }


def test_flags_are_in_the_files(flagged: list[Poses], tmp_path: Path) -> None:
    with JsonlWriter(tmp_path / "a.jsonl", header()) as writer:
        for poses in flagged:
            writer.write(poses)
    assert (tmp_path / "a.jsonl").read_text().count('"flags"') == 1
    recording = load(tmp_path / "a.jsonl")
    expected = flags_of([flagged[2]])
    np.testing.assert_array_equal(recording.flags[2, 0], expected[0])
    assert recording.flags.sum() == expected.sum()
    assert recording.track(1).flags is not None

    export(recording, "csv", tmp_path / "plain.csv")
    assert "_flags" not in (tmp_path / "plain.csv").read_text()
    export(recording, "csv", tmp_path / "a.csv", flags=True)
    export(recording, "parquet", tmp_path / "a.parquet")
    parquet = pytest.importorskip("pyarrow.parquet").read_table(tmp_path / "a.parquet").to_pylist()
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = recording.to_pandas(flags=True)
    for name, flags in zip(BLAZEPOSE_33.keypoints, recording.flags[:, 0].T, strict=True):
        column = f"{name}_flags"
        assert [row[column] for row in rows] == list(map(str, flags))
        assert [row[column] for row in parquet] == flags.tolist()
        assert table[column].tolist() == flags.tolist()


@pytest.mark.parametrize("flags", ["[1,2]", "[0.5" + ",0" * 32 + "]", "[256" + ",0" * 32 + "]"])
def test_flags_that_are_none_are_refused(flags: str, flagged: list[Poses], tmp_path: Path) -> None:
    with JsonlWriter(tmp_path / "a.jsonl", header()) as writer:
        writer.write(flagged[2])
    text = (tmp_path / "a.jsonl").read_text()
    start = text.index('"flags":') + len('"flags":')
    end = text.index("]", start) + 1
    (tmp_path / "a.jsonl").write_text(text[:start] + flags + text[end:])
    with pytest.raises(Exception, match=r"line 2: the frame cannot be read: expected .*flag"):
        load(tmp_path / "a.jsonl")


def test_flagged_joints_are_grey_on_request() -> None:
    truth = figure(1, root=(160.0, 120.0), size=60.0)
    poses = as_poses(Clip(TIMES[:1], truth, truth, np.full((1, 33), 0.99)))[0].to(COCO_17)
    knee, elbow = COCO_17.index("left_knee"), COCO_17.index("left_elbow")
    flags = np.zeros((1, 17), np.uint8)
    flags[0, knee], flags[0, elbow] = Flag.DOUBTFUL, Flag.EXCHANGED
    poses = replace(poses, flags=flags)

    def color(joint: int, shown: bool) -> list[int]:
        frame = Frame(np.zeros((240, 320, 3), np.uint8))
        SkeletonAnnotator(flags=shown).draw(Canvas(frame), poses)
        x, y = poses.keypoints[0, joint]
        return [int(value) for value in frame.image[int(y), int(x)]]

    assert len(set(color(knee, True))) == 1
    assert len(set(color(knee, False))) > 1
    assert color(elbow, True) == color(elbow, False)


def test_a_recording_without_flags_has_none() -> None:
    recording = Recording(header(), tuple(as_poses(whole(stand(TIMES[:3])))))
    assert recording.track(1).flags is None
    assert not recording.flags.any()
