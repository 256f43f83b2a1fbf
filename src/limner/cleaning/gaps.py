"""Gap filling: keypoints and people that are missing for a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Mask


@dataclass(frozen=True)
class Gaps:
    """Short gaps around one frame, over any number of things that may be missing.

    Attributes:
        fill: true where the thing is missing in the frame but seen soon before and after.
        before: where it is to be filled, the index of the last frame before it is seen in.
        after: and of the first frame after.
    """

    fill: Mask
    before: NDArray[np.intp]
    after: NDArray[np.intp]

    def __getitem__(self, columns: NDArray[np.intp]) -> Gaps:
        """Return the gaps of some columns."""
        return Gaps(self.fill[columns], self.before[columns], self.after[columns])


def find_gaps(times: Doubles, seen: Mask, middle: int, longest: float) -> Gaps:
    """Find the short gaps around a frame.

    Args:
        times: (C,) seconds.
        seen: (C, ...) where things are seen.
        middle: the frame's index.
        longest: longest gap to fill, in seconds between the frames on both of its sides; 0
            for none.

    Returns:
        Gaps with arrays of the shape of ``seen`` without its first axis.
    """
    missing = ~seen[middle]
    if longest <= 0 or not missing.any():
        here = np.full(missing.shape, middle)
        return Gaps(np.zeros_like(missing), here, here)
    before = middle - np.argmax(seen[middle::-1], axis=0)
    after = middle + np.argmax(seen[middle:], axis=0)
    enclosed = seen[: middle + 1].any(axis=0) & seen[middle:].any(axis=0)
    # Times come rounded from their container: allow for it.
    short = times[after] - times[before] <= longest + 1e-4
    return Gaps(enclosed & missing & short, before, after)
