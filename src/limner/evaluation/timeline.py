"""Track timeline, an image of who is seen when: a row for each id, time to the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Image
from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.drawing.colors import legible, person_color
from limner.media.image import write_image
from limner.recording.track import sightings, stretches
from limner.system.staging import atomic

_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 40, 30, 40
_WIDTH, _ROW, _BAR = 1200, 34, 20
_INK, _FAINT = (60, 60, 60), (225, 225, 225)
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)


def draw_timeline(frames: Sequence[Poses], title: str = "") -> Image:
    """Draw when each id is seen.

    Args:
        frames: every frame of a recording in order.
        title: written above.

    Returns:
        (height, 1200, 3) RGB, a row for each id in ascending order.
    """
    import cv2

    found = sightings(frames)
    ids = [person for person in found if person > 0]
    height = _TOP + max(len(ids), 1) * _ROW + _BOTTOM
    image = np.full((height, _WIDTH, 3), 255, np.uint8)

    def write(text: str, x: int, y: int, scale: float = 0.45) -> None:
        cv2.putText(
            image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, 1, lineType=cv2.LINE_AA
        )

    starts, ends = _spans(frames)
    first, last = (starts[0], max(float(ends.max()), starts[0] + 1e-6)) if frames else (0.0, 1.0)
    scale = (_WIDTH - _LEFT - _RIGHT) / (last - first)

    step = next((step for step in _STEPS if (last - first) / step <= 12), (last - first) / 12)
    for tick in np.arange(0, (last - first) + 1e-9, step):
        x = _LEFT + round(tick * scale)
        cv2.line(image, (x, _TOP), (x, height - _BOTTOM), _FAINT, 1)
        write(f"{first + tick:g} s", x - 12, height - _BOTTOM + 20)

    write(title or "who is seen when", _LEFT, 24, 0.5)
    for number, person in enumerate(ids):
        y = _TOP + number * _ROW + (_ROW - _BAR) // 2
        write(f"id {person}", 12, y + _BAR - 5)
        rows, _ = found[person]
        for begin, end in stretches(np.unique(rows)):
            left = _LEFT + round((starts[begin] - first) * scale)
            right = max(_LEFT + round((ends[end] - first) * scale) - 1, left)
            cv2.rectangle(image, (left, y), (right, y + _BAR), legible(person_color(person)), -1)
    return image


def write_timeline(
    path: Path, frames: Sequence[Poses], title: str = "", *, overwrite: bool = False
) -> None:
    """Draw when each id is seen, into an image file.

    Args:
        path: the image; its ending says of which kind.
        frames: every frame of a recording in order.
        title: written above.
        overwrite: replace the file if it is there.

    Raises:
        OutputError: the file cannot be written, or is there already.
    """
    with atomic(path, overwrite=overwrite) as place:
        write_image(place, Frame(draw_timeline(frames, title)))


def _spans(
    frames: Sequence[Poses],
) -> tuple[list[float], NDArray[np.float64]]:
    """Return when each frame starts and ends, in seconds; the last is as long as usual."""
    starts = [poses.time for poses in frames]
    usual = float(np.median(np.diff(starts))) if len(starts) > 1 else 1 / 30
    return starts, np.array([*starts[1:], starts[-1] + usual] if starts else [], np.float64)
