"""HDR is mapped to standard range as the standards say, by tables that are close to exact."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from limner.core.arrays import Image
from limner.media import hdr
from limner.media.hdr import HLG, PQ, ToStandard
from limner.media.read import VideoReader
from support.clips import Clip, make, number_of


def frame(y: int, u: int, v: int, size: tuple[int, int] = (32, 16)) -> av.VideoFrame:
    image = av.VideoFrame(*size, "yuv420p10le")
    image.pts, image.time_base = 0, Fraction(1, 30)
    for plane, value in zip(image.planes, (y, u, v), strict=True):
        hdr._pixels(plane, np.uint16)[:] = value
    return image


def pixel(image: av.VideoFrame) -> list[int]:
    planes: list[Image] = [hdr._pixels(plane, np.uint8) for plane in image.planes]
    assert all((plane == plane[0, 0]).all() for plane in planes)
    return [int(plane[0, 0]) for plane in planes]


@pytest.mark.parametrize(
    ("transfer", "luma", "expected"),
    [
        # Black, and white at 1000 cd/m2; 50 cd/m2 is a quarter of white (BT.2408: 75 % HLG and
        # 58 % PQ are white at 203 cd/m2, which keeps room for what is brighter).
        (HLG, 64, 16),
        (HLG, 940, 235),
        (HLG, 502, 16 + 219 * (50 / 203) ** (1 / 2.4)),
        (PQ, 64, 16),
        (PQ, 64 + 876 * 0.7518, 235),
        (PQ, 64 + 876 * 0.44028, 16 + 219 * (50 / 203) ** (1 / 2.4)),
    ],
)
def test_greys(transfer: int, luma: float, expected: float) -> None:
    converted = pixel(ToStandard(transfer, False)(frame(round(luma), 512, 512)))
    assert converted == [pytest.approx(expected, abs=1), 128, 128]


@pytest.mark.parametrize("transfer", [HLG, PQ])
@pytest.mark.parametrize("full_range", [False, True])
def test_tables_are_close_to_exact(transfer: int, full_range: bool) -> None:
    convert = ToStandard(transfer, full_range)
    colors = np.random.default_rng(0).integers((250, 420, 420), (600, 600, 600), (200, 3))
    exact = hdr._standard(colors, transfer, full_range).astype(int)
    tables = np.array([pixel(convert(frame(*color))) for color in colors.tolist()])
    error = np.abs(tables - exact)
    # These are colours of all strengths: of most scenes' the error is smaller.
    assert error.mean() < 2.5
    assert np.percentile(error, 95) <= 8


@pytest.mark.parametrize("transfer", [HLG, PQ])
def test_brighter_stays_brighter(transfer: int) -> None:
    table = ToStandard(transfer, False)._luma[64:941].astype(int)
    assert (np.diff(table) >= 0).all()
    assert (table[0], table[-1]) == (16, 235)


@pytest.mark.parametrize("size", [(160, 96), (161, 97)])
@pytest.mark.parametrize("kind", ["yuv420p10le", "yuv422p10le", "yuv444p12le"])
def test_videos(tmp_path: Path, size: tuple[int, int], kind: str) -> None:
    width, height = size
    path = make(tmp_path / "a.mkv", Clip("ffv1", kind, width, height, frames=6, transfer=HLG))
    with VideoReader(path) as reader:
        frames = list(reader)
    assert [number_of(each.image) for each in frames] == list(range(6))
    assert {(each.width, each.height) for each in frames} == {size}
    assert {(each.decoded.colorspace, each.decoded.color_trc) for each in frames} == {(1, 1)}
