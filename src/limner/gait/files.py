"""From a recording's file to its gait: tables, page and PDF."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from limner.gait import tables
from limner.gait.analysis import Gait, analyse
from limner.gait.chart import plotting
from limner.gait.page import page
from limner.gait.sheet import write_sheets
from limner.gait.wording import nobody
from limner.recording.recording import load
from limner.system.files import writing
from limner.system.staging import together


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        paths: the files.
        gaits: of everybody in the recording.
        problems: sentences on a recording that is not complete, or in which nobody walks.
    """

    paths: list[Path]
    gaits: list[Gait]
    problems: list[str]


def gait_file(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str] | None = None,
    *,
    person: int | None = None,
    height: float | str | Mapping[int, float] | None = None,
    start: float = 0.0,
    end: float = float("inf"),
    overwrite: bool = False,
) -> Written:
    """Measure the gait of people in a recording's file, and write all results.

    Where nobody walks the page says why, and the tables have no rows.

    Args:
        source: the recording, of a video from the side.
        folder: where to; beside the recording unless given. Made where it is missing.
        person: only this person.
        height: as in `analyse`.
        start: seconds to begin at.
        end: seconds to end before.
        overwrite: replace what is there already.

    Raises:
        RecordingError: the recording cannot be read, or has no gait in it by its kind.
        UsageError: matplotlib is not installed, or an option makes no sense.
        OutputError: a file cannot be written, or is there already.
    """
    source = Path(source)
    with plotting():
        whole = load(source)
        recording = whole.between(start, end)
        gaits = analyse(recording, person=person, height=height)
        target = Path(folder) if folder is not None else source.parent
        with writing(target):
            target.mkdir(parents=True, exist_ok=True)
        rows = {
            "measures": tables.measures(gaits),
            "strides": tables.strides(gaits),
            "events": tables.events(gaits, recording.times, recording.indices),
            "cycles": tables.cycles(gaits),
            "passages": tables.passages(gaits),
        }
        stem = f"{source.stem}_gait"
        texts = {target / f"{stem}_{name}.csv": tables.text(rows[name]) for name in rows}
        texts[target / f"{stem}.html"] = page(recording, gaits)
        sheet = target / f"{stem}.pdf"
        with together(dict.fromkeys([*texts, sheet]), overwrite=overwrite) as staged:
            for path, text in texts.items():
                with writing(path):
                    staged.place(path).write_text(text, encoding="utf-8", errors="replace")
            with writing(sheet):
                write_sheets(staged.place(sheet), recording, gaits)
    problems = [whole.problem] if whole.problem else []
    if not any(gait.walks for gait in gaits):
        problems.append(nobody(recording, gaits).removesuffix(" Below is why."))
    return Written([*texts, sheet], gaits, problems)
