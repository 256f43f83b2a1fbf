"""One-stage models: the network sees everyone in a frame at once, and needs no frame before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.steps import Seen
from limner.models.base import FILE, Pace
from limner.models.calibration import ScoreCalibration


class MapsNetwork(Protocol):
    """Computes the maps that poses are decoded from."""

    def __call__(self, frame: Frame, *, repeated: bool = False) -> Floats:
        """Return the maps of a frame.

        Args:
            frame: the image.
            repeated: more images of this size will come, at the same time in several threads.
        """


class OneStage:
    """Finds everyone in a frame by one network and a decoding of its maps.

    Each frame is looked at afresh, and several frames of a video at the same time. They are no
    batch: networks of this kind that normalise by the batch would let images change each other.

    Attributes:
        info: what recordings say of the model.

    Args:
        info: see above.
        network: from a frame to its maps.
        decode: from a frame and its maps to the poses, best first.
        at_once: how many frames may be in work at the same time.
        calibration: makes probabilities of the scores; None for leaving them as they are.
    """

    def __init__(
        self,
        info: ModelInfo,
        network: MapsNetwork,
        decode: Callable[[Frame, Floats], Poses],
        *,
        at_once: int = 1,
        calibration: ScoreCalibration | None = None,
    ) -> None:
        self.info = info
        self._network = network
        self._decode = decode
        self._at_once = at_once
        self._calibration = calibration

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return everyone in each of some images that stand by themselves, best first."""
        return [self._poses(image, self._network(image)) for image in images]

    def session(self, pace: Pace = FILE) -> SideBySide:
        """Start a video: every frame is looked at afresh, by networks compiled for its size."""
        return SideBySide(
            self._repeated, min(self._at_once, pace.look_ahead) if self._at_once > 1 else 0
        )

    def _repeated(self, frame: Frame) -> Poses:
        return self._poses(frame, self._network(frame, repeated=True))

    def _poses(self, frame: Frame, maps: Floats) -> Poses:
        poses = self._decode(frame, maps)
        return poses if self._calibration is None else self._calibration(poses)


class SideBySide:
    """A session that estimates several frames of a video at the same time, in threads.

    Args:
        estimate: what is done with a frame.
        ahead: how many frames after one are begun before that one is answered; 0 answers each
            before the next is there, in the caller's thread.
    """

    def __init__(self, estimate: Callable[[Frame], Poses], ahead: int = 0) -> None:
        self._estimate = estimate
        self._ahead = ahead
        self._begun: deque[tuple[Frame, Future[Poses]]] = deque()
        self._threads = ThreadPoolExecutor(ahead, "estimating") if ahead else None

    def push(self, item: Frame) -> list[Seen]:
        """Begin with the next frame; wait for the oldest one if enough are in work."""
        if self._threads is None:
            return [_seen(item, self._estimate(item))]
        self._begun.append((item, self._threads.submit(self._estimate, item)))
        return [self._oldest()] if len(self._begun) > self._ahead else []

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
