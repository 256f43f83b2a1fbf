"""Exports: one module per format, from a running estimate or from a recording.

Formats that can be written while a video runs have a `Writer` (`open_writer`). The others
need the whole recording. `export` writes any of them from a recording, with no second
inference.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from limner.export.formats import FORMATS, Format, find_format

if TYPE_CHECKING:
    from limner.recording.base import Writer
    from limner.recording.header import Header

__all__ = ["FORMATS", "Format", "export", "export_file", "find_format", "open_writer"]


def open_writer(
    name: str, path: str | os.PathLike[str], header: Header, /, **options: Any
) -> Writer:
    """Start a result that is written while the video runs.

    Args:
        name: a name of `FORMATS` that is streaming.
        path: the file, or for openpose the folder, to write; exactly here.
        header: facts of the recording.
        **options: what the format can be told; see the class of its writer.

    Returns:
        A context manager with ``write(poses)`` and ``close()``.

    Raises:
        UsageError: no such format or option, or it cannot be written frame by frame.
        RecordingError: the format cannot hold this skeleton.
        OutputError: it cannot be written.
    """
    from limner.errors import UsageError

    found = find_format(name)
    if not found.streaming:
        raise UsageError(
            f"format {name} needs the whole recording; write jsonl first, then use "
            f"limner export --format {name}"
        )
    found.check(options)
    writer: Writer = found.load()(path, header, **options)
    return writer


def __getattr__(name: str) -> Any:
    # These pull in numpy and the reader; a command line that only lists formats need not.
    if name in ("export", "export_file"):
        from limner.export import saving

        return getattr(saving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
