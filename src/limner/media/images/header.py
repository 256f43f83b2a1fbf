"""What an image file says of itself, read without decoding it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from limner.errors import InputError
from limner.media.images.heif import open_heif
from limner.media.images.tiff import pages

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# The largest camera of a phone makes images of 16320x12240.
MAX_PIXELS = 200_000_000

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x4f\xff\x51": "JPEG2000",
    **{b"P%d" % number: "PPM" for number in range(1, 7)},
}
_PILLOW = {
    "PNG": "Png",
    "JPEG": "Jpeg",
    "GIF": "Gif",
    "BMP": "Bmp",
    "TIFF": "Tiff",
    "JPEG2000": "Jpeg2K",
    "PPM": "Ppm",
    "WEBP": "WebP",
    "AVIF": "Avif",
}
# ISO/IEC 23008-12 (HEIF) with the brands of its HEVC images; AVIF is the same with AV1.
_HEIF = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"))
_AVIF = frozenset((b"avif", b"avis"))


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What an image file says of itself.

    Attributes:
        format: PNG, JPEG, TIFF, WEBP, GIF, AVIF, HEIF, BMP, PPM or JPEG2000.
        width, height: pixels as they are stored.
        moving: whether it holds several images that follow each other: an animation, or the
            pages of a TIFF stack.
    """

    format: str
    width: int
    height: int
    moving: bool = False


def read_header(path: Path) -> ImageHeader | None:
    """Read what an image file says of itself.

    Args:
        path: the file.

    Returns:
        What it says; None where it is no image of the formats that limner reads.

    Raises:
        InputError: it begins as an image does but is damaged, or cannot be opened.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
            if not start:
                raise InputError(f"{path}: the file is empty (0 bytes)")
            image_format = format_of(start)
            if image_format is None:
                return None
            file.seek(0)
            header = _read(image_format, file)
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except Exception as error:
        # Parsers raise whatever damaged bytes lead them to.
        raise damaged(path, error) from error
    if header.width < 1 or header.height < 1:
        raise InputError(f"{path}: this image is damaged: it states a size of 0 pixels")
    return header


def format_of(start: bytes) -> str | None:
    """Return the format of an image file that begins with these 64 bytes; None for no image."""
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[4:8] == b"ftyp":
        size = int.from_bytes(start[:4], "big")
        brands = {start[at : at + 4] for at in range(8, min(size, len(start)), 4)}
        if brands & _AVIF:
            return "AVIF"
        return "HEIF" if start[8:12] in _HEIF else None
    return next((name for magic, name in _SIGNATURES.items() if start.startswith(magic)), None)


def check_size(path: Path, width: int, height: int, max_pixels: int) -> None:
    """See that images of a size may be decoded.

    Raises:
        InputError: they are larger than is allowed.
    """
    if width * height > max_pixels:
        raise InputError(
            f"{path}: expected images of up to {max_pixels / 1e6:g} million pixels, got "
            f"{width}x{height} ({width * height / 1e6:.0f} million), which may take all the "
            "memory there is; --max-megapixels allows more"
        )


def damaged(path: Path, error: Exception | None = None) -> InputError:
    """Return what to raise for an image that cannot be read, because of a library's error."""
    if isinstance(error, OSError) and error.errno:
        return InputError(f"{path}: cannot be read: {error.strerror}")
    if isinstance(error, MemoryError):
        return InputError(f"{path}: there is not enough memory for this image")
    return InputError(
        f"{path}: this is not an image that can be read; it is damaged or of another kind"
    )


def open_in_pillow(image_format: str, file: BinaryIO) -> ImageFile:
    """Open an image in Pillow, which reads its header only.

    The class of the format is used as it is: `PIL.Image.open` has a limit of pixels that only
    a variable of the whole process can change.

    Args:
        image_format: as `ImageHeader` calls it.
        file: must stay open while the image is used.

    Raises:
        Exception: whatever damaged bytes lead to.
    """
    name = _PILLOW[image_format]
    opener: Any = getattr(import_module(f"PIL.{name}ImagePlugin"), f"{name}ImageFile")
    with no_warnings():
        image: ImageFile = opener(file)
    return image


@contextmanager
def no_warnings() -> Iterator[None]:
    """Keep back what Pillow warns of: limner says itself what is wrong with a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _read(image_format: str, file: BinaryIO) -> ImageHeader:
    if image_format == "HEIF":
        return ImageHeader("HEIF", *open_heif(file.read()).size)
    if image_format == "TIFF":
        # Pillow does not open all kinds of pixels that measuring cameras store.
        first, *others = list(islice((page for page in pages(file) if not page.reduced), 2))
        return ImageHeader("TIFF", first.width, first.height, moving=bool(others))
    with open_in_pillow(image_format, file) as image:
        # A PNG's first image may stand for the animation where that is not shown.
        count = getattr(image, "n_frames", 1) - bool(image.info.get("default_image"))
        return ImageHeader(image_format, *image.size, moving=count > 1)
