"""The composition that is limner's default: one network finds, one places, one completes."""

from limner.models.composed.model import Composed

__all__ = ["Composed"]
