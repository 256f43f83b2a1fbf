"""What keeps the start and the end of a command short."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# mallopt's name for how many heaps there may be (malloc.h).
_ARENA_MAX = -8


def spare_the_process() -> None:
    """Switch off what costs CPU time and gives this process nothing; before numpy is loaded."""
    # The matrices are small, and OpenBLAS's threads would wait for larger ones in loops:
    # 0.07 s of CPU time at the start already.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Looking for garbage among everything that was loaded takes the interpreter 0.07 s at the
    # exit, when the memory is given back anyway.
    atexit.register(gc.freeze)
    _share_one_heap()


def _share_one_heap() -> None:
    """Let all threads allocate from one heap, where the C library is glibc.

    It gives every thread a heap of its own. Frames pass from thread to thread, so these
    heaps get holes that only grow: a video ten times as long took 7 % more memory.
    """
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


@contextmanager
def loading() -> Iterator[None]:
    """Load code without looking for garbage among it: what is loaded stays."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()
