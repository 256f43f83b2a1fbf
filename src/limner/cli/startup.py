"""What keeps the start and the end of a command short."""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


def spare_the_process() -> None:
    """Switch off what costs CPU time and gives this process nothing; before numpy is loaded."""
    # The matrices are small, and OpenBLAS's threads would wait for larger ones in loops:
    # 0.07 s of CPU time at the start already.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Looking for garbage among everything that was loaded takes the interpreter 0.07 s at the
    # exit, when the memory is given back anyway.
    atexit.register(gc.freeze)


@contextmanager
def loading() -> Iterator[None]:
    """Load code without looking for garbage among it: what is loaded stays."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
