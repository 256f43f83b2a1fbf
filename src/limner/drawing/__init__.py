"""Draw poses on frames: small annotators that draw one thing each, in a shared style."""

from limner.drawing.annotators import Annotator, BoxAnnotator, IdAnnotator, SkeletonAnnotator
from limner.drawing.canvas import Canvas
from limner.drawing.style import Style

__all__ = ["Annotator", "BoxAnnotator", "Canvas", "IdAnnotator", "SkeletonAnnotator", "Style"]
