"""What can be charted over time, by the names of the CSV's columns.

``left_knee_deg`` is an angle in degrees, ``left_ankle_x`` and ``left_ankle_y`` a place in
pixels. Values under the run's threshold are missing.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import Skeleton
from limner.errors import UsageError
from limner.motion.angles import angle_names
from limner.recording.recording import Recording
from limner.recording.track import Track
from limner.report.marks import marks

# The joints that most charts are about; the others can be asked for by name.
_MAIN_JOINTS = (
    "nose",
    *(
        f"{side}_{part}"
        for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        for side in ("left", "right")
    ),
)
_SIDES = ("left", "right")
_FIRST = ("left_knee_deg", "right_knee_deg", "left_ankle_y", "right_ankle_y")


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

    @property
    def side(self) -> str:
        """``left``, ``right``, or ``middle`` of what has no side."""
        return next((word for word in self.label.split() if word in _SIDES), "middle")

    @property
    def title(self) -> str:
        """The label without its side, such as ``knee``."""
        return " ".join(word for word in self.label.split() if word not in _SIDES) or self.label


@dataclass(frozen=True)
class Panel:
    """What is drawn in one chart: a joint's left and right, or what has no side.

    Attributes:
        title: such as ``knee``.
        group: as of its quantities.
        unit: as of its quantities.
        members: numbers of the quantities, left before right.
    """

    title: str
    group: str
    unit: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Curve:
    """One person's values of a quantity, and how far they can be believed.

    Attributes:
        values: (F,) numbers for the person's F sightings, NaN where missing.
        interval: (2, F) lowest and highest value that may be true, NaN where that is not known;
            drawn as a band.
        marked: what is to be said of stretches of time, such as ``filled``, with the first and
            the last frame of each, counted in the recording; drawn hatched.
    """

    values: NDArray[np.floating]
    interval: NDArray[np.floating] | None = None
    marked: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)


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


def panels(shown: Sequence[Quantity]) -> list[Panel]:
    """Return the charts of quantities: left and right of a joint share one, in the order given."""
    members: dict[tuple[str, str, str], list[int]] = {}
    for number, each in enumerate(shown):
        same = members.setdefault((each.title, each.group, each.unit), [])
        if all(shown[other].name != each.name for other in same):
            same.append(number)
    return [
        Panel(*key, tuple(sorted(numbers, key=lambda number: shown[number].side)))
        for key, numbers in members.items()
    ]


def curves(track: Track, shown: Sequence[Quantity]) -> list[Curve]:
    """Return the values of quantities for one person.

    Args:
        track: the person's F sightings.
        shown: the quantities.
    """
    angles = track.angles() if any(each.group == "angle" for each in shown) else {}
    margins = track.margins() if angles and track.errors is not None else {}
    points = track.seen_keypoints
    places = {name: number for number, name in enumerate(track.skeleton.keypoints)}

    def curve(each: Quantity) -> Curve:
        marked = marks(track, each.name, angles.get("view"))
        if each.group != "angle":
            return Curve(points[:, places[each.name[:-2]], "xy".index(each.group)], None, marked)
        angle = each.name.removesuffix("_deg")
        interval = None
        if angle in margins:
            interval = np.stack([angles[angle] - margins[angle], angles[angle] + margins[angle]])
        return Curve(angles[angle], interval, marked)

    return [curve(each) for each in shown]


def first_choice(available: Sequence[Quantity]) -> list[str]:
    """Return the names to show when nobody chose: knees and ankles, if they are there."""
    names = [quantity.name for quantity in available]
    return [name for name in _FIRST if name in names] or names[:4]


def seen_longest(recording: Recording, most: int) -> list[int]:
    """Return the identities of those who are in most frames, at most so many, in order."""
    counts = dict.fromkeys(recording.people, 0)
    for frame in recording:
        for identity in frame.ids.tolist():
            counts[identity] += 1
    return sorted(sorted(counts, key=lambda each: -counts[each])[:most])


def _words(name: str) -> str:
    return name.replace("_", " ")
