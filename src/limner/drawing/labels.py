"""Annotators that write beside people: who they are, and how far their joints are bent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from limner.core.poses import Poses
from limner.drawing.canvas import Canvas
from limner.drawing.colors import person_color
from limner.drawing.style import Style
from limner.motion import AngleMeter
from limner.motion.definitions import JOINT_ANGLES

# The angles that are written. Those of wrists and feet would stand on top of each other.
_NAMES = {
    f"{side}_{joint}"
    for side in ("left", "right")
    for joint in ("elbow", "shoulder", "hip", "knee")
}
_WRITTEN = tuple(angle for angle in JOINT_ANGLES if angle.name in _NAMES)
# A person must be this many letters tall for angles to be readable.
_LEAST_LETTERS = 12


def letter_height(canvas: Canvas, style: Style) -> float:
    """Return how tall letters are written on an image, in pixels."""
    return max(11.0, min(canvas.width, canvas.height) / 48) * math.sqrt(style.width)


@dataclass
class IdAnnotator:
    """Writes each person's number above them, in the person's colour.

    It remembers whom it has met, so each video needs its own.

    Attributes:
        style: the outline, and how large letters are.
        least: write nothing before so many people have been met: one alone needs no number.
    """

    style: Style = field(default_factory=Style)
    least: int = 1
    _met: set[int] = field(default_factory=set, init=False, repr=False)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Write everyone's number."""
        self._met.update(identity for identity in poses.ids.tolist() if identity > 0)
        if len(self._met) < self.least:
            return
        height = letter_height(canvas, self.style)
        for identity, box in zip(poses.ids.tolist(), poses.boxes.tolist(), strict=True):
            if identity <= 0 or any(np.isnan(box)):
                continue
            text = str(identity)
            width = canvas.text_width(text, height)
            x = min(max((box[0] + box[2] - width) / 2, height / 4), canvas.width - width)
            y = min(max(box[1] - height * 1.6, height * 1.5), canvas.height - height / 2)
            canvas.text(text, (x, y), person_color(identity), height, self.style.outline)


@dataclass
class AngleAnnotator:
    """Writes the angles of elbows, shoulders, hips and knees, in degrees, beside the joints.

    People too small in the image for that are left out. It remembers the frames before, so each
    video needs its own; frames come in order.

    Attributes:
        style: colours, and the score from which a keypoint counts.
        linked: whether an id is the same person in the next frame.
        auto: leave out angles that cannot be measured in the person's view.
    """

    style: Style = field(default_factory=Style)
    linked: bool = True
    auto: bool = False
    _meter: AngleMeter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._meter = AngleMeter(self.style.threshold, linked=self.linked, auto=self.auto)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Write everyone's angles."""
        if len(poses) == 0:
            return
        height = letter_height(canvas, self.style)
        angles = self._meter.push(poses)
        middles = (poses.boxes[:, 0] + poses.boxes[:, 2]) / 2
        tall = poses.boxes[:, 3] - poses.boxes[:, 1] >= _LEAST_LETTERS * height
        for angle in _WRITTEN:
            if angle.name not in angles or angle.name not in poses.skeleton.keypoints:
                continue
            joint = poses.skeleton.index(angle.name)
            color = self.style.color(poses.skeleton, joint)
            for person in np.flatnonzero(tall & ~np.isnan(angles[angle.name])).tolist():
                x, y = poses.keypoints[person, joint].tolist()
                text = str(round(float(angles[angle.name][person])))
                # Away from the body and from the same joint of the other side.
                other = float(poses.keypoints[person, poses.skeleton.mirror[joint], 0])
                if x < (middles[person] if np.isnan(other) else other):
                    x -= height + canvas.text_width(text, height)
                else:
                    x += height
                canvas.text(text, (x, y + height / 2), color, height, self.style.outline)
