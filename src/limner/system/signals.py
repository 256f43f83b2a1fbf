"""The signals that ask a process to stop, as a wish that takes effect where it does no harm."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

Stop = Callable[[], bool]
"""Is asked again and again by long work whether to end."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def never() -> bool:
    """Never wish to stop."""
    return False


class Interrupt(KeyboardInterrupt):
    """A signal asks the process to stop.

    Of a plain KeyboardInterrupt that passes through code run from a string, as dataclasses
    do when they are made, Python remembers that it was not handled, even where it is, and ends
    itself by SIGINT in the end.
    """


class StopSignals:
    """Hears Ctrl-C, SIGTERM and SIGHUP; a context manager.

    A signal ends what goes on by an `Interrupt`. In a `held` stretch of work the first
    one is only noted: the work asks `wished` and ends itself where nothing is half done; a
    second one ends it by force. Signals that the process was told to ignore (``nohup``) stay
    ignored. It may be entered again inside.

    Attributes:
        received: the number of the signal that came first, None before.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._held = False
        self._before: dict[int, Any] = {}
        self._depth = 0

    def __enter__(self) -> Self:
        self._depth += 1
        if self._depth > 1:
            return self
        self.received = None
        # Elsewhere than in the main thread Python neither sets handlers nor runs them.
        if threading.current_thread() is threading.main_thread():
            for name in _NAMES:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        self._depth -= 1
        if self._depth == 0:
            for number, handler in self._before.items():
                signal.signal(number, handler)
            self._before.clear()

    def wished(self) -> bool:
        """Say whether a signal came."""
        return self.received is not None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only note the first signal that comes meanwhile; after the work it takes effect."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.wished():
            raise Interrupt

    @property
    def exit_code(self) -> int:
        """What a process that ends by the signal returns: 128 and its number."""
        return 128 + (self.received or signal.SIGINT)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        first = self.received is None
        if first:
            self.received = number
        if not (self._held and first):
            raise Interrupt


signals = StopSignals()
"""What asks this process to stop, once the command line listens."""
