"""The store: fetches the catalogue's files, verifies them, and keeps them in a cache.

A file gets its final name only after its contents were verified, in one atomic move, so
two processes may fetch the same file at once and a broken download leaves nothing behind.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from limner.errors import DownloadError, ModelError
from limner.models.catalogue import File
from limner.models.store.sources import by_hand, fetch_together, next_sources
from limner.system.cache import cache_folder
from limner.system.hashing import sha256_of
from limner.system.scratch import clear_leftovers, scratch_folder

log = logging.getLogger(__name__)

# What folders are called in which files are fetched.
_FETCHING = ".fetch-"


def cached_path(file: File) -> Path:
    """Return where a file is or would be in the cache."""
    return cache_folder() / file.name


def is_here(file: File) -> bool:
    """Say whether a file is in the cache; not where the cache is closed to us."""
    return os.path.isfile(cached_path(file))


def ensure(files: Sequence[File]) -> list[Path]:
    """Return the paths of verified files, fetching those that are not in the cache.

    Raises:
        ModelError: a file in the cache is not what it should be, or the cache cannot be read.
        DownloadError: a file could not be fetched or is not what it should be.
    """
    clear_leftovers(cache_folder(), f"{_FETCHING}*")
    fetch([file for file in files if not is_here(file)])
    for file in files:
        path = cached_path(file)
        try:
            got = sha256_of(path)
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
        if got != file.sha256:
            raise ModelError(
                f"{path} is damaged or was changed: expected sha256 {file.sha256}, got sha256 "
                f"{got}; delete it and it will be fetched again"
            )
    return [cached_path(file) for file in files]


def matches(file: File, path: Path) -> bool:
    """Say whether a file of the user's has the contents of one of the catalogue's.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return file.size == path.stat().st_size and file.sha256 == sha256_of(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error


def fetch(files: Sequence[File]) -> None:
    """Fetch files into the cache, whether they are there or not.

    The sources of each are tried in order. What can be had is kept, even if others cannot.

    Raises:
        DownloadError: some could not be fetched: why not from any source, and how to by hand.
    """
    if not files:
        return
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder, _FETCHING) as scratch:
            lost, reasons = _try_sources(files, scratch)
    except OSError as error:
        raise DownloadError(
            f"{', '.join(file.name for file in files)} cannot be stored in {folder} "
            f"({error.strerror or error}); set LIMNER_CACHE to a folder that can be written"
        ) from error
    if lost:
        raise DownloadError(
            f"{', '.join(file.name for file in lost)} could not be fetched "
            f"({'; '.join(reasons)}); by hand, on a machine with network: "
            f"{by_hand(lost, folder)}"
        )


def _try_sources(files: Sequence[File], scratch: Path) -> tuple[list[File], list[str]]:
    """Fetch files from the first of their sources that has them.

    Returns:
        The files that none has, and what went wrong on the way.
    """
    left = {file: file.sources for file in files}
    reasons: dict[str, None] = {}
    while any(left.values()):
        sources = next_sources(left)
        try:
            fetched = fetch_together(sources, scratch)
        except DownloadError as error:
            if str(error) not in reasons:
                log.info("%s", error)
            reasons[str(error)] = None
            left.update({file: left[file][1:] for file in sources})
            continue
        for file, path in fetched.items():
            os.replace(path, cached_path(file))
            del left[file]
    return list(left), list(reasons)
