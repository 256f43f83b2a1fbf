"""An image has one number and one time, also in damaged files whose times step back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from limner.media.read import VideoReader
from support.clips import Clip, make, noisy

STEP = 3000
# What becomes of the time of the packet with a number, of its time and its time of decoding.
DAMAGE: dict[str, Callable[[int, int, int], int]] = {
    "one_jumps.mkv": lambda number, shown, decoded: shown + 27 * STEP * (number == 13),
    "order_of_decoding.mp4": lambda number, shown, decoded: (
        decoded + 2 * STEP if number > 8 else shown
    ),
}


@pytest.fixture(scope="module", params=sorted(DAMAGE))
def damaged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("back")
    whole = make(folder / "whole.mp4", Clip(frames=48, options=(("g", "10"), ("bf", "2"))), noisy)
    path: Path = folder / request.param
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for number, packet in enumerate(source.demux(video=0)):
            if packet.pts is not None and packet.dts is not None:
                packet.pts = DAMAGE[request.param](number, packet.pts, packet.dts)
                packet.stream = stream
                target.mux(packet)
    return path


def seen(path: Path, **options: Any) -> list[tuple[int, float, bytes]]:
    with VideoReader(path, **options) as reader:
        return [(each.index, each.time, each.image.tobytes()) for each in reader]


def test_every_start_gives_the_same(damaged: Path) -> None:
    whole = seen(damaged)
    for start in [each / 20 for each in range(1, 28)]:
        expected = [each for each in whole if each[1] >= start - 1e-6]
        assert seen(damaged, start=start) == expected, start


def test_no_image_is_counted_twice(damaged: Path) -> None:
    numbers = [number for number, _, _ in seen(damaged)]
    assert numbers == list(range(48))
