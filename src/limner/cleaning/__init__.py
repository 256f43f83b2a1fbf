"""Cleaning: smoothing, gaps, outliers and left/right repair, with a fixed lag."""

from limner.cleaning.cleaner import Cleaner
from limner.cleaning.doubt import Doubts

__all__ = ["Cleaner", "Doubts"]
