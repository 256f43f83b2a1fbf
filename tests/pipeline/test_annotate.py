"""The main job, whole: a video in, the drawn-on video and the numbers out, whatever happens."""

from __future__ import annotations

import csv
import json
import signal
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import limner
from limner.core.frame import Frame
from limner.errors import InputError, OutputError, UsageError
from limner.media.image import read_image, write_image
from limner.media.inputs import expand
from limner.media.read import VideoReader
from limner.pipeline import annotate as pipeline
from limner.pipeline import stages as stages_module
from limner.pipeline.annotate import annotate_input
from limner.pipeline.result import Progress, Result
from limner.settings import Settings
from support.clips import Clip, make, number_of
from support.people import FakeModel, body, nobody, one_walker
from support.processes import start

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of two seconds with audio."""
    folder = tmp_path_factory.mktemp("clip")
    return make(folder / "walk.mp4", Clip(frames=60, width=160, height=120, audio="aac"))


def run(
    path: Path, model: FakeModel | None = None, progress: Progress | None = None, **options: Any
) -> Result:
    (source,) = expand([str(path)])
    return annotate_input(source, model or FakeModel(), Settings(**options), progress)


def header_and_lines(path: Path) -> tuple[Any, list[Any]]:
    first, *rest = [json.loads(line) for line in path.read_text().splitlines()]
    return first, rest


def frame_times(path: Path) -> list[float]:
    with VideoReader(path) as reader:
        return [frame.time for frame in reader]


def sound_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


class TestVideo:
    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
        return run(clip, output=tmp_path_factory.mktemp("made"))

    def test_the_results_are_three_files(self, made: Result, clip: Path) -> None:
        assert [path.name for path in made.paths] == [
            "walk_pose.mp4",
            "walk_pose.csv",
            "walk_pose.jsonl",
        ]
        folder = made.paths[0].parent
        assert sorted(folder.iterdir()) == sorted(made.paths)  # and nothing else is left
        assert (made.source, made.frames, made.people, made.problems) == (clip, 60, 1, [])

    def test_the_film_has_the_same_pictures_at_the_same_times(
        self, made: Result, clip: Path
    ) -> None:
        with VideoReader(made.paths[0]) as reader:
            assert (reader.width, reader.height) == (160, 120)
            assert reader.info.codec == "h264"
            assert reader.info.frame_rate == 30
            assert [number_of(frame.image) for frame in reader] == list(range(60))
        assert frame_times(made.paths[0]) == pytest.approx(frame_times(clip), abs=1e-3)

    def test_the_sound_is_kept_as_it_was(self, made: Result, clip: Path) -> None:
        assert sound_packets(made.paths[0]) == sound_packets(clip)

    def test_the_body_is_drawn(self, made: Result, clip: Path) -> None:
        with VideoReader(made.paths[0]) as drawn, VideoReader(clip) as plain:
            for number, (after, before) in enumerate(zip(drawn, plain, strict=True)):
                changed = np.abs(after.image.astype(int) - before.image).max(axis=2) > 60
                _, columns = np.nonzero(changed)
                (points,) = one_walker(number, 160, 120)
                assert columns.min() >= points[:, 0].min() - 8
                assert columns.max() <= points[:, 0].max() + 8
                assert changed.sum() > 100

    def test_the_table_has_a_row_per_person_and_frame(self, made: Result) -> None:
        with made.paths[1].open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 60
        assert list(rows[0])[:6] == ["frame", "time", "person", "score", "nose_x", "nose_y"]
        for number, row in enumerate(rows):
            assert int(row["frame"]) == number
            assert float(row["time"]) == pytest.approx(number / 30, abs=1e-4)
            nose = one_walker(number, 160, 120)[0][0]
            assert [float(row["nose_x"]), float(row["nose_y"])] == pytest.approx(nose, abs=1)
        assert len({row["person"] for row in rows}) == 1

    def test_the_recording_has_a_line_per_frame(self, made: Result, clip: Path) -> None:
        header, lines = header_and_lines(made.paths[2])
        assert header["type"] == "header"
        assert header["input"]["path"] == str(clip)
        assert (header["input"]["width"], header["input"]["height"]) == (160, 120)
        assert Fraction(header["input"]["frame_rate"]) == 30
        network = {"role": "pose", "file": "fake.onnx", "sha256": "0" * 64}
        assert header["models"] == [
            {
                "name": "fake",
                "networks": [
                    network
                    | {
                        "backend": "none",
                        "device": "CPU",
                        "precision": "",
                    }
                ],
                "person_threshold": 0.45,
                "keypoint_threshold": 0.3,
            }
        ]
        assert header["options"]["threshold"] == 0.3
        assert [line["frame"] for line in lines[:-1]] == list(range(60))
        assert lines[-1] == {"type": "end", "frames": 60, "complete": True}

    def test_the_recording_can_be_loaded(self, made: Result) -> None:
        recording = limner.load(made.paths[2])
        assert recording.complete
        assert recording.keypoints.shape == (60, 1, 17, 2)


def test_frames_without_people_are_in_the_recording(clip: Path, tmp_path: Path) -> None:
    def comes_and_goes(index: int, width: int, height: int) -> Any:
        return one_walker(index, width, height) if 20 <= index < 45 else []

    made = run(clip, FakeModel(comes_and_goes), output=tmp_path)
    _, lines = header_and_lines(made.paths[2])
    counts = [len(line["people"]) for line in lines[:-1]]
    assert len(counts) == 60
    assert counts[:18] == [0] * 18
    assert counts[30:40] == [1] * 10
    assert counts[-8:] == [0] * 8


def test_a_film_with_nobody_in_it(clip: Path, tmp_path: Path) -> None:
    made = run(clip, FakeModel(nobody), output=tmp_path)
    assert (made.frames, made.people) == (60, 0)
    assert len(made.paths[1].read_text().splitlines()) == 1
    assert len(header_and_lines(made.paths[2])[1]) == 61


@pytest.mark.parametrize("size", [(161, 121), (2, 2), (33, 97)])
def test_odd_sizes_stay(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    source = make(
        tmp_path / "odd.mp4",
        Clip(codec="mjpeg", pixel_format="yuvj420p", width=width, height=height, frames=5),
    )
    made = run(source)
    with VideoReader(made.paths[0]) as reader:
        assert (reader.width, reader.height) == size
        assert sum(1 for _ in reader) == 5


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    ticks = [0, 3000, 4000, 9000, 90000, 93003]
    source = make(tmp_path / "uneven.mp4", Clip(frames=6, ticks=ticks))
    made = run(source)
    expected = [tick / 90000 for tick in ticks]
    assert frame_times(made.paths[0]) == pytest.approx(expected, abs=1e-3)
    _, lines = header_and_lines(made.paths[2])
    assert [line["time"] for line in lines[:-1]] == pytest.approx(expected, abs=1e-4)


def test_a_part_of_a_film(clip: Path, tmp_path: Path) -> None:
    made = run(clip, output=tmp_path, start=0.5, end=1.5)
    assert made.frames == 30
    with VideoReader(made.paths[0]) as reader:
        assert [number_of(frame.image) for frame in reader] == list(range(15, 45))
    _, lines = header_and_lines(made.paths[2])
    # The numbers keep the frame's place in the source.
    assert [line["frame"] for line in lines[:-1]] == list(range(15, 45))
    assert lines[0]["time"] == pytest.approx(0.5, abs=0.02)


class TestPicture:
    @pytest.fixture
    def picture(self, tmp_path: Path) -> Path:
        path = tmp_path / "shot.jpg"
        write_image(path, Frame(np.full((120, 160, 3), 90, np.uint8)))
        return path

    def test_it_becomes_a_picture(self, picture: Path) -> None:
        made = run(picture)
        assert [path.name for path in made.paths] == [
            "shot_pose.png",
            "shot_pose.csv",
            "shot_pose.jsonl",
        ]
        drawn = read_image(made.paths[0]).image
        assert drawn.shape == (120, 160, 3)
        assert (np.abs(drawn.astype(int) - 90).max(axis=2) > 60).sum() > 100
        _, lines = header_and_lines(made.paths[2])
        assert [len(line["people"]) for line in lines[:-1]] == [1]
        assert lines[0]["people"][0]["id"] == 1

    def test_its_name_can_be_chosen(self, picture: Path, tmp_path: Path) -> None:
        made = run(picture, output=tmp_path / "result.webp")
        assert made.paths[0] == tmp_path / "result.webp"
        assert read_image(made.paths[0]).width == 160
        assert made.paths[1] == tmp_path / "result.csv"

    def test_nobody_in_it(self, picture: Path) -> None:
        made = run(picture, FakeModel(nobody))
        assert np.abs(read_image(made.paths[0]).image.astype(int) - 90).max() <= 2


class TestFormats:
    def test_all_at_once(self, clip: Path, tmp_path: Path) -> None:
        formats = ("csv", "jsonl", "coco", "openpose", "mot-challenge", "opensim-mot")
        made = run(clip, output=tmp_path, format=formats)
        assert [path.name for path in made.paths] == [
            "walk_pose.mp4",
            "walk_pose.csv",
            "walk_pose.jsonl",
            "walk_pose_coco.json",
            "walk_pose_openpose",
            "walk_pose_mot.txt",
            "walk_pose.mot",
        ]
        assert sorted(tmp_path.iterdir()) == sorted(made.paths)
        assert len(list((tmp_path / "walk_pose_openpose").iterdir())) == 60

    def test_a_file_per_person(self, clip: Path, tmp_path: Path) -> None:
        def two(index: int, width: int, height: int) -> Any:
            return [body(40, 10, 90), body(120, 10, 90)]

        options: dict[str, Any] = {
            "output": tmp_path,
            "format": ("jsonl", "opensim-mot"),
            "video": False,
        }
        made = run(clip, FakeModel(two), **options)
        people = ["walk_pose_person1.mot", "walk_pose_person2.mot"]
        assert [path.name for path in made.paths] == ["walk_pose.jsonl", *people]
        (tmp_path / "walk_pose.jsonl").unlink()
        with pytest.raises(
            OutputError, match=r"walk_pose_person1.mot, .*are there already; use --ov"
        ):
            run(clip, FakeModel(two), **options)
        run(clip, FakeModel(two), overwrite=True, **options)

    def test_one_that_cannot_be_made_leaves_the_others(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(limner.LimnerError, match="TRC is in metres") as caught:
            run(clip, output=tmp_path, format=("jsonl", "trc"))
        (note,) = caught.value.__notes__
        assert "limner export" in note
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            "walk_pose.jsonl",
            "walk_pose.mp4",
        ]

    def test_the_whole_recording_is_needed_for_some(self) -> None:
        with pytest.raises(UsageError, match="ask for jsonl as well: --format jsonl,trc"):
            Settings(format=("csv", "trc"))

    def test_only_data(self, clip: Path, tmp_path: Path) -> None:
        made = run(clip, output=tmp_path, video=False, format=("csv",))
        assert [path.name for path in tmp_path.iterdir()] == ["walk_pose.csv"]
        assert made.paths == [tmp_path / "walk_pose.csv"]


class TestExistingResults:
    @pytest.mark.parametrize("name", ["walk_pose.mp4", "walk_pose.csv", "walk_pose.jsonl"])
    def test_they_are_not_touched(self, clip: Path, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("precious")
        model = FakeModel()
        with pytest.raises(OutputError, match=rf"{name} is there already; use --overwrite"):
            run(clip, model, output=tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [name]
        assert (tmp_path / name).read_text() == "precious"
        assert model.frames == []

    def test_they_are_replaced_when_asked(self, clip: Path, tmp_path: Path) -> None:
        (tmp_path / "walk_pose.csv").write_text("old")
        run(clip, output=tmp_path, overwrite=True)
        assert (tmp_path / "walk_pose.csv").read_text() != "old"

    def test_they_stay_when_the_new_run_fails(self, clip: Path, tmp_path: Path) -> None:
        for path in run(clip, output=tmp_path).paths:
            path.write_text("old")
        with pytest.raises(RuntimeError, match="fake model fails"):
            run(clip, FakeModel(fail_at=40), output=tmp_path, overwrite=True)
        assert (tmp_path / "walk_pose.mp4").read_text() == "old"
        assert (tmp_path / "walk_pose.csv").read_text() == "old"

    def test_the_source_is_never_replaced(self, tmp_path: Path) -> None:
        source = make(tmp_path / "walk.mp4", Clip(frames=3))
        content = source.read_bytes()
        with pytest.raises(OutputError, match="would replace its own source"):
            run(source, output=source, overwrite=True)
        assert source.read_bytes() == content

    @pytest.mark.parametrize("name", ["walk_pose.csv", "walk_pose_openpose"])
    def test_a_folder_of_that_name_is_never_removed(
        self, clip: Path, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("precious")
        with pytest.raises(
            OutputError,
            match=rf"{name} (is a folder|holds something else \(thesis.txt\)), so it is not",
        ):
            run(clip, output=tmp_path, overwrite=True, format=("csv", "openpose"))
        assert (tmp_path / name / "thesis.txt").read_text() == "precious"


class TestFailures:
    def partials(self, folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir())

    def test_what_was_done_is_kept_under_partial_names(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match="fake model fails") as caught:
            run(clip, FakeModel(fail_at=50), output=tmp_path)
        assert self.partials(tmp_path) == [
            "walk_pose.partial.csv",
            "walk_pose.partial.jsonl",
            "walk_pose.partial.mp4",
        ]
        (note,) = caught.value.__notes__
        _, lines = header_and_lines(tmp_path / "walk_pose.partial.jsonl")
        done = len(lines) - 1
        assert 20 <= done <= 50
        assert lines[-1] == {"type": "end", "frames": done, "complete": False}
        assert f"what was done until then, {done} frames, is in" in note
        assert all(name in note for name in self.partials(tmp_path))
        times = frame_times(tmp_path / "walk_pose.partial.mp4")
        assert times == pytest.approx([number / 30 for number in range(done)], abs=1e-3)

    def test_what_appears_during_the_run_is_not_replaced(self, clip: Path, tmp_path: Path) -> None:
        class Meanwhile(Progress):
            def advance(self, poses: Any) -> None:
                (tmp_path / "walk_pose.csv").write_text("mine")

        with pytest.raises(OutputError, match=r"walk_pose.csv has appeared meanwhile") as caught:
            run(clip, None, Meanwhile(), output=tmp_path)
        assert (tmp_path / "walk_pose.csv").read_text() == "mine"
        (note,) = caught.value.__notes__
        partials = [f"walk_pose.partial.{ending}" for ending in ("csv", "jsonl", "mp4")]
        assert self.partials(tmp_path) == ["walk_pose.csv", *partials]
        assert all(name in note for name in partials)
        assert "removed" not in note

    def test_what_an_earlier_run_left_stays(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError):
            run(clip, FakeModel(fail_at=50), output=tmp_path)
        left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        (tmp_path / "walk_pose.partial.csv").write_text("mine")
        left["walk_pose.partial.csv"] = b"mine"
        with pytest.raises(RuntimeError):
            run(clip, FakeModel(fail_at=0), output=tmp_path)
        run(clip, output=tmp_path)
        found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert {name: found.pop(name) for name in left} == left
        assert sorted(found) == ["walk_pose.csv", "walk_pose.jsonl", "walk_pose.mp4"]

    def test_a_folder_that_becomes_a_file(self, clip: Path, tmp_path: Path) -> None:
        results = tmp_path / "results"

        class Meanwhile(Progress):
            def advance(self, poses: Any) -> None:
                if results.is_dir():
                    results.rename(tmp_path / "moved")
                    results.write_text("mine")

        with pytest.raises(OutputError, match=r"results/walk_pose.*: Not a directory"):
            run(clip, None, Meanwhile(), output=results)
        assert results.read_text() == "mine"

    def test_nothing_is_kept_of_nothing(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError) as caught:
            run(clip, FakeModel(fail_at=0), output=tmp_path)
        assert self.partials(tmp_path) == []
        assert not hasattr(caught.value, "__notes__")

    @pytest.mark.parametrize("stage", ["Render", "known_people", "model.session"])
    def test_every_stage_may_fail(
        self, clip: Path, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model = FakeModel()
        owner: Any = model if stage == "model.session" else pipeline
        name = stage.removeprefix("model.")
        make = getattr(owner, name)

        class Failing:
            """Does what the stage does, five times."""

            def __init__(self, step: Any) -> None:
                self.step, self.left = step, 5

            def push(self, item: Any) -> Any:
                self.left -= 1
                if self.left < 0:
                    raise MemoryError(stage)
                return self.step.push(item)

        monkeypatch.setattr(owner, name, lambda *args, **options: Failing(make(*args, **options)))
        with pytest.raises(MemoryError, match=stage):
            run(clip, model, output=tmp_path)

    def test_the_writer_may_fail(
        self, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any) -> None:
            raise OutputError("no space left")

        monkeypatch.setattr("limner.export.csv.CsvWriter.write", full)
        with pytest.raises(OutputError, match="no space left"):
            run(clip, output=tmp_path)

    def test_a_stage_that_hangs_does_not_keep_an_interrupt(
        self, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stages_module, "_PATIENCE", 0.3)
        model = FakeModel(block_at=45)

        class Impatient(Progress):
            frames = 0

            def advance(self, poses: Any) -> None:
                self.frames += 1
                if self.frames == 10:
                    raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(clip, model, Impatient(), output=tmp_path)
        model.released.set()
        for thread in threading.enumerate():
            if thread.name in ("reading", "estimating", "drawing", "writing"):
                thread.join(10)
        done = len(limner.load(tmp_path / "walk_pose.partial.jsonl"))
        assert len(frame_times(tmp_path / "walk_pose.partial.mp4")) == done
        assert 10 <= done <= 13

    def test_the_work_ahead_is_bounded(self, clip: Path, tmp_path: Path) -> None:
        """However long a video is, only so many frames are in memory."""
        model = FakeModel()
        ahead: list[int] = []

        class Watching(Progress):
            done = 0

            def advance(self, poses: Any) -> None:
                self.done += 1
                ahead.append(len(model.frames) - self.done)

        long = make(tmp_path / "long.mp4", Clip(frames=240, width=64, height=48))
        run(long, model, Watching(), video=False, lag=0.2)
        assert len(model.frames) == 240
        assert max(ahead) <= 2 * (4 + 1) + 2 * 6 + 2

    def test_a_source_that_is_bad_raises_its_error(self) -> None:
        with pytest.raises(InputError, match="no such"):
            run(Path("nowhere.mp4"))

    @pytest.mark.parametrize("output", ["file/results", "file/results/x.mp4"])
    def test_an_output_folder_that_cannot_be_made(
        self, clip: Path, tmp_path: Path, output: str
    ) -> None:
        (tmp_path / "file").write_text("not a folder")
        with pytest.raises(OutputError, match=r"cannot make the folder .*file/results: "):
            run(clip, output=tmp_path / output)

    def test_an_ending_no_video_has(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"ending '\.png'"):
            run(clip, output=tmp_path / "result.png")
        assert self.partials(tmp_path) == []

    def test_past_the_end(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"--start 9 is past the end of this video.* 2.0 s"):
            run(clip, output=tmp_path, start=9)
        assert self.partials(tmp_path) == []

    def test_a_film_that_is_cut_off_is_done_as_far_as_it_goes(self, tmp_path: Path) -> None:
        whole = make(tmp_path / "whole.mkv", Clip(frames=60, options=(("g", "6"),)))
        cut = tmp_path / "cut.mkv"
        cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
        made = run(cut)
        assert 10 < made.frames < 60
        (problem,) = (each for each in made.problems if "cut off" in each)
        assert str(cut) in problem
        assert made.paths[0].name == "cut_pose.mp4"


class TestProgress:
    def test_it_hears_everything(self, clip: Path, tmp_path: Path) -> None:
        heard: list[Any] = []

        class Listening(Progress):
            def start(self, name: str, frames: int | None, model: Any) -> None:
                heard.append((name, frames, model.name))

            def advance(self, poses: Any) -> None:
                heard.append(poses.index)

            def finish(self) -> None:
                heard.append("finish")

        run(clip, None, Listening(), output=tmp_path)
        assert heard == [(str(clip), 60, "fake"), *range(60), "finish"]

    def test_it_is_ended_when_the_run_fails(self, clip: Path, tmp_path: Path) -> None:
        ended = []

        class Listening(Progress):
            def finish(self) -> None:
                ended.append(True)

        with pytest.raises(RuntimeError):
            run(clip, FakeModel(fail_at=3), Listening(), output=tmp_path)
        assert ended == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt_leaves_what_was_done(clip: Path, tmp_path: Path) -> None:
    process = start(tmp_path, str(clip), "-o", ".", seconds=0.05)
    recording = tmp_path / "walk_pose.partial.jsonl"
    waited = threading.Event()
    for _ in range(600):
        if recording.exists() and recording.read_text().count("\n") > 8:
            break
        waited.wait(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("limner: interrupted; what was done until then, ")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "walk_pose.partial.csv",
        "walk_pose.partial.jsonl",
        "walk_pose.partial.mp4",
    ]
    _, lines = header_and_lines(recording)  # every line is whole
    done = lines[-1]["frames"]
    assert lines[-1] == {"type": "end", "frames": done, "complete": False}
    assert 5 < done < 60
    assert len(frame_times(tmp_path / "walk_pose.partial.mp4")) == done
    assert not limner.load(recording).complete


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of file sizes")
@pytest.mark.parametrize("limit", [3_000, 8_000, 15_000])
def test_a_disk_that_fills_up(clip: Path, tmp_path: Path, limit: int) -> None:
    """A limit of file sizes stands for the full disk: writing fails in the same way."""
    before = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    process = start(tmp_path, str(clip), "-o", ".", before=before)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert out == ""
    assert "Traceback" not in err
    message = err.splitlines()[-1]
    assert "cannot write" in message or "writing failed" in message
    left = list(tmp_path.iterdir())
    assert all(".partial." in path.name for path in left)
    assert all(path.name in message for path in left)
    film = tmp_path / "walk_pose.partial.mp4"
    if "is in" in message:
        assert film.exists() != ("the annotated copy could not be finished" in message)
    if film.exists():
        assert len(frame_times(film)) > 0


class TestRealFilm:
    @pytest.mark.usefixtures("default_weights")
    def test_the_demo_clip(self, shared: Path, tmp_path: Path) -> None:
        source = shared / "data" / "videos" / "sports2d_demo.mp4"
        made = limner.annotate(source, output=tmp_path, start=1.0, end=1.5)
        assert made.frames == 15
        assert made.people == 2
        with VideoReader(made.paths[0]) as reader:
            assert (reader.width, reader.height) == (1768, 994)
            assert reader.info.has_audio
            assert sum(1 for _ in reader) == 15
        recording = limner.load(made.paths[2])
        assert recording.skeleton.name == "blazepose-33"
        assert len(recording) == 15
        assert recording.keypoints_3d is not None
        assert {network.file for network in recording.header.model.networks} == {
            "nanodet.json",
            "movenet-thunder.json",
            "pose_landmark_full.tflite",
        }

    @pytest.mark.usefixtures("default_weights")
    def test_estimate_yields_the_same_poses(self, shared: Path, tmp_path: Path) -> None:
        source = shared / "data" / "videos" / "sports2d_demo.mp4"
        options: dict[str, Any] = {"start": 1.0, "end": 1.2}
        frames = list(limner.estimate(source, **options))
        made = limner.annotate(source, output=tmp_path, video=False, **options)
        recording = limner.load(made.paths[-1])
        assert len(frames) == len(recording) == 6
        assert recording.people
        for mine, theirs in zip(frames, recording, strict=True):
            assert (mine.index, mine.ids.tolist()) == (theirs.index, theirs.ids.tolist())
            np.testing.assert_allclose(mine.keypoints, theirs.keypoints, atol=0.006)
