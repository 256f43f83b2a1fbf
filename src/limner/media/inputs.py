"""What the user named, as a list of videos and images."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from limner.errors import InputError, LimnerError
from limner.media.images.header import read_header
from limner.media.images.numbered import is_pattern, patterns, series_name
from limner.media.sources.pipe import STANDARD_INPUT

if TYPE_CHECKING:
    from limner.media.sources import Source

Kind = Literal["video", "image"]

_VIDEO = (
    ".3g2 .3gp .asf .avi .dv .f4v .flv .gif .h264 .h265 .hevc .ivf .m2ts .m4v .mjpeg .mjpg .mkv"
    " .mov .mp4 .mpeg .mpg .mts .mxf .nut .obu .ogg .ogv .qt .ts .vob .webm .wmv .y4m"
)
_IMAGE = (
    ".avif .bmp .dib .heic .heif .hif .jfif .jp2 .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif"
    " .tiff .webp"
)
# Images that no library here decodes. Some of them begin as a TIFF does, with a thumbnail.
_OTHER_IMAGE = ".arw .cr2 .cr3 .dng .exr .jxl .jxr .nef .orf .psd .raf .rw2 .svg"
# From how many numbered images on they may be meant as a video.
_SERIES = 5
VIDEO_ENDINGS = frozenset(_VIDEO.split())
IMAGE_ENDINGS = frozenset(_IMAGE.split())
_OTHER_IMAGES = frozenset(_OTHER_IMAGE.split())


@dataclass(frozen=True, slots=True)
class Input:
    """One input to work on.

    Attributes:
        path: the file, or the pattern of numbered images that are one video.
        kind: whether it is a video or a single image.
        called: what its results are called after; None for the file's own name.
        error: why it cannot be used, or None. Raise it when this input's turn comes, so
            that the other inputs are still done.
        source: what reads it, where it is no file; `path` only gives results their names then.
    """

    path: Path
    kind: Kind = "video"
    error: LimnerError | None = None
    called: str | None = None
    source: Source | None = None

    @property
    def stem(self) -> str:
        """What results are named after."""
        if self.called is not None:
            return self.called
        if self.path == STANDARD_INPUT:
            return "stdin"
        return series_name(self.path) if is_pattern(self.path) else self.path.stem


def expand(inputs: Sequence[str], *, sequence: bool = False) -> list[Input]:
    """Turn files, folders and globs into the videos and images they stand for.

    A folder stands for the media directly inside it, a glob for the media that match it,
    both in natural order (2 before 10). A file named twice is done once.

    Args:
        inputs: paths and globs as the user gave them; ``-`` is standard input. A pattern such
            as ``img_%04d.png`` stands for the video that numbered images make.
        sequence: whether all numbered images make videos.

    Returns:
        One source per file, in the order given. An input that cannot be used is in the
        list too, with the reason in `Input.error`.
    """
    sources: dict[Path, Input] = {}
    for text in inputs:
        for source in _expand_one(text):
            sources.setdefault(source.path, source)
    return _in_sequence(list(sources.values())) if sequence else list(sources.values())


def numbered_images(inputs: Sequence[Input]) -> dict[Path, int]:
    """Return the patterns that several images of a list fall under, with their numbers."""
    series, _ = patterns(_images(inputs))
    return {pattern: len(files) for pattern, files in series.items() if len(files) >= _SERIES}


def kind_of(path: Path) -> Kind | None:
    """Return what a file is: by its ending, else by its content; None for neither.

    An image file that holds several images which follow each other, such as an animated PNG
    or a TIFF stack, is a video.
    """
    ending = path.suffix.lower()
    if ending in VIDEO_ENDINGS:
        return "video"
    if ending in _OTHER_IMAGES:
        return None
    try:
        header = read_header(path)
    except InputError:
        # Reading it will say what is wrong with it.
        return "image"
    if header is not None:
        return "video" if header.moving or header.format == "GIF" else "image"
    return "image" if ending in IMAGE_ENDINGS else _kind_by_content(path)


def _images(inputs: Sequence[Input]) -> list[Path]:
    return [each.path for each in inputs if each.kind == "image" and each.error is None]


def _in_sequence(inputs: list[Input]) -> list[Input]:
    """Put the patterns of numbered images in the place of their first."""
    series, others = patterns(_images(inputs))
    pattern_of = {path: pattern for pattern, members in series.items() for path in members}
    result: dict[Path, Input] = {}
    for each in inputs:
        path = pattern_of.get(each.path, each.path)
        if each.error is None and each.kind == "video" and not _states_no_times(path):
            reason = (
                f"{path}: --sequence takes numbered images or a TIFF stack, got a video, which has "
                "times of its own; --input-rate states at which rate a video was taken"
            )
            each = Input(path, error=InputError(reason))
        elif each.path in others:
            reason = f"{path}: --sequence takes numbered images, such as img_0001.png"
            each = Input(path, error=InputError(reason))
        result.setdefault(path, each if path == each.path else Input(path))
    return list(result.values())


def _states_no_times(path: Path) -> bool:
    """Say whether a video is one of images that somebody must state a rate for."""
    if is_pattern(path):
        return True
    with suppress(InputError):
        header = read_header(path) if path.is_file() else None
        return header is not None and header.format == "TIFF"
    return False


def _expand_one(text: str) -> list[Input]:
    path = _path(text)
    if path == STANDARD_INPUT:
        return [Input(path)]
    reason = f"{text}: no such file or folder"
    found: list[Input] = []
    try:
        if path.is_dir():
            found = _media(path.iterdir())
            reason = f"{text}: this folder has no video or image directly inside it"
        elif path.exists():
            found = [_file(path)]
        elif is_pattern(path):
            found = [Input(path)]
        elif glob.has_magic(text):
            found = _media(Path(match) for match in glob.glob(_pattern(path), recursive=True))
            reason = f"{text}: no video or image matches this pattern"
    except OSError as error:
        # The folder is closed, the name is longer than the system takes, a disk is gone, ...
        reason = f"{text}: cannot be read: {error.strerror or error}"
    return found or [Input(path, error=InputError(reason))]


def _path(text: str) -> Path:
    """Return the path that somebody typed; a name that is there stands for itself."""
    path = Path(text)
    if path == STANDARD_INPUT and text != str(STANDARD_INPUT):
        return path.absolute()
    if text.startswith("~") and not os.path.lexists(path):
        with suppress(RuntimeError):  # there is no such user
            return path.expanduser()
    return path


def _pattern(path: Path) -> str:
    """Return a pattern in which the folders that are there stand for themselves.

    Their names may have brackets, which are a choice of characters in a pattern.
    """
    folder, left = Path(), list(path.parts)
    while len(left) > 1 and os.path.isdir(folder / left[0]):
        folder /= left.pop(0)
    return os.path.join(glob.escape(str(folder)), *left)


def _file(path: Path) -> Input:
    if not path.is_file():
        # A pipe or a device: only reading tells what it holds.
        return Input(path)
    try:
        empty = path.stat().st_size == 0
        kind = None if empty else kind_of(path)
    except OSError as error:
        return Input(path, error=InputError(f"{path}: cannot be read: {error.strerror}"))
    if empty:
        return Input(path, error=InputError(f"{path}: the file is empty (0 bytes)"))
    if path.suffix.lower() in _OTHER_IMAGES:
        return Input(
            path,
            error=InputError(
                f"{path}: images of this kind cannot be read; expected one such as .jpg, .png, "
                f".tif or .heic, got {path.suffix}; convert it first"
            ),
        )
    if kind is None:
        return Input(path, error=InputError(f"{path}: this is neither a video nor an image"))
    return Input(path, kind)


def _media(paths: Iterable[Path]) -> list[Input]:
    """Return the media among files, by their endings, in natural order."""
    endings = VIDEO_ENDINGS | IMAGE_ENDINGS | _OTHER_IMAGES
    return [
        _file(path)
        for path in sorted(paths, key=_natural)
        if path.suffix.lower() in endings and not path.name.startswith(".") and path.is_file()
    ]


def _natural(path: Path) -> list[tuple[int, str]]:
    """Return a sort key under which clip2 comes before clip10."""
    parts = re.split(r"(\d+)", str(path).lower())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _kind_by_content(path: Path) -> Kind | None:
    from limner.media.container import open_container

    try:
        with open_container(path) as container:
            # FFmpeg takes single images, of kinds that limner does not read, for videos.
            image = container.format.name.endswith("_pipe")
            return "video" if container.streams.video and not image else None
    except InputError:
        return None
