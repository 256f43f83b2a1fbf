"""Settings that the whole process shares, changed for a while and put back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class ProcessSetting(Generic[T]):
    """Holds a setting of the process at a value while a block runs.

    The process belongs to whoever uses limner, so a library's verbosity or number of threads is
    changed only around the call that needs it. Blocks may overlap, in threads or in each
    other: the value from before the first is put back after the last.
    """

    def __init__(self, read: Callable[[], T], write: Callable[[T], object]) -> None:
        """Name a setting.

        Args:
            read: returns its value.
            write: sets it.
        """
        self._read, self._write = read, write
        self._lock = Lock()
        self._blocks = 0
        self._before: T

    @contextmanager
    def held(self, value: T) -> Iterator[None]:
        """Set the value while the block runs; of blocks that overlap, the latest one's counts."""
        with self._lock:
            if self._blocks == 0:
                self._before = self._read()
            self._blocks += 1
            self._write(value)
        try:
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if self._blocks == 0:
                    self._write(self._before)


def environment_variable(name: str) -> ProcessSetting[str | None]:
    """Return a variable of the environment as a setting; None where it is not set."""

    def write(value: str | None) -> None:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    return ProcessSetting(lambda: os.environ.get(name), write)
