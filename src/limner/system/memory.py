"""Memory that is free, given back to the system."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from functools import lru_cache


def give_back_memory() -> None:
    """Give memory that is free in the process back to the system, where the C library is glibc.

    Between what is in use it keeps what is not, which after some large images is hundreds of
    megabytes. Giving it back takes some milliseconds.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@lru_cache(maxsize=1)
def _trim() -> Callable[[int], object] | None:
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
        return trim
    return None
