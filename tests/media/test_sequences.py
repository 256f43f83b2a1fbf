"""Images that follow each other: numbered files, TIFF stacks, animations."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from limner.core.arrays import Image as Pixels
from limner.core.frame import Frame
from limner.errors import InputError
from limner.media.image import write_image
from limner.media.images.numbered import numbered_files, patterns, series_name
from limner.media.inputs import expand
from limner.media.probe import probe
from limner.media.read import VideoReader
from limner.media.sources import Source, open_source
from limner.pipeline.outputs import targets
from limner.recording.recording import load
from limner.settings import Settings
from support.cli_run import Limner
from support.clips import Clip, make


def grey(value: int, size: tuple[int, int] = (96, 160)) -> Pixels:
    return np.full((*size, 3), value, np.uint8)


def number(folder: Path, numbers: list[int], name: str = "img_{:04d}.png") -> None:
    folder.mkdir(exist_ok=True)
    for each in numbers:
        write_image(folder / name.format(each), Frame(grey(each)))


def seen(source: Source) -> list[tuple[int, float, int]]:
    return [(f.index, round(f.time, 6), int(f.image[0, 0, 0])) for f in source]


def test_numbered_images_are_a_video_and_gaps_take_their_time(tmp_path: Path) -> None:
    number(tmp_path / "seq", [3, 4, 6, 7])
    (source,) = expand([str(tmp_path / "seq/img_%04d.png")])
    assert (source.kind, source.error, source.stem) == ("video", None, "img")
    with open_source(source.path, sequence=50) as opened:
        assert (opened.input.frame_rate, opened.frame_count, opened.still) == (
            Fraction(50),
            4,
            False,
        )
        assert seen(opened) == [(0, 0, 3), (1, 0.02, 4), (3, 0.06, 6), (4, 0.08, 7)]
        (gap,) = opened.problems
    assert "1 image of 3 to 7 is not there, first 5" in gap
    with open_source(source.path, sequence=50, start=0.02, end=0.08) as opened:
        assert seen(opened) == [(1, 0.02, 4), (3, 0.06, 6)]
    with pytest.raises(InputError, match="no image from 9 s to its end"):
        open_source(source.path, start=9)


def test_every_tenth_image_is_no_gap(tmp_path: Path) -> None:
    number(tmp_path, [10, 20, 40], "{}.png")
    with open_source(tmp_path / "%d.png") as opened:
        assert seen(opened) == [(0, 0, 10), (1, 0.04, 20), (3, 0.12, 40)]
        rate, gap = opened.problems
    assert "25 per second are taken, --sequence states another rate" in rate
    assert "1 image of 10 to 40 is not there, first 30" in gap


def test_folders_hold_series(tmp_path: Path) -> None:
    folder = tmp_path / "walk"
    number(folder, [1, 2, 10], "{}.png")
    number(folder, [8, 9], "a{:03d}.png")
    number(folder, [7], "b_{}_left.png")
    write_image(folder / "cover.png", Frame(grey(0)))
    found = expand([str(folder)], sequence=True)
    assert [(each.path.name, each.kind, each.stem) for each in found] == [
        ("%d.png", "video", "walk"),
        ("a%03d.png", "video", "a"),
        ("b_%d_left.png", "video", "b_left"),
        ("cover.png", "video", "cover"),
    ]
    assert [bool(each.error) for each in found] == [False, False, False, True]
    assert "takes numbered images" in str(found[-1].error)
    # As the shell gives them.
    files = [str(path) for path in folder.glob("a*.png")]
    assert [each.path.name for each in expand(files, sequence=True)] == ["a%03d.png"]
    assert [each.kind for each in expand([str(folder)])] == ["image"] * 7
    media = targets(found[0], Settings()).media
    assert media == folder / "walk_pose.mp4"


def test_what_is_no_series(tmp_path: Path) -> None:
    (source,) = expand([str(tmp_path / "img_%04d.png")])
    with pytest.raises(InputError, match="no numbered image matches this pattern"):
        open_source(source.path)
    number(tmp_path, [5], "100%d.png")
    # A file of that name is that file.
    (source,) = expand([str(tmp_path / "100%d.png")])
    assert source.kind == "image"


@given(st.lists(st.integers(0, 12000), min_size=1, max_size=6, unique=True), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_patterns_find_the_files_they_are_made_of(numbers: list[int], digits: int) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        folder = Path(name)
        paths = [folder / f"take2_{each:0{digits}}.png" for each in numbers]
        for path in paths:
            path.touch()
        series, others = patterns(paths)
        assert not others
        found = [file for pattern in series for file in numbered_files(pattern)]
        if len(numbers) > 1:
            assert len(series) == 1
            assert sorted(found) == sorted(zip(numbers, paths, strict=True))
        assert all(series_name(pattern).startswith("take") for pattern in series)


def test_damaged_and_odd_images_are_left_out(tmp_path: Path) -> None:
    number(tmp_path, [1, 2, 3, 4])
    (tmp_path / "img_0002.png").write_bytes(b"no image")
    write_image(tmp_path / "img_0003.png", Frame(grey(3, (10, 10))))
    with open_source(tmp_path / "img_%04d.png", sequence=10) as opened:
        assert seen(opened) == [(0, 0, 1), (3, 0.3, 4)]
        damaged, odd = opened.problems
    assert "1 image left out, as they cannot be read; the first: " in damaged
    assert "img_0002.png: this is not an image" in damaged
    assert "differ in size" in odd
    assert "expected 160x96 pixels, got 10x10 at 2" in odd
    for path in tmp_path.iterdir():
        path.write_bytes(b"x")
    with pytest.raises(InputError, match=r"img_0001\.png: this is not an image"):
        open_source(tmp_path / "img_%04d.png")


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_stacks(tmp_path: Path, kind: Any) -> None:
    path = tmp_path / "stack.tif"
    scale = 1 if kind == np.uint8 else 16
    pages = [np.full((96, 160), value * scale, kind) for value in (250, 3, 200)]
    cv2.imwritemulti(str(path), [*pages, np.zeros((5, 5), kind)])
    (source,) = expand([str(path)])
    assert source.kind == "video"
    with open_source(path, sequence=5) as opened:
        (index, time, values) = zip(*seen(opened), strict=True)
        assert (index, time) == ((0, 1, 2), (0, 0.2, 0.4))
        # All of a stack is brought to 8 bits alike.
        assert values == pytest.approx((250, 3, 200), abs=1)
        assert any("1 page of another size" in problem for problem in opened.problems)
        assert opened.input.frame_rate == 5
    assert path.read_bytes()[4:8] != b"\0\0\0\0"
    with open_source(path, sequence=5) as again:
        assert [value for *_, value in seen(again)] == list(values)


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "AVIF"])
def test_animations_keep_their_own_times(tmp_path: Path, image_format: str) -> None:
    path = tmp_path / f"a.{image_format.lower()}"
    first, *others = [Image.fromarray(grey(value)) for value in (10, 100, 200)]
    first.save(path, image_format, save_all=True, append_images=others, duration=[40, 500, 80])
    (source,) = expand([str(path)])
    assert source.kind == "video"
    with open_source(path) as opened:
        frames = seen(opened)
        assert (opened.input.frame_rate, opened.frame_count) == (Fraction(25), 3)
        assert not opened.problems
    assert [frame[:2] for frame in frames] == [(0, 0), (1, 0.04), (2, 0.54)]
    assert [frame[2] for frame in frames] == pytest.approx([10, 100, 200], abs=3)
    info = probe(path)
    assert (info.kind, info.width, info.frame_count) == ("video", 160, 3)
    single = tmp_path / f"one.{image_format.lower()}"
    first.save(single, image_format)
    assert expand([str(single)])[0].kind == "image"


@pytest.mark.parametrize("image_format", ["GIF", "PNG", "WEBP"])
def test_slow_images_keep_their_times(tmp_path: Path, image_format: str) -> None:
    path = tmp_path / f"slow.{image_format.lower()}"
    first, *others = [Image.fromarray(grey(value)) for value in (10, 100, 200, 250)]
    first.save(path, save_all=True, append_images=others, duration=3000)
    with open_source(path) as opened:
        frames = seen(opened)
        assert opened.input.frame_rate == Fraction(1, 3)
    assert [frame[1] for frame in frames] == pytest.approx([0, 3, 6, 9])
    assert [frame[2] for frame in frames] == pytest.approx([10, 100, 200, 250], abs=3)


def test_a_gif_whose_images_state_no_times(tmp_path: Path) -> None:
    """FFmpeg takes all of it for one image."""
    path = tmp_path / "plain.gif"
    first, *others = [Image.fromarray(grey(value)) for value in (10, 100, 200)]
    first.save(path, save_all=True, append_images=others)
    with open_source(path) as opened:
        frames = seen(opened)
        assert (opened.input.frame_rate, opened.frame_count) == (Fraction(10), 3)
    assert [frame[1] for frame in frames] == pytest.approx([0, 0.1, 0.2])
    assert [frame[2] for frame in frames] == pytest.approx([10, 100, 200], abs=3)
    assert probe(path).frame_count == 3


@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_large_animations_are_refused_before_they_are_decoded(
    tmp_path: Path, image_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"large.{image_format.lower()}"
    first, other = Image.new("RGB", (1000, 800)), Image.new("RGB", (1000, 800), "red")
    first.save(path, save_all=True, append_images=[other], duration=40)
    with open_source(path, max_pixels=3_200_000) as opened:
        assert len(list(opened)) == 2
    monkeypatch.setattr("limner.media.images.series.open_in_pillow", None)
    expected = r"up to 0\.75 million pixels.*got 1000x800 .*--max-megapixels 4 allows it"
    with pytest.raises(InputError, match=expected):
        open_source(path, max_pixels=3_000_000)


def test_an_animation_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    noise = np.random.default_rng(1).integers(0, 255, (4, 96, 160, 3), np.uint8)
    first, *others = map(Image.fromarray, noise)
    first.save(path, save_all=True, append_images=others, duration=40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 5 // 8])
    with open_source(path) as opened:
        assert [frame.index for frame in opened] == [0, 1]
        assert any("2 images of 4 can be read" in problem for problem in opened.problems)


class TestCommand:
    @pytest.fixture(autouse=True)
    def in_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_a_folder_becomes_a_video(self, fake: Limner, tmp_path: Path) -> None:
        number(tmp_path / "seq", [1, 2, 3, 5, 6])
        run = fake("seq", "--sequence", "25")
        assert run.code == 0, run.err
        assert run.out.split() == [f"seq/img_pose.{end}" for end in ("mp4", "csv", "jsonl")]
        assert "seq/img_%04d.png: 1 image of 1 to 6 is not there, first 4" in run.err
        recording = load(tmp_path / "seq/img_pose.jsonl")
        assert [poses.index for poses in recording] == [0, 1, 2, 4, 5]
        assert [poses.time for poses in recording] == pytest.approx([0, 0.04, 0.08, 0.16, 0.2])
        assert list(recording.people) == [1]
        with VideoReader(tmp_path / "seq/img_pose.mp4") as video:
            assert [round(frame.time, 3) for frame in video] == [0, 0.04, 0.08, 0.16, 0.2]
        again = fake("seq", "--sequence", "25", "--overwrite")
        assert "1 input left out, the results of others" in again.err
        assert again.code == 0

    @pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "missing.mp4"])
    def test_a_video_has_times_of_its_own(self, fake: Limner, tmp_path: Path, name: str) -> None:
        if name == "a.mp4":
            make(tmp_path / name, Clip(frames=2))
        elif name != "missing.mp4":
            first, other = Image.fromarray(grey(9)), Image.fromarray(grey(99))
            first.save(tmp_path / name, save_all=True, append_images=[other], duration=3000)
        number(tmp_path / "seq", [1, 2, 3])
        run = fake(name, "seq/img_%04d.png", "--sequence", "25", "--no-video", "-o", "out")
        assert run.code == 1
        said = "no such file" if name == "missing.mp4" else "--sequence takes numbered images"
        assert run.err.count(f"limner: {name}: {said}") == 1
        assert (tmp_path / "out/img_pose.csv").is_file()

    def test_without_the_option_it_is_named(self, fake: Limner, tmp_path: Path) -> None:
        number(tmp_path / "seq", [1, 2, 3, 5, 6])
        run = fake("seq", "--no-video", "-o", "out")
        assert run.code == 0
        assert "seq/img_%04d.png: 5 numbered images are done one by one; --sequence" in run.err
        assert len(list((tmp_path / "out").iterdir())) == 10

    @pytest.mark.parametrize("name", ["a.gif", "a.png", "a.mkv"])
    def test_a_limit_that_can_be_raised(self, fake: Limner, tmp_path: Path, name: str) -> None:
        if name == "a.mkv":
            make(tmp_path / name, Clip(frames=2, codec="ffv1"))
        else:
            Image.fromarray(grey(9)).save(tmp_path / name)
        run = fake(name, "--max-megapixels", "0.01", "--no-video")
        assert run.code == 1
        assert f"{name}: expected images of up to 0.01 million pixels, got 160x96" in run.err
        assert "--max-megapixels allows more" in run.err
        assert fake(name, "--max-megapixels", "0.02", "--no-video").code == 0
