"""What is known of an input and of the model that measured it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class InputInfo:
    """What is known about the video or image that was measured.

    Attributes:
        path: the input as the user named it.
        width: pixels of the upright image.
        height: pixels of the upright image.
        frame_rate: nominal frames per second, None where unknown (cameras).
        frame_count: frames in the whole input, None where unknown.
        duration: seconds of the whole input, None where unknown.
        rotation: degrees the stored image was turned by to stand upright.
    """

    path: str
    width: int
    height: int
    frame_rate: Fraction | None = None
    frame_count: int | None = None
    duration: float | None = None
    rotation: int = 0


@dataclass(frozen=True)
class ModelInfo:
    """What a recording says about the model that made it.

    Attributes:
        name: the catalogue's name, or the path of the user's own file.
        files: file names and their SHA-256, hexadecimal.
        backend: the runtime in use.
        device: the device in use.
    """

    name: str
    files: dict[str, str]
    backend: str
    device: str
