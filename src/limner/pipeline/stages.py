"""Pipeline stages that work at the same time, each in a thread with a bounded queue."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from limner.system.priority import give_way_here
from limner.system.signals import Stop, never

T = TypeVar("T")

log = logging.getLogger(__name__)

# How often a waiting thread looks whether it should stop, seconds.
_POLL = 0.1
# How long leaving waits for threads that are inside a long call, seconds.
_PATIENCE = 5.0


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


class Stages:
    """Runs iterators in threads, with a bounded queue after each.

    An error in any stage reaches whoever takes from the last one; leaving the ``with``
    block, for whatever reason, stops all stages. A stage that hangs in a call of its own is
    left behind after a few seconds, so leaving never hangs.

    Args:
        stop: is asked again and again whether all should end between two items, by a
            KeyboardInterrupt.

    Example:
        >>> with Stages() as stages:
        ...     squares = stages.overlap(number**2 for number in range(4))
        ...     list(squares)
        [0, 1, 4, 9]
    """

    def __init__(self, stop: Stop = never) -> None:
        self._wished = stop
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        deadline = time.monotonic() + _PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("the %s stage does not stop; it is left behind", thread.name)

    def overlap(
        self, items: Iterable[T], name: str = "worker", depth: int = 4, *, gives_way: bool = False
    ) -> Iterator[T]:
        """Iterate over items that a thread takes from `items` ahead of time.

        Args:
            items: what the stage makes; a generator is closed in its own thread.
            name: the stage's name, for messages.
            depth: how many items the stage may be ahead.
            gives_way: whether the stage works in what time the others leave.

        Yields:
            The items, in order.

        Raises:
            BaseException: what the stage raised.
        """
        queue: Queue[Any] = Queue(depth)
        work = (items, queue, gives_way)
        thread = threading.Thread(target=self._produce, args=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return self._consume(queue)

    def _produce(self, items: Iterable[T], queue: Queue[Any], gives_way: bool) -> None:
        end = _End()
        try:
            if gives_way:
                give_way_here()
            try:
                for item in items:
                    if not self._put(queue, _Item(item)):
                        break
            finally:
                close = getattr(items, "close", None)
                # Only a generator's end belongs to the stage; files are closed by who
                # opened them.
                if close is not None and isinstance(items, Iterator):
                    close()
        except BaseException as error:
            end = _End(error)
        self._put(queue, end)

    def _put(self, queue: Queue[Any], item: Any) -> bool:
        while not self._stop.is_set():
            try:
                queue.put(item, timeout=_POLL)
            except Full:
                continue
            return True
        return False

    def _consume(self, queue: Queue[Any]) -> Iterator[Any]:
        while not self._stop.is_set():
            if self._wished():
                raise KeyboardInterrupt
            try:
                item = queue.get(timeout=_POLL)
            except Empty:
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item.value
