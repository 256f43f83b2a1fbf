"""Annotators: each draws one thing about the poses on a frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Indices, Mask
from limner.core.flags import Flag
from limner.core.frame import Color
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.drawing.canvas import Canvas
from limner.drawing.style import Style

# A head with more keypoints than this gets no dots: they would hide it.
_MOST_DOTS = 7
# Opacities are drawn in steps, so that what is about equally sure is blended in one go.
_STEPS = 5
# Radius of a joint's dot, and width of the rim around all, as parts of a limb's width.
_DOT, _RIM = 0.95, 0.3
# What is drawn in grey where flags are: what nobody measured, or should not be believed.
GREYED = Flag.FILLED | Flag.REPLACED | Flag.DOUBTFUL
_GREY: Color = (150, 150, 150)


class Annotator(Protocol):
    """Draws one thing about everyone in a frame."""

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw on the canvas."""


@dataclass(frozen=True)
class SkeletonAnnotator:
    """Draws limbs and joints, left and right in their own colours, unsure ones fainter.

    Attributes:
        style: colours, widths and opacities.
        flags: whether limbs and joints that were filled in or are doubtful are grey.
    """

    style: Style = field(default_factory=Style)
    flags: bool = False

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw everyone's limbs and joints."""
        if len(poses) == 0:
            return
        plan = _plan(poses.skeleton, self.style)
        figures = _Figures(canvas, poses, plan, self.style)
        if self.flags and poses.flags is not None:
            figures.grey((poses.flags & GREYED) > 0, plan)
        for person in range(len(poses)):
            figures.draw_unsure(person)
        figures.draw_sure()


class _Figures:
    """Everyone in a frame, laid out for drawing."""

    def __init__(self, canvas: Canvas, poses: Poses, plan: _Plan, style: Style) -> None:
        self._canvas = canvas
        widths = style.widths(poses, canvas.width, canvas.height)[:, None]
        # What is missing is not drawn, so its place does not matter.
        missing = np.isnan(poses.keypoints)
        points = np.where(missing, 0, poses.keypoints).astype(np.float64)
        sureness = style.opacity(poses.scores).astype(np.float64)
        sureness[missing[..., 0] | missing[..., 1]] = 0
        opacity = np.ceil(sureness * _STEPS) / _STEPS
        starts, ends = points[:, plan.starts], points[:, plan.ends]
        centres = points[:, plan.discs]
        # (P, L + L + D, 2) what lines and discs are drawn around.
        self._places = np.concatenate([starts, ends, centres], axis=1)
        self._margins = (widths[:, 0] * plan.reach + 2).tolist()
        # (P, L) and (P, D): how opaque each line and disc is.
        self._line_opacity = np.minimum(opacity[:, plan.starts], opacity[:, plan.ends])
        self._disc_opacity = opacity[:, plan.discs]
        self._lines = canvas.lay_lines(
            starts.reshape(-1, 2), ends.reshape(-1, 2), (widths * plan.widths).ravel()
        )
        self._discs = canvas.lay_discs(centres.reshape(-1, 2), (widths * plan.radii).ravel())
        self._line_colors = plan.line_colors * len(poses)
        self._disc_colors = plan.disc_colors * len(poses)

    def grey(self, keypoints: Mask, plan: _Plan) -> None:
        """Take the colour from (P, K) keypoints and the limbs that end there; rims keep theirs."""
        for colors, own, flagged in (
            (
                self._line_colors,
                plan.line_rims,
                keypoints[:, plan.starts] | keypoints[:, plan.ends],
            ),
            (self._disc_colors, plan.disc_rims, keypoints[:, plan.discs]),
        ):
            for place in np.flatnonzero(flagged & ~own).tolist():
                colors[place] = _GREY

    def draw_sure(self) -> None:
        """Draw what is opaque, of everyone."""
        self._draw(np.flatnonzero(self._line_opacity >= 1), np.flatnonzero(self._disc_opacity >= 1))

    def draw_unsure(self, person: int) -> None:
        """Draw what is not, of one person: each level of opacity as a whole."""
        line_opacity, disc_opacity = self._line_opacity[person], self._disc_opacity[person]
        levels = set(line_opacity.tolist()) | set(disc_opacity.tolist())
        for level in sorted(levels - {0.0, 1.0}):
            lines, discs = line_opacity == level, disc_opacity == level
            places = self._places[person, np.concatenate([lines, lines, discs])]
            margin = self._margins[person]
            low, high = places.min(axis=0) - margin, places.max(axis=0) + margin
            with self._canvas.faded(tuple(low.tolist()), tuple(high.tolist()), level):
                self._draw(
                    np.flatnonzero(lines) + person * len(lines),
                    np.flatnonzero(discs) + person * len(discs),
                )

    def _draw(self, lines: Indices, discs: Indices) -> None:
        self._canvas.draw_lines(self._lines, self._line_colors, lines.tolist())
        self._canvas.draw_discs(self._discs, self._disc_colors, discs.tolist())


@dataclass(frozen=True)
class _Plan:
    """What is drawn of a skeleton: L lines and D discs, in drawing order.

    First come the rims of limbs, then the limbs; each dot lies on its own rim, so that
    neighbours stay apart. Sizes are parts of an arm's or a leg's width.

    Attributes:
        starts: (L,) keypoints where lines begin.
        ends: (L,) keypoints where they end.
        widths: (L,).
        line_colors: L colours.
        discs: (D,) keypoints.
        radii: (D,).
        disc_colors: D colours.
        reach: how far shapes go beyond the keypoints.
        line_rims: (L,) which lines are rims.
        disc_rims: (D,) which discs are.
    """

    starts: Indices
    ends: Indices
    widths: NDArray[np.float64]
    line_colors: list[Color]
    discs: Indices
    radii: NDArray[np.float64]
    disc_colors: list[Color]
    reach: float
    line_rims: Mask
    disc_rims: Mask


@lru_cache(maxsize=16)
def _plan(skeleton: Skeleton, style: Style) -> _Plan:
    limbs = [
        (start, end, _thickness(skeleton, start, end), style.color(skeleton, start, end))
        for start, end in skeleton.edges
    ]
    radius, rim = _DOT * style.joints, _RIM
    dots = [
        (joint, radius, style.color(skeleton, joint)) for joint in _joints(skeleton) if radius > 0
    ]
    rims: list[tuple[int, int, float, Color]] = []
    if style.outline is not None:
        outline = style.outline
        rims = [(start, end, 1 + 2 * rim, outline) for start, end, width, _ in limbs if width == 1]
        limbs = rims + limbs
        dots = [
            disc
            for joint, size, color in dots
            for disc in ((joint, size + rim, outline), (joint, size, color))
        ]
    return _Plan(
        starts=np.array([start for start, _, _, _ in limbs], np.intp),
        ends=np.array([end for _, end, _, _ in limbs], np.intp),
        widths=np.array([width for _, _, width, _ in limbs]),
        line_colors=[color for _, _, _, color in limbs],
        discs=np.array([joint for joint, _, _ in dots], np.intp),
        radii=np.array([size for _, size, _ in dots]),
        disc_colors=[color for _, _, color in dots],
        reach=max(radius, 0.5) + rim,
        line_rims=np.arange(len(limbs)) < len(rims),
        disc_rims=np.array([style.outline is not None and size > radius for _, size, _ in dots]),
    )


def _joints(skeleton: Skeleton) -> list[int]:
    """Return the keypoints that get a dot: the joints, not the details of face and hands."""
    details = {"hands"}
    if skeleton.groups.count("head") > _MOST_DOTS:
        details.add("head")
    return [joint for joint, group in enumerate(skeleton.groups) if group not in details]


def _thickness(skeleton: Skeleton, start: int, end: int) -> float:
    groups = {skeleton.groups[start], skeleton.groups[end]}
    if groups == {"head"}:
        return 0.4
    return 0.45 if "hands" in groups else 1.0


@dataclass(frozen=True)
class BoxAnnotator:
    """Draws a box around each person."""

    style: Style = field(default_factory=Style)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw everyone's box."""
        widths = self.style.widths(poses, canvas.width, canvas.height)
        for box, width in zip(poses.boxes.tolist(), widths.tolist(), strict=True):
            if not any(np.isnan(box)):
                canvas.rectangle((box[0], box[1]), (box[2], box[3]), self.style.middle, width / 2)


@dataclass(frozen=True)
class BlackAnnotator:
    """Paints the whole image black, for what is drawn after it to stand on."""

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Paint the image."""
        canvas.clear((0, 0, 0))
