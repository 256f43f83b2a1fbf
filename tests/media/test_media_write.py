"""Videos are written whole: every frame at its time, the audio in step, the true size."""

from __future__ import annotations

import gc
import hashlib
import subprocess
import sys
import weakref
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from limner.core.frame import Frame, VideoFrame
from limner.errors import OutputError, UsageError
from limner.media.audio import Audio
from limner.media.codecs import CONTAINERS, ENCODERS, available, choose
from limner.media.encode import VideoEncoder
from limner.media.finish import check
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from support.clips import Clip, make, number_of, picture

ALL_CODECS = [(ending, codec) for ending, codecs in CONTAINERS.items() for codec in codecs]


def rewrite(source: Path, target: Path, **settings: Any) -> VideoWriter:
    span = {key: settings.pop(key) for key in ("start", "end") if key in settings}
    with VideoReader(source, **span) as reader:
        writer = VideoWriter(
            target,
            width=reader.width,
            height=reader.height,
            frame_rate=reader.frame_rate,
            source=reader,
            **settings,
        )
        with writer:
            for frame in reader:
                writer.write(frame)
    return writer


def numbers(path: Path) -> list[int]:
    with VideoReader(path) as reader:
        return [number_of(frame.image) for frame in reader]


def times(path: Path) -> list[float]:
    """Return the frames' times relative to the start of the file."""
    with av.open(str(path)) as container:
        begin = (container.start_time or 0) / av.time_base
        return [frame.time - begin for frame in container.decode(video=0)]


def packets(path: Path, kind: str) -> list[Any]:
    with av.open(str(path)) as container:
        stream = container.streams.get({kind: 0})[0]
        return [
            (float((packet.pts or 0) * packet.time_base), hashlib.sha1(bytes(packet)).hexdigest())  # noqa: S324
            for packet in container.demux(stream)
            if packet.size
        ]


@pytest.fixture(scope="module")
def with_sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clip = Clip(frames=48, audio="aac", options=(("g", "10"),))
    return make(tmp_path_factory.mktemp("sound") / "sound.mp4", clip)


@pytest.mark.parametrize(("ending", "codec"), ALL_CODECS)
def test_every_codec_in_every_container(tmp_path: Path, ending: str, codec: str) -> None:
    source = make(tmp_path / "source.mp4", Clip())
    target = tmp_path / f"result{ending}"
    rewrite(source, target, codec=codec)
    assert numbers(target) == list(range(12))
    with VideoReader(target) as reader:
        assert reader.info.codec == codec
        assert (reader.width, reader.height) == (160, 96)
        assert reader.frame_rate == (Fraction(100, 3) if ending == ".gif" else 30)
    assert times(target) == pytest.approx(np.arange(12) / 30, abs=0.006)


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm", ".gif", ".avi"])
@pytest.mark.parametrize("size", [(161, 97), (160, 97), (161, 96)])
def test_odd_sizes_stay(tmp_path: Path, ending: str, size: tuple[int, int]) -> None:
    width, height = size
    target = tmp_path / f"odd{ending}"
    with VideoWriter(target, width=width, height=height, frame_rate=Fraction(30)) as writer:
        for number in range(12):
            image = picture(number, width, height)
            image[:, -1] = image[-1] = 255
            writer.write(Frame(image, number, number / 30))
    with av.open(str(target)) as container:
        frames = list(container.decode(video=0))
    assert [(frame.width, frame.height) for frame in frames] == [size] * 12
    image = np.asarray(frames[5].to_ndarray(format="rgb24"), np.uint8)
    assert number_of(image) == 5
    if ending in (".mp4", ".mov", ".mkv"):
        assert image[: height // 2, -1].mean() > 200
        assert image[-1].mean() > 200


def test_hevc_says_that_it_grows(tmp_path: Path) -> None:
    target = tmp_path / "odd.mp4"
    with VideoWriter(target, width=161, height=97, codec="hevc") as writer:
        writer.write(Frame(picture(0, 161, 97)))
    assert "hevc holds even sizes only, so the image is 162x98" in writer.problems[0]


def test_plays_everywhere(tmp_path: Path) -> None:
    target = tmp_path / "result.mp4"
    rewrite(make(tmp_path / "source.mkv", Clip("ffv1", "yuv444p")), target)
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    with av.open(str(target)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.profile) == ("h264", "yuv420p", "High")


def test_colours_are_kept_and_stated(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", Clip(pixel_format="yuvj420p", full_range=True))
    target = tmp_path / "result.mp4"
    rewrite(source, target, quality=10)
    with VideoReader(source) as first, VideoReader(target) as second:
        for one, other in zip(first, second, strict=True):
            difference = np.abs(one.image.astype(int) - other.image.astype(int))
            assert difference.mean() < 1.5
            assert other.decoded.color_range == 1


@pytest.mark.parametrize("matrix", [1, 5, 9])
def test_colour_matrix_is_carried_over(tmp_path: Path, matrix: int) -> None:
    frame = av.VideoFrame(160, 96, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([90]) * plane.buffer_size)
    frame.colorspace, frame.color_range = matrix, 1
    frame.color_primaries = frame.color_trc = 1
    for ending in (".mp4", ".mkv", ".webm"):
        target = tmp_path / f"result{ending}"
        with VideoWriter(target, width=160, height=96, frame_rate=Fraction(30)) as writer:
            writer.write(VideoFrame(frame, 0, 0.0))
        with av.open(str(target)) as container:
            result = next(container.decode(video=0))
        expected = 6 if matrix == 5 and ending == ".webm" else matrix
        assert result.colorspace in (matrix, expected)
        assert (result.color_range, result.color_primaries) == (1, 1) or ending == ".webm"


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm"])
def test_variable_frame_rate(tmp_path: Path, ending: str) -> None:
    ticks = [0, 3000, 3600, 9000, 9900, 20000, 80000, 83003]
    source = make(tmp_path / "vfr.mp4", Clip(frames=8, ticks=ticks))
    target = tmp_path / f"result{ending}"
    rewrite(source, target)
    assert numbers(target) == list(range(8))
    exact = ending in (".mp4", ".mov")
    assert times(target) == pytest.approx(
        [tick / 90000 for tick in ticks], abs=1e-9 if exact else 0.00051
    )


@pytest.mark.parametrize("rate", [Fraction(30000, 1001), Fraction(24000, 1001), Fraction(25)])
def test_rate_and_duration_are_exact(tmp_path: Path, rate: Fraction) -> None:
    source = make(tmp_path / "source.mp4", Clip(rate=rate, time_base=1 / rate))
    target = tmp_path / "result.mp4"
    rewrite(source, target)
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == rate
        assert (stream.duration or 0) * (stream.time_base or 0) == 12 / rate


def test_pictures_without_a_source(tmp_path: Path) -> None:
    target = tmp_path / "result.mp4"
    rate = Fraction(24000, 1001)
    with VideoWriter(target, width=160, height=96, frame_rate=rate) as writer:
        for number in range(12):
            writer.write(Frame(picture(number, 160, 96), number, float(number / rate)))
    assert numbers(target) == list(range(12))
    with VideoReader(target) as reader:
        assert reader.frame_rate == rate
        frame = next(iter(reader))
    difference = np.abs(frame.image.astype(int) - picture(0, 160, 96))
    assert np.median(difference) <= 4


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv"])
def test_sound_is_copied(tmp_path: Path, with_sound: Path, ending: str) -> None:
    target = tmp_path / f"result{ending}"
    rewrite(with_sound, target)
    before, after = packets(with_sound, "audio"), packets(target, "audio")
    assert [packet[1] for packet in after] == [packet[1] for packet in before]
    lead = [one[0] - other[0] for one, other in zip(after, before, strict=True)]
    shift = packets(target, "video")[0][0] - packets(with_sound, "video")[0][0]
    assert lead == pytest.approx([shift] * len(lead), abs=0.002)


@pytest.mark.parametrize(
    ("ending", "codec"), [(".webm", "opus"), (".avi", "mp3"), (".mp4", "aac"), (".gif", None)]
)
def test_sound_is_encoded_anew_where_it_must(
    tmp_path: Path, ending: str, codec: str | None
) -> None:
    source_codec = "pcm_s16le" if ending == ".mp4" else "aac"
    source = make(tmp_path / "source.mkv", Clip(frames=48, audio=source_codec))
    target = tmp_path / f"result{ending}"
    writer = rewrite(source, target)
    assert writer.problems == []
    with av.open(str(target)) as container:
        stream = container.streams.best("audio")
        if codec is None:
            assert stream is None
            return
        assert stream is not None
        assert stream.codec_context.codec.canonical_name == codec
    loud, begin = loudness(target)
    assert len(loud) == pytest.approx(1.6 / 0.1, abs=2)
    # The tone swells from the start to the end.
    assert np.all(np.diff(loud[2:-2]) > 0)
    assert begin == pytest.approx(0, abs=0.03)


def loudness(path: Path) -> tuple[NDArray[np.float64], float]:
    """Return the audio's level per tenth of a second, and when it begins relative to image."""
    levels: list[float] = []
    with av.open(str(path)) as container:
        first = None
        samples = []
        rate = container.streams.audio[0].codec_context.sample_rate
        for frame in container.decode(audio=0):
            if first is None:
                first = frame.time
            data = frame.to_ndarray().astype(np.float64)
            if frame.format.name.startswith("s16"):
                data /= 32768
            samples.append(data.reshape(-1, 2) if data.shape[0] == 1 else data.T)
        signal = np.concatenate(samples)
    size = rate // 10
    levels = [
        float(np.sqrt(np.mean(signal[begin : begin + size] ** 2)))
        for begin in range(0, len(signal), size)
    ]
    with av.open(str(path)) as container:
        shown = next(container.decode(video=0)).time
    return np.array(levels), (first or 0.0) - shown


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm"])
@pytest.mark.parametrize("offset", [0.5, -0.3])
def test_offset_between_sound_and_picture_is_kept(
    tmp_path: Path, offset: float, ending: str
) -> None:
    ticks = [round((0.4 + number / 30) * 90000) for number in range(48)]
    source = make(
        tmp_path / "source.mkv",
        Clip(frames=48, ticks=ticks, audio="libopus", audio_start=0.4 + offset),
    )
    target = tmp_path / f"result{ending}"
    rewrite(source, target)
    assert numbers(target) == list(range(48))
    before = packets(source, "audio")[0][0] - packets(source, "video")[0][0]
    after = packets(target, "audio")[0][0] - packets(target, "video")[0][0]
    assert after == pytest.approx(before, abs=0.002)
    assert min(packets(target, "audio")[0][0], packets(target, "video")[0][0]) < 0.05


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm"])
def test_cut_keeps_sound_in_step(tmp_path: Path, with_sound: Path, ending: str) -> None:
    target = tmp_path / f"cut{ending}"
    rewrite(with_sound, target, start=0.5, end=1.2)
    assert numbers(target) == list(range(15, 36))
    loud, begin = loudness(target)
    whole, _ = loudness(with_sound)
    assert -0.03 <= begin <= 0.03
    assert len(loud) == pytest.approx(7, abs=1)
    assert loud[1:6] == pytest.approx(whole[6:11], rel=0.12)


def test_sound_of_a_transport_stream(tmp_path: Path) -> None:
    source = make(tmp_path / "source.ts", Clip(frames=48, audio="aac"))
    target = tmp_path / "result.mp4"
    rewrite(source, target)
    loud, begin = loudness(target)
    assert np.all(np.diff(loud[2:-2]) > 0)
    assert begin == pytest.approx(0, abs=0.03)
    assert times(target)[0] == pytest.approx(0, abs=0.03)


def test_sound_longer_than_the_picture_is_kept_whole(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", Clip(frames=6, audio="aac", audio_seconds=2.0))
    target = tmp_path / "result.mp4"
    rewrite(source, target)
    assert len(packets(target, "audio")) == len(packets(source, "audio"))


def test_no_sound_if_not_wanted(tmp_path: Path, with_sound: Path) -> None:
    target = tmp_path / "result.mp4"
    rewrite(with_sound, target, audio=False)
    with av.open(str(target)) as container:
        assert not container.streams.audio


def interrupt_after(frames: int, reader: VideoReader, writer: VideoWriter) -> None:
    with writer:
        for frame in reader:
            if frame.index == frames:
                raise KeyboardInterrupt
            writer.write(frame)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm", ".avi", ".gif"])
def test_interrupted(tmp_path: Path, with_sound: Path, ending: str) -> None:
    target = tmp_path / f"clip.partial{ending}"
    with VideoReader(with_sound) as reader:
        writer = VideoWriter(target, width=160, height=96, source=reader)
        with pytest.raises(KeyboardInterrupt):
            interrupt_after(20, reader, writer)
    assert numbers(target) == list(range(20))
    if ending != ".gif":
        assert packets(target, "audio")[-1][0] == pytest.approx(20 / 30, abs=0.06)


def test_nothing_written_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "result.mp4"
    with VideoWriter(target, width=160, height=96):
        assert target.exists()
    assert not target.exists()


def test_unwritable(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"none/result\.mp4: cannot be written"):
        VideoWriter(tmp_path / "none" / "result.mp4", width=160, height=96)
    with pytest.raises(OutputError, match=r"ending '\.doc'; use one of \.mp4"):
        VideoWriter(tmp_path / "result.doc", width=160, height=96)


FULL_DISK = """
import resource, signal, sys
from fractions import Fraction
import numpy as np
from limner.errors import OutputError
from limner.core.frame import Frame
from limner.media.write import VideoWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
noise = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], width=320, height=240, frame_rate=Fraction(30)) as writer:
        for number in range(100):
            image = noise.integers(0, 256, (240, 320, 3), np.uint8)
            writer.write(Frame(image, number, number / 30))
except OutputError as error:
    print(error)
"""


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm"])
def test_full_disk(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"result{ending}"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(target)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"{target}: writing failed after "), done
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    # What is left of it plays: the fragments that were written whole.
    with VideoReader(target) as reader:
        assert len(list(reader)) >= 1


def without_private_data(source: Path, target: Path) -> Path:
    """Make a WebM's Opus lack its private data, by another name for that element."""
    data = source.read_bytes()
    head = data.index(b"OpusHead")
    element = data.rindex(b"\x63\xa2", 0, head)
    target.write_bytes(data[:element] + b"\x63\xa9" + data[element + 2 :])
    return target


def test_sound_without_its_private_data_is_encoded_anew(tmp_path: Path) -> None:
    clip = Clip("libvpx-vp9", frames=24, audio="libopus")
    source = without_private_data(make(tmp_path / "a.webm", clip), tmp_path / "b.webm")
    with av.open(str(source)) as container:
        assert not container.streams.audio[0].codec_context.extradata
    for ending in (".mp4", ".webm"):
        writer = rewrite(source, tmp_path / f"result{ending}")
        assert writer.problems == []
        loud, _ = loudness(tmp_path / f"result{ending}")
        assert np.all(np.diff(loud[2:-2]) > 0)
        assert numbers(tmp_path / f"result{ending}") == list(range(24))


def test_a_file_that_cannot_be_closed_is_no_success(
    tmp_path: Path, with_sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that refuses audio's data says so when it is closed."""
    monkeypatch.setattr("limner.media.audio._NEEDING_DATA", ())
    clip = Clip("libvpx-vp9", frames=24, audio="libopus")
    source = without_private_data(make(tmp_path / "a.webm", clip), tmp_path / "b.webm")
    with pytest.raises(OutputError, match=r"result.mp4: "):
        rewrite(source, tmp_path / "result.mp4")


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
def test_a_finished_video_that_lacks_images_is_refused(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make(tmp_path / "source.mp4", Clip())
    target = tmp_path / f"result{ending}"
    writer = rewrite(source, target)
    assert writer.frames == 12
    check(target, 12)
    with pytest.raises(OutputError, match="is damaged: expected 13 images in it, got 12"):
        check(target, 13)
    target.write_bytes(target.read_bytes()[:200])
    with pytest.raises(OutputError, match=r"the finished video (cannot be read|is damaged)"):
        check(target, 12)


def test_nothing_of_a_writer_waits_for_the_garbage_collector(
    tmp_path: Path, with_sound: Path
) -> None:
    """An encoder holds threads and images, so it must not lie in a cycle."""
    gc.collect()
    gc.disable()
    try:
        with VideoReader(with_sound) as reader:
            writer = VideoWriter(tmp_path / "a.mp4", width=160, height=96, source=reader)
            with writer:
                for frame in reader:
                    writer.write(frame)
            del frame
        held = [each for each in gc.get_objects() if isinstance(each, (VideoEncoder, Audio))]
        gone = weakref.ref(writer)
        del writer
        assert held == []
        assert gone() is None
    finally:
        gc.enable()


def tags(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return {key.lower(): value for key, value in container.metadata.items()}


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".webm"])
@pytest.mark.parametrize("title", ["Trial 3", "été, =1+1"])
def test_title_and_date_are_kept(tmp_path: Path, with_sound: Path, ending: str, title: str) -> None:
    source = tmp_path / "source.mkv"
    with av.open(str(with_sound)) as one, av.open(str(source), "w") as other:
        other.metadata.update(
            {"title": title, "creation_time": "2024-05-01T10:30:00Z", "location": "+48+011/"}
        )
        stream = other.add_stream_from_template(one.streams.video[0])
        for packet in one.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                other.mux(packet)
    target = tmp_path / f"result{ending}"
    rewrite(source, target, start=0.3)
    found = tags(target)
    assert found["title"] == title
    assert found["creation_time"].startswith("2024-05-01T10:30:00")
    assert not any("location" in key for key in found)  # nobody asked to tell that


@pytest.mark.parametrize("date", ["1904-01-01T00:00:00Z", "yesterday", ""])
def test_a_date_that_is_none_is_not_kept(tmp_path: Path, with_sound: Path, date: str) -> None:
    source = tmp_path / "source.mkv"
    with av.open(str(with_sound)) as one, av.open(str(source), "w") as other:
        stream = other.add_stream_from_template(one.streams.video[0])
        stream.metadata["creation_time"] = date
        for packet in one.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                other.mux(packet)
    rewrite(source, tmp_path / "result.mp4")
    assert "creation_time" not in tags(tmp_path / "result.mp4")


def test_audio_that_has_ended_keeps_nothing_from_being_written(tmp_path: Path) -> None:
    """Fragments wait for a packet of each stream, so a stream without any must not be there."""
    clip = Clip(frames=60, audio="aac", audio_seconds=0.2)
    source, target = make(tmp_path / "source.mp4", clip), tmp_path / "result.mp4"
    with VideoReader(source, start=0.4) as reader:
        writer = VideoWriter(target, width=160, height=96, source=reader)
        with writer:
            for frame in reader:
                writer.write(frame)
            assert target.stat().st_size > 1000
    assert len(numbers(target)) == 48
    with av.open(str(target)) as container:
        assert not container.streams.audio


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".avi"])
def test_audio_that_is_encoded_anew_from_amid_a_program_stream(tmp_path: Path, ending: str) -> None:
    """Reading begins in the middle of a packet there, and times overlap."""
    clip = Clip("mpeg2video", frames=50, rate=Fraction(25), time_base=Fraction(1, 25), audio="mp2")
    source = make(tmp_path / "source.mpg", clip)
    writer = rewrite(source, tmp_path / f"result{ending}", start=0.5)
    assert all("damaged packet" in problem for problem in writer.problems)
    loud, begin = loudness(tmp_path / f"result{ending}")
    assert np.all(np.diff(loud[2:-2]) > 0)
    assert begin == pytest.approx(0, abs=0.1)


def test_codecs_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no codec 'divx' here; use one of h264, hevc"):
        choose(tmp_path / "result.mp4", "divx")
    with pytest.raises(UsageError, match="webm does not hold h264; use one of vp9, av1"):
        choose(tmp_path / "result.webm", "h264")
    assert set(ENCODERS) <= set(available())
    # Hardware only when its encoder is named.
    assert choose(tmp_path / "result.mp4").name == "libx264"


def test_hardware_that_is_not_there(tmp_path: Path) -> None:
    names = [name for name in available() if name.startswith("h264_v4l2m2m")]
    if not names:
        pytest.skip("this FFmpeg has no hardware encoder that can be asked for")
    writer = VideoWriter(tmp_path / "a.mp4", width=160, height=96, codec=names[0])
    with writer, pytest.raises(OutputError, match="h264_v4l2m2m cannot be opened"):
        writer.write(Frame(picture(0, 160, 96)))


def test_quality_and_preset(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", Clip(frames=12))
    sizes = []
    for quality in (15, 30, 45):
        target = tmp_path / f"{quality}.mp4"
        rewrite(source, target, quality=quality)
        sizes.append(target.stat().st_size)
    assert sizes == sorted(sizes, reverse=True)
    rewrite(source, tmp_path / "slow.mp4", preset="medium")
    assert numbers(tmp_path / "slow.mp4") == list(range(12))
    with pytest.raises(UsageError, match=r"from 0 \(best\) to 51 for libx264, got 80"):
        rewrite(source, tmp_path / "bad.mp4", quality=80)
    with pytest.raises(OutputError, match="cannot be opened"):
        rewrite(source, tmp_path / "bad.mp4", preset="soonest")


def test_too_large_for_the_codec(tmp_path: Path) -> None:
    source = make(tmp_path / "wide.mkv", Clip("ffv1", width=100_000, height=2, frames=2))
    with pytest.raises(OutputError, match="libx264 cannot be opened for 100000x2 images"):
        rewrite(source, tmp_path / "wide.mp4")


def test_wrong_size(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "a.mp4", width=160, height=96)
    with writer, pytest.raises(ValueError, match="expected frames of 160x96, got 8x8"):
        writer.write(Frame(np.zeros((8, 8, 3), np.uint8)))


def test_real_clip(tmp_path: Path, shared: Path) -> None:
    source = shared / "data" / "videos" / "sports2d_demo.mp4"
    target = tmp_path / "result.mp4"
    rewrite(source, target, end=1.0)
    assert len(times(target)) == 30
    assert times(target) == pytest.approx(np.arange(30) / 30, abs=1e-9)
    audio = packets(source, "audio")
    kept = packets(target, "audio")
    assert [packet[1] for packet in kept] == [packet[1] for packet in audio[: len(kept)]]
    assert kept[-1][0] == pytest.approx(1.0, abs=0.03)
    with VideoReader(source, end=0.2) as first, VideoReader(target, end=0.2) as second:
        for one, other in zip(first, second, strict=True):
            error = np.mean((one.image.astype(float) - other.image.astype(float)) ** 2)
            assert 10 * np.log10(255**2 / error) > 36


def test_sound_that_breaks_off_is_said(
    tmp_path: Path, with_sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("Frame does not match AudioResampler setup.")

    monkeypatch.setattr("limner.media.audio._timed", fail)
    writer = rewrite(with_sound, tmp_path / "result.webm")
    assert numbers(tmp_path / "result.webm") == list(range(48))
    assert "the audio breaks off: Frame does not match" in writer.problems[0]


def test_damaged_sound_does_not_stop_the_picture(tmp_path: Path, with_sound: Path) -> None:
    data = bytearray(with_sound.read_bytes())
    source = tmp_path / "damaged.mp4"
    third = len(data) // 3
    data[third : third + 300] = bytes(300)
    source.write_bytes(data)
    for ending in (".mp4", ".webm"):
        rewrite(source, tmp_path / f"result{ending}")
        assert len(times(tmp_path / f"result{ending}")) > 30


def test_damaged_packets_of_copied_sound_are_skipped(tmp_path: Path) -> None:
    source = make(tmp_path / "source.ts", Clip(frames=48, audio="aac"))
    data = bytearray(source.read_bytes())
    # Every frame of AAC in a transport stream begins with this word; break a few.
    places = [at for at in range(len(data) - 1) if data[at] == 0xFF and data[at + 1] == 0xF1]
    for place in places[20:40]:
        data[place] = 0
    source.write_bytes(data)
    writer = rewrite(source, tmp_path / "result.mp4")
    assert numbers(tmp_path / "result.mp4") == list(range(48))
    assert len(packets(tmp_path / "result.mp4", "audio")) > 20
    assert all("audio" in problem for problem in writer.problems)
