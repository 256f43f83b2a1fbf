"""What a gait's page says, in words and rounded numbers, for HTML and PDF alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from limner.core.wording import counted
from limner.gait.analysis import Gait, Passage
from limner.gait.measures import Measure, Statistic
from limner.recording.recording import Recording

METHOD = (
    "Foot strikes and toe-offs: where heel and toe are furthest before and behind the pelvis "
    "(Zeni, Richards and Higginson 2008). Values: mean ± standard deviation (number of strides). "
    "Asymmetry: 100 (R - L) / mean of both (Robinson, Herzog and Nigg 1987), where each side has "
    "three strides."
)
MISSING = "–"  # noqa: RUF001 - a dash, as tables of numbers have it
# Lines to be filled in by hand.
BLANKS = ("Name", "Born", "Examined by", "Remarks")
MEASURES_HEAD = ("", "left", "right", "both", "asymmetry")
PASSAGES_HEAD = ("from – to (s)", "direction", "strides", "used")  # noqa: RUF001


def title(recording: Recording) -> str:
    """Return the name of what was measured."""
    return recording.header.input.name


def facts(gait: Gait, recording: Recording) -> list[tuple[str, str]]:
    """Return what is known of the recording, as pairs of name and value."""
    source = recording.header.input
    used = [passage for passage in gait.passages if passage.used]
    sides = {side: sum(one.side == side for one in gait.strides) for side in ("left", "right")}
    result = [
        ("Video", title(recording)),
        ("Recorded", (source.created or "unknown")[:16].replace("T", " ")),
        ("Person", f"{gait.person}"),
        ("Model", ", ".join(model.name for model in recording.header.models)),
        ("Program", recording.header.program),
    ]
    if used:
        strides = f"{sides['left']} left, {sides['right']} right"
        result.append(("Strides", f"{strides}, in {counted(len(used), 'passage')}"))
    if recording.problem:
        result.append(("Not complete", recording.problem))
    return result


def measure_rows(gait: Gait) -> list[tuple[str, ...]]:
    """Return the table of measures; see `MEASURES_HEAD`."""
    return [
        (
            f"{one.label}, {one.unit}",
            value(one.left, one),
            value(one.right, one),
            value(one.both, one),
            # Rounded first: there is no negative zero.
            MISSING if np.isnan(one.asymmetry) else f"{round(one.asymmetry, 1) + 0.0:+.1f} %",
        )
        for one in gait.measures
    ]


def value(found: Statistic | None, of: Measure) -> str:
    """Return a mean, its spread and how many it is of, such as ``0.61 ± 0.02 (5)``."""
    if found is None or found.count == 0:
        return MISSING
    digits = 2 if of.unit in ("s", "m", "m/s") or "leg" in of.unit else 1
    if np.isnan(found.spread):
        return f"{found.mean:.{digits}f} ({found.count})"
    return f"{found.mean:.{digits}f} ± {found.spread:.{digits}f} ({found.count})"


def passage_rows(passages: Sequence[Passage]) -> list[tuple[str, ...]]:
    """Return the table of passages; see `PASSAGES_HEAD`."""
    return [
        (
            f"{one.start:.2f} – {one.end:.2f}",  # noqa: RUF001
            f"to the {one.direction}" if one.direction else MISSING,
            str(len(one.strides)) if one.used else MISSING,
            _use(one),
        )
        for one in passages
    ]


def _use(passage: Passage) -> str:
    if not passage.used:
        return f"no: {passage.reason}"
    return "yes" + "".join(f"; {each} left out" for each in passage.left_out)


def nobody(recording: Recording, gaits: Sequence[Gait]) -> str:
    """Return the sentence of a page on which nobody walks."""
    if not gaits:
        return f"Nobody is seen in {title(recording)}, so there is no gait to measure."
    return (
        f"Nobody walks across the image of {title(recording)} for two whole strides, so no gait "
        "was measured. Below is why."
    )
