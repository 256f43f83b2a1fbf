"""Face anonymisation of everyone that was found, whether they are drawn or not.

Where to hide errs on the large side. A head that was just seen, or is just about to be, is
hidden at its expected place, larger the longer it is out of sight.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.core.poses import Poses

# Radius of the circle that hides a head, as a part of: the largest distance between points
# of the face (an adult's ears are 15 cm apart), the width of the shoulders (38 cm), the
# length of the trunk (50 cm). The largest of the three counts: seen from the side or from
# behind, some of them are short.
_OF_FACE, _OF_SHOULDERS, _OF_TRUNK = 1.1, 0.4, 0.32
# A head without a single point of the face is this far above the shoulders, in trunks.
_ABOVE_SHOULDERS = 0.35
# A face that was guessed rather than seen is hidden in a circle so much larger.
_UNSURE, _UNSURE_FACTOR = 0.6, 1.4
# Cells of the mosaic from side to side of a head. Faces of this size carry no identity.
_CELLS = 5
# Heads move on at their last speed for this long, seconds, and then stay.
_COASTING = 0.2
# A hidden place grows by this part of itself per second out of sight.
_GROWTH = 2.0


@dataclass(frozen=True, slots=True)
class Head:
    """A circle that holds somebody's head.

    Attributes:
        time: of the frame, seconds.
        x: of the middle, pixels.
        y: of the middle, pixels.
        radius: pixels.
    """

    time: float
    x: float
    y: float
    radius: float


class FaceBlur:
    """Face anonymiser for the frames of one video, or for an image.

    `see` takes everybody who is found in a frame, ghosts and people who will not be drawn
    included. `blur` may come some frames later; what has been seen by then also tells where
    heads were shortly before they were found.

    Args:
        hold: seconds for which a head out of sight is still hidden, before and after.
    """

    def __init__(self, hold: float = 1.0) -> None:
        self.hold = hold
        self._heads: dict[int, deque[Head]] = {}
        self._strangers = 0

    def see(self, poses: Poses) -> None:
        """Take everyone in the next frame; ids are those of a tracker, 0 for nobody's."""
        for person, identity in enumerate(poses.ids.tolist()):
            head = head_of(poses, person)
            if head is None:
                continue
            if not identity:
                self._strangers -= 1
                identity = self._strangers
            self._heads.setdefault(identity, deque()).append(head)

    def blur(self, frame: Frame) -> Floats:
        """Hide all faces in a frame, in place. Frames come in order of time.

        Returns:
            (H, 3) the circles that hide them: x, y and radius in pixels.
        """
        hidden: list[tuple[float, float, float]] = []
        for identity, heads in list(self._heads.items()):
            # The last head before the frame stays, with the one before it for its speed.
            while len(heads) > 2 and heads[2].time <= frame.time:
                heads.popleft()
            if heads[-1].time < frame.time - self.hold:
                del self._heads[identity]
                continue
            head = self._expected(heads, frame.time)
            if head is not None:
                hidden.append((head.x, head.y, head.radius))
        # As a recording holds them: drawn from there, the same pixels are hidden.
        circles = np.array(hidden).reshape(-1, 3).round(2).astype(np.float32)
        hide(frame, circles)
        return circles

    def _expected(self, heads: deque[Head], time: float) -> Head | None:
        """Return where a head is at a time; None if it was not there anywhere near."""
        before = [head for head in heads if head.time <= time]
        after = next((head for head in heads if head.time > time), None)
        last = before[-1] if before else None
        if last is not None and last.time == time:
            return last
        if last is not None and time - last.time > self.hold:
            last = None
        if after is not None and after.time - time > self.hold:
            after = None
        if last is not None and after is not None:
            return _between(last, after, time)
        if last is not None:
            return _moved(last, before[-2] if len(before) > 1 else last, time)
        if after is not None:
            return _moved(after, after, time)
        return None


def head_of(poses: Poses, person: int) -> Head | None:
    """Return the circle that holds a person's head; None if nothing tells where it is."""
    points = poses.keypoints[person].astype(np.float64)
    face = np.array([group == "head" for group in poses.skeleton.groups])
    face &= ~np.isnan(points).any(axis=1)
    shoulders, hips = _middle(poses, points, "shoulder"), _middle(poses, points, "hip")
    sizes = [_OF_SHOULDERS * _distance(poses, points, "left_shoulder", "right_shoulder")]
    if shoulders is not None and hips is not None:
        sizes.append(_OF_TRUNK * math.dist(shoulders, hips))
    if face.any():
        seen = points[face]
        spread = np.linalg.norm(seen[:, None] - seen[None], axis=2).max()
        radius = max([_OF_FACE * float(spread), *sizes])
        if not np.fmax.reduce(poses.scores[person][face]) >= _UNSURE:
            radius *= _UNSURE_FACTOR
        x, y = ((seen.min(axis=0) + seen.max(axis=0)) / 2).tolist()
    elif shoulders is not None and max(sizes) > 0:
        radius = max(sizes) * _UNSURE_FACTOR
        trunk = radius / _UNSURE_FACTOR / _OF_TRUNK
        up = (0.0, -1.0)
        if hips is not None and math.dist(shoulders, hips) > 0:
            length = math.dist(shoulders, hips)
            up = ((shoulders[0] - hips[0]) / length, (shoulders[1] - hips[1]) / length)
        x = shoulders[0] + up[0] * _ABOVE_SHOULDERS * trunk
        y = shoulders[1] + up[1] * _ABOVE_SHOULDERS * trunk
    else:
        return None
    return Head(poses.time, x, y, max(radius, 2.0))


def _between(last: Head, after: Head, time: float) -> Head:
    """Return a circle between two that is so large that it does not miss what is on the way."""
    share = (time - last.time) / (after.time - last.time)
    unseen = min(time - last.time, after.time - time)
    return Head(
        time,
        last.x + share * (after.x - last.x),
        last.y + share * (after.y - last.y),
        max(last.radius, after.radius) * (1 + _GROWTH * unseen),
    )


def _moved(head: Head, earlier: Head, time: float) -> Head:
    """Return a circle that has gone on as it did from an earlier one, and grown."""
    away = time - head.time
    step = head.time - earlier.time
    coasted = min(max(away, 0.0), _COASTING) / step if step > 0 else 0.0
    return Head(
        time,
        head.x + coasted * (head.x - earlier.x),
        head.y + coasted * (head.y - earlier.y),
        head.radius * (1 + _GROWTH * abs(away)),
    )


def hide(frame: Frame, circles: Floats) -> None:
    """Replace discs by a coarse mosaic, in place.

    Args:
        frame: the image.
        circles: (H, 3) x, y and radius in pixels.
    """
    for circle in circles.tolist():
        _pixelate(frame, *circle)


def _pixelate(frame: Frame, *circle: float) -> None:
    """Replace a disc, x, y and radius, by a coarse mosaic, in each layer of the frame."""
    for layer in frame.layers():
        x, y, radius = (value * layer.scale for value in circle)
        rows, columns = layer.pixels.shape[:2]
        x1, y1 = max(math.floor(x - radius), 0), max(math.floor(y - radius), 0)
        x2, y2 = min(math.ceil(x + radius) + 1, columns), min(math.ceil(y + radius) + 1, rows)
        if x1 >= x2 or y1 >= y2:
            continue
        part = layer.pixels[y1:y2, x1:x2]
        mask = np.zeros(part.shape[:2], np.uint8)
        middle = (round(x - x1), round(y - y1))
        cv2.circle(mask, middle, math.ceil(radius), 255, cv2.FILLED)
        cv2.copyTo(_mosaic(part, 2 * radius / _CELLS), mask, part)


def _mosaic(part: Image, cell: float) -> Image:
    height, width = part.shape[:2]
    cells = max(1, round(width / cell)), max(1, round(height / cell))
    small = cv2.resize(part, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def _middle(poses: Poses, points: NDArray[np.float64], part: str) -> tuple[float, float] | None:
    """Return the middle of a left and a right point; of one, where the other is missing."""
    names = poses.skeleton.keypoints
    both = [
        points[names.index(name)] for name in (f"left_{part}", f"right_{part}") if name in names
    ]
    known = [point for point in both if not np.isnan(point).any()]
    if not known:
        return None
    x, y = np.mean(known, axis=0).tolist()
    return x, y


def _distance(poses: Poses, points: NDArray[np.float64], first: str, second: str) -> float:
    names = poses.skeleton.keypoints
    if first not in names or second not in names:
        return 0.0
    distance = float(np.linalg.norm(points[names.index(first)] - points[names.index(second)]))
    return 0.0 if math.isnan(distance) else distance
