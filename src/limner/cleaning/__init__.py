"""Cleaning: smoothing, gaps, outliers and left/right repair, with a fixed lag."""

from limner.cleaning.cleaner import Cleaner

__all__ = ["Cleaner"]
