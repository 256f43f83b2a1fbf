"""The registry of formats. A new format is one module and one line here."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from limner.errors import UsageError


@dataclass(frozen=True)
class Format:
    """One way to write the numbers.

    Attributes:
        name: what `--format` takes.
        entry: ``module:name``, under limner, of its `Writer` class or, where the whole recording is
            needed, of a function that writes one person's recording to a path, given the name
            that the file gets in the end. That returns a sentence where some of what it wrote was
            not measured.
        ending: what follows the recording's name in the result's name.
        description: one line for `--help` and the documentation.
        streaming: whether it can be written while the video runs.
        entries: where the result is a folder, the pattern that the names in it match.
        beside: files that are written beside it where their option is given, by that option.
        metres: whether it holds what a recording's scale says.
    """

    name: str
    entry: str
    ending: str
    description: str
    streaming: bool = True
    entries: str | None = None
    beside: Mapping[str, tuple[Format, ...]] = field(default_factory=dict)
    metres: bool = False

    @property
    def folder(self) -> bool:
        """Whether the result is a folder of files."""
        return self.entries is not None

    def load(self) -> Any:
        """Import and return the writer class or the function."""
        module, name = self.entry.split(":")
        return getattr(import_module(f"limner.{module}"), name)

    @property
    def options(self) -> tuple[str, ...]:
        """The names of the options it takes."""
        parameters = inspect.signature(self.load()).parameters.values()
        return tuple(p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY)

    def files(self, options: Iterable[str]) -> tuple[Format, ...]:
        """Return this and what is written beside it with these options."""
        given = set(options)
        return (self, *(each for by, more in self.beside.items() if by in given for each in more))

    def check(self, options: Iterable[str]) -> None:
        """Refuse options that the format does not have.

        Raises:
            UsageError: it has no option of that name.
        """
        known = self.options
        for option in options:
            if option not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise UsageError(f"format {self.name} has no option {option!r}; {has}")


_SETUPS = (
    Format(
        "opensim-scaling",
        "export.opensim_setup:write_scaling",
        "_scaling.xml",
        "OpenSim's scaling of Pose2Sim's model",
        streaming=False,
    ),
    Format(
        "opensim-ik",
        "export.opensim_setup:write_kinematics",
        "_ik.xml",
        "OpenSim's inverse kinematics with it",
        streaming=False,
    ),
)

FORMATS = {
    entry.name: entry
    for entry in (
        Format("csv", "export.csv:CsvWriter", ".csv", "a table, one row per person per frame"),
        Format(
            "jsonl",
            "recording.writer:JsonlWriter",
            ".jsonl",
            "everything that was measured",
            metres=True,
        ),
        Format(
            "parquet",
            "export.parquet:ParquetWriter",
            ".parquet",
            "the table, for pandas and others",
        ),
        Format(
            "coco", "export.coco:CocoWriter", "_coco.json", "COCO keypoint results, 17 keypoints"
        ),
        Format(
            "openpose",
            "export.openpose:OpenPoseWriter",
            "_openpose",
            "OpenPose's JSON, a file per frame (BODY_25 or COCO-18)",
            entries="*_keypoints.json",
        ),
        Format(
            "mot-challenge", "export.mot_challenge:MotChallengeWriter", "_mot.txt", "boxes with ids"
        ),
        Format(
            "trc",
            "export.trc:write",
            ".trc",
            "marker positions in metres for OpenSim, a file per person",
            streaming=False,
            metres=True,
            beside={"markers": _SETUPS},
        ),
        Format(
            "c3d",
            "export.c3d:write",
            ".c3d",
            "marker positions for motion capture programs, a file per person",
            streaming=False,
            metres=True,
        ),
        Format(
            "bvh",
            "export.bvh:write",
            ".bvh",
            "joint rotations for animation programs, a file per person",
            streaming=False,
            metres=True,
        ),
        Format(
            "nwb",
            "export.nwb:write",
            ".nwb",
            "Neurodata Without Borders (ndx-pose), a file per person",
            streaming=False,
        ),
        Format(
            "opensim-mot",
            "export.opensim_mot:write",
            ".mot",
            "joint angles for OpenSim, a file per person",
            streaming=False,
        ),
    )
}


def find_format(name: str) -> Format:
    """Return a format.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name]
