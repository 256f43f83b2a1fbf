"""Take single files out of wheels, source archives and npm's tarballs.

Nothing is unpacked to where an archive says: what is wanted is copied to where we say.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from limner.errors import DownloadError

_ZIP = (".whl", ".zip")
# What the standard library raises for archives that are damaged or of another kind.
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Wanted:
    """A file to take out of an archive.

    Attributes:
        path: its path there.
        size: bytes that it has.
        target: where to write it.
    """

    path: str
    size: int
    target: Path


@dataclass(frozen=True)
class _Entry:
    path: str
    regular: bool
    open: Callable[[], IO[bytes] | None]


def extract(archive: Path, wanted: Sequence[Wanted]) -> None:
    """Copy files out of an archive.

    Raises:
        DownloadError: it cannot be read, one of them is not in it or no file, or any of its
            members' paths leads out of it.
        OSError: one cannot be written.
    """
    missing = {one.path: one for one in wanted}
    entries = _in_zip if archive.name.endswith(_ZIP) else _in_tar
    try:
        for entry in entries(archive):
            _refuse_outside(entry.path, archive)
            one = missing.pop(entry.path, None)
            if one is not None:
                _copy(entry, one, archive)
    except _BROKEN as error:
        raise DownloadError(
            f"{archive.name} cannot be read as an archive ({type(error).__name__})"
        ) from error
    if missing:
        raise DownloadError(f"{', '.join(missing)} is not in {archive.name}")


def _refuse_outside(path: str, archive: Path) -> None:
    climbing = ".." in path.replace("\\", "/").split("/")
    if climbing or PurePosixPath(path).is_absolute() or PureWindowsPath(path).anchor:
        raise DownloadError(
            f"{archive.name} has a member whose path leads out of it ({path!r}), as no "
            f"honest archive has"
        )


def _copy(entry: _Entry, one: Wanted, archive: Path) -> None:
    source = entry.open() if entry.regular else None
    if source is None:
        raise DownloadError(f"{entry.path} in {archive.name} is a link or folder, not a file")
    left = one.size
    with source, one.target.open("wb") as out:
        while piece := source.read(1 << 16):
            left -= len(piece)
            if left < 0:
                raise DownloadError(
                    f"{entry.path} in {archive.name} has more than the {one.size:,} bytes that "
                    f"it should have"
                )
            out.write(piece)
    if left:
        raise DownloadError(
            f"{entry.path} in {archive.name} has {one.size - left:,} of the {one.size:,} bytes "
            f"that it should have"
        )


def _in_tar(path: Path) -> Iterator[_Entry]:
    with tarfile.open(path) as archive:
        for info in archive:
            yield _Entry(info.name, info.isreg(), partial(archive.extractfile, info))


def _in_zip(path: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            regular = kind in (0, stat.S_IFREG) and not info.is_dir()
            yield _Entry(info.filename, regular, partial(archive.open, info))
