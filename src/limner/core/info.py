"""What is known of an input and of the model that measured it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from limner.core.skeletons import Skeleton


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
        title: what the file says it is called, None where it does not.
        created: when it was recorded, as the file says, ISO 8601; None where it does not.
    """

    path: str
    width: int
    height: int
    frame_rate: Fraction | None = None
    frame_count: int | None = None
    duration: float | None = None
    rotation: int = 0
    title: str | None = None
    created: str | None = None

    @property
    def name(self) -> str:
        """The path's last part, also of a path from another system."""
        return self.path.replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class CopyInfo:
    """What is known about the annotated copy that a run makes of its input.

    Attributes:
        name: the file's final name, without its folder; None where none is written.
        faces_blurred: whether faces are hidden in it, so that nobody is to be shown without.
        frame_rate: frames per second that the run gave it instead of the input's own, or None.
        style: how poses are drawn in it, as the run's option says, or None.
    """

    name: str | None
    faces_blurred: bool = False
    frame_rate: Fraction | None = None
    style: str | None = None


@dataclass(frozen=True)
class NetworkInfo:
    """One network of a model, as it runs.

    Attributes:
        role: what it does in the model: ``pose``, ``detector``, ``face``.
        file: the name of its file.
        sha256: its digest, hexadecimal; where the network has several files, that of all of them.
        backend: the runtime in use.
        device: the device in use, by the backend's name for it.
        precision: what it computes in, ``f32`` or ``bf16``; empty where that is not known.
    """

    role: str
    file: str
    sha256: str
    backend: str
    device: str
    precision: str = ""


@dataclass(frozen=True)
class ModelInfo:
    """What a model says of itself.

    Scores mean something else to every network, so what they are measured by is the model's
    to say.

    Attributes:
        name: the catalogue's name, or the path of the user's own file.
        skeleton: of the poses it gives.
        networks: what it is made of; the one that places keypoints comes first.
        person_threshold: the person score from which somebody is surely a person, rightly
            posed.
        keypoint_threshold: the keypoint score from which a keypoint counts as seen.
    """

    name: str
    skeleton: Skeleton
    networks: tuple[NetworkInfo, ...] = ()
    person_threshold: float = 0.0
    keypoint_threshold: float = 0.0

    @property
    def runs_on(self) -> str:
        """The backend and the device of the network that places keypoints, in words."""
        return f"{self.networks[0].backend} {self.networks[0].device}" if self.networks else ""
