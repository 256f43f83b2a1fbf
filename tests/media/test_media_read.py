"""Videos are read upright, whole, and at their own times."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.arrays import Image
from limner.core.frame import VideoFrame
from limner.errors import InputError
from limner.media.probe import probe
from limner.media.read import VideoReader
from limner.media.timing import Timeline
from support.clips import FORMATS, Clip, index_first, make, noisy, number_of, truncate, white_corner

CORNERS = {0: "top left", 90: "bottom left", 180: "bottom right", 270: "top right"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


def read(path: Path, start: float | None = None, end: float | None = None) -> list[VideoFrame]:
    with VideoReader(path, start=start, end=end) as reader:
        frames = list(reader)
        assert reader.problems == []
    return frames


@pytest.mark.parametrize("name", FORMATS)
def test_formats(folder: Path, name: str) -> None:
    clip = FORMATS[name]
    frames = read(make(folder / name, clip))
    assert [number_of(frame.image) for frame in frames] == list(range(clip.frames))
    assert [frame.index for frame in frames] == list(range(clip.frames))
    times = np.array([frame.time for frame in frames])
    assert times == pytest.approx(np.arange(clip.frames) / float(clip.rate), abs=0.0011)
    for frame in frames:
        assert (frame.width, frame.height) == (clip.width, clip.height)
        assert frame.decoded.format.name == "yuv420p"
        assert white_corner(frame.image) == "top left"
    # Colours survive: the ground is dark blue, or dark where there is no colour.
    ground = frames[0].image[clip.height // 3, clip.width // 2].astype(int)
    expected = (34, 34, 34) if "grey" in name else (20, 30, 90)
    assert np.abs(ground - expected).max() <= (40 if name == "gif.gif" else 8)
    assert frames[0].image[2, 2].min() >= 245


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("rotation", CORNERS)
def test_up_is_up(tmp_path: Path, rotation: int, flip: bool) -> None:
    # Odd sizes too: a column that is lost or doubled would show at the border.
    path = tmp_path / "turned.mkv"
    clip = Clip("ffv1", width=97, height=61, frames=2, rotation=rotation, flip=flip)
    path = make(path.with_suffix(".mov"), replace(clip, codec="libx264", width=96, height=64))
    frames = read(path)
    stored = (96, 64)
    assert (frames[0].width, frames[0].height) == (stored[::-1] if rotation % 180 else stored)
    mirrored = {"left": "right", "right": "left"}
    corner = CORNERS[rotation]
    if flip:
        side = corner.split()[1]
        corner = corner.replace(side, mirrored[side])
    assert white_corner(frames[0].image) == corner
    info = probe(path)
    assert (info.width, info.height) == (frames[0].width, frames[0].height)
    assert (info.coded_width, info.coded_height) == stored
    if not flip:
        assert info.rotation == -rotation % 360


@pytest.mark.parametrize(
    ("aspect", "size"), [(Fraction(4, 3), (213, 96)), (Fraction(1, 2), (160, 192))]
)
def test_pixels_are_square(tmp_path: Path, aspect: Fraction, size: tuple[int, int]) -> None:
    path = make(tmp_path / "wide.mp4", Clip(sample_aspect=aspect, frames=3))
    frames = read(path)
    assert (frames[0].width, frames[0].height) == size
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2]
    assert probe(path).sample_aspect == aspect


def test_interlaced_pictures_become_whole(tmp_path: Path) -> None:
    def moving(number: int, width: int, height: int) -> Image:
        image = np.full((height, width, 3), 40, np.uint8)
        for field in (0, 1):
            left = 10 + (2 * number + field) * 5
            image[field::2, left : left + 30] = 220
        return image

    def comb(luma: Image) -> float:
        rows = luma.astype(int)
        return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())

    interlaced = FORMATS["h264_interlaced.mp4"]
    path = make(tmp_path / "interlaced.mp4", interlaced, moving)
    with av.open(str(path)) as container:
        stored = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert min(comb(np.asarray(luma, np.uint8)) for luma in stored) > 20
    frames = read(path)
    assert [frame.index for frame in frames] == list(range(12))
    for frame in frames:
        luma = frame.layers()[0].pixels
        assert comb(luma) < 1
        # Each image shows one of the frame's two fields, not its neighbour's.
        assert np.argmax(luma[48] > 128) == pytest.approx(12.5 + 10 * frame.index, abs=4.5)


def test_hdr_becomes_standard_range(tmp_path: Path) -> None:
    # Half of HLG's signal range is well above half of the standard one's light.
    clip = Clip("ffv1", "yuv420p10le", frames=1, transfer=18)
    (frame,) = read(make(tmp_path / "hdr.mkv", clip))
    assert (frame.decoded.colorspace, frame.decoded.color_trc) == (1, 1)
    assert number_of(frame.image) == 0
    assert white_corner(frame.image) == "top left"


def test_plain_video_passes_untouched(tmp_path: Path) -> None:
    path = make(tmp_path / "plain.mp4", Clip(frames=3))
    with av.open(str(path)) as container:
        planes = [bytes(frame.planes[0]) for frame in container.decode(video=0)]
    assert [bytes(frame.decoded.planes[0]) for frame in read(path)] == planes


def test_drawing_leaves_later_frames_alone(tmp_path: Path) -> None:
    path = make(tmp_path / "plain.mp4", Clip())
    clean = [frame.image for frame in read(path)]
    with VideoReader(path) as reader:
        for frame, image in zip(reader, clean, strict=True):
            assert np.array_equal(frame.image, image)
            for layer in frame.layers():
                layer.pixels[:] = 128


def test_variable_frame_rate(tmp_path: Path) -> None:
    ticks = [0, 3000, 3100, 9000, 9001, 20000, 80000, 83003]
    path = make(tmp_path / "vfr.mp4", Clip(frames=8, ticks=ticks))
    assert [frame.time for frame in read(path)] == pytest.approx(
        [tick / 90000 for tick in ticks], abs=1e-9
    )


def test_time_starts_at_the_first_picture(tmp_path: Path) -> None:
    ticks = [90000 + 3000 * number for number in range(12)]
    path = make(tmp_path / "late.mkv", Clip(ticks=ticks))
    with VideoReader(path) as reader:
        frames = list(reader)
        assert reader.origin == 1
    assert frames[0].time == 0
    assert frames[-1].time == pytest.approx(11 / 30, abs=0.001)


def test_ntsc_rate_is_exact(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    path = make(tmp_path / "ntsc.mp4", Clip(rate=rate, time_base=1 / rate))
    assert probe(path).frame_rate == rate
    with VideoReader(path) as reader:
        assert reader.frame_rate == rate
        assert [frame.time for frame in reader] == pytest.approx(
            [float(number / rate) for number in range(12)], abs=1e-9
        )


@pytest.mark.parametrize("name", ["long.mp4", "long.mkv", "long.ts", "long.avi", "long.webm"])
def test_start_and_end(folder: Path, name: str) -> None:
    codec = {"avi": "mpeg4", "webm": "libvpx-vp9"}.get(name.split(".")[1], "libx264")
    clip = Clip(codec, frames=48, options=(("g", "10"),))
    if codec == "mpeg4":
        clip = replace(clip, time_base=Fraction(1, 30))
    path = folder / name
    if not path.exists():
        make(path, clip)
    frames = read(path, start=0.7, end=1.0)
    assert [number_of(frame.image) for frame in frames] == list(range(21, 30))
    assert [frame.index for frame in frames] == list(range(21, 30))
    assert frames[0].time == pytest.approx(0.7, abs=0.001)


def test_start_counts_frames_of_a_variable_rate(tmp_path: Path) -> None:
    ticks = np.cumsum([0, *np.random.default_rng(0).integers(500, 9000, 47)]).tolist()
    path = make(tmp_path / "vfr.mp4", Clip(frames=48, ticks=ticks, options=(("g", "12"),)))
    start = ticks[30] / 90000
    frames = read(path, start=start)
    assert [frame.index for frame in frames] == list(range(30, 48))
    assert [number_of(frame.image) for frame in frames] == list(range(30, 48))


def test_start_past_the_end(tmp_path: Path) -> None:
    path = make(tmp_path / "short.mp4", Clip())
    with pytest.raises(InputError, match=r"short\.mp4.*5.*past the end.*0\.4 s"):
        VideoReader(path, start=5)
    with (
        VideoReader(path, start=0.1, end=0.1) as reader,
        pytest.raises(InputError, match="no frame"),
    ):
        list(reader)


def test_one_frame(tmp_path: Path) -> None:
    (frame,) = read(make(tmp_path / "one.mp4", Clip(frames=1)))
    assert (frame.index, frame.time) == (0, 0)


def test_very_wide(tmp_path: Path) -> None:
    path = make(tmp_path / "wide.mkv", Clip("ffv1", width=100_000, height=2, frames=2))
    frames = read(path)
    assert (frames[0].width, frames[0].height, len(frames)) == (100_000, 2, 2)


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.avi", "cut.ts"])
def test_cut_off(tmp_path: Path, name: str) -> None:
    avi = name.endswith("avi")
    clip = Clip("mpeg4" if avi else "libx264", frames=48, options=(("g", "10"),))
    clip = replace(clip, time_base=Fraction(1, 30)) if avi else clip
    if name.endswith("mp4"):
        clip = replace(clip, options=(*clip.options, ("movflags", "+faststart")))
    whole = tmp_path / name
    if name.endswith("mp4"):
        make_faststart(whole, clip)
    else:
        make(whole, clip)
    with VideoReader(truncate(whole, 0.6)) as reader:
        numbers = [number_of(frame.image) for frame in reader]
    # The image that was cut in two may come out damaged.
    assert 8 < len(numbers) < 48
    assert numbers[:-1] == list(range(len(numbers) - 1))
    if not name.endswith("ts"):
        assert any("cut off" in problem for problem in reader.problems)


def make_faststart(path: Path, clip: Clip) -> None:
    plain = make(path.with_name("plain.mp4"), replace(clip, options=clip.options[:-1]))
    index_first(plain, path)


def test_cut_off_without_index(tmp_path: Path) -> None:
    path = truncate(make(tmp_path / "clip.mp4", Clip()), 0.5)
    with pytest.raises(InputError, match=r"cut_clip\.mp4: .*cut off before its index"):
        VideoReader(path)


@pytest.mark.parametrize("name", ["holes.mkv", "holes.ts", "holes.mp4"])
def test_damage_in_the_middle(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name, Clip(frames=48, options=(("g", "8"), ("bf", "0"))), noisy)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    noise = np.random.default_rng(1).integers(0, 256, 4000, np.uint8).tobytes()
    data[middle : middle + 4000] = noise
    path.write_bytes(data)
    with VideoReader(path) as reader:
        frames = list(reader)
    assert any("damaged" in problem for problem in reader.problems)
    assert len(frames) > 20
    assert number_of(frames[0].image) == 0
    assert number_of(frames[-1].image) == 47
    assert np.all(np.diff([frame.time for frame in frames]) > 0)


def test_size_change(tmp_path: Path) -> None:
    parts = [
        make(tmp_path / f"{width}.ts", Clip(width=width, frames=6)).read_bytes()
        for width in (160, 320)
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(parts))
    with VideoReader(path) as reader:
        frames = list(reader)
    assert {(frame.width, frame.height) for frame in frames} == {(160, 96)}
    assert [number_of(frame.image) for frame in frames] == [*range(6), *range(6)]
    assert any("another size" in problem for problem in reader.problems)
    # The second part's clock begins anew; time goes on.
    assert np.all(np.diff([frame.time for frame in frames]) > 0)


def test_stream_without_timestamps(tmp_path: Path) -> None:
    rate = Fraction(50)
    path = make(tmp_path / "raw.h264", Clip(rate=rate, options=(("bf", "0"),)))
    with VideoReader(path) as reader:
        frames = list(reader)
        rate = reader.frame_rate or Fraction(25)
    assert [number_of(frame.image) for frame in frames] == list(range(12))
    assert [frame.time for frame in frames] == pytest.approx(
        [float(number / rate) for number in range(12)], abs=1e-4
    )


def test_growing_file(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.ts", Clip(frames=48)).read_bytes()
    path = tmp_path / "growing.ts"
    path.write_bytes(whole[: len(whole) // 2 // 188 * 188])
    with VideoReader(path) as reader:
        frames = iter(reader)
        next(frames)
        path.write_bytes(whole)
        numbers = [number_of(frame.image) for frame in frames]
    assert numbers == sorted(numbers)


def test_pictures_of_an_unknown_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise av.error.ArgumentError(22, "Invalid argument")

    monkeypatch.setattr("limner.media.upright._graph", fail)
    path = make(tmp_path / "odd.mkv", Clip("ffv1", "yuv444p", frames=1))
    with (
        VideoReader(path) as reader,
        pytest.raises(InputError, match="yuv444p cannot be converted: Invalid argument"),
    ):
        list(reader)


def test_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts = 44100, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="only audio"):
        VideoReader(path)


def test_not_a_video(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("This is not a video.\n" * 50)
    with pytest.raises(InputError, match=r"text\.mp4: this is not a video"):
        VideoReader(text)
    with pytest.raises(InputError, match="no such file"):
        VideoReader(tmp_path / "none.mp4")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(InputError, match="0 bytes"):
        VideoReader(empty)
    with pytest.raises(InputError, match="folder"):
        VideoReader(tmp_path)


def test_titles_in_an_old_encoding(tmp_path: Path) -> None:
    path = make(tmp_path / "clip.avi", Clip("mpeg4", time_base=Fraction(1, 30)))
    title = b"INAM\x08\x00\x00\x00caf\xe9 \xfc\xe4\x00"
    data = path.read_bytes()
    at = data.index(b"movi") - 8
    listed = b"LIST" + (4 + len(title)).to_bytes(4, "little") + b"INFO" + title
    path.write_bytes(data[:at] + listed + data[at:])
    assert len(read(path)) == 12


def test_real_clips(shared: Path) -> None:
    path = shared / "data" / "videos" / "sports2d_demo.mp4"
    info = probe(path)
    assert (info.width, info.height) == (1768, 994)
    assert info.frame_rate == 30
    assert info.frame_count == 230
    assert (info.codec, info.audio_codec, info.has_audio) == ("vp9", "aac", True)
    frames = read(path, start=7.5)
    assert [frame.index for frame in frames] == [225, 226, 227, 228, 229]


ticks_strategy = st.lists(st.one_of(st.none(), st.integers(-500_000, 500_000)), max_size=60)


@given(ticks_strategy)
def test_timeline_moves_forward(ticks: list[int | None]) -> None:
    timeline = Timeline(Fraction(1, 90000), Fraction(30))
    placed = [timeline.place(tick) for tick in ticks]
    assert all(later > earlier for earlier, later in pairwise(placed))


@given(st.sets(st.integers(-(10**9), 10**9), max_size=60))
def test_timeline_leaves_good_times_alone(ticks: set[int]) -> None:
    timeline = Timeline(Fraction(1, 90000), Fraction(30))
    ordered = sorted(ticks)
    assert [timeline.place(tick) for tick in ordered] == ordered
    assert (timeline.repaired, timeline.restarts, timeline.missing) == (0, 0, 0)


def test_timeline_repairs_as_little_as_possible() -> None:
    timeline = Timeline(Fraction(1, 1000), Fraction(25))
    assert [timeline.place(tick) for tick in (0, 40, 40, 39, 120)] == [0, 40, 41, 42, 120]
    assert timeline.repaired == 2
    # A clock that starts anew follows on.
    timeline = Timeline(Fraction(1, 1000), Fraction(25))
    assert [timeline.place(tick) for tick in (5000, 5040, 0, 40)] == [5000, 5040, 5080, 5120]
    assert timeline.restarts == 1


def test_timeline_counts_in_fractions() -> None:
    rate = Fraction(30000, 1001)
    timeline = Timeline(Fraction(1, 1000), rate)
    placed = [timeline.place(None) for _ in range(3000)]
    assert placed == [round(number / rate * 1000) for number in range(3000)]
