"""Networks that see everyone in a frame at once, and need no frame before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.steps import Seen


class SideBySide:
    """A session that estimates so many frames of a video at the same time, in threads.

    Args:
        estimate: what is done with a frame.
        at_once: how many frames may be in work; 1 answers each frame before the next is there.
    """

    def __init__(self, estimate: Callable[[Frame], Poses], at_once: int) -> None:
        self._estimate = estimate
        self._at_once = at_once
        self._begun: deque[tuple[Frame, Future[Poses]]] = deque()
        self._threads = ThreadPoolExecutor(at_once, "estimating") if at_once > 1 else None

    def push(self, item: Frame) -> list[Seen]:
        """Begin with the next frame; wait for the oldest one if enough are in work."""
        if self._threads is None:
            return [_seen(item, self._estimate(item))]
        self._begun.append((item, self._threads.submit(self._estimate, item)))
        return [self._oldest()] if len(self._begun) > self._at_once else []

    def flush(self) -> list[Seen]:
        """Wait for the frames that are in work."""
        rest = [self._oldest() for _ in range(len(self._begun))]
        if self._threads is not None:
            self._threads.shutdown()
        return rest

    def _oldest(self) -> Seen:
        frame, poses = self._begun.popleft()
        return _seen(frame, poses.result())


def _seen(frame: Frame, poses: Poses) -> Seen:
    return Seen(frame, poses, poses)
