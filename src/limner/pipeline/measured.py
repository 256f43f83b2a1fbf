"""Which video or image a recording was measured on, to be read again.

A recording is data that somebody may have sent: the file that its header names may be anything
on this machine. So it is looked for beside the recording only, or named by the user.
"""

from __future__ import annotations

from pathlib import Path

from limner.errors import InputError
from limner.media.inputs import Input, expand
from limner.recording.header import Header


def find_measured(recording: Path, header: Header, given: Path | None) -> Input:
    """Return the input that a recording was measured on.

    Args:
        recording: the recording's file.
        header: its first line.
        given: the input that the user named, if any.

    Raises:
        InputError: it is not there, or it is the run's annotated copy.
    """
    name = header.input.name
    path = recording.parent / name if given is None else given
    if given is None and not _is_there(path, recording):
        raise InputError(
            f"{recording}: {name}, which was measured, is not beside it; name it with --video"
        )
    if header.copy is not None and path.name == header.copy.name:
        raise InputError(
            f"{path} is the annotated copy, with the poses drawn already; name the video or image "
            f"that was measured, {name}, with --video"
        )
    sequence = "%" in path.name
    (found,) = expand([str(path)], sequence=sequence)
    if found.error is not None:
        raise found.error
    return found


def _is_there(path: Path, recording: Path) -> bool:
    """Say whether there is such a file beside a recording, and not a link to somewhere else."""
    try:
        if "%" in path.name:
            return True
        return path.is_file() and path.resolve().parent == recording.resolve().parent
    except (OSError, ValueError):
        return False
