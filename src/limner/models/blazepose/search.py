"""How hard BlazePose looks for people, by name."""

from __future__ import annotations

from dataclasses import dataclass

from limner.models.blazepose.conventions import LIMNER, MEDIAPIPE, Conventions
from limner.models.topdown import Search


@dataclass(frozen=True, slots=True)
class Effort:
    """What a name of ``--search`` stands for.

    Attributes:
        search: where the detector looks, and how often the landmark network.
        conventions: how patches are cut and keypoints refined.
        faces: in an image that stands by itself, place the keypoints of heads by a network
            that looks at the head alone.
        half: whether the detector may compute in half precision. Where a body is need not be
            known exactly, as the landmark network looks there again: over images moved by
            some pixels, average precision is the same (0.225 and 0.226, standard deviation
            0.006). The landmark network itself never does: its keypoints would move by 2 of
            256 pixels in the median.
    """

    search: Search
    conventions: Conventions = LIMNER
    faces: bool = True
    half: bool = False


# The detector finds people from a fifth of a tile's side on, which is 250 pixels here.
_FINEST = 1280

SEARCHES = {
    "fast": Effort(Search((1.0,)), half=True),
    "normal": Effort(Search((1.0, 0.5), _FINEST, passes=2), half=True),
    # Looks at a body from regions that differ a little are worth more than one.
    "thorough": Effort(Search((1.0, 0.5, 0.35), _FINEST, passes=2, merge=0.03)),
    "mediapipe": Effort(Search((1.0,), threshold=0.5), MEDIAPIPE, faces=False),
}
