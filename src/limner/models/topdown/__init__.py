"""Top-down models: a detector finds people, a pose network looks at each; following is the same."""

from limner.models.topdown.model import Rules, TopDown
from limner.models.topdown.parts import (
    Crop,
    Detection,
    Detector,
    Look,
    PoseNetwork,
    Refiner,
    Running,
)
from limner.models.topdown.search import Search, WhenTurned

__all__ = [
    "Crop",
    "Detection",
    "Detector",
    "Look",
    "PoseNetwork",
    "Refiner",
    "Rules",
    "Running",
    "Search",
    "TopDown",
    "WhenTurned",
]
