"""Draw poses on frames: small annotators that draw one thing each, in a shared style."""

from limner.drawing.annotators import Annotator, BlackAnnotator, BoxAnnotator, SkeletonAnnotator
from limner.drawing.canvas import Canvas
from limner.drawing.faces import FaceBlur
from limner.drawing.labels import AngleAnnotator, IdAnnotator
from limner.drawing.style import STYLES, Style, parse_style
from limner.drawing.trails import TrailAnnotator

__all__ = [
    "STYLES",
    "AngleAnnotator",
    "Annotator",
    "BlackAnnotator",
    "BoxAnnotator",
    "Canvas",
    "FaceBlur",
    "IdAnnotator",
    "SkeletonAnnotator",
    "Style",
    "TrailAnnotator",
    "parse_style",
]
