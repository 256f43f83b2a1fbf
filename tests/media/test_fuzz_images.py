"""Any image file is read, or refused in a sentence, however damaged it is.

A short run is part of the tests. For a long one:

    LIMNER_FUZZ_EXAMPLES=1000000 pytest --timeout=0 tests/media/test_fuzz_images.py

What ends the process, in a decoder's own code, is left in the folder for temporary files.
"""

from __future__ import annotations

import os
import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from limner.errors import LimnerError
from limner.media.inputs import expand
from limner.media.probe import probe
from limner.media.sources import open_source
from support.clips import picture

EXAMPLES = int(os.environ.get("LIMNER_FUZZ_EXAMPLES", "150"))

PNG = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS = 1_000_000
ODD_NUMBERS = [0, 1, 2, 3, 127, 128, 255, 256, 32767, 32768, 65535, 2**31 - 1, 2**31, 2**32 - 1]


@cache
def seeds() -> dict[str, bytes]:
    """Return small images of every kind, by a name with an ending."""
    import pillow_heif

    pixels = picture(3, 64, 48)
    grey = pixels[..., 0]
    image = Image.fromarray(pixels)
    others = [Image.fromarray(255 - pixels), image]
    exif = Image.Exif()
    exif[0x0112] = 6

    def saved(image_format: str, source: Image.Image = image, **options: Any) -> bytes:
        file = BytesIO()
        source.save(file, image_format, **options)
        return file.getvalue()

    def written(ending: str, values: np.ndarray, *options: int) -> bytes:
        done, data = cv2.imencode(ending, values, options)
        assert done
        return data.tobytes()

    moving: dict[str, Any] = {"save_all": True, "append_images": others, "duration": 40}
    heic = BytesIO()
    pillow_heif.from_pillow(image).save(heic, quality=50, exif=exif.tobytes())
    done, stack = cv2.imencodemulti(".tif", [grey.astype(np.uint16) * 16] * 3)
    assert done
    return {
        "a.png": saved("PNG", exif=exif),
        "palette.png": saved("PNG", image.convert("P")),
        "16.png": written(".png", grey.astype(np.uint16) * 16),
        "moving.png": saved("PNG", **moving),
        "a.jpg": saved("JPEG", exif=exif),
        "progressive.jpg": saved("JPEG", progressive=True),
        "cmyk.jpg": saved("JPEG", image.convert("CMYK")),
        "a.tif": saved("TIFF", exif=exif),
        "lzw.tif": saved("TIFF", compression="tiff_lzw"),
        "jpeg.tif": saved("TIFF", compression="jpeg"),
        "float.tif": written(".tif", pixels.astype(np.float32) / 255),
        "whole.tif": written(".tif", grey.astype(np.int32) * 1000),
        "stack.tif": stack.tobytes(),
        "a.webp": saved("WEBP", exif=exif),
        "lossless.webp": saved("WEBP", lossless=True),
        "moving.webp": saved("WEBP", **moving),
        "moving.gif": saved("GIF", **moving),
        "a.avif": saved("AVIF", speed=10),
        "moving.avif": saved("AVIF", speed=10, **moving),
        "a.heic": heic.getvalue(),
        "a.bmp": saved("BMP"),
        "a.ppm": saved("PPM"),
        "plain.pgm": written(".pgm", grey, cv2.IMWRITE_PXM_BINARY, 0),
        "a.jp2": saved("JPEG2000"),
    }


def mutated(content: bytes, random: Random) -> bytes:
    """Return an image with a few things wrong in it."""
    data = bytearray(content)
    for _ in range(random.choice([1, 1, 2, 4, 16])):
        # Headers, where most can go wrong, lie at the beginning, those of TIFF at the end.
        most = random.choice([16, 64, 400, len(data)])
        at = random.randrange(min(most, len(data))) if data else 0
        if random.random() < 0.2:
            at = max(0, len(data) - 1 - at)
        what = random.randrange(8)
        if what == 0 and data:
            data[at] ^= 1 << random.randrange(8)
        elif what == 1 and data:
            data[at] = random.choice([0, 1, 127, 128, 255, random.randrange(256)])
        elif what in (2, 3):
            layout = random.choice("<>") + random.choice("HIQ")
            number = random.choice(ODD_NUMBERS) % 2 ** (8 * struct.calcsize(layout))
            data[at : at + struct.calcsize(layout)] = struct.pack(layout, number)
        elif what == 4:
            del data[at : at + random.choice([1, 2, 4, 100])]
        elif what == 5:
            data[at:at] = random.randbytes(random.choice([1, 2, 4, 100]))
        elif what == 6:
            begin = random.randrange(len(data) + 1)
            data[at:at] = data[begin : begin + random.choice([4, 12, 200])]
        elif random.random() < 0.5:
            del data[random.randrange(len(data) + 1) :]
    if content.startswith(PNG) and random.random() < 0.7:
        _mend_checksums(data)
    return bytes(data)


def _mend_checksums(data: bytearray) -> None:
    """Let a PNG's chunks pass the check that would keep most changes from being looked at."""
    at = len(PNG)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            return
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4


def use(path: Path) -> None:
    """Do with a file what limner does with images."""
    for source in expand([str(path)]):
        if source.error is not None:
            raise source.error
        with open_source(source.path, max_pixels=MOST_PIXELS) as opened:
            for frame in islice(opened, 8):
                assert frame.image.dtype == np.uint8
                assert frame.image.shape == (opened.input.height, opened.input.width, 3)
                assert frame.width * frame.height <= MOST_PIXELS
                # It is drawn on.
                frame.layers()[0].pixels[:1] = 0
        for problem in opened.problems:
            assert "\n" not in problem
            assert problem.startswith(str(path))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(sorted(seeds())), seed=st.integers(0, 2**63))
def test_whatever_it_holds(name: str, seed: int) -> None:
    with TemporaryDirectory(prefix="limner-fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(mutated(seeds()[name], Random(seed)))
        for job in (use, probe):
            try:
                job(path)
            except LimnerError as problem:
                told = str(problem)
                assert told.startswith(folder)
                assert "\n" not in told


def test_the_seeds_are_read() -> None:
    with TemporaryDirectory() as folder:
        for name, content in seeds().items():
            path = Path(folder) / name
            path.write_bytes(content)
            use(path)
