"""COCO keypoint results (https://cocodataset.org/#format-results).

One entry per person: 17 keypoints as x, y, score, 0 0 0 where missing, as the format has
no other way to say it. ``image_id`` is the frame's position from 0. Of a skeleton with all
parts of COCO-WholeBody, its feet, face and hands stand beside them, under that data set's
names (https://github.com/jin-s13/COCO-WholeBody).
"""

from __future__ import annotations

import json
import os

import numpy as np

from limner.core.poses import Poses
from limner.core.skeletons import COCO_17, COCO_WHOLEBODY_133
from limner.export.base import held_parts, numbers, require_body
from limner.recording.base import Angles, TextWriter
from limner.recording.header import Header

_PERSON = 1
_PARTS = {
    "feet": "foot_kpts",
    "face": "face_kpts",
    "left_hand": "lefthand_kpts",
    "right_hand": "righthand_kpts",
}


class CocoWriter(TextWriter):
    """Writes one list of results."""

    def __init__(self, path: str | os.PathLike[str], header: Header) -> None:
        """Open the file.

        Raises:
            RecordingError: the skeleton lacks keypoints of COCO's.
            OutputError: it cannot be written.
        """
        require_body(header.skeleton, COCO_17, "coco")
        super().__init__(path, header)
        self._put("[")
        self._first = True
        held = held_parts(header.skeleton, COCO_WHOLEBODY_133)
        self._parts = held if held.keys() == _PARTS.keys() else {}

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add an entry for each person in the frame."""
        body = poses.to(COCO_17)
        points = numbers(body)
        details = {_PARTS[part]: numbers(poses, at) for part, at in self._parts.items()}
        lines = []
        for person in range(len(poses)):
            box = body.boxes[person].tolist()
            entry = {
                "image_id": poses.index,
                "category_id": _PERSON,
                "keypoints": _rounded(points[person].ravel().tolist()),
                **{key: _rounded(at[person].ravel().tolist()) for key, at in details.items()},
                "score": round(float(np.nan_to_num(poses.person_scores[person])), 4),
            }
            if not np.isnan(box).any():
                x1, y1, x2, y2 = box
                entry["bbox"] = _rounded([x1, y1, x2 - x1, y2 - y1])
            if poses.ids[person] > 0:
                entry["track_id"] = int(poses.ids[person])
            lines.append(json.dumps(entry, separators=(",", ":")))
        if lines:
            self._put(("\n" if self._first else ",\n") + ",\n".join(lines))
            self._first = False

    def _ending(self, complete: bool) -> str:
        return "\n]\n"


def _rounded(values: list[float]) -> list[float]:
    return [round(value, 4) for value in values]
