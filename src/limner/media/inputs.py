"""What the user named, as a list of videos and images."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from limner.errors import InputError, LimnerError
from limner.media.sources.pipe import STANDARD_INPUT

Kind = Literal["video", "image"]

_VIDEO = (
    ".3g2 .3gp .asf .avi .dv .f4v .flv .gif .h264 .h265 .hevc .ivf .m2ts .m4v .mjpeg .mjpg .mkv"
    " .mov .mp4 .mpeg .mpg .mts .mxf .nut .obu .ogg .ogv .qt .ts .vob .webm .wmv .y4m"
)
_IMAGE = ".avif .bmp .dib .jp2 .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp"
VIDEO_ENDINGS = frozenset(_VIDEO.split())
IMAGE_ENDINGS = frozenset(_IMAGE.split())


@dataclass(frozen=True, slots=True)
class Input:
    """One input to work on.

    Attributes:
        path: the file.
        kind: whether it is a video or a single image.
        label: what its results are called after; None for the file's own name.
        error: why it cannot be used, or None. Raise it when this input's turn comes, so
            that the other inputs are still done.
    """

    path: Path
    kind: Kind = "video"
    error: LimnerError | None = None
    label: str | None = None


def expand(inputs: Sequence[str]) -> list[Input]:
    """Turn files, folders and globs into the videos and images they stand for.

    A folder stands for the media directly inside it, a glob for the media that match it,
    both in natural order (2 before 10). A file named twice is done once.

    Args:
        inputs: paths and globs as the user gave them; ``-`` is standard input.

    Returns:
        One source per file, in the order given. An input that cannot be used is in the
        list too, with the reason in `Input.error`.
    """
    sources: dict[Path, Input] = {}
    for text in inputs:
        for source in _expand_one(text):
            sources.setdefault(source.path, source)
    return list(sources.values())


def kind_of(path: Path) -> Kind | None:
    """Return what a file is: by its ending, else by its content; None for neither."""
    ending = path.suffix.lower()
    if ending in VIDEO_ENDINGS:
        return "video"
    if ending in IMAGE_ENDINGS:
        return "image"
    return _kind_by_content(path)


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
    if kind is None:
        return Input(path, error=InputError(f"{path}: this is neither a video nor an image"))
    return Input(path, kind)


def _media(paths: Iterable[Path]) -> list[Input]:
    """Return the media among files, by their endings, in natural order."""
    endings = VIDEO_ENDINGS | IMAGE_ENDINGS
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
    import cv2

    from limner.media.container import open_container

    # As bytes, because not every name is UTF-8; OpenCV's types know only text.
    if cv2.haveImageReader(os.fsencode(path)):  # type: ignore[arg-type]
        return "image"
    try:
        with open_container(path) as container:
            return "video" if container.streams.video else None
    except InputError:
        return None
