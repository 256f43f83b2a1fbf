"""What becomes of a run's results: all get their final names, or what was done stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.core.wording import counted
from limner.pipeline.outputs import Outputs
from limner.pipeline.result import Progress
from limner.pipeline.sinks import Write
from limner.system.signals import Stop
from limner.system.staging import Staged


@contextmanager
def results(
    files: Outputs, written: Write, progress: Progress, *, overwrite: bool, stop: Stop
) -> Iterator[Staged]:
    """Give the files of a run their final names once all of them are whole.

    If the run fails or is interrupted after some frames, what was done stays under partial
    names, and a note on the exception says which.

    Args:
        files: the results.
        written: what writes them.
        progress: is told that the run is over.
        overwrite: whether results that are there may be replaced.
        stop: says whether the run was interrupted.

    Yields:
        The partial names.

    Raises:
        OutputError: the names cannot be had.
        KeyboardInterrupt: `stop` said so.
    """
    staged = files.stage(overwrite)
    try:
        try:
            yield staged
        finally:
            progress.finish()
        staged.commit()
    except BaseException as error:
        media = files.media and staged.place(files.media)
        kept = staged.abandon(keep=written.frames > 0)
        if kept:
            error.add_note(_what_is_left(media, kept, written.frames))
        if stop() and not isinstance(error, KeyboardInterrupt):
            # A signal also breaks off what waits for the system, such as opening a pipe.
            raise KeyboardInterrupt from error
        raise


def _what_is_left(media: Path | None, kept: list[Path], frames: int) -> str:
    """Say where what was done until an error is."""
    note = f"what was done until then, {counted(frames, 'frame')}, is in "
    note += ", ".join(map(str, kept))
    if media is not None and media not in kept:
        note += "; the annotated copy could not be finished and was removed, as it "
        note += "does not open unfinished"
    return note
