"""From the values that cameras store, of any width, to the 8 bits that are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Image

# The values of white that cameras and programs have: of 8, 10, 12, 14 and 16 bits.
_BITS = (8, 10, 12, 14, 16)


class Levels:
    """Brings pixel values to 8 bits, those of a series of images alike.

    Cameras of 10, 12 or 14 bits are stored in 16, and files seldom say so. So white is the
    smallest that the brightest value fits under, of the widths that there are. Where values
    are negative, or beyond 16 bits, black and white are the darkest and the brightest. In a
    series both only move apart, so that brightness changes at most a few times.

    Attributes:
        black, white: the values that become 0 and 255; both 0 before the first image.
        kind: how the values are stored, by numpy's name.
    """

    def __init__(self) -> None:
        self.black, self.white = 0.0, 0.0
        self.kind = ""

    @property
    def note(self) -> str | None:
        """A sentence on how values were taken, where that is not plain."""
        if self.kind in ("", "uint8") or (self.kind == "uint16" and self.white == 65535):
            return None
        return (
            f"its values are stored as {self.kind}; {self.black:g} is taken for black and "
            f"{self.white:g} for white"
        )

    def __call__(self, values: NDArray[Any]) -> Image:
        """Return the values in 8 bits; what is no number becomes black."""
        self.kind = values.dtype.name
        if values.dtype == np.uint8:
            return values
        self._widen(values)
        span = max(self.white - self.black, 1e-30)
        if values.dtype == np.uint16:
            scale = np.arange(65536, dtype=np.float64) * (255 / span) + 0.5
            return np.asarray(np.minimum(scale, 255).astype(np.uint8)[values])
        scaled = (values.astype(np.float64) - self.black) * (255 / span) + 0.5
        scaled = np.nan_to_num(scaled, nan=0, posinf=255, neginf=0)
        return np.clip(scaled, 0, 255).astype(np.uint8)

    def _widen(self, values: NDArray[Any]) -> None:
        numbers = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        if not numbers.size:
            return
        darkest, brightest = float(numbers.min()), float(numbers.max())
        whites = [float(2**bits - 1) for bits in _BITS]
        if values.dtype.kind == "f":
            whites = [1.0, *whites]
        white = next((each for each in whites if each >= brightest), brightest)
        if darkest < 0:
            white = brightest
        self.black = min(self.black, darkest)
        self.white = max(self.white, white)
