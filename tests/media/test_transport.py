"""A transport stream that is cut off between two of its packets, and one whose image comes late."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from limner.media.read import VideoReader
from limner.media.transport import breaks_off
from support.clips import Clip, make, noisy, number_of

PACKET = 188
CLIPS = {
    "h264": Clip(frames=48, options=(("g", "10"),)),
    "audio": Clip(frames=48, options=(("g", "10"), ("bf", "2")), audio="aac"),
    "mpeg2": Clip("mpeg2video", frames=48, rate=Fraction(25), time_base=Fraction(1, 25)),
}


@pytest.fixture(scope="module", params=sorted(CLIPS))
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("transport") / f"{request.param}.ts"
    return make(path, CLIPS[request.param], noisy)


def is_amid(data: bytes, at: int) -> bool:
    """Say whether what comes after a packet goes on with what came before it, in any stream."""
    going_on = set()
    for place in range(at, len(data), PACKET):
        stream = (data[place + 1] & 0x1F) << 8 | data[place + 2]
        if data[place + 1] & 0x40:
            going_on.add(stream)
        elif stream not in going_on:
            return True
    return False


def test_a_whole_one_is_complete(whole: Path) -> None:
    with VideoReader(whole) as reader:
        assert [number_of(frame.image) for frame in reader] == list(range(48))
    assert reader.complete
    assert not reader.problems


def test_one_that_is_cut_off_at_any_packet(tmp_path: Path, whole: Path) -> None:
    data, path = whole.read_bytes(), tmp_path / "cut.ts"
    places = range(len(data) // 2 // PACKET * PACKET, len(data), PACKET)
    assert {is_amid(data, place) for place in places} == {True, False}
    alarms = 0
    for place in places:
        path.write_bytes(data[:place])
        found, amid = breaks_off(path), is_amid(data, place)
        assert found or not amid, place
        alarms += found > amid
    # An image may just fit into its packets, and is the last one at several places.
    assert alarms <= len(places) // 20


def test_a_disc_with_times_before_its_packets(tmp_path: Path, whole: Path) -> None:
    data, path = whole.read_bytes(), tmp_path / "cut.m2ts"
    places = range(len(data) * 3 // 4 // PACKET * PACKET, len(data), PACKET)
    place = next(place for place in places if is_amid(data, place))
    for end in (place, len(data)):
        packets = [bytes(4) + data[at : at + PACKET] for at in range(0, end, PACKET)]
        path.write_bytes(b"".join(packets))
        assert breaks_off(path) == (end == place)


def test_it_is_said_how_much_was_read(tmp_path: Path, whole: Path) -> None:
    data, path = whole.read_bytes(), tmp_path / "cut.ts"
    places = range(len(data) // 2 // PACKET * PACKET, len(data), PACKET)
    path.write_bytes(data[: next(place for place in places if is_amid(data, place))])
    with VideoReader(path) as reader:
        count = sum(1 for _ in reader)
    assert not reader.complete
    assert f"the file is cut off: {count} frames, " in reader.problems[-1]


def test_other_files_do_not_break_off(tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    path.write_bytes(b"this is no transport stream")
    assert not breaks_off(path)


@pytest.mark.parametrize("listed", [True, False])
def test_an_image_that_comes_late(tmp_path: Path, listed: bool) -> None:
    """Of a stream that is listed from the beginning on, and of one that is listed later."""
    path, packets = tmp_path / "late.ts", []
    container: Any
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25) if listed else None
        audio = container.add_stream("aac", rate=48000)
        wave = np.random.default_rng(0).normal(0, 0.3, (2, 1024)).astype(np.float32)
        for number in range(30 * 48000 // 1024):
            sound = av.AudioFrame.from_ndarray(wave, "fltp", "stereo")
            sound.pts, sound.rate, sound.time_base = number * 1024, 48000, Fraction(1, 48000)
            packets += audio.encode(sound)
        if video is not None:
            video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
            for number in range(12):
                image = av.VideoFrame.from_ndarray(noisy(number, 160, 96)).reformat(
                    format="yuv420p"
                )
                image.pts, image.time_base = 25 * 30 + number, Fraction(1, 25)
                packets += video.encode(image)
            packets += video.encode(None)
        for packet in [*packets, *audio.encode(None)]:
            container.mux(packet)
    if not listed:
        plain = make(tmp_path / "plain.ts", Clip(audio="aac"), noisy)
        other = tmp_path / "other.ts"
        # Another table, with other numbers of the streams.
        options = {"mpegts_start_pid": "320", "tables_version": "1"}
        with av.open(str(plain)) as source, av.open(str(other), "w", options=options) as target:
            streams = [target.add_stream_from_template(each) for each in source.streams]
            for packet in source.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream.index]
                    target.mux(packet)
        path.write_bytes(path.read_bytes() + other.read_bytes())
    with VideoReader(path) as reader:
        frames = list(reader)
    assert [number_of(frame.image) for frame in frames] == list(range(12))
    assert frames[0].time == 0
