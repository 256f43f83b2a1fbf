"""Images as phones, cameras of laboratories and broken downloads leave them."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from limner.core.arrays import Image as Pixels
from limner.errors import InputError
from limner.media.image import load_image, read_image
from limner.media.images.decode import is_cut_off
from limner.media.images.tiff import pages
from limner.media.inputs import expand
from limner.media.probe import probe
from limner.media.sources import open_source
from support.clips import picture, white_corner

FULL = picture(3, 160, 96)


def saved(image_format: str, pixels: Pixels = FULL, **options: Any) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, image_format, **options)
    return file.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.fixture
def heic(tmp_path: Path) -> Path:
    """A photo of a phone, stored lying and turned upright by its EXIF orientation."""
    import pillow_heif

    path = tmp_path / "IMG_0001.HEIC"
    image = pillow_heif.from_pillow(Image.fromarray(FULL))
    image.save(path, quality=95, exif=turned(6).tobytes())
    return path


def test_photos_of_phones_are_images(heic: Path) -> None:
    for name in ("IMG_0001.HEIC", "renamed.jpg", "without_ending"):
        path = heic.rename(heic.with_name(name))
        heic = path
        (source,) = expand([str(path)])
        assert (source.kind, source.error) == ("image", None)
        frame = read_image(path)
        assert frame.image.shape == (160, 96, 3)
        assert white_corner(frame.image) == "top right"
        expected = np.rot90(FULL, -1)
        assert np.abs(frame.image.astype(int) - expected).mean() < 6
        assert (probe(path).kind, probe(path).width) == ("image", 96)


def test_folders_list_photos_of_phones(heic: Path) -> None:
    for name in ("raw.DNG", "new.jxl"):
        (heic.parent / name).write_bytes(b"II*\0")
    listed = expand([str(heic.parent)])
    assert [source.path.name for source in listed] == ["IMG_0001.HEIC", "new.jxl", "raw.DNG"]
    assert listed[0].error is None
    for source in listed[1:]:
        assert "images of this kind cannot be read" in str(source.error)


def test_damaged_photos_of_phones_are_refused(heic: Path) -> None:
    content = heic.read_bytes()
    for length in (40, 300, len(content) // 2):
        heic.write_bytes(content[:length])
        with pytest.raises(InputError, match="not an image that can be read"):
            read_image(heic)


def test_an_item_without_a_type_does_not_end_the_process(heic: Path) -> None:
    content = heic.read_bytes()
    assert content.count(b"Exif", 0, 600) == 1
    for kind in (b"Exi\x80", b"\xff\x7fxi", b"E\xf8if"):
        heic.write_bytes(content.replace(b"Exif", kind, 1))
        with pytest.raises(InputError, match="not an image that can be read"):
            read_image(heic)


def test_avif_is_turned_upright(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    path.write_bytes(saved("AVIF", quality=95, exif=turned(6)))
    frame = read_image(path)
    assert frame.image.shape == (160, 96, 3)
    assert white_corner(frame.image) == "top right"
    assert read_image(path, upright=False).image.shape == (96, 160, 3)


@pytest.mark.parametrize("ending", [".png", ".tif"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_cameras_of_any_width_fill_8_bits(
    tmp_path: Path, bits: int, channels: int, ending: str
) -> None:
    ramp = np.tile(np.linspace(0, 1, 96), (40, 1))
    ramp = ramp if channels == 1 else np.repeat(ramp[..., None], 3, axis=2)
    path = tmp_path / f"a{ending}"
    cv2.imwrite(str(path), np.round(ramp * (2**bits - 1)).astype(np.uint16))
    frame, problems = load_image(path)
    expected = ramp * 255 if channels == 3 else np.repeat(ramp[..., None] * 255, 3, axis=2)
    assert np.abs(frame.image - expected).max() <= 1
    # Sixteen bits that are all in use are plain.
    assert len(problems) == (bits != 16)
    if problems:
        assert problems[0].endswith(f"0 is taken for black and {2**bits - 1} for white")


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (0, 1, np.float32),
        (0, 255, np.float64),
        (0, 65535, np.float32),
        (-1000, 3000, np.int16),
        (-1, 1, np.float32),
        (0, 1e6, np.int32),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_measured_values(tmp_path: Path, low: float, high: float, kind: Any, channels: int) -> None:
    ramp = np.tile(np.linspace(0, 1, 96), (40, 1))
    values = (low + ramp * (high - low)).astype(kind)
    if channels == 3:
        values = np.dstack([values] * 3)
    path = tmp_path / "a.tiff"
    if not cv2.imwrite(str(path), values):
        pytest.skip("this OpenCV does not write such files")
    frame = read_image(path)
    assert frame.image.shape == (40, 96, 3)
    assert np.abs(frame.image - ramp[..., None] * 255).max() <= 1


def test_what_is_no_number_is_black(tmp_path: Path) -> None:
    values = np.full((4, 6), 0.5, np.float32)
    values[0, 0], values[0, 1], values[3, 5] = np.nan, -np.inf, np.inf
    cv2.imwrite(str(tmp_path / "a.tif"), values)
    image = read_image(tmp_path / "a.tif").image[..., 0]
    assert (image[0, 0], image[0, 1], image[3, 5], image[2, 2]) == (0, 0, 255, 128)


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF", "BMP", "PPM"])
def test_most_of_an_image(tmp_path: Path, image_format: str) -> None:
    content = saved(image_format, picture(3, 640, 480))
    whole, path = tmp_path / "whole", tmp_path / "cut"
    whole.write_bytes(content)
    expected = read_image(whole).image
    path.write_bytes(content[: len(content) * 4 // 5])
    frame, problems = load_image(path)
    (problem,) = problems
    assert "damaged or cut off" in problem
    read = int(problem.split("%")[0].split()[-1]) / 100
    assert 0.5 < read < 0.95
    same = (frame.image == expected).all(axis=(1, 2))
    assert same.mean() == pytest.approx(read, abs=0.06)
    path.write_bytes(content[: len(content) // 5])
    with pytest.raises(InputError, match=r"cut off; only \d+% of its rows|cannot|not an image"):
        read_image(path)


def test_half_a_progressive_jpeg_is_all_of_it_but_coarser(tmp_path: Path) -> None:
    content = saved("JPEG", picture(3, 640, 480), progressive=True, quality=95)
    path = tmp_path / "a.jpg"
    path.write_bytes(content[: len(content) * 2 // 3])
    frame, problems = load_image(path)
    assert "damaged or cut off" in problems[0]
    assert np.abs(frame.image.astype(int) - picture(3, 640, 480)).mean() < 12


def test_a_length_that_is_not_there_takes_no_memory(tmp_path: Path) -> None:
    content = saved("PNG")
    at = content.index(b"IDAT")
    path = tmp_path / "a.png"
    path.write_bytes(content[: at - 4] + (2**31 - 2).to_bytes(4, "big") + content[at:])
    assert is_cut_off(path.read_bytes())
    assert not is_cut_off(content)
    assert not is_cut_off(content + b"left over")
    frame, problems = load_image(path)
    assert "damaged or cut off" in problems[0]
    assert np.array_equal(frame.image, FULL)


def test_images_that_would_fill_the_memory(tmp_path: Path) -> None:
    for image_format in ("PNG", "TIFF", "BMP", "WEBP", "GIF"):
        path = tmp_path / "a"
        path.write_bytes(saved(image_format))
        with pytest.raises(InputError, match=r"up to 0.01 million pixels, got 160x96"):
            read_image(path, max_pixels=10_000)
        assert read_image(path, max_pixels=160 * 96).width == 160


def test_a_size_that_is_stated_twice_is_the_larger(tmp_path: Path) -> None:
    content = bytearray(saved("TIFF"))
    (first,) = struct.unpack_from("<I", content, 4)
    width = content[first + 2 : first + 14]
    assert struct.unpack("<HHII", width) == (256, 4, 1, 160)
    # In the place of the entry that follows, there is a width once more.
    content[first + 14 : first + 26] = width[:8] + struct.pack("<I", 3)
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with path.open("rb") as file:
        assert list(pages(file)) == []
    height = struct.pack("<HHII", 257, 3, 1, 60000)
    content[first + 26 : first + 38] = height
    path.write_bytes(content)
    with path.open("rb") as file:
        assert [(page.width, page.height) for page in pages(file)] == [(160, 60000)]


@pytest.mark.parametrize("big", [False, True])
def test_pages_of_both_kinds_of_tiff(tmp_path: Path, big: bool) -> None:
    path = tmp_path / "a.tif"
    images = [Image.fromarray(picture(n, 160, 96)) for n in range(3)]
    images[0].save(path, save_all=True, append_images=images[1:], big_tiff=big)
    with path.open("rb") as file:
        assert [(page.width, page.height, page.reduced) for page in pages(file)] == [
            (160, 96, False)
        ] * 3
    with open_source(path) as source:
        for number, frame in enumerate(source):
            assert np.array_equal(frame.image, picture(number, 160, 96))
    path.write_bytes(path.read_bytes()[:12])
    with path.open("rb") as file:
        assert list(pages(file)) == []
    with pytest.raises(InputError, match="not an image that can be read"):
        read_image(path)
