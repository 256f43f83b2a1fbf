"""Audio stays in step where its packets are shorter than the ticks that its container counts in."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from limner.media.read import VideoReader
from limner.media.write import VideoWriter

RATE = 48000
SECONDS = 4
CLICK = 3.9  # seconds
# A codec, its samples in a packet and its options: 0.8, 0.7 and 2.5 ms in ticks of 1 ms.
SHORT: dict[str, tuple[str, int, dict[str, str]]] = {
    "pcm": ("pcm_s16le", 40, {}),
    "flac": ("flac", 32, {"frame_size": "32"}),
    "opus": ("libopus", 120, {"frame_duration": "2.5", "application": "lowdelay"}),
}


@pytest.fixture(scope="module", params=sorted(SHORT))
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a video in Matroska with a click in its audio, near the end."""
    codec, samples, options = SHORT[request.param]
    path = tmp_path_factory.mktemp("short") / f"{request.param}.mkv"
    wave = np.zeros(SECONDS * RATE, np.int16)
    wave[round(CLICK * RATE) :][:96] = 20000
    packets: list[Any] = []
    video: Any
    audio: Any
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width = video.height = 64
        audio = container.add_stream(codec, rate=RATE, options=options)
        audio.codec_context.layout, audio.codec_context.format = "mono", "s16"
        for number in range(SECONDS * 25):
            image = av.VideoFrame(64, 64, "yuv420p")
            image.pts, image.time_base = number, Fraction(1, 25)
            packets += video.encode(image)
        for begin in range(0, len(wave), samples):
            sound = av.AudioFrame.from_ndarray(wave[None, begin : begin + samples], "s16", "mono")
            sound.pts, sound.rate, sound.time_base = begin, RATE, Fraction(1, RATE)
            packets += audio.encode(sound)
        packets += [*video.encode(None), *audio.encode(None)]
        for packet in sorted(packets, key=lambda each: each.dts * each.time_base):
            container.mux(packet)
    return path


def click(path: Path) -> float:
    """Return when the click in a file's audio begins, in seconds, by the container's times."""
    levels, times = [], []
    container: Any
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            wave = frame.to_ndarray().astype(float)
            wave = wave.reshape(-1, frame.layout.nb_channels) if wave.shape[0] == 1 else wave.T
            levels.append(np.abs(wave).max(axis=1))
            begin = float(frame.pts * frame.time_base)
            times.append(begin + np.arange(frame.samples) / frame.sample_rate)
    level = np.concatenate(levels)
    return float(np.concatenate(times)[np.argmax(level > level.max() / 2)])


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".webm", ".mov"])
def test_audio_is_in_step_at_the_end(tmp_path: Path, source: Path, ending: str) -> None:
    target = tmp_path / f"result{ending}"
    with (
        VideoReader(source, audio=True) as reader,
        VideoWriter(target, width=64, height=64, source=reader) as writer,
    ):
        for frame in reader:
            writer.write(frame)
    assert not writer.problems
    assert click(target) == pytest.approx(click(source), abs=0.002)
    container: Any
    with av.open(str(target)) as container:
        (audio,) = container.streams.audio
        last = [each for each in container.demux(audio) if each.size][-1]
        assert float(last.pts * last.time_base) == pytest.approx(SECONDS, abs=0.025)


def test_audio_is_in_step_after_a_cut(tmp_path: Path, source: Path) -> None:
    target = tmp_path / "result.mp4"
    with (
        VideoReader(source, start=1.0, audio=True) as reader,
        VideoWriter(target, width=64, height=64, source=reader) as writer,
    ):
        for frame in reader:
            writer.write(frame)
    assert click(target) == pytest.approx(click(source) - 1.0, abs=0.002)
