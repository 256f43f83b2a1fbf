"""The drawing options, from what is asked for to the file."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

import limner
from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.core.skeletons import COCO_17
from limner.drawing import STYLES
from limner.errors import LimnerError, OutputError, UsageError
from limner.media.image import read_image, write_image
from limner.media.inputs import expand
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from limner.motion import angle_names
from limner.pipeline.annotate import annotate_input
from limner.pipeline.render import annotators_for
from limner.pipeline.result import Progress, Result
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel, body, nobody


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return make(folder / "walk.mp4", Clip(frames=60, width=320, height=240))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    write_image(path, Frame(noise))
    return path


def two_people(index: int, width: int, height: int) -> list[Floats]:
    """Return a small person who stays, and a large one who comes late."""
    small, large = body(60, 20, 100), body(220, 20, 200)
    return [small] if index < 20 else [large, small]


def run(path: Path, model: FakeModel | None = None, **options: Any) -> Result:
    (source,) = expand([str(path)])
    return annotate_input(source, model or FakeModel(), Settings(**options))


def pictures(path: Path) -> list[Image]:
    with VideoReader(path) as reader:
        return [frame.image for frame in reader]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def with_opacity(path: Path) -> list[Image]:
    """Decode a transparent video to RGBA."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        # FFmpeg's own VP9 decoder leaves the opacity out.
        decoder: Any = stream
        if stream.codec_context.name == "vp9":
            decoder = av.CodecContext.create("libvpx-vp9", "r")
        return [
            picture.to_ndarray(format="rgba")
            for packet in container.demux(stream)
            for picture in decoder.decode(packet)
        ]


class TestBackground:
    def test_black(self, clip: Path, tmp_path: Path) -> None:
        run(clip, output=tmp_path, background="black")
        images = pictures(tmp_path / "walk_pose.mp4")
        assert len(images) == 60
        for image in images:
            assert 0.7 < (image.max(axis=2) < 24).mean() < 0.995

    def test_black_with_nobody(self, clip: Path, tmp_path: Path) -> None:
        run(clip, FakeModel(nobody), output=tmp_path, background="black")
        assert max(image.max() for image in pictures(tmp_path / "walk_pose.mp4")) < 8

    def test_a_transparent_picture(self, photo: Path, tmp_path: Path) -> None:
        run(photo, output=tmp_path, background="transparent")
        image = cv2.imread(str(tmp_path / "photo_pose.png"), cv2.IMREAD_UNCHANGED)
        assert image is not None
        assert image.shape == (240, 320, 4)
        assert 0.7 < (image[..., 3] == 0).mean() < 0.995
        assert image[..., 3].max() == 255

    @pytest.mark.parametrize("ending", ["webm", "mov"])
    def test_a_transparent_video(self, clip: Path, tmp_path: Path, ending: str) -> None:
        output = tmp_path / f"layer.{ending}"
        run(clip, output=output, background="transparent")
        images = with_opacity(output)
        assert len(images) == 60
        run(clip, output=tmp_path / "black.mp4", background="black")
        for image, on_black in zip(images, pictures(tmp_path / "black.mp4"), strict=True):
            assert image.shape == (240, 320, 4)
            opacity = image[..., 3:] / 255
            assert (opacity < 0.02).mean() > 0.7
            assert (opacity > 0.98).any()
            # Laid over black it is what is drawn on black.
            assert np.abs(image[..., :3] * opacity - on_black).mean() < 2

    def test_a_transparent_video_is_a_mov_unless_named(self, clip: Path, tmp_path: Path) -> None:
        result = run(clip, output=tmp_path, background="transparent")
        assert result.paths[0] == tmp_path / "walk_pose.mov"

    @pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "gif"])
    def test_what_cannot_be_transparent(self, clip: Path, tmp_path: Path, ending: str) -> None:
        output = tmp_path / f"layer.{ending}"
        with pytest.raises(OutputError, match=rf"layer\.{ending}: .* use one of \.mov, \.webm"):
            run(clip, output=output, background="transparent")
        assert not list(tmp_path.iterdir())

    def test_a_picture_that_cannot_be_transparent(self, photo: Path, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"use one of \.png, \.webp"):
            run(photo, output=tmp_path / "layer.jpg", background="transparent", format=())
        assert not (tmp_path / "layer.jpg").exists()

    def test_another_codec_for_it(self, clip: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="made with the codec vp9, not 'av1'"):
            run(clip, output=tmp_path / "a.webm", background="transparent", codec="av1")


class TestFaces:
    def test_of_people_who_are_not_drawn(self, photo: Path, tmp_path: Path) -> None:
        model = FakeModel(lambda *_: [body(80, 20, 200), body(240, 20, 200)])
        run(photo, model, output=tmp_path, blur_faces=True, person="largest", style="width=0.1")
        after = read_image(tmp_path / "photo_pose.png").image.astype(float)
        for x in (80, 240):
            face = after[24:44, x - 10 : x + 10]
            assert np.abs(np.diff(face, axis=1)).mean() < 30  # noise has about 85
        elsewhere = after[100:160, 140:180]
        assert np.abs(np.diff(elsewhere, axis=1)).mean() > 60

    def test_of_ghosts_before_and_after_they_are_seen(self, tmp_path: Path) -> None:
        def flashing(index: int, width: int, height: int) -> list[Floats]:
            return [body(160, 20, 200)] if index in (50, 51) else []

        noise = np.random.default_rng(0).integers(0, 256, (240, 320, 1), np.uint8)
        clip = tmp_path / "noise.mp4"
        with VideoWriter(clip, width=320, height=240, frame_rate=Fraction(30), quality=10) as out:
            for index in range(90):
                out.write(Frame(np.repeat(noise, 3, axis=2), index, index / 30))
        result = run(clip, FakeModel(flashing), output=tmp_path, blur_faces=True, quality=10)
        assert result.people == 0
        x, y = body(160, 20, 200)[0].astype(int)
        details = [
            float(np.abs(np.diff(image[y - 8 : y + 8, x - 8 : x + 8, 0].astype(float))).mean())
            for image in pictures(tmp_path / "noise_pose.mp4")
        ]
        # They are hidden for half a second before at least, and for one afterwards.
        assert min(details[:20]) > 50
        assert max(details[35:81]) < 25
        assert min(details[84:]) > 50

    def test_everyone_is_looked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from limner.pipeline import opening

        limits: list[int | None] = []
        monkeypatch.setattr(
            opening,
            "load_model",
            lambda *_, max_people, **__: limits.append(max_people),
        )
        for options in ({}, {"blur_faces": True}, {"person": "longest"}):
            opening.open_model(Settings(max_people=1, **options))
        assert limits == [1, None, None]


class TestAngles:
    def test_in_csv_and_jsonl(self, clip: Path, tmp_path: Path) -> None:
        run(clip, output=tmp_path, angles=True)
        columns = [f"{name}_deg" for name in angle_names(COCO_17)]
        table = rows(tmp_path / "walk_pose.csv")
        assert len(table) == 60
        assert list(table[0])[-len(columns) :] == columns
        # The made-up body hangs its arms and stands straight.
        assert abs(float(table[30]["left_knee_deg"])) < 15
        recorded = limner.load(tmp_path / "walk_pose.jsonl")
        text = (tmp_path / "walk_pose.jsonl").read_text().splitlines()[31]
        assert '"angles":{' in text
        assert len(recorded) == 60

    def test_not_unless_asked_for(self, clip: Path, tmp_path: Path) -> None:
        run(clip, output=tmp_path)
        assert not any(name.endswith("_deg") for name in rows(tmp_path / "walk_pose.csv")[0])
        assert '"angles"' not in (tmp_path / "walk_pose.jsonl").read_text()

    def test_frames_without_people(self, clip: Path, tmp_path: Path) -> None:
        run(clip, FakeModel(nobody), output=tmp_path, angles=True)
        assert rows(tmp_path / "walk_pose.csv") == []

    def test_beside_formats_without_them(self, clip: Path, tmp_path: Path) -> None:
        run(clip, output=tmp_path, angles=True, format=("csv", "coco"))
        assert (tmp_path / "walk_pose_coco.json").exists()


class TestLongest:
    def test_who_is_there_longest(self, clip: Path, tmp_path: Path) -> None:
        model = FakeModel(two_people)
        result = run(clip, model, output=tmp_path, person="longest")
        assert result.frames == 60
        assert model.frames == list(range(60))  # estimated once, not twice
        table = rows(tmp_path / "walk_pose.csv")
        assert len(table) == 60
        assert {float(row["nose_x"]) for row in table} == {60.0}
        assert len(pictures(tmp_path / "walk_pose.mp4")) == 60

    def test_several(self, clip: Path, tmp_path: Path) -> None:
        run(clip, FakeModel(two_people), output=tmp_path, person="longest", max_people=2)
        assert len({row["person"] for row in rows(tmp_path / "walk_pose.csv")}) == 2

    def test_inside_an_area(self, clip: Path, tmp_path: Path) -> None:
        right = (160.0, 0.0, 160.0, 240.0)
        run(clip, FakeModel(two_people), output=tmp_path, person="longest", roi=right)
        table = rows(tmp_path / "walk_pose.csv")
        assert {float(row["nose_x"]) for row in table} == {220.0}

    def test_nothing_else_stays(self, clip: Path, tmp_path: Path) -> None:
        run(clip, FakeModel(two_people), output=tmp_path, person="longest")
        model = FakeModel(two_people, fail_at=30)
        with pytest.raises(RuntimeError):
            run(clip, model, output=tmp_path / "failed", person="longest")
        assert {path.name for path in tmp_path.iterdir()} == {
            "walk_pose.mp4", "walk_pose.csv", "walk_pose.jsonl", "failed"
        }  # fmt: skip
        assert not list((tmp_path / "failed").iterdir())

    def test_nobody(self, clip: Path, tmp_path: Path) -> None:
        result = run(clip, FakeModel(nobody), output=tmp_path, person="longest")
        assert (result.frames, result.people) == (60, 0)

    def test_progress_counts_both_passes(self, clip: Path, tmp_path: Path) -> None:
        class Counting(Progress):
            total: int | None = 0
            done = 0

            def start(self, source: Any, frames: int | None, model: Any) -> None:
                self.total = frames

            def advance(self, poses: Any) -> None:
                self.done += 1

        progress = Counting()
        (source,) = expand([str(clip)])
        settings = Settings(output=tmp_path, person="longest")
        annotate_input(source, FakeModel(), settings, progress)
        assert (progress.total, progress.done) == (120, 120)

    def test_a_picture(self, photo: Path, tmp_path: Path) -> None:
        assert run(photo, output=tmp_path, person="longest").people == 1

    def test_frames_as_they_come_cannot_be_chosen_so(self, clip: Path) -> None:
        with pytest.raises(UsageError, match=r"known at the end only.*limner\.annotate"):
            next(limner.estimate(clip, person="longest"))


class TestSettings:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"labels": "names"}, "labels: expected ids, angles, auto or none, got 'names'"),
            ({"labels": "ids,"}, "got ''"),
            ({"background": "white"}, "expected keep, black or transparent, got 'white'"),
            ({"trails": -1}, "trails: expected 0 to 60 seconds, got -1"),
            ({"trails": float("nan")}, "got nan"),
            ({"trails": 1000}, "got 1000"),
            ({"style": "pretty"}, "style: expected classic"),
            ({"angles": True, "format": ("coco",)}, "angles: coco cannot hold them"),
            ({"angles": True, "format": ()}, "angles: no data cannot hold them"),
        ],
    )
    def test_what_makes_no_sense(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(LimnerError, match=message):
            Settings(**options)

    def test_what_is_drawn_with_what(self) -> None:
        def names(**options: Any) -> list[str]:
            drawing = annotators_for(Settings(**options), FakeModel().info)
            return [type(annotator).__name__.removesuffix("Annotator") for annotator in drawing]

        assert names() == ["Skeleton", "Id"]
        assert names(labels="none") == ["Skeleton"]
        assert names(labels="angles,ids") == ["Skeleton", "Angle", "Id"]
        assert names(background="black", trails=1, boxes=True, labels="ids") == [
            "Black", "Trail", "Skeleton", "Box", "Id"
        ]  # fmt: skip
        assert names(video=False, labels="ids") == []

    def test_the_threshold_is_the_style_s(self) -> None:
        skeleton, _ = annotators_for(Settings(style="neon", threshold=0.7), FakeModel().info)
        assert skeleton.style.threshold == 0.7  # type: ignore[attr-defined]

    def test_each_video_has_its_own_trails(self) -> None:
        first, second = (annotators_for(Settings(trails=1), FakeModel().info)[0] for _ in range(2))
        assert first is not second


def test_the_command_line_has_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from limner.cli import app, run

    asked: list[Settings] = []

    def note(settings: Settings) -> int:
        asked.append(settings)
        return 0

    monkeypatch.setattr(run, "run_all", lambda _, settings, __: note(settings))
    line = (
        "annotate a.mp4 --labels ids,angles --style neon,width=2 --background black --blur-faces "
        "--trails 1.5 --angles --person longest"
    )
    outcome = CliRunner().invoke(app, line.split())
    assert outcome.exit_code == 0, outcome.output
    (settings,) = asked
    assert settings == Settings(
        labels="ids,angles",
        style="neon,width=2",
        background="black",
        blur_faces=True,
        trails=1.5,
        angles=True,
        person="longest",
    )


def test_the_documentation_s_annotator(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "drawing.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    write_image(tmp_path / "photo.jpg", read_image(photo))
    model = FakeModel()
    monkeypatch.setattr(
        limner, "estimate", lambda path: iter([model.estimate([read_image(path)])[0]])
    )
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "drawing.md", "exec"), {})  # noqa: S102
    x, y = model.estimate([read_image(photo)])[0].keypoints[0, 0].astype(int)
    assert read_image(tmp_path / "noses.png").image[y, x].tolist() == [255, 0, 0]


def test_every_option_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "drawing.md").read_text(encoding="utf-8")
    for option in ("--style", "--background", "--blur-faces", "--trails", "--labels", "--angles"):
        assert option in page
    for style in STYLES:
        assert f"`{style}`" in page
