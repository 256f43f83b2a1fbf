"""Locks on files and folders: what tells something that is in use from what was left behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl

Lock = int
"""A held lock: an open file descriptor, which the system closes when the process ends."""


def lock(path: Path) -> Lock | None:
    """Lock a file or folder that is there until it is released or the process ends.

    Args:
        path: the file or folder; a symbolic link is not followed.

    Returns:
        The lock; None where the system has no such locks (Windows, some network folders).

    Raises:
        BlockingIOError: somebody else holds it.
        OSError: the file cannot be opened.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def release(held: Lock | None) -> None:
    """Give a lock back."""
    if held is not None:
        os.close(held)


def in_use(path: Path) -> bool:
    """Say whether somebody holds the lock of a file or folder."""
    try:
        release(lock(path))
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
