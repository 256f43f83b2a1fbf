"""limner annotate: every option does something, and every failure is a sentence."""

from __future__ import annotations

import csv
import inspect
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.cli.annotate import annotate
from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.media.image import read_image, write_image
from limner.media.probe import probe
from limner.media.read import VideoReader
from limner.motion.scale.camera import Camera
from support.cli_run import Limner, Run
from support.clips import Clip, make
from support.people import FakeModel, body
from support.scenes import View

Check = Callable[[Limner, Path], None]
EFFECTS: dict[str, Check] = {}


def effect(check: Check) -> Check:
    """Register what shows that the option of this name does something."""
    EFFECTS[check.__name__.removesuffix("_")] = check
    return check


def rows(name: str = "walk_pose.csv") -> list[dict[str, str]]:
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))


def frames(name: str = "walk_pose.jsonl") -> list[Any]:
    lines = [json.loads(line) for line in Path(name).read_text().splitlines()]
    return [line for line in lines if line["type"] == "frame"]


def picture(number: int, name: str = "walk_pose.mp4") -> Any:
    with VideoReader(name) as reader:
        return [frame.image.astype(int) for frame in reader][number]


def done(run: Run) -> Run:
    assert run.code == 0, run.err
    return run


def two_people(limner: Limner) -> None:
    """See a large person on the left and a small one on the right."""
    limner.see(FakeModel(lambda *_: [body(40, 5, 110), body(130, 5, 40)]))


@effect
def output(limner: Limner, clip: Path) -> None:
    out = done(limner(clip, "-o", "results/deep")).out
    names = ["walk_pose.mp4", "walk_pose.csv", "walk_pose.jsonl"]
    assert out.split() == [f"results/deep/{name}" for name in names]
    done(limner(clip, "--output", "mine.mkv"))
    assert sorted(path.name for path in Path().glob("mine*")) == [
        "mine.csv",
        "mine.jsonl",
        "mine.mkv",
    ]


@effect
def overwrite(limner: Limner, clip: Path) -> None:
    Path("walk_pose.csv").write_text("old")
    assert limner(clip).code == 1
    done(limner(clip, "--overwrite"))
    assert len(rows()) == 30


@effect
def format_(limner: Limner, clip: Path) -> None:
    out = done(limner(clip, "--format", "mot-challenge, jsonl")).out
    assert out.split() == ["walk_pose.mp4", "walk_pose_mot.txt", "walk_pose.jsonl"]
    assert done(limner(clip, "--format", "none", "-o", "none")).out.split() == [
        "none/walk_pose.mp4"
    ]
    refused = limner(clip, "--format", "csv,pdf", "--overwrite")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "there is no format 'pdf'; there are csv" in refused.err


@effect
def video(limner: Limner, clip: Path) -> None:
    assert done(limner(clip, "--no-video")).out.split() == ["walk_pose.csv", "walk_pose.jsonl"]
    assert done(limner(clip, "--video", "--overwrite")).out.split()[0] == "walk_pose.mp4"
    assert limner(clip, "--no-video", "--format", "none").code == 2


@effect
def audio(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--no-audio"))
    assert not probe("walk_pose.mp4").has_audio
    done(limner(clip, "--audio", "--overwrite"))
    assert probe("walk_pose.mp4").has_audio


@effect
def codec(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--codec", "mpeg4"))
    assert probe("walk_pose.mp4").codec == "mpeg4"
    refused = limner(clip, "--codec", "gif", "--overwrite")
    assert refused.code == 2
    assert ".mp4 does not hold gif; use one of h264" in refused.err


@effect
def quality(limner: Limner, clip: Path) -> None:
    sizes = []
    for value in ("45", "10"):
        done(limner(clip, "--quality", value, "--overwrite"))
        sizes.append(Path("walk_pose.mp4").stat().st_size)
    assert sizes[0] < sizes[1]


@effect
def start(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--start", "0:00:00.5"))
    assert [frame["frame"] for frame in frames()] == list(range(15, 30))
    refused = limner(clip, "--start", "soon")
    assert (refused.code, refused.err) == (
        2,
        "limner: start: expected seconds or h:mm:ss, got 'soon'\n",
    )


@effect
def end(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--end", "0.5"))
    assert [frame["frame"] for frame in frames()] == list(range(15))
    refused = limner(clip, "--start", "3", "--end", "2")
    assert refused.code == 2
    assert "end: expected later than the start (3 s), got 2 s" in refused.err


@effect
def max_people(limner: Limner, clip: Path) -> None:
    two_people(limner)
    done(limner(clip))
    assert len(rows()) == 60
    done(limner(clip, "--max-people", "1", "--overwrite"))
    assert len(rows()) == 30
    assert limner(clip, "--max-people", "0").code == 2


@effect
def person(limner: Limner, clip: Path) -> None:
    two_people(limner)
    for way, place in (("largest", 40), ("longest", 40), ("center", 40), ("1", 40), ("2", 130)):
        done(limner(clip, "--person", way, "--overwrite"))
        assert len(rows()) == 30
        assert float(rows()[5]["nose_x"]) == pytest.approx(place, abs=2)
    refused = limner(clip, "--person", "tallest")
    assert refused.code == 2
    assert "person 'tallest': expected largest" in refused.err
    limner.see(FakeModel(lambda index, *_: [body(130, 5, 40)] + [body(40, 5, 110)] * (index > 8)))
    done(limner(clip, "--person", "longest", "--overwrite"))
    assert len(rows()) == 30
    assert float(rows()[15]["nose_x"]) == pytest.approx(130, abs=2)


@effect
def roi(limner: Limner, clip: Path) -> None:
    two_people(limner)
    done(limner(clip, "--roi", "100,0,60,120"))
    assert {round(float(row["nose_x"]) / 10) for row in rows()} == {13}
    refused = limner(clip, "--roi", "1,2,3")
    assert refused.code == 2
    assert "roi '1,2,3': expected an area x,y,w,h" in refused.err


@effect
def ignore_still(limner: Limner, clip: Path) -> None:
    """A poster is the largest here, and somebody before it walks."""
    seen = FakeModel(lambda index, *_: [body(20 + index, 5, 60), body(120, 5, 110)])
    limner.see(seen)
    done(limner(clip, "--max-people", "1"))
    assert {round(float(row["nose_x"])) for row in rows()} == {120}
    shown = done(limner(clip, "--max-people", "1", "--ignore-still", "--overwrite"))
    assert len(rows()) == 30
    assert float(rows()[15]["nose_x"]) == pytest.approx(35, abs=2)
    assert "1 person who never moves was left out, as --ignore-still asks" in shown.err
    done(limner(clip, "--ignore-still", "--person", "longest", "--overwrite"))
    assert float(rows()[15]["nose_x"]) == pytest.approx(35, abs=2)
    refused = limner(clip, "--ignore-still", "--no-track", "--overwrite")
    assert refused.code == 2
    assert "known to be still" in refused.err


@effect
def search(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--search", "thorough"))
    assert limner.settings[-1].model_options == {"search": "thorough"}
    refused = limner(clip, "--search", "hopeful", "--overwrite")
    assert (refused.code, refused.err) == (
        2,
        "limner: search: expected fast, normal, thorough or mediapipe, got 'hopeful'\n",
    )


@effect
def threshold(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--threshold", "0.95"))
    assert {row["nose_x"] for row in rows()} == {""}
    assert np.abs(picture(10) - picture(10, "walk.mp4")).max() < 60  # nothing is drawn
    refused = limner(clip, "--threshold", "1.5")
    assert (refused.code, refused.err) == (2, "limner: threshold: expected 0 to 1, got 1.5\n")


@effect
def smooth(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--smooth"))
    assert "raw_keypoints" in frames()[5]["people"][0]
    done(limner(clip, "--no-smooth", "--overwrite"))
    assert "raw_keypoints" not in frames()[5]["people"][0]


def changes(limner: Limner, clip: Path, *arguments: str) -> int:
    """Return how many pixels of a frame look different with more arguments."""
    done(limner(clip, "--format", "none", "--overwrite"))
    before = picture(10)
    done(limner(clip, "--format", "none", "--overwrite", *arguments))
    return int((np.abs(picture(10) - before).max(axis=2) > 40).sum())


@effect
def track(limner: Limner, clip: Path) -> None:
    """Somebody who is seen once is a ghost, unless each frame stands by itself."""
    limner.see(FakeModel(lambda index, *_: [body(40, 5, 100)] * (index in (5, 15))))
    done(limner(clip, "--track"))
    assert rows() == []
    done(limner(clip, "--no-track", "--overwrite"))
    assert [(row["frame"], row["person"]) for row in rows()] == [("5", "1"), ("15", "1")]
    assert "raw_keypoints" not in frames()[5]["people"][0]
    refused = limner(clip, "--no-track", "--trails", "1", "--overwrite")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "track: where nobody is followed there are no trails" in refused.err


@effect
def lag(limner: Limner, clip: Path) -> None:
    """Without looking ahead, nobody is confirmed by what comes later."""
    first = []
    for seconds in ("0.5", "0"):
        done(limner(clip, "--lag", seconds, "--overwrite"))
        first.append(int(rows()[0]["frame"]))
    assert first[0] == 0 < first[1]


@effect
def boxes(limner: Limner, clip: Path) -> None:
    assert changes(limner, clip, "--boxes") > 60
    assert changes(limner, clip) == 0


@effect
def labels(limner: Limner, clip: Path) -> None:
    assert changes(limner, clip, "--labels", "ids") > 30
    refused = limner(clip, "--labels", "shoes")
    assert refused.code == 2
    assert "labels: expected" in refused.err


@effect
def angles(limner: Limner, clip: Path) -> None:
    done(limner(clip))
    assert not any(name.endswith("_deg") for name in rows()[0])
    done(limner(clip, "--angles", "--overwrite"))
    assert float(rows()[5]["left_knee_deg"]) == pytest.approx(0, abs=15)
    assert "left_knee" in frames()[5]["people"][0]["angles"]
    assert limner(clip, "--angles", "--format", "none", "--overwrite").code == 2


@effect
def angles_auto(limner: Limner, clip: Path) -> None:
    """The walker faces the camera, so no knee can be measured, and the shoulders can."""
    done(limner(clip, "--angles", "auto"))
    first = clip.with_name("walk_pose.csv").read_bytes()
    done(limner(clip, "--angles-auto", "--overwrite"))
    assert clip.with_name("walk_pose.csv").read_bytes() == first
    row = rows()[5]
    assert row["left_knee_deg"] == row["left_knee_3d_deg"] == ""
    assert float(row["view_deg"]) < 30
    assert float(row["shoulders_deg"]) == pytest.approx(0, abs=5)
    assert limner(clip, "--angles-auto", "--format", "none", "--overwrite").code == 2


@effect
def flags(limner: Limner, clip: Path) -> None:
    limner.see(FakeModel(lambda index, *_: [body(158, 5, 100)]))  # one arm is outside
    done(limner(clip, "--flags"))
    flagged = {name: value for name, value in rows()[5].items() if name.endswith("_flags")}
    assert len(flagged) == 17
    assert flagged["left_wrist_flags"] == "8"
    assert flagged["right_wrist_flags"] == "0"
    refused = limner(clip, "--flags", "--format", "jsonl", "--overwrite")
    assert refused.code == 2
    assert "flags: jsonl has no column for them" in refused.err


@effect
def show_flags(limner: Limner, clip: Path) -> None:
    def missing(index: int, *_: int) -> list[Floats]:
        person = body(80, 5, 100)
        person[7] = np.nan if 8 <= index < 12 else person[7]  # filled in
        return [person]

    limner.see(FakeModel(missing))
    assert changes(limner, clip, "--show-flags") > 20


@effect
def style(limner: Limner, clip: Path) -> None:
    assert changes(limner, clip, "--style", "left=#00ff00,width=2") > 60
    assert limner(clip, "--style", "baroque", "--overwrite").code == 2


@effect
def background(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--background", "black", "--format", "none"))
    assert picture(10)[-10:].max() < 20  # the walk.mp4 has bright bars there
    refused = limner(clip, "--background", "green", "--overwrite")
    assert refused.code == 2
    assert "background: expected keep, black or transparent, got 'green'" in refused.err


@effect
def blur_faces(limner: Limner, clip: Path) -> None:
    """On fine stripes, only the face's place turns even."""

    def stripes(number: int, width: int, height: int) -> Any:
        image = np.full((height, width, 3), 40, np.uint8)
        image[:, ::4] = image[:, 1::4] = 200
        return image

    film = make(Path("striped.mp4"), Clip(frames=5, width=160, height=120), draw=stripes)
    limner.see(FakeModel(lambda *_: [body(80, 10, 100)]))
    contrasts = []
    for arguments in ([], ["--blur-faces"]):
        done(limner(film, "--threshold", "1", "--format", "none", "--overwrite", *arguments))
        shown = picture(2, "striped_pose.mp4")
        contrasts.append([np.ptp(shown[17, 74:86]), np.ptp(shown[100, 20:40])])
    (plain, legs), (hidden, legs_as_well) = contrasts
    assert plain > 100
    assert hidden < 50
    assert legs == pytest.approx(legs_as_well, abs=30)


@effect
def trails(limner: Limner, clip: Path) -> None:
    assert changes(limner, clip, "--trails", "0.3") > 15
    refused = limner(clip, "--trails", "-1", "--overwrite")
    assert refused.code == 2


@effect
def input_rate(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--input-rate", "240", "--no-video"))
    assert frames()[15]["time"] == pytest.approx(15 / 240, abs=1e-4)
    assert limner(clip, "--input-rate", "0", "--overwrite").code == 2


@effect
def output_rate(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--output-rate", "15"))
    with VideoReader("walk_pose.mp4") as reader:
        times = [frame.time for frame in reader]
    assert times == pytest.approx([number / 15 for number in range(30)], abs=1e-3)
    assert not probe("walk_pose.mp4").has_audio
    assert frames()[15]["time"] == pytest.approx(0.5, abs=1e-4)  # the numbers keep their times
    assert limner(clip, "--output-rate", "0", "--overwrite").code == 2


@effect
def net_size(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--net-size", "368,432"))
    assert limner.settings[-1].model_options == {"net_size": (368, 432)}


@effect
def flip(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--flip"))
    assert limner.settings[-1].model_options == {"flip": True}


@effect
def decode(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--decode", "highest"))
    assert limner.settings[-1].model_options == {"decode": "highest"}


def drawn_with(limner: Limner, clip: Path, *arguments: str) -> int:
    """Return how many pixels the tutorial's drawing has in pure red."""
    done(limner(clip, "--tutorial", "--format", "none", "--overwrite", *arguments))
    assert limner.settings[-1].tutorial
    # Colour planes are half as large, so few pixels of a thin line are pure.
    red, green, blue = np.moveaxis(picture(10), -1, 0)
    return int(((red > 150) & (green < 90) & (blue < 90)).sum())


@effect
def tutorial(limner: Limner, clip: Path) -> None:
    assert changes(limner, clip, "--tutorial") > 100
    refused = limner(clip, "--tutorial", "--boxes", "--overwrite")
    assert refused.code == 2
    assert "tutorial: it cannot be combined with boxes" in refused.err


@effect
def line_color(limner: Limner, clip: Path) -> None:
    dots = drawn_with(limner, clip)
    assert drawn_with(limner, clip, "--line-color", "#ff0000") > dots + 50
    assert limner(clip, "--line-color", "#ff0000", "--overwrite").code == 2


@effect
def dot_color(limner: Limner, clip: Path) -> None:
    dots = drawn_with(limner, clip)
    assert drawn_with(limner, clip, "--dot-color", "#0000ff") < dots
    assert limner(clip, "--tutorial", "--dot-color", "reddish", "--overwrite").code == 2


@effect
def text_color(limner: Limner, clip: Path) -> None:
    """The fake model says no milliseconds, so there is no text to see."""
    done(limner(clip, "--tutorial", "--text-color", "#ffffff"))
    assert limner.settings[-1].text_color == "#ffffff"


@effect
def model(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--model", "openpose-mobilenet-thin"))
    assert limner.settings[-1].model == "openpose-mobilenet-thin"


@effect
def backend(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--backend", "opencv"))
    assert limner.settings[-1].backend == "opencv"


@effect
def device(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--device", "gpu"))
    assert limner.settings[-1].device == "gpu"


@effect
def threads(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--threads", "1"))
    assert limner.settings[-1].threads == 1
    refused = limner(clip, "--threads", "0", "--overwrite")
    assert (refused.code, refused.err) == (2, "limner: threads: expected 1 or more, got 0\n")


@effect
def sequence(limner: Limner, clip: Path) -> None:
    for number in (1, 2, 4):
        write_image(f"seq_{number}.png", Frame(np.full((90, 120, 3), 80, np.uint8)))
    done(limner(*Path().glob("seq_*.png"), "--sequence", "50"))
    assert probe("seq_pose.mp4").frame_count == 3
    assert [row["time"] for row in rows("seq_pose.csv")] == [
        "0.000000",
        "0.020000",
        "0.060000",
    ]


@effect
def max_megapixels(limner: Limner, clip: Path) -> None:
    refused = limner(clip, "--max-megapixels", "0.001")
    assert refused.code == 1
    assert "expected images of up to 0.001 million pixels, got 160x120" in refused.err
    done(limner(clip, "--max-megapixels", "0.1"))


def scale(name: str = "walk_pose.jsonl") -> Any:
    return json.loads(Path(name).read_text().splitlines()[0])["scale"]


@effect
def height(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--height", "1=180"))
    # From ankle to shoulder is 0.779 of a height; these bodies have 0.77 of 54 pixels there.
    found = scale()["people"]["1"]["metres_per_pixel"]
    assert found == pytest.approx(1.8 / 54, rel=0.03)
    gone = limner(clip, "--height", "7=1.8", "--overwrite")
    assert "no metres: height: the recording of walk.mp4 has no person 7; it has 1" in gone.err
    refused = limner(clip, "--height", "17.5", "--overwrite")
    assert (refused.code, refused.err.count("\n")) == (2, 1)


@effect
def distance(limner: Limner, clip: Path) -> None:
    done(limner(clip, "--distance", "50cm:10,20,40,60"))
    assert scale()["everyone"]["metres_per_pixel"] == pytest.approx(0.01)


# What limner knows of a camera of 160x120 pixels, 1 m above the floor, that looks down a little.
CAMERA = View(height=1.0, focal=150, pitch=20, size=(160, 120))


@effect
def calibration(limner: Limner, clip: Path) -> None:
    Path("Calib.toml").write_text(CAMERA.toml(placed=False))
    done(limner(clip, "--calibration", "Calib.toml", "--height", "1.8"))
    assert scale()["camera"]["matrix"][0][0] == 150
    refused = limner(clip, "--calibration", "Calib.toml", "--overwrite")
    assert refused.code == 2
    assert "gives no metres by itself; give --height or --distance as well" in refused.err


@effect
def checkerboard(limner: Limner, clip: Path) -> None:
    write_image("board.png", Frame(np.full((120, 160, 3), 90, np.uint8)))
    given: list[str | Path] = [clip, "--calibration", "board.png", "--height", "1.8"]
    refused = limner(*given, "--checkerboard", "5x4")
    assert refused.code == 2
    assert "no checkerboard with 5x4 inner corners is found in its 1 images" in refused.err
    assert "give the checkerboard in it as well" in limner(*given).err


@effect
def floor(limner: Limner, clip: Path) -> None:
    flat = CAMERA.turn @ np.diag([1.0, -1.0, -1.0])
    middle = CAMERA.turn @ np.array([0.0, 2.0, 0.0]) + CAMERA.shift
    write_image("floor.png", Frame(CAMERA.board(5, 4, 0.2, flat, middle)))
    Path("Calib.toml").write_text(CAMERA.toml(placed=False))
    given: list[str | Path] = [clip, "--calibration", "Calib.toml", "--checkerboard", "5x4:20cm"]
    done(limner(*given, "--floor", "floor.png", "--height", "1.8"))
    told = scale()["camera"]
    rotation, translation = tuple(told["rotation"]), tuple(told["translation"])
    found = Camera("", (160, 120), (), rotation=rotation, translation=translation)
    assert found.place[2] == pytest.approx(1.0, abs=0.05)


@effect
def verbose(limner: Limner, clip: Path) -> None:
    limner.see(FakeModel(fail_at=3))
    quiet, loud = limner(clip), limner(clip, "-v", "--overwrite")
    assert quiet.code == loud.code == 1
    assert "internal error (RuntimeError: the fake model fails); run with -v" in quiet.err
    assert "Traceback" not in quiet.err
    assert "Traceback" in loud.err


@pytest.mark.parametrize("option", EFFECTS)
def test_every_option_has_an_effect(option: str, fake: Limner, clip: Path) -> None:
    EFFECTS[option](fake, clip)


def test_no_option_is_without_a_test() -> None:
    assert set(inspect.signature(annotate).parameters) - {"inputs"} == set(EFFECTS)


class TestWhatIsSaid:
    def test_results_on_stdout_the_rest_on_stderr(self, fake: Limner, clip: Path) -> None:
        run = done(fake("annotate", clip))
        assert run.out == "walk_pose.mp4\nwalk_pose.csv\nwalk_pose.jsonl\n"
        first, last = run.err.splitlines()
        assert first == "walk.mp4, 30 frames, fake on none CPU"
        assert last.startswith("walk.mp4: 30 frames, 1 person, ")
        assert last.endswith(" frames/s)")

    def test_the_verb_may_be_left_out(self, fake: Limner, clip: Path) -> None:
        assert done(fake(clip, "--no-video")).out.split() == ["walk_pose.csv", "walk_pose.jsonl"]
        assert done(fake("--no-video", "--overwrite", clip)).code == 0

    def test_a_line_now_and_then(
        self, fake: Limner, clip: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("limner.cli.progress.ConsoleProgress._PLAIN_EVERY", 0.0)
        lines = done(fake(clip)).err.splitlines()
        assert len(lines) == 32
        assert lines[15].startswith("15 frames of 30 (50 %), ")
        assert lines[15].endswith(" s left")

    def test_names_are_no_markup(self, fake: Limner, clip: Path) -> None:
        clip.rename("walk [bold] [final].mp4")
        run = done(fake("walk [bold] [final].mp4"))
        assert "walk [bold] [final]_pose.mp4\n" in run.out
        assert run.err.startswith("walk [bold] [final].mp4, 30 frames")

    def test_a_picture(self, fake: Limner, tmp_path: Path) -> None:
        write_image(tmp_path / "shot.png", Frame(np.full((90, 120, 3), 80, np.uint8)))
        run = done(fake(tmp_path / "shot.png"))
        assert f"{tmp_path / 'shot.png'}: 1 frame, 1 person" in run.err
        assert read_image(tmp_path / "shot_pose.png").width == 120


class TestManyInputs:
    def test_a_bad_one_does_not_stop_the_others(self, fake: Limner, clip: Path) -> None:
        Path("bad.mp4").write_text("no video")
        shutil.copy(clip, "also.mp4")
        run = fake("nowhere.mp4", "bad.mp4", clip, "also.mp4", "-o", "out")
        assert run.code == 1
        assert [Path(line).name for line in run.out.split()] == [
            f"{stem}_pose.{ending}"
            for stem in ("walk", "also")
            for ending in ("mp4", "csv", "jsonl")
        ]
        said = [line for line in run.err.splitlines() if line.startswith("limner: ")]
        assert len(said) == 2
        assert "nowhere.mp4: no such file" in said[0]
        assert "bad.mp4: " in said[1]
        assert len(fake.settings) == 1  # the model was loaded once

    def test_one_that_fails_on_the_way_does_not_stop_the_others(
        self, fake: Limner, clip: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shutil.copy(clip, "second.mp4")
        fake.see(FakeModel(fail_at=5))
        run = fake(clip, "second.mp4")
        assert run.code == 1
        assert run.err.count("internal error") == 2

    def test_a_folder_without_what_an_earlier_run_made(self, fake: Limner, clip: Path) -> None:
        done(fake("."))
        for half in ("walk_pose.partial.mp4", "walk_pose.partial-2.mp4"):
            shutil.copy("walk_pose.mp4", half)
        again = done(fake(".", "--overwrite"))
        assert again.out.split() == ["walk_pose.mp4", "walk_pose.csv", "walk_pose.jsonl"]
        assert "limner: 3 inputs left out, the results of others\n" in again.err

    def test_a_pattern(self, fake: Limner, clip: Path) -> None:
        shutil.copy(clip, "walk10.mp4")
        clip.rename("walk2.mp4")
        run = done(fake("walk*.mp4", "--no-video", "--format", "csv", "-o", "out"))
        assert run.out.split() == ["out/walk2_pose.csv", "out/walk10_pose.csv"]

    def test_results_of_the_same_name_are_not_lost(self, fake: Limner, clip: Path) -> None:
        Path("other").mkdir()
        shutil.copy(clip, "other/walk.mp4")
        run = done(fake(clip, "other/walk.mp4", "-o", "out"))
        here = Path.cwd().name
        assert [path for path in run.out.split() if path.endswith(".mp4")] == [
            f"out/{here}_walk_pose.mp4",
            "out/other_walk_pose.mp4",
        ]
        run = fake(clip, clip.absolute(), "-o", "again")
        assert run.code == 1
        assert len(run.out.split()) == 3
        assert f"{clip.absolute()}: not done, its result would replace that of" in run.err

    def test_one_file_for_many_is_refused(self, fake: Limner, clip: Path) -> None:
        shutil.copy(clip, "second.mp4")
        run = fake(clip, "second.mp4", "-o", "all.mp4")
        assert run.code == 2
        assert "all.mp4 is one file, but there are 2 inputs; give a folder" in run.err

    def test_a_model_that_cannot_be_had_is_told_once(self, limner: Limner, clip: Path) -> None:
        shutil.copy(clip, "second.mp4")
        run = limner(clip, "second.mp4", "--model", "nothing.onnx", "--backend", "fortran")
        assert run.code in (1, 2)
        assert run.err.count("\n") == 1


def audio_only(path: Path) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def folder_of_texts(path: Path) -> None:
    path.mkdir()
    (path / "a.txt").write_text("hello")


BAD: dict[str, tuple[Callable[[], Any], list[str], int, str]] = {
    "no such file": (lambda: None, ["nowhere.mp4"], 1, "nowhere.mp4: no such file or folder"),
    "no match": (lambda: None, ["nowhere*.mp4"], 1, r"no video or image matches"),
    "empty folder": (
        lambda: Path("empty").mkdir(),
        ["empty"],
        1,
        "empty: this folder has no",
    ),
    "folder of texts": (
        lambda: folder_of_texts(Path("texts")),
        ["texts"],
        1,
        "texts: this folder has no video",
    ),
    "zero bytes": (lambda: Path("zero.mp4").touch(), ["zero.mp4"], 1, "the file is empty"),
    "text named mp4": (
        lambda: Path("text.mp4").write_text("hello " * 99),
        ["text.mp4"],
        1,
        "text.mp4: this is not a video",
    ),
    "text": (lambda: Path("a.txt").write_text("hello"), ["a.txt"], 1, "neither a video nor"),
    "sound only": (
        lambda: audio_only(Path("song.mp4")),
        ["song.mp4"],
        1,
        "song.mp4: this file holds only audio",
    ),
    "image that is none": (
        lambda: Path("text.jpg").write_text("hello"),
        ["text.jpg"],
        1,
        "text.jpg: this is not an image",
    ),
    "past the end": (lambda: None, ["walk.mp4", "--start", "1:00"], 1, "past the end .* 1.0 s"),
    "output is no folder": (
        lambda: Path("file").write_text(""),
        ["walk.mp4", "-o", "file/out"],
        1,
        "cannot make the folder file/out",
    ),
    "output is a file": (
        lambda: Path("file").write_text(""),
        ["walk.mp4", "-o", "file"],
        1,
        "cannot make the folder file",
    ),
    "output of no video": (lambda: None, ["walk.mp4", "-o", "a.png"], 1, "ending '.png'"),
    "no such format": (lambda: None, ["walk.mp4", "--format", "xls"], 2, "no format 'xls'"),
    "no such option": (lambda: None, ["walk.mp4", "--colour"], 2, "No such option"),
    "no number": (
        lambda: None,
        ["walk.mp4", "--max-people", "few"],
        2,
        "max-people: expected a whole number, got 'few'",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence(case: str, fake: Limner, clip: Path) -> None:
    prepare, arguments, code, message = BAD[case]
    prepare()
    before = sorted(Path().rglob("*"))
    run = fake(*arguments)
    assert run.code == code, run.err
    assert run.out == ""
    assert "Traceback" not in run.err
    assert "internal error" not in run.err
    said = [line for line in run.err.splitlines() if not line.startswith("walk.mp4, 30 frames")]
    if "No such option" not in message:
        assert len(said) == 1
        assert said[0].startswith("limner: ")
    assert re.search(message, run.err), run.err
    assert sorted(Path().rglob("*")) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_may_not_be_written(fake: Limner, clip: Path) -> None:
    Path("locked").mkdir(mode=0o500)
    run = fake(clip, "-o", "locked")
    assert run.code == 1
    assert "Permission denied" in run.err


def test_a_film_cut_off_in_the_middle(fake: Limner, clip: Path) -> None:
    whole = make(Path("whole.mkv"), Clip(frames=60, options=(("g", "6"),)))
    Path("cut.mkv").write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    run = done(fake("cut.mkv"))
    assert run.out.split() == ["cut_pose.mp4", "cut_pose.csv", "cut_pose.jsonl"]
    (said,) = (line for line in run.err.splitlines() if "cut off" in line)
    assert said.startswith("limner: cut.mkv: the file is cut off: ")
    assert 10 < len(frames("cut_pose.jsonl")) < 60


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--model", "blazepose-ful"],
            2,
            "unknown model 'blazepose-ful': .*did you mean",
        ),
        (["--model", "./nothing.onnx"], 1, "nothing.onnx: no such network file"),
        (["--model", "walk.mp4"], 1, r"walk.mp4: expected a network file \(.json.* got '.mp4'"),
    ],
)
def test_a_bad_model(
    arguments: list[str], code: int, message: str, limner: Limner, clip: Path
) -> None:
    run = limner(clip, *arguments)
    assert run.code == code
    assert run.err.count("\n") == 1
    assert re.search(message, run.err), run.err
    assert [path.name for path in Path().iterdir()] == ["walk.mp4"]


@pytest.mark.usefixtures("default_weights")
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--backend", "fortran"], 2, "unknown backend 'fortran': expected auto"),
        (["--backend", "opencv"], 1, "cannot read .json files; use --backend openvino"),
        (["--device", "abacus"], 1, "device 'abacus' is not available to OpenVINO; it has"),
    ],
)
def test_a_real_model_that_cannot_do_it(
    arguments: list[str], code: int, message: str, limner: Limner, clip: Path
) -> None:
    run = limner(clip, *arguments)
    assert (run.code, run.err.count("\n")) == (code, 1), run.err
    assert message in run.err


@pytest.mark.usefixtures("default_weights")
def test_the_real_model_end_to_end(limner: Limner, clip: Path) -> None:
    run = done(limner(clip, "--threshold", "0.5"))
    assert "walk.mp4, 30 frames, balanced on openvino CPU" in run.err
    assert len(frames()) == 30


def test_a_network_file_by_its_path(limner: Limner, shared: Path, tmp_path: Path) -> None:
    graph = shared / "models" / "openpose-mobilenet-v2-small" / "graph_opt_368.pb"
    run = done(limner(shared / "data" / "images" / "p2.jpg", "--model", graph, "-o", tmp_path))
    assert f"{graph} on openvino CPU" in run.err
    header = json.loads((tmp_path / "p2_pose.jsonl").read_text().splitlines()[0])
    assert header["skeleton"]["name"] == "openpose-18"
