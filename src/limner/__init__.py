"""limner: video in; the same video with everyone's pose drawn on it, and the numbers, out.

    import limner

    limner.annotate("dance.mp4")             # writes dance_pose.mp4, .csv and .jsonl
    for poses in limner.estimate("dance.mp4"):
        ...                                  # everyone in each frame, as arrays
    recording = limner.load("dance_pose.jsonl")

Importing it loads nothing heavy; each name below is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from limner._version import __version__

if TYPE_CHECKING:
    from limner.api import annotate, estimate
    from limner.core.frame import Frame
    from limner.core.poses import Poses
    from limner.core.skeletons import SKELETONS, Skeleton
    from limner.errors import (
        BackendError,
        DownloadError,
        InputError,
        LimnerError,
        ModelError,
        OutputError,
        RecordingError,
        UsageError,
    )
    from limner.models.loading import load_model
    from limner.pipeline.result import Progress, Result
    from limner.recording.recording import Recording, load
    from limner.settings import Settings

__all__ = [
    "SKELETONS",
    "BackendError",
    "DownloadError",
    "Frame",
    "InputError",
    "LimnerError",
    "ModelError",
    "OutputError",
    "Poses",
    "Progress",
    "Recording",
    "RecordingError",
    "Result",
    "Settings",
    "Skeleton",
    "UsageError",
    "__version__",
    "annotate",
    "estimate",
    "load",
    "load_model",
]

_HOMES = {
    "SKELETONS": "core.skeletons",
    "BackendError": "errors",
    "DownloadError": "errors",
    "Frame": "core.frame",
    "InputError": "errors",
    "LimnerError": "errors",
    "ModelError": "errors",
    "OutputError": "errors",
    "Poses": "core.poses",
    "Progress": "pipeline.result",
    "Recording": "recording.recording",
    "RecordingError": "errors",
    "Result": "pipeline.result",
    "Settings": "settings",
    "Skeleton": "core.skeletons",
    "UsageError": "errors",
    "annotate": "api",
    "estimate": "api",
    "load": "recording.recording",
    "load_model": "models.loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'limner' has no attribute {name!r}")
    return getattr(import_module(f"limner.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
