"""What can be charted over time, by the names of the CSV's columns.

``left_knee_deg`` is an angle in degrees, ``left_ankle_x`` and ``left_ankle_y`` a place in
pixels. Values under the run's threshold are missing.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.angles import angle_names
from limner.recording.track import Track

# The joints that most charts are about; the others can be asked for by name.
_MAIN_JOINTS = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
_FIRST = ("left_knee_deg", "right_knee_deg", "left_ankle_y", "right_ankle_y")

# Okabe and Ito's colours, which most colour-blind people can tell apart (2008,
# https://jfly.uni-koeln.de/color/), without the yellow, which is too light for a line.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")


@dataclass(frozen=True)
class Quantity:
    """Something that has a value for everybody over time.

    Attributes:
        name: as in the CSV, such as ``left_knee_deg``.
        label: for people, such as ``left knee``.
        group: ``angle``, ``x`` or ``y``.
        unit: ``degrees`` or ``px``.
    """

    name: str
    label: str
    group: str
    unit: str


def quantities(skeleton: Skeleton, names: Sequence[str] | None = None) -> list[Quantity]:
    """Return what can be charted.

    Args:
        skeleton: of the recording.
        names: which, in order; every angle and the main joints unless given, and every
            keypoint where the skeleton has none of these.

    Raises:
        UsageError: there is no quantity of a name.
    """
    found = {
        f"{angle}_deg": Quantity(f"{angle}_deg", _words(angle), "angle", "degrees")
        for angle in angle_names(skeleton)
    }
    for joint in skeleton.keypoints:
        for group in "xy":
            name = f"{joint}_{group}"
            found[name] = Quantity(name, f"{_words(joint)} {group}", group, "px")
    if names is None:
        main = [
            quantity
            for quantity in found.values()
            if quantity.group == "angle" or quantity.name[:-2] in _MAIN_JOINTS
        ]
        return main or list(found.values())
    for name in names:
        if name not in found:
            near = difflib.get_close_matches(name, found, n=3) or list(found)[:6]
            raise UsageError(
                f"the recording has nothing called {name!r} to chart; perhaps {', '.join(near)}"
            )
    return [found[name] for name in names]


def curves(track: Track, shown: Sequence[Quantity]) -> list[NDArray[np.floating]]:
    """Return the values of quantities for one person.

    Args:
        track: the person's F sightings.
        shown: the quantities.

    Returns:
        (F,) numbers for each, NaN where missing.
    """
    angles = track.angles() if any(each.group == "angle" for each in shown) else {}
    points = track.seen_keypoints
    places = {name: number for number, name in enumerate(track.skeleton.keypoints)}
    return [
        angles[each.name.removesuffix("_deg")]
        if each.group == "angle"
        else points[:, places[each.name[:-2]], "xy".index(each.group)]
        for each in shown
    ]


def first_choice(available: Sequence[Quantity]) -> list[str]:
    """Return the names to show when nobody chose: knees and ankles, if they are there."""
    names = [quantity.name for quantity in available]
    return [name for name in _FIRST if name in names] or names[:4]


def _words(name: str) -> str:
    return name.replace("_", " ")
