"""Names for the kinds of arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(height, width, channels) or (height, width) pixels, 8 bits."""

Floats = NDArray[np.float32]
"""What networks give and poses hold."""

Doubles = NDArray[np.float64]
"""What is computed with: times, fits, affine maps."""

Ints = NDArray[np.int64]
"""Identities and counts."""

Indices = NDArray[np.intp]
"""Places in another array."""

Mask = NDArray[np.bool_]
"""What is chosen of another array."""

Bytes = NDArray[np.uint8]
"""Flags of keypoints."""
