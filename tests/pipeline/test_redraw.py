"""Drawing a recording anew: the same pixels as the run, from what it recorded, and no network."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import limner
from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.errors import InputError, OutputError, RecordingError
from limner.media.image import read_image, write_image
from limner.media.inputs import expand
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from limner.pipeline.annotate import annotate_input
from limner.pipeline.redraw import draw_recording
from limner.pipeline.result import Result
from limner.settings import Settings
from limner.system.signals import Stop
from support.cli_run import Limner
from support.clips import Clip, make
from support.people import FakeModel, body

pytestmark = pytest.mark.timeout(120)


def two(index: int, width: int, height: int) -> list[Floats]:
    """Return one who walks, and from frame 20 on a smaller one beside."""
    walker = body(width * 0.3 + index, height * 0.02, height * 0.45)
    return [walker] + [body(width * 0.8, height * 0.5, height * 0.35)] * (index >= 20)


def flashing(index: int, width: int, height: int) -> list[Floats]:
    """Return somebody who is there for two frames, and so is never shown."""
    return [body(160, 20, 200)] if index in (50, 51) else []


def annotate(path: Path, model: FakeModel | None = None, **options: Any) -> Result:
    (source,) = expand([str(path)])
    return annotate_input(source, model or FakeModel(two), Settings(**options))


def draw(path: Path, video: Path | None = None, **options: Any) -> Result:
    return draw_recording(path, Settings(**options), video)


def noise(path: Path) -> Path:
    """Return a video of three seconds in which detail is everywhere."""
    image = np.random.default_rng(0).integers(0, 256, (240, 320, 1), np.uint8)
    with VideoWriter(path, width=320, height=240, frame_rate=Fraction(30), quality=10) as out:
        for index in range(90):
            out.write(Frame(np.repeat(image, 3, axis=2), index, index / 30))
    return path


def details(path: Path) -> list[float]:
    """Return how much detail is where the flashing person's face is, frame by frame."""
    x, y = body(160, 20, 200)[0].astype(int)
    with VideoReader(path) as reader:
        faces = [frame.image[y - 8 : y + 8, x - 8 : x + 8, 0].astype(float) for frame in reader]
    return [float(np.abs(np.diff(face)).mean()) for face in faces]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip of two seconds with audio."""
    return make(tmp_path / "walk.mp4", Clip(frames=60, width=160, height=120, audio="aac"))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"blur_faces": True},
        {"labels": "ids,angles", "trails": 0.5, "boxes": True},
        {"style": "neon", "background": "black", "threshold": 0.5},
        {"start": 0.5, "end": 1.5},
        {"input_rate": 120},
        {"track": False, "labels": "angles"},
        {"background": "transparent"},
    ],
)
def test_the_same_bytes_as_the_run(clip: Path, options: dict[str, Any]) -> None:
    ran = annotate(clip, **options)
    made = ran.paths[0]
    recording = clip.with_name("walk_pose.jsonl")
    look = {name: value for name, value in options.items() if name not in ("track", "input_rate")}
    drawn = draw(recording, **look)
    assert [path.name for path in drawn.paths] == [f"walk_pose_drawn{made.suffix}"]
    assert drawn.paths[0].read_bytes() == made.read_bytes()
    assert (drawn.frames, drawn.problems) == (ran.frames, ran.problems)


def test_an_image(tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", Frame(np.full((120, 160, 3), 90, np.uint8)))
    made = annotate(tmp_path / "photo.png", blur_faces=True)
    drawn = draw(made.paths[-1])
    assert drawn.paths == [tmp_path / "photo_pose_drawn.png"]
    same = read_image(drawn.paths[0]).image == read_image(made.paths[0]).image
    assert same.all()


@pytest.mark.parametrize(("person", "kept"), [("largest", {1}), (2, {2}), ("longest", {1})])
def test_one_of_them(clip: Path, person: str | int, kept: set[int]) -> None:
    annotate(clip)
    drawn = draw(clip.with_name("walk_pose.jsonl"), person=person, style="left=#ff00ff")
    with VideoReader(drawn.paths[0]) as reader, VideoReader(clip) as plain:
        pairs = list(zip(reader, plain, strict=True))
    after, before = pairs[40]
    rows, columns = np.nonzero(np.abs(after.image.astype(int) - before.image).max(axis=2) > 60)
    assert (columns > 110).any() == (2 in kept)
    assert (rows < 50).any() == (1 in kept)


def test_nobody_of_that_number(clip: Path) -> None:
    annotate(clip)
    (problem,) = draw(clip.with_name("walk_pose.jsonl"), person=9).problems
    assert "9" in problem


def test_a_part(clip: Path) -> None:
    annotate(clip, start=0.5)
    drawn = draw(clip.with_name("walk_pose.jsonl"), start=1, end=1.5)
    assert drawn.frames == 15


def test_half_a_recording(clip: Path) -> None:
    annotate(clip)
    recording = clip.with_name("walk_pose.jsonl")
    recording.write_text("\n".join(recording.read_text().splitlines()[:31]) + "\n")
    drawn = draw(recording)
    assert drawn.frames == 30
    assert "interrupted" in drawn.problems[0]


class TestFaces:
    def test_of_people_who_are_not_in_the_recording(self, tmp_path: Path) -> None:
        annotate(noise(tmp_path / "noise.mp4"), FakeModel(flashing), blur_faces=True, quality=10)
        drawn = draw(tmp_path / "noise_pose.jsonl", style="neon", quality=10)
        assert drawn.people == 0
        found = details(drawn.paths[0])
        assert max(found[35:81]) < 25
        assert min(found[:20] + found[84:]) > 50

    def test_are_not_shown_where_nobody_knows_where_they_are(self, tmp_path: Path) -> None:
        clip = noise(tmp_path / "noise.mp4")
        annotate(clip, FakeModel(flashing), blur_faces=True, background="black")
        recording = tmp_path / "noise_pose.jsonl"
        with pytest.raises(RecordingError, match="does not say where"):
            draw(recording)
        assert not list(tmp_path.glob("*drawn*"))
        assert draw(recording, background="black").frames == 90

    def test_a_damaged_circle_is_refused(self, tmp_path: Path) -> None:
        annotate(noise(tmp_path / "noise.mp4"), FakeModel(flashing), blur_faces=True)
        recording = tmp_path / "noise_pose.jsonl"
        lines = [json.loads(line) for line in recording.read_text().splitlines()]
        assert lines[51]["hidden"]
        lines[51]["hidden"][0][2] = None
        recording.write_text("".join(json.dumps(line) + "\n" for line in lines))
        with pytest.raises(RecordingError, match="hidden circle"):
            draw(recording)

    def test_of_everyone_recorded_on_request(self, tmp_path: Path) -> None:
        clip = noise(tmp_path / "noise.mp4")
        there = FakeModel(lambda index, *_: [body(160, 20, 200)] if index >= 40 else [])
        annotate(clip, there)
        drawn = draw(tmp_path / "noise_pose.jsonl", blur_faces=True, person=9, quality=10)
        found = details(drawn.paths[0])
        assert max(found[15:]) < 25  # also shortly before anybody is found
        assert min(found[:9]) > 50


class TestAnotherVideo:
    @pytest.fixture
    def recording(self, clip: Path) -> Path:
        """The recording of the clip, in a folder of its own."""
        annotate(clip)
        folder = clip.parent / "away"
        folder.mkdir()
        return Path(shutil.move(clip.with_name("walk_pose.jsonl"), folder))

    def test_is_not_beside(self, recording: Path) -> None:
        with pytest.raises(InputError, match=r"walk\.mp4, which was measured, is not beside it"):
            draw(recording)

    def test_may_be_named(self, recording: Path, clip: Path) -> None:
        drawn = draw(recording, clip)
        assert drawn.paths == [recording.parent / "walk_pose_drawn.mp4"]
        assert drawn.frames == 60

    def test_of_another_size(self, recording: Path) -> None:
        other = make(recording.parent / "other.mp4", Clip(frames=60, width=320, height=240))
        with pytest.raises(InputError, match="expected 160x120, as was measured, got 320x240"):
            draw(recording, other)

    def test_of_another_rate(self, recording: Path) -> None:
        rate = Fraction(25)
        other = make(recording.parent / "other.mp4", Clip(width=160, height=120, rate=rate))
        with pytest.raises(InputError, match=r"its frame 1 is at 0\.040 s, and the recording's"):
            draw(recording, other)
        assert not (recording.parent / "walk_pose_drawn.mp4").exists()

    def test_that_is_the_copy(self, recording: Path, clip: Path) -> None:
        with pytest.raises(InputError, match="is the annotated copy"):
            draw(recording, clip.with_name("walk_pose.mp4"))

    def test_that_is_linked_from_elsewhere(self, recording: Path, clip: Path) -> None:
        (recording.parent / "walk.mp4").symlink_to(clip)
        with pytest.raises(InputError, match="is not beside it"):
            draw(recording)

    def test_that_ends_before(self, recording: Path) -> None:
        other = make(recording.parent / "walk.mp4", Clip(frames=20, width=160, height=120))
        drawn = draw(recording, other)
        assert drawn.frames == 20
        assert "at whose frame 20 drawing stopped" in drawn.problems[0]


def test_nothing_is_replaced(clip: Path) -> None:
    annotate(clip)
    recording = clip.with_name("walk_pose.jsonl")
    draw(recording)
    with pytest.raises(OutputError, match="overwrite"):
        draw(recording)
    with pytest.raises(OutputError, match="replace its own source"):
        draw(recording, output=clip, overwrite=True)


def test_an_interrupt_leaves_what_was_done(clip: Path) -> None:
    annotate(clip)

    def after(count: int) -> Stop:
        asked = iter(range(10**6))
        return lambda: next(asked) > count

    with pytest.raises(KeyboardInterrupt) as caught:
        draw_recording(clip.with_name("walk_pose.jsonl"), Settings(), stop=after(60))
    partial = list(clip.parent.glob("walk_pose_drawn.partial*"))
    assert bool(partial) == hasattr(caught.value, "__notes__")
    assert not clip.with_name("walk_pose_drawn.mp4").exists()


def test_the_command_needs_no_network(clip: Path, limner: Limner) -> None:
    annotate(clip)
    done = limner("draw", clip.with_name("walk_pose.jsonl"), "--style", "thin")
    assert done.code == 0
    assert done.out.endswith("walk_pose_drawn.mp4\n")


def test_from_python(clip: Path) -> None:
    annotate(clip)
    result = limner.draw(clip.with_name("walk_pose.jsonl"), labels="ids")
    assert result.paths == [clip.with_name("walk_pose_drawn.mp4")]
