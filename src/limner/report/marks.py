"""What is to be said of stretches of a curve: where it was filled in, is doubtful, or cannot be.

Charts and plots hatch these stretches.
"""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Doubles, Mask
from limner.core.flags import Flag
from limner.motion.definitions import ANGLES
from limner.motion.points import point_sources
from limner.motion.view import suits
from limner.recording.track import Track, stretches

_ANGLES = {f"{angle.name}_deg": angle for angle in ANGLES}
# What is said, by the flags that say it. Exchanged sides were put right: nothing is to be doubted.
_SAID = {"filled": Flag.FILLED | Flag.REPLACED, "doubtful": Flag.DOUBTFUL}
_NOT_IN_VIEW = "not measurable from here"


def marks(track: Track, name: str, view: Doubles | None) -> dict[str, list[tuple[int, int]]]:
    """Return the stretches of a person's curve of which something is to be said.

    Args:
        track: the person's F sightings.
        name: of the quantity, a column of the CSV's.
        view: (F,) from which side they are seen, degrees; None where that is not known.

    Returns:
        What is to be said to the first and the last frame of each stretch, counted in the
        recording.
    """
    said: dict[str, Mask] = {}
    if track.flags is not None:
        flags = track.flags[:, _keypoints(track, name)]
        said = {word: np.any(flags & flag, axis=1) for word, flag in _SAID.items()}
    if name in _ANGLES and view is not None:
        said[_NOT_IN_VIEW] = ~suits(_ANGLES[name], view) & np.isfinite(view)
    return {word: stretches(track.rows[where]) for word, where in said.items() if where.any()}


def _keypoints(track: Track, name: str) -> list[int]:
    """Return the keypoints that a quantity is made of."""
    if name == "view_deg":
        return []
    if name not in _ANGLES:
        return [track.skeleton.index(name.rsplit("_", 1)[0])]
    sources = point_sources(track.skeleton, _ANGLES[name].points)
    return sorted({keypoint for source in sources.values() for keypoint in source})
