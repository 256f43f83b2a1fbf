"""Named pipes and standard input, which can be read once, and whose writer may take its time."""

from __future__ import annotations

import io
import os
import select
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import IO

from limner.system.signals import Stop, never

STANDARD_INPUT = Path("-")

# How often a reader that waits looks whether it should stop, milliseconds.
_POLL = 100


def is_pipe(path: Path) -> bool:
    """Say whether a path can be read only once: a pipe, a device, or standard input (``-``)."""
    if path == STANDARD_INPUT:
        return True
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


class Pipe(io.RawIOBase):
    """Reads a pipe so that another thread may end the waiting for more.

    Opening does not wait for a writer; the first reading does. Closing lets a reading that
    waits return as at the end.

    Args:
        path: of the pipe; ``-`` for standard input.
        stop: is asked whether to end the waiting.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, stop: Stop = never) -> None:
        super().__init__()
        self._wished = stop
        if path == STANDARD_INPUT:
            self._descriptor = os.dup(sys.stdin.fileno())
        else:
            # Otherwise opening would wait for the writer, and could not be ended.
            self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        self._ended = False
        self._ahead = b""
        self._file: IO[bytes] | None = None

    def readable(self) -> bool:
        """Return true."""
        return True

    def seekable(self) -> bool:
        """Return false: what was read is gone."""
        return False

    def read(self, size: int = -1) -> bytes:
        """Return up to so many bytes, as soon as there are any; none at the end."""
        size = size if size > 0 else io.DEFAULT_BUFFER_SIZE
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        return self._read(size)

    def peek(self, size: int) -> bytes:
        """Return the next bytes, fewer at the end, which will be read again."""
        while len(self._ahead) < size:
            more = self._read(size - len(self._ahead))
            if not more:
                break
            self._ahead += more
        return self._ahead[:size]

    def stored(self) -> IO[bytes]:
        """Return all that is left as a file that can be sought in; it goes with the pipe.

        Raises:
            OSError: it cannot be written.
        """
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the pipe
        shutil.copyfileobj(self, self._file)
        self._file.seek(0)
        return self._file

    def _read(self, size: int) -> bytes:
        while not self._stopped and not self._is_ready():
            pass
        if self._stopped:
            return b""
        return os.read(self._descriptor, size)

    def stop(self) -> None:
        """Let whoever waits for more return, now and later."""
        self._ended = True

    def close(self) -> None:
        """Close the pipe."""
        self.stop()
        if self._file is not None:
            self._file.close()
        if not self.closed:
            os.close(self._descriptor)
        super().close()

    @property
    def _stopped(self) -> bool:
        return self._ended or self._wished()

    def _is_ready(self) -> bool:
        """Wait a moment for something to read, or for the end."""
        if not hasattr(select, "poll"):  # Windows has no waiting for pipes.
            return True
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(_POLL))
