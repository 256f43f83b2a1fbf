"""Annotators: each draws one thing about the poses on a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from limner.drawing.canvas import Canvas
from limner.drawing.style import Style
from limner.frame import Color
from limner.poses import Poses
from limner.skeletons import Skeleton

_FACE = ("nose", "eye", "ear", "mouth")
_HAND = ("pinky", "index", "thumb")


class Annotator(Protocol):
    """Draws one thing about everyone in a frame."""

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw on the canvas."""


@dataclass(frozen=True)
class _Limb:
    start: int
    end: int
    color: Color
    thin: bool


@dataclass(frozen=True)
class SkeletonAnnotator:
    """Draws limbs and joints, left and right in their own colours, unsure ones fainter."""

    style: Style = field(default_factory=Style)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw everyone's limbs and joints."""
        widths = self.style.widths(poses, canvas.width, canvas.height)
        for person in range(len(poses)):
            self._draw_person(canvas, poses, person, float(widths[person]))

    def _draw_person(self, canvas: Canvas, poses: Poses, person: int, width: float) -> None:
        style = self.style
        points = [(float(x), float(y)) for x, y in poses.keypoints[person]]
        opacity = [
            style.opacity(float(score)) if x == x and y == y else 0.0
            for score, (x, y) in zip(poses.scores[person], points, strict=True)
        ]
        limbs = [
            (limb, min(opacity[limb.start], opacity[limb.end]))
            for limb in _limbs(poses.skeleton, style)
        ]
        rim = max(1.0, width * 0.3)
        for limb, visible in limbs:
            if visible and not limb.thin:
                start, end = points[limb.start], points[limb.end]
                canvas.line(start, end, style.outline, width + 2 * rim, visible * 0.8)
        for limb, visible in limbs:
            if visible:
                thickness = width * (0.6 if limb.thin else 1.0)
                canvas.line(points[limb.start], points[limb.end], limb.color, thickness, visible)
        for joint in _joints(poses.skeleton):
            if opacity[joint]:
                color = style.color(poses.skeleton, joint)
                canvas.disc(points[joint], style.outline, width * 0.95 + rim, opacity[joint])
                canvas.disc(points[joint], color, width * 0.95, opacity[joint])


@lru_cache(maxsize=16)
def _limbs(skeleton: Skeleton, style: Style) -> tuple[_Limb, ...]:
    return tuple(
        _Limb(
            start,
            end,
            style.color(skeleton, start, end),
            thin=all(_is_part(skeleton, keypoint, _FACE) for keypoint in (start, end))
            or any(_is_part(skeleton, keypoint, _HAND) for keypoint in (start, end)),
        )
        for start, end in skeleton.edges
    )


@lru_cache(maxsize=16)
def _joints(skeleton: Skeleton) -> tuple[int, ...]:
    """Return the keypoints that get a dot: the joints, not the details of face and hands."""
    return tuple(
        keypoint
        for keypoint in range(len(skeleton))
        if not _is_part(skeleton, keypoint, _HAND)
        and not (len(skeleton) > 30 and _is_part(skeleton, keypoint, _FACE))
    )


def _is_part(skeleton: Skeleton, keypoint: int, parts: tuple[str, ...]) -> bool:
    words = skeleton.keypoints[keypoint].split("_")
    return "foot" not in words and any(part in words for part in parts)


@dataclass(frozen=True)
class BoxAnnotator:
    """Draws a box around each person."""

    style: Style = field(default_factory=Style)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw everyone's box."""
        widths = self.style.widths(poses, canvas.width, canvas.height)
        for box, width in zip(poses.boxes.tolist(), widths.tolist(), strict=True):
            if all(value == value for value in box):
                canvas.rectangle((box[0], box[1]), (box[2], box[3]), self.style.middle, width / 2)


@dataclass(frozen=True)
class IdAnnotator:
    """Writes each person's number above them."""

    style: Style = field(default_factory=Style)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Write everyone's number."""
        height = max(12.0, min(canvas.width, canvas.height) / 32) * self.style.scale
        for identity, box in zip(poses.ids.tolist(), poses.boxes.tolist(), strict=True):
            if identity <= 0 or any(value != value for value in box):
                continue
            text = str(identity)
            width = canvas.text_width(text, height)
            x = min(max((box[0] + box[2] - width) / 2, height / 4), canvas.width - width)
            y = min(max(box[1] - height * 0.8, height * 1.5), canvas.height - height / 2)
            pad = height * 0.3
            canvas.fill(
                (x - pad, y - height - pad), (x + width + pad, y + pad), self.style.outline, 0.7
            )
            canvas.text(text, (x, y), self.style.middle, height)
