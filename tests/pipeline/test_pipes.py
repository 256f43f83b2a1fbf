"""What can be read only once is opened only once: named pipes and standard input."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest

import limner
from limner.core.arrays import Image
from limner.errors import InputError, UsageError
from limner.media.inputs import Input
from limner.media.read import VideoReader
from limner.media.sources.pipe import Pipe
from limner.pipeline.annotate import annotate_input
from limner.pipeline.result import Result
from limner.settings import Settings
from support.clips import Clip, make, number_of
from support.people import FakeModel

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes"),
]


@contextmanager
def piped(path: Path, pause: float = 0.0) -> Iterator[Path]:
    """Write a file into a named pipe beside it, once somebody reads."""
    pipe = path.with_name(f"pipe{path.suffix}")
    os.mkfifo(pipe)

    def feed() -> None:
        data = path.read_bytes()
        with pipe.open("wb") as out:
            try:
                for place in range(0, len(data), 8192):
                    out.write(data[place : place + 8192])
                    time.sleep(pause)
            except BrokenPipeError:
                pass

    feeder = threading.Thread(target=feed)
    feeder.start()
    yield pipe
    feeder.join(20)
    assert not feeder.is_alive()
    pipe.unlink()


def run(path: Path, **options: object) -> Result:
    return annotate_input(Input(path), FakeModel(), Settings(**options))  # type: ignore[arg-type]


def audio_packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def audio_begins(path: Path) -> float:
    with av.open(str(path)) as container:
        first = next(packet for packet in container.demux(audio=0) if packet.size)
        return float((first.pts or 0) * first.time_base)


@pytest.mark.parametrize("ending", [".mkv", ".ts"])
def test_a_video_from_a_pipe_keeps_its_audio(tmp_path: Path, ending: str) -> None:
    source = make(tmp_path / f"source{ending}", Clip(frames=60, audio="aac"))
    with piped(source, pause=0.002) as pipe:
        made = run(pipe, output=tmp_path / "piped")
    whole = run(source, output=tmp_path / "whole")
    assert made.problems == whole.problems == []
    assert made.frames == 60
    assert audio_packets(made.paths[0]) == audio_packets(whole.paths[0])
    assert audio_begins(made.paths[0]) == pytest.approx(audio_begins(whole.paths[0]), abs=1e-3)
    assert len(limner.load(made.paths[2])) == 60


def test_an_mp4_from_a_pipe_is_not_cut_off(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mp4", Clip(frames=30))
    fast = tmp_path / "fast.mp4"
    options = {"movflags": "+faststart"}
    with av.open(str(source)) as old, av.open(str(fast), "w", options=options) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    with piped(fast) as pipe:
        made = run(pipe, output=tmp_path / "piped")
    assert (made.frames, made.problems) == (30, [])


def test_an_mp4_with_its_index_at_the_end(tmp_path: Path) -> None:
    """Longer than what FFmpeg keeps in memory: it cannot go back in a pipe."""

    def noise(number: int, width: int, height: int) -> Image:
        return np.random.default_rng(number).integers(0, 255, (height, width, 3)).astype(np.uint8)

    fast = make(tmp_path / "noise.mp4", Clip(frames=60, audio="aac"), noise)
    source = tmp_path / "last.mp4"
    with av.open(str(fast)) as old, av.open(str(source), "w") as new:
        streams = {stream: new.add_stream_from_template(stream) for stream in old.streams}
        for packet in old.demux():
            if packet.size:
                packet.stream = streams[packet.stream]
                new.mux(packet)
    data = source.read_bytes()
    assert len(data) > 300_000
    assert data.index(b"moov") > data.index(b"mdat")
    with piped(source) as pipe:
        made = run(pipe, output=tmp_path / "piped")
    whole = run(source, output=tmp_path / "whole")
    assert (made.frames, made.problems) == (60, [])
    assert audio_packets(made.paths[0]) == audio_packets(whole.paths[0])


def test_without_video_no_audio_is_kept_in_memory(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mkv", Clip(frames=30, audio="aac"))
    with piped(source) as pipe:
        made = run(pipe, output=tmp_path / "piped", video=False)
    assert made.frames == 30
    with piped(source) as pipe, VideoReader(pipe) as reader:
        assert reader.audio() is None
        assert sum(1 for _ in reader) == 30


def test_a_part_of_a_pipe(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mkv", Clip(frames=60))
    with piped(source) as pipe, VideoReader(pipe, start=0.5, end=1.0) as reader:
        frames = [(frame.index, number_of(frame.image)) for frame in reader]
    assert frames == [(number, number) for number in range(15, 30)]


def test_the_longest_needs_a_second_reading(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mkv", Clip(frames=6))
    with piped(source) as pipe, pytest.raises(UsageError, match="cannot be read twice"):
        run(pipe, output=tmp_path / "piped", person="longest")


def test_closing_ends_a_reading_that_waits(tmp_path: Path) -> None:
    path = tmp_path / "silent"
    os.mkfifo(path)
    pipe = Pipe(path)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read(10)))
    reader.start()
    reader.join(0.3)
    assert reader.is_alive()
    pipe.stop()
    reader.join(5)
    assert read == [b""]
    pipe.close()


def test_nothing_comes_out_of_a_pipe(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mkv"
    empty.touch()
    with piped(empty) as pipe, pytest.raises(InputError, match=r"pipe\.mkv"):
        run(pipe, output=tmp_path / "piped")


def test_standard_input(tmp_path: Path) -> None:
    source = make(tmp_path / "source.mkv", Clip(frames=30, audio="aac"))
    script = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).parents[1])!r}];"
        "from support.people import FakeModel; import limner.cli.run as run;"
        "run.open_model = lambda settings: FakeModel();"
        "import limner.cli; sys.argv[1:] = ['-', '-o', 'made']; limner.cli.main()"
    )
    with subprocess.Popen(["cat", source], stdout=subprocess.PIPE) as cat:  # noqa: S607
        done = subprocess.run(
            [sys.executable, "-c", script],
            stdin=cat.stdout,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert len(limner.load(tmp_path / "made" / "stdin_pose.jsonl")) == 30
    assert len(audio_packets(tmp_path / "made" / "stdin_pose.mp4")) > 20
