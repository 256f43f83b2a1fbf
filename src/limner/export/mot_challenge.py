"""MOTChallenge: boxes with identities (https://motchallenge.net, Dendorfer et al. 2020).

``frame,id,left,top,width,height,confidence,-1,-1,-1``; frames, identities and pixels count
from 1 here, and a person nobody followed has the identity -1.
"""

from __future__ import annotations

import numpy as np

from limner.core.poses import Poses
from limner.recording.base import Angles, TextWriter


class MotChallengeWriter(TextWriter):
    """Writes one line per box."""

    def write(self, poses: Poses, angles: Angles | None = None) -> None:
        """Add a line for each person in the frame who has a box."""
        lines = []
        for identity, box, score in zip(poses.ids, poses.boxes, poses.person_scores, strict=True):
            if np.isnan(box).any():
                continue
            x1, y1, x2, y2 = box.tolist()
            name = int(identity) if identity > 0 else -1
            lines.append(
                f"{poses.index + 1},{name},{x1 + 1:.2f},{y1 + 1:.2f},{x2 - x1:.2f},{y2 - y1:.2f},"
                f"{np.nan_to_num(score):.4f},-1,-1,-1\n"
            )
        if lines:
            self._put("".join(lines))
