"""OpenPose's JSON: one small file per frame, frames with nobody in them included.

The layout is OpenPose's version 1.3 (its doc/02_output.md): ``STEM_000000000012_keypoints
.json``, points as x, y, confidence, 0 0 0 where missing, ``person_id`` a list of one,
-1 where nobody was followed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from limner.core.poses import Poses
from limner.core.skeletons import BODY_25, OPENPOSE_18
from limner.errors import UsageError
from limner.export.base import require_body
from limner.recording.base import Angles, Writer
from limner.recording.header import Header
from limner.system.files import writing

_BODIES = {"body-25": BODY_25, "coco-18": OPENPOSE_18}
_UNUSED = (
    *("face_keypoints_2d", "hand_left_keypoints_2d", "hand_right_keypoints_2d"),
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
        self._stem = Path(header.input.path).stem or "frame"
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Write the frame's file."""
        body = poses.to(self._body)
        points = np.concatenate([body.keypoints, body.scores[..., None]], axis=2)
        points[np.isnan(points).any(axis=2)] = 0
        people = [
            {
                "person_id": [int(identity) if identity > 0 else -1],
                "pose_keypoints_2d": [round(value, 4) for value in row.ravel().tolist()],
                **{key: [] for key in _UNUSED},
            }
            for identity, row in zip(poses.ids, points, strict=True)
        ]
        file = self.path / f"{self._stem}_{poses.index:012d}_keypoints.json"
        with writing(file):
            file.write_text(
                json.dumps({"version": 1.3, "people": people}, separators=(",", ":")),
                encoding="utf-8",
            )

    def close(self, complete: bool = True) -> None:
        """Do nothing: every file is finished when it is written."""
