"""What the models of each family can be told, and nobody else.

The help lists these options, so this imports nothing that only running a network needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, get_args

from limner.core.options import Option, choice, in_words, pixels, switch
from limner.errors import UsageError

SECTION = "The model"
"""The heading of the help that a model's options stand under."""

Search = Literal["fast", "normal", "thorough", "mediapipe"]
Decode = Literal["fields", "highest"]


class ModelOptions(TypedDict, total=False):
    """What can be asked of a model, as type checkers know it; `FAMILIES` says the meaning."""

    search: Search | None
    net_size: int | str | Sequence[int] | None
    flip: bool
    decode: Decode | None


_NET_SIZE = Option(
    None,
    pixels,
    "Pixels of the network's input on its long side. OpenPose, where several are averaged, and "
    "MoveNet MultiPose only.",
    "N[,N...]",
    SECTION,
)

_SEARCH = Option(
    None,
    choice(get_args(Search)),
    "How hard to look for people. BlazePose and the models of several networks only.",
    "fast|normal|thorough",
    SECTION,
)

FAMILIES: dict[str, dict[str, Option]] = {
    "blazepose": {"search": _SEARCH},
    "composed": {"search": _SEARCH},
    "movenet": {"net_size": _NET_SIZE},
    "openpose": {
        "net_size": _NET_SIZE,
        "flip": Option(
            False, switch, "Average with the mirrored image. OpenPose only.", section=SECTION
        ),
        "decode": Option(
            None,
            choice(get_args(Decode)),
            "How people are made of the network's maps: fields for everyone, highest for one "
            "person of each map's highest point. OpenPose only.",
            "fields|highest",
            SECTION,
        ),
    },
}
"""The options of each family, by their names."""

MODEL_OPTIONS = {name: option for family in FAMILIES.values() for name, option in family.items()}
"""The options of all families."""


# One option's value, and what does not go with it.
_ALONE = {
    ("decode", "highest"): (
        ("net_size", "flip"),
        "the highest points are those of the image at 368x368 pixels",
    )
}


def refuse_together(options: Mapping[str, Any]) -> None:
    """Refuse options of a model that exclude one another.

    Raises:
        UsageError: two do.
    """
    for (name, value), (others, why) in _ALONE.items():
        too_much = [other for other in others if other in options]
        if options.get(name) == value and too_much:
            raise UsageError(f"{name}: {why}, without {', '.join(map(in_words, too_much))}")


def asked(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options that ask for something; None and False do not."""
    return {
        name: value for name, value in options.items() if value is not None and value is not False
    }
