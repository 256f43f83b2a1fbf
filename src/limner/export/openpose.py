"""OpenPose's JSON: one small file per frame, frames with nobody in them included.

The layout is OpenPose's version 1.3 (its doc/02_output.md): ``STEM_000000000012_keypoints
.json``, points as x, y, confidence, 0 0 0 where missing, ``person_id`` a list of one,
-1 where nobody was followed. Hands of 21 keypoints are written where the skeleton has them,
and a face of 68, after which OpenPose has two pupils that are then 0 0 0.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import BODY_25, COCO_WHOLEBODY_133, OPENPOSE_18
from limner.errors import UsageError
from limner.export.base import held_parts, numbers, require_body
from limner.recording.base import Angles, Writer
from limner.recording.header import Header
from limner.system.files import writing

_BODIES = {"body-25": BODY_25, "coco-18": OPENPOSE_18}
# Part to its key, and the zeros after its keypoints: OpenPose's face has 70, two of them pupils.
_PARTS = {
    "face": ("face_keypoints_2d", 2),
    "left_hand": ("hand_left_keypoints_2d", 0),
    "right_hand": ("hand_right_keypoints_2d", 0),
}
_UNUSED = (
    *("pose_keypoints_3d", "face_keypoints_3d", "hand_left_keypoints_3d"),
    "hand_right_keypoints_3d",
)


class OpenPoseWriter(Writer):
    """Writes a folder of files."""

    def __init__(
        self, path: str | os.PathLike[str], header: Header, *, body: str = "body-25"
    ) -> None:
        """Make the folder.

        Args:
            path: the folder to fill; made where it is missing.
            header: facts of the recording.
            body: ``body-25`` or ``coco-18``.

        Raises:
            UsageError: there is no such body.
            RecordingError: the skeleton lacks keypoints of the body.
            OutputError: it cannot be written.
        """
        super().__init__(path, header)
        if body not in _BODIES:
            raise UsageError(f"OpenPose has no body {body!r}; choose {' or '.join(_BODIES)}")
        self._body = _BODIES[body]
        require_body(header.skeleton, self._body, "openpose")
        self._parts = held_parts(header.skeleton, COCO_WHOLEBODY_133)
        self._stem = Path(header.input.path).stem or "frame"
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Write the frame's file."""
        points = numbers(poses.to(self._body))
        details = {
            key: np.pad(numbers(poses, self._parts[part]), ((0, 0), (0, pupils), (0, 0)))
            if part in self._parts
            else np.empty((len(poses), 0))
            for part, (key, pupils) in _PARTS.items()
        }
        people = [
            {
                "person_id": [int(identity) if identity > 0 else -1],
                "pose_keypoints_2d": _rounded(points[person]),
                **{key: _rounded(values[person]) for key, values in details.items()},
                **{key: [] for key in _UNUSED},
            }
            for person, identity in enumerate(poses.ids)
        ]
        file = self.path / f"{self._stem}_{poses.index:012d}_keypoints.json"
        with writing(file):
            file.write_text(
                json.dumps({"version": 1.3, "people": people}, separators=(",", ":")),
                encoding="utf-8",
            )

    def close(self, complete: bool = True) -> None:
        """Do nothing: every file is finished when it is written."""


def _rounded(values: Floats) -> list[float]:
    return [round(value, 4) for value in values.ravel().tolist()]
