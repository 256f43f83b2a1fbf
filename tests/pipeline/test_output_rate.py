"""Another frame rate for the annotated video: slower or faster, every frame as long."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from limner.errors import UsageError
from limner.media.inputs import expand
from limner.media.read import VideoReader
from limner.pipeline.annotate import annotate_input
from limner.pipeline.result import Result
from limner.settings import Settings
from support.cli_run import Limner
from support.clips import Clip, make, number_of
from support.people import FakeModel


def run(path: Path, **options: Any) -> Result:
    (source,) = expand([str(path)])
    return annotate_input(source, FakeModel(), Settings(**options))


def times(path: Path) -> list[float]:
    with VideoReader(path) as reader:
        return [frame.time for frame in reader]


def sounds(path: Path) -> int:
    with av.open(str(path)) as container:
        return len(container.streams.audio)


@pytest.mark.parametrize("rate", [10, 12.5, Fraction(30000, 1001), 59.94, 240])
@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi"])
def test_it_plays_at_the_rate(clip: Path, rate: Fraction | float, ending: str) -> None:
    made = run(clip, output=Path(f"slow.{ending}"), output_rate=rate)
    with VideoReader(made.paths[0]) as reader:
        frames = [(number_of(frame.image), frame.time) for frame in reader]
    assert [number for number, _ in frames] == list(range(30))
    expected = [number / float(rate) for number in range(30)]
    assert [time for _, time in frames] == pytest.approx(expected, abs=2e-3)
    assert sounds(made.paths[0]) == 0


def test_the_numbers_keep_their_times(clip: Path) -> None:
    made = run(clip, output_rate=10)
    lines = [json.loads(line) for line in made.paths[2].read_text().splitlines()][1:-1]
    assert [line["time"] for line in lines] == pytest.approx([n / 30 for n in range(30)], abs=1e-4)


def test_a_video_of_uneven_times_becomes_even(tmp_path: Path) -> None:
    source = make(
        tmp_path / "uneven.mp4", Clip(frames=6, ticks=[0, 3000, 4000, 9000, 90000, 93003])
    )
    made = run(source, output_rate=25)
    assert times(made.paths[0]) == pytest.approx([n / 25 for n in range(6)], abs=1e-3)


def test_it_says_that_the_sound_is_left_out(clip: Path) -> None:
    made = run(clip, output_rate=15)
    assert made.problems == [
        "walk.mp4: the audio is left out, because at 15 frames per second it would not fit the "
        "image any more"
    ]
    assert run(clip, output_rate=15, audio=False, overwrite=True).problems == []
    assert run(clip, output_rate=15, video=False, overwrite=True).problems == []


def test_the_sources_own_rate_changes_nothing(clip: Path) -> None:
    made = run(clip, output_rate=30)
    assert made.problems == []
    assert sounds(made.paths[0]) == 1
    assert times(made.paths[0]) == pytest.approx(times(clip), abs=1e-3)


def test_a_part_begins_at_nothing(clip: Path) -> None:
    made = run(clip, output_rate=10, start=0.5)
    assert times(made.paths[0])[:2] == pytest.approx([0, 0.1], abs=1e-3)


@pytest.mark.parametrize("rate", [0, -5, 1001, float("nan"), float("inf")])
def test_a_rate_nothing_plays_at(rate: float) -> None:
    with pytest.raises(UsageError, match=r"output-rate: expected more than 0 and at most 1000"):
        Settings(output_rate=rate)


def test_the_command_line(fake: Limner, clip: Path) -> None:
    assert fake(clip, "--output-rate", "30000/1001").code == 0
    assert fake.settings[-1].output_rate == Fraction(30000, 1001)
    for text in ("fast", "1/0", ""):
        refused = fake(clip, "--output-rate", text)
        assert refused.code == 2
        assert "output-rate: expected frames per second such as 25" in refused.err
