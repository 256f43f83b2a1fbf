"""Standard input, output and error that are there and can be written, whoever started us."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import Any, cast

from limner.errors import OutputError

# The reader has gone: a closed pipe, a closed terminal.
_GONE = {errno.EPIPE, errno.EIO, errno.ENXIO}
_NAMES = {1: "standard output", 2: "standard error"}


def prepare_streams() -> None:
    """Make stdout and stderr take whatever is written; for the process of the command line.

    - One that was closed, by a daemon or a windowed launcher, leads nowhere. Else the next file
      that is opened would get its number, and what libraries print would get into that file.
    - Where the reader goes away, the work goes on, and what is said is lost.
    - A file's name is written as its bytes, and what the terminal has no character for escaped.

    Streams that something else has put in the place of the process's own stay as they are.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest number that is free is the one that is missing.
            os.open(os.devnull, os.O_RDWR)
    codecs.register_error(_AS_IT_IS, _as_it_is)
    if sys.stdout is sys.__stdout__:
        sys.stdout = _lasting(sys.stdout, 1)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _lasting(sys.stderr, 2)


class _Lasting(io.FileIO):
    """Takes what is written where its reader has gone, and drops it."""

    _lost = False

    def write(self, data: Any) -> int:
        """Write bytes.

        Raises:
            OutputError: the system refuses for another reason; once, not at the exit again.
        """
        if not self._lost:
            try:
                return super().write(data) or 0
            except OSError as error:
                self._lost = True
                if error.errno not in _GONE:
                    raise OutputError(
                        f"cannot write to {_NAMES[self.fileno()]}: {error.strerror}"
                    ) from error
        return memoryview(data).nbytes


def _lasting(stream: Any, descriptor: int) -> io.TextIOWrapper:
    if stream is None:
        encoding, lines = "utf-8", False
    elif sys.platform == "win32":
        # Its console takes text rather than bytes, and is no file that could be opened again.
        stream.reconfigure(errors=_AS_IT_IS)
        return cast("io.TextIOWrapper", stream)
    else:
        stream.flush()
        encoding, lines = stream.encoding, stream.line_buffering
    return io.TextIOWrapper(
        io.BufferedWriter(_Lasting(descriptor, "w", closefd=False)),
        encoding,
        _AS_IT_IS,
        line_buffering=lines,
    )


_AS_IT_IS = "limner-as-it-is"


def _as_it_is(error: UnicodeError) -> tuple[str | bytes, int]:
    """Encode what stands for bytes in a file's name as them, and escape the rest."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.lookup_error("backslashreplace")(error)
