"""An annotator that shows where hands and feet have just been."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.drawing.canvas import Canvas
from limner.drawing.style import Style

_TRAILED = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
# Trails fade in this many steps, from the oldest to the newest part.
_STEPS = 4
# A gap in what was seen that is longer than this, in seconds, breaks the trail.
_LONGEST_GAP = 0.2


@dataclass(frozen=True, slots=True)
class _Moment:
    """Where one person's hands and feet were at a time: (J, 2) points, NaN where unseen."""

    time: float
    width: float
    points: NDArray[np.float64]


@dataclass
class TrailAnnotator:
    """Draws the paths of wrists and ankles over the last seconds, older parts thinner and fainter.

    It remembers what it has drawn, so each video needs its own; frames come in order.

    Attributes:
        seconds: how far back trails reach.
        style: colours, widths and the score from which a keypoint counts.
    """

    seconds: float
    style: Style = field(default_factory=Style)
    _trails: dict[int, deque[_Moment]] = field(default_factory=dict, init=False, repr=False)

    def draw(self, canvas: Canvas, poses: Poses) -> None:
        """Draw everyone's trails, also of people who have just left."""
        joints = [name for name in _TRAILED if name in poses.skeleton.keypoints]
        self._remember(canvas, poses, [poses.skeleton.index(name) for name in joints])
        for trail in self._trails.values():
            self._draw_trail(canvas, trail, joints, poses.skeleton, poses.time)

    def _remember(self, canvas: Canvas, poses: Poses, joints: list[int]) -> None:
        widths = self.style.widths(poses, canvas.width, canvas.height)
        seen = _seen(poses, self.style.threshold)[:, joints].astype(np.float64)
        for person, identity in enumerate(poses.ids.tolist()):
            moment = _Moment(poses.time, float(widths[person]), seen[person])
            self._trails.setdefault(identity, deque()).append(moment)
        for identity, trail in list(self._trails.items()):
            while trail and trail[0].time < poses.time - self.seconds:
                trail.popleft()
            if not trail:
                del self._trails[identity]

    def _draw_trail(
        self,
        canvas: Canvas,
        trail: deque[_Moment],
        joints: list[str],
        skeleton: Skeleton,
        now: float,
    ) -> None:
        if len(trail) < 2:
            return
        times = np.array([moment.time for moment in trail])
        points = np.stack([moment.points for moment in trail])
        starts, ends = points[:-1], points[1:]
        whole = ~np.isnan(starts + ends).any(axis=2) & (np.diff(times) <= _LONGEST_GAP)[:, None]
        # From 0 for what is just disappearing to 1 for what is now.
        youth = np.clip(1 - (now - times[1:]) / self.seconds, 0, 1)
        widths = (0.4 + 0.8 * youth) * trail[-1].width
        steps = np.minimum((youth * _STEPS).astype(int), _STEPS - 1)
        for step in range(_STEPS):
            for place, name in enumerate(joints):
                chosen = np.flatnonzero((steps == step) & whole[:, place])
                if not len(chosen):
                    continue
                color = self.style.color(skeleton, skeleton.index(name))
                a, b = starts[chosen, place], ends[chosen, place]
                both = np.concatenate([a, b])
                margin = widths.max() + 2
                low, high = both.min(axis=0) - margin, both.max(axis=0) + margin
                lines = canvas.lay_lines(a, b, widths[chosen])
                # Discs close the outer side of the bends.
                bends = canvas.lay_discs(b, widths[chosen] / 2)
                opacity = 0.25 + 0.6 * (step + 1) / _STEPS
                with canvas.faded(tuple(low.tolist()), tuple(high.tolist()), opacity):
                    canvas.draw_lines(lines, [color] * len(chosen))
                    canvas.draw_discs(bends, [color] * len(chosen))


def _seen(poses: Poses, threshold: float) -> Floats:
    sure = poses.scores >= threshold
    return np.where(sure[..., None], poses.keypoints, np.nan).astype(np.float32)
