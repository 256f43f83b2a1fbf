"""What is found depends on people's size in pixels, not on how much is around them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.core.frame import Frame
from limner.models.topdown.search import Search, Sweep, all_tiles

HALVES = Search((1.0, 0.5), 1280)


def blank(width: int, height: int, time: float = 0.0) -> Frame:
    # All zeros of one place in memory: only the size matters.
    return Frame(np.broadcast_to(np.uint8(0), (height, width, 3)), time=time)


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        ((1280, 720), {1280, 640}),
        ((1920, 1080), {1920, 960}),
        ((2560, 1440), {2560, 1280}),
        ((3840, 2160), {3840, 1920, 1280}),
        ((2160, 3840), {3840, 1920, 1280}),
        ((7680, 4320), {7680, 3840, 1280}),
    ],
)
def test_tiles_grow_no_larger_than_the_finest(size: tuple[int, int], sides: set[int]) -> None:
    assert {round(tile.size) for tile in all_tiles(blank(*size), HALVES)} == sides


def test_a_search_without_a_finest_tile_sees_the_whole_only() -> None:
    assert [tile.size for tile in all_tiles(blank(7680, 4320), Search((1.0,)))] == [7680]


@given(
    st.tuples(st.integers(1300, 9000), st.integers(1300, 9000)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_whoever_is_a_quarter_of_the_finest_tile_is_whole_in_one(
    size: tuple[int, int], place: tuple[float, float]
) -> None:
    side = 0.25 * 1280
    x, y = (side / 2 + at * (length - side) for at, length in zip(place, size, strict=True))
    assert (
        any(
            tile.size <= 1280 + 1e-6
            and abs(tile.x - x) <= (tile.size - side) / 2 + 1e-6
            and abs(tile.y - y) <= (tile.size - side) / 2 + 1e-6
            for tile in all_tiles(blank(*size), HALVES)
        )
        or max(size) / 2 <= 1280
    )


def searched(width: int, height: int, rate: float, seconds: float) -> tuple[Sweep, list[int]]:
    """Return how many tiles are searched in each frame after the first."""
    sweep = Sweep(HALVES)
    frames = round(seconds * rate)
    counts = [
        len(sweep.squares(blank(width, height, number / rate), needed=True))
        for number in range(frames)
    ]
    return sweep, counts[1:]


def test_the_finest_tiles_cost_no_more_in_a_video() -> None:
    _, usual = searched(1920, 1080, 30, 10)
    sweep, large = searched(3840, 2160, 30, 10)
    assert len(sweep.tiles) == 15
    assert sum(large) == sum(usual)
    assert max(large) == max(usual)


def test_where_frames_are_slow_each_is_searched_whole() -> None:
    sweep, counts = searched(3840, 2160, 1, 5)
    assert counts == [len(sweep.tiles)] * 4


def test_tiles_that_are_hardly_finer_are_left_out() -> None:
    search = Search((1.0,), 1280, finer=1.45)
    assert len(all_tiles(blank(1850, 1000), search)) == 1
    assert len(all_tiles(blank(1920, 1080), search)) == 3


def test_every_other_tile_of_a_video_is_a_finest_one() -> None:
    sweep = Sweep(Search((1.0,), 1280, period=0.25))
    assert len(sweep.squares(blank(3840, 2160, 0), needed=True)) == len(sweep.tiles) == 9
    later = [sweep.squares(blank(3840, 2160, n / 30), needed=True) for n in range(1, 122)]
    sides = [round(tile.size) for tiles in later for tile in tiles]
    assert sides == [3840, 1280] * 8  # four tiles a second, as where there are no finest ones
    seen = {(tile.x, tile.y) for tiles in later for tile in tiles if tile.size < 3840}
    assert len(seen) == 8
