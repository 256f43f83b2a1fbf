"""SHA-256 of files: what verifies a network, and what names what was made from it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256, hexadecimal.

    A network's file is asked for by the store, by the recording's header and by what is kept
    of it compiled; it is read again only if its size or the time of its last change differ.

    Raises:
        OSError: it cannot be read.
    """
    facts = path.stat()
    return _sha256(path.absolute(), facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=16)
def _sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
