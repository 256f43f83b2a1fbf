"""JSONL: the recording itself, one JSON object a line, everything that was measured.

The numbers of a person are written with one format string: printing a list of numbers
this way takes a quarter of the time that the json module needs for it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.poses import Poses
from limner.recording.base import Angles, TextWriter
from limner.recording.header import Header


class JsonlWriter(TextWriter):
    """Writes a recording that `limner.load` reads."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        angles: Sequence[str] | None = None,
    ) -> None:
        """Open the file and write the header.

        Args:
            path: the file to write.
            header: its first line.
            angles: taken so that formats with angles share one signature; here every
                frame says by itself which angles it has.

        Raises:
            OutputError: it cannot be written.
        """
        super().__init__(path, header)
        count = len(header.skeleton)
        self._frames = 0
        self._person = '{"id":%d,"score":%.4f,"box":[%.2f,%.2f,%.2f,%.2f],"keypoints":'
        self._person += _rows("[%.2f,%.2f,%.4f]", count)
        self._points_3d = ',"keypoints_3d":' + _rows("[%.4f,%.4f,%.4f]", count)
        self._points_raw = ',"raw_keypoints":' + _rows("[%.2f,%.2f]", count)
        self._errors = ',"errors":' + "[" + ",".join(["%.3f"] * count) + "]"
        self._put(json.dumps(header.as_dict(), separators=(",", ":"), ensure_ascii=False) + "\n")

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a frame."""
        people = [self._describe(poses, person, angles) for person in range(len(poses))]
        hidden = ""
        if poses.hidden is not None:
            circles = ",".join(f"[{x:.2f},{y:.2f},{r:.2f}]" for x, y, r in poses.hidden.tolist())
            hidden = f',"hidden":[{circles}]'
        line = '{"type":"frame","frame":%d,"time":%.6f,"people":[%s]%s}\n'
        self._put(line % (poses.index, poses.time, ",".join(people), hidden))
        self._frames += 1

    def _describe(self, poses: Poses, person: int, angles: Angles | None) -> str:
        points = np.column_stack([poses.keypoints[person], poses.scores[person]])
        numbers: list[Any] = [int(poses.ids[person]), float(poses.person_scores[person])]
        numbers += _flat(poses.boxes[person])
        numbers += _flat(points)
        template = self._person
        if poses.keypoints_3d is not None:
            template += self._points_3d
            numbers += _flat(poses.keypoints_3d[person])
        if poses.raw_keypoints is not None:
            template += self._points_raw
            numbers += _flat(poses.raw_keypoints[person])
        if poses.flags is not None and poses.flags[person].any():
            template += ',"flags":[' + ",".join(map(str, poses.flags[person].tolist())) + "]"
        if poses.errors is not None:
            template += self._errors
            numbers += _flat(poses.errors[person])
        if angles is not None:
            template += ',"angles":{' + ",".join(f'"{name}":%.2f' for name in angles) + "}"
            numbers += [float(values[person]) for values in angles.values()]
        # No name in the template holds these letters: they are only numbers that are missing.
        return (template % tuple(numbers)).replace("nan", "null") + "}"

    def _ending(self, complete: bool) -> str:
        end: dict[str, Any] = {"type": "end", "frames": self._frames, "complete": complete}
        if self.problems:
            end["problems"] = list(self.problems)
        return json.dumps(end, separators=(",", ":"), ensure_ascii=False) + "\n"


def _rows(row: str, count: int) -> str:
    return "[" + ",".join([row] * count) + "]"


def _flat(values: NDArray[np.floating]) -> list[float]:
    """Return the numbers in a row; JSON has no infinity, so that is missing too."""
    values = values.ravel()
    if not np.isfinite(values).all():
        values = np.where(np.isfinite(values), values, np.nan)
    result: list[float] = values.tolist()
    return result
