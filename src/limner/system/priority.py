"""Thread priority: codecs work in what time the networks leave.

Estimating is a chain: a frame waits for the one before it. Decoding and encoding run ahead
and behind and can wait, so on a machine with few cores the chain should not wait for them:
that makes a video done 4 to 6 % sooner on two cores.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# As "nice" has it: such a thread gets a tenth of the time of one that competes with it.
_NICENESS = 10


def give_way(start: Callable[[], T]) -> T:
    """Run what starts threads so that these give way to others.

    Threads inherit the priority of the one that starts them, so `start` runs in a short-lived
    thread with a low one. Only Linux gives each thread its own priority; elsewhere `start`
    just runs.

    Args:
        start: starts the threads; what it raises is raised here.

    Returns:
        What it returns.
    """
    if sys.platform != "linux":
        return start()
    with ThreadPoolExecutor(1, "opening", initializer=give_way_here) as thread:
        return thread.submit(start).result()


def give_way_here() -> None:
    """Let the thread that calls this give way to others, for good; where that is possible."""
    if sys.platform != "linux":
        return
    thread = threading.get_native_id()
    # A sandbox may forbid it; the work is the same at any priority.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS)
