"""What every model family offers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from limner.core.frame import Frame
from limner.core.info import ModelInfo, NetworkInfo
from limner.core.poses import Poses
from limner.core.steps import Seen, Step
from limner.runtime import Network, Runtime, digest


class Pace(NamedTuple):
    """How frames come to a session, which bounds how it may work.

    Attributes:
        look_ahead: how many frames after one may be asked for before that one is answered,
            at the most. A session takes as many as it gains from.
        batch: how many frames may go through a network at once, at the most.
    """

    look_ahead: int = 16
    batch: int = 1


FILE = Pace()
"""For the frames of a file, which are there when they are asked for."""

LIVE = Pace(look_ahead=0)
"""For frames that are wanted as they come: each is answered before the next is there."""


class Model(Protocol):
    """A pose estimator, loaded and ready.

    Attributes:
        info: its name, skeleton, networks and thresholds.
    """

    info: ModelInfo

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return everyone in each of some images that stand by themselves."""

    def session(self, pace: Pace = FILE) -> Step[Frame, Seen]:
        """Start a video: what is seen in a frame helps in the next.

        Args:
            pace: how the frames come.

        Returns:
            What takes the frames in order and gives everyone in each; people and found are
            the same, without identities.
        """


def describe_network(role: str, path: Path, network: Network | Runtime) -> NetworkInfo:
    """Return what a recording says of a network, loaded or yet to be by a runtime."""
    precision = "" if isinstance(network, Runtime) else network.precision
    return NetworkInfo(role, path.name, digest(path), network.backend, network.device, precision)
