"""The same image has the same number and the same time, wherever reading begins."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from limner.media.probe import probe
from limner.media.read import VideoReader
from support.clips import FORMATS, RATE, Clip, index_first, make, noisy, number_of, truncate

GROUPS = (("g", "10"), ("bf", "2"))
X265 = (("x265-params", "log-level=error:keyint=10"),)
AVI = Fraction(1, 30)

# Every container of docs/media.md, with B-frames where they can be.
WHOLE = {
    "b.mp4": Clip(options=GROUPS),
    "b.mov": Clip(options=GROUPS),
    "b.m4v": Clip(options=GROUPS),
    "b.mkv": Clip(options=GROUPS),
    "b.ts": Clip(options=GROUPS),
    "b.flv": Clip(options=GROUPS),
    "hevc.mp4": Clip("libx265", options=X265),
    "vp8.webm": Clip("libvpx", options=(("auto-alt-ref", "1"), ("lag-in-frames", "10"))),
    "vp9.webm": Clip("libvpx-vp9", options=(("g", "10"),)),
    "av1.mkv": Clip("libsvtav1", options=(("preset", "9"), ("crf", "15"), ("g", "10"))),
    "h264.avi": Clip(time_base=AVI, options=GROUPS),
    "mpeg4.avi": Clip("mpeg4", time_base=AVI, options=GROUPS),
    "mpeg4.mp4": Clip("mpeg4", time_base=AVI, options=GROUPS),
    "mjpeg.avi": FORMATS["mjpeg.avi"],
    "gif.gif": FORMATS["gif.gif"],
    "mpeg2.mpg": replace(FORMATS["mpeg2.mpg"], codec="mpeg2video", options=GROUPS),
    "mpeg2.ts": replace(FORMATS["mpeg2.mpg"], codec="mpeg2video", options=GROUPS),
    "raw.h264": Clip(rate=Fraction(50), time_base=Fraction(1, 50), options=GROUPS),
    "raw.hevc": Clip("libx265", rate=Fraction(50), time_base=Fraction(1, 50), options=X265),
    "interlaced.mp4": Clip(
        options=(("flags", "+ildct+ilme"), ("x264-params", "tff=1"), ("g", "10"))
    ),
    "vfr.mp4": Clip(
        options=GROUPS,
        ticks=np.cumsum(np.random.default_rng(0).integers(500, 9000, 48)).tolist(),
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clock")


def clip(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        make(path, replace(WHOLE[name], frames=48), noisy)
    return path


def seen(path: Path, **options: Any) -> list[tuple[int, float, bytes]]:
    with VideoReader(path, **options) as reader:
        return [(each.index, each.time, each.image.tobytes()) for each in reader]


def hidden_start(path: Path, clip: Path, seconds: float) -> Path:
    """Hide the beginning by an edit list, as phones trim a clip."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                shift = round(seconds / packet.time_base)
                packet.pts = (packet.pts or 0) - shift
                packet.dts -= shift
                packet.stream = stream
                target.mux(packet)
    return path


def broken(path: Path, clip: Path) -> Path:
    """Write noise into the middle."""
    data = bytearray(clip.read_bytes())
    at = len(data) * 2 // 5
    data[at : at + 3000] = np.random.default_rng(1).integers(0, 256, 3000, np.uint8).tobytes()
    path.write_bytes(data)
    return path


def headless(path: Path, clip: Path, unit: int) -> Path:
    """Cut the beginning off, in the middle of a group of images."""
    data = clip.read_bytes()
    cut = len(data) * 3 // 10
    path.write_bytes(data[cut - cut % unit :])
    return path


def same_everywhere(path: Path, *, images: bool = True) -> None:
    def clock(**options: Any) -> list[tuple[int, float, bytes]]:
        # What is made up for a damaged image depends on what was decoded before it.
        return [(*each[:2], each[2] if images else b"") for each in seen(path, **options)]

    whole = clock()
    assert whole[0][:2] == (0, 0.0)
    last = whole[-1][1]
    for start in (whole[1][1], last / 3, last / 2 + 0.001, last * 0.8, round(last, 6), last):
        part = clock(start=start)
        # To the microsecond, in which recordings state times.
        assert part == [each for each in whole if each[1] >= start - 1e-6], start


@pytest.mark.parametrize("name", WHOLE)
def test_start_has_the_same_clock(folder: Path, name: str) -> None:
    path = clip(folder, name)
    same_everywhere(path)
    with VideoReader(path) as reader:
        assert [number_of(frame.image) for frame in reader] == list(range(48))
        assert (reader.problems, reader.complete) == ([], True)


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv", "b.ts", "h264.avi", "mpeg2.mpg", "vp9.webm"])
def test_start_has_the_same_clock_with_damage(folder: Path, name: str, tmp_path: Path) -> None:
    same_everywhere(broken(tmp_path / name, clip(folder, name)), images=False)


@pytest.mark.parametrize(("name", "unit"), [("b.ts", 188), ("mpeg2.ts", 188), ("mpeg2.mpg", 2048)])
def test_a_lost_beginning(folder: Path, name: str, unit: int, tmp_path: Path) -> None:
    path = headless(tmp_path / name, clip(folder, name), unit)
    same_everywhere(path)
    with VideoReader(path) as reader:
        numbers = [number_of(frame.image) for frame in reader]
        assert numbers == list(range(numbers[0], 48))
        assert any("the beginning is lost" in problem for problem in reader.problems)
        assert not reader.complete


def test_a_trimmed_clip(folder: Path, tmp_path: Path) -> None:
    path = hidden_start(tmp_path / "trim.mp4", clip(folder, "b.mp4"), 0.5)
    same_everywhere(path)
    with VideoReader(path) as reader:
        assert [number_of(frame.image) for frame in reader] == list(range(15, 48))
        assert reader.problems == []
    assert probe(path).frame_count == 33


def test_images_without_a_time_come_before_the_first_that_has_one(tmp_path: Path) -> None:
    # A programme stream whose first packets lost their time stamps.
    made = replace(WHOLE["mpeg2.mpg"], frames=48, options=(("bf", "0"),), container_format="vob")
    path = make(tmp_path / "a.vob", made)
    data = bytearray(path.read_bytes())
    at = data.index(b"\0\0\1\xe0")
    flags = data[at + 7]
    assert flags & 0x80
    # Without the flags, the time stamps are stuffing.
    data[at + 7] = flags & 0x3F
    data[at + 9 : at + 9 + data[at + 8]] = b"\xff" * data[at + 8]
    path.write_bytes(data)
    with VideoReader(path) as reader:
        frames = list(reader)
    assert [number_of(frame.image) for frame in frames] == list(range(48))
    assert [frame.time for frame in frames] == pytest.approx([n / 25 for n in range(48)], abs=1e-4)


@pytest.mark.parametrize("name", ["h264.avi", "mpeg4.avi"])
def test_avi_is_evenly_timed(folder: Path, name: str) -> None:
    with VideoReader(clip(folder, name)) as reader:
        times = [frame.time for frame in reader]
    assert times == pytest.approx([number / 30 for number in range(48)])


def test_frames_that_an_avi_leaves_out(tmp_path: Path) -> None:
    ticks = [0, 1, 2, 5, 6, 7, 12, 13, 14, 15, 16, 17]
    path = make(tmp_path / "gaps.avi", Clip("mpeg4", time_base=AVI, ticks=ticks))
    with VideoReader(path) as reader:
        assert [frame.time for frame in reader] == pytest.approx([tick / 30 for tick in ticks])
        assert reader.problems == []


@pytest.mark.parametrize("rate", [Fraction(24), Fraction(30), Fraction(50), Fraction(120)])
@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [
        ("a.h264", "libx264", None),
        ("a.hevc", "libx265", None),
        ("a.m2v", "mpeg2video", None),
        ("a.m4v", "mpeg4", "m4v"),
    ],
)
def test_the_rate_in_a_raw_stream(
    tmp_path: Path, name: str, codec: str, kind: str | None, rate: Fraction
) -> None:
    options = X265 if codec == "libx265" else ()
    made = Clip(codec, rate=rate, time_base=1 / rate, options=options, container_format=kind)
    path = make(tmp_path / name, made)
    with VideoReader(path) as reader:
        assert reader.input.frame_rate == rate
        times = [frame.time for frame in reader]
    assert times == pytest.approx([number / float(rate) for number in range(12)], abs=1e-5)
    assert probe(path).frame_rate == rate


def test_a_stated_rate_stretches_time(tmp_path: Path) -> None:
    # Filmed at 240, stored to play at 30.
    path = make(tmp_path / "slow.mp4", Clip(frames=48, audio="aac"))
    with VideoReader(path, rate=240, start=0.05, end=0.1, audio=True) as reader:
        frames = list(reader)
        assert reader.input.frame_rate == 240
        assert reader.input.duration == pytest.approx(0.2)
        assert (reader.has_audio, reader.audio()) == (False, None)
        assert reader.frame_count == 12
    assert [frame.index for frame in frames] == list(range(12, 24))
    assert [number_of(frame.image) for frame in frames] == list(range(12, 24))
    assert [frame.time for frame in frames] == pytest.approx([n / 240 for n in range(12, 24)])
    # A raw stream has no times to stretch.
    raw = make(tmp_path / "raw.h264", Clip(time_base=1 / RATE))
    with VideoReader(raw, rate=Fraction(60000, 1001)) as reader:
        times = [frame.time for frame in reader]
    assert times == pytest.approx([n * 1001 / 60000 for n in range(12)], abs=1e-5)


def test_a_rate_that_is_only_claimed(tmp_path: Path) -> None:
    path = make(tmp_path / "fast.mkv", Clip(rate=Fraction(1000), ticks=list(range(0, 36000, 3000))))
    with VideoReader(path) as reader:
        assert len(list(reader)) == 12
        assert reader.problems == []
        # How long the last frame lasts is claimed as well.
        assert reader.input.frame_rate == 30
        assert reader.input.frame_count == pytest.approx(12, abs=1)


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv", "b.ts", "h264.avi", "vp9.webm", "gif.gif"])
def test_what_is_cut_off_says_so(folder: Path, name: str, tmp_path: Path) -> None:
    path = clip(folder, name)
    if name == "b.mp4":
        whole = path
        path = tmp_path / "front.mp4"
        index_first(whole, path)
    for share in (0.5, 0.7, 0.9, 0.99):
        cut = truncate(path, share)
        if name == "b.ts" and cut.stat().st_size % 188 == 0:
            continue  # between two packets nothing tells
        with VideoReader(cut) as reader:
            list(reader)
        assert any("cut off" in problem for problem in reader.problems), share
        assert not reader.complete


@pytest.mark.parametrize("name", ["two.ts", "two.mkv"])
def test_the_largest_stream_where_none_is_marked(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        streams: list[Any] = []
        for width in (64, 160, 128):
            stream: Any = container.add_stream("libx264", rate=30)
            stream.width, stream.height, stream.pix_fmt = width, 96, "yuv420p"
            stream.disposition = 0
            streams.append(stream)
        for _ in range(3):
            for stream in streams:
                image = np.zeros((96, stream.width, 3), np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        for stream in streams:
            container.mux(stream.encode(None))
    assert (probe(path).width, probe(path).height) == (160, 96)
