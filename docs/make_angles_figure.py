"""Draw docs/angles.svg, the conventions of the angles: python docs/make_angles_figure.py.

The values in the drawing are those that limner.motion measures on the figure drawn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner.core.skeletons import BLAZEPOSE_33
from limner.motion import frame_angles

Point = NDArray[np.float64]

# One side of someone who faces right, in pixels of a panel.
BODY = {
    name: np.array(place, float)
    for name, place in {
        "neck": (232, 150),
        "mid_hip": (200, 322),
        "shoulder": (232, 150),
        "elbow": (277, 250),
        "wrist": (365, 243),
        "index": (408, 215),
        "hip": (200, 322),
        "knee": (295, 432),
        "ankle": (252, 570),
        "heel": (238, 589),
        "foot_index": (315, 574),
    }.items()
}
HEAD = (247, 92)
SEGMENTS = (
    ("neck", "mid_hip"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("wrist", "index"),
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("heel", "foot_index"),
    ("ankle", "foot_index"),
)
# Joint: where it is measured, the segment that gives its zero, degrees from that segment's
# direction to the zero, the segment measured, and where the label stands.
JOINTS = (
    ("shoulder", "shoulder", ("neck", "mid_hip"), 0, ("shoulder", "elbow"), (-118, 46)),
    ("elbow", "elbow", ("shoulder", "elbow"), 0, ("elbow", "wrist"), (36, 44)),
    ("wrist", "wrist", ("elbow", "wrist"), 0, ("wrist", "index"), (50, 20)),
    ("hip", "hip", ("neck", "mid_hip"), 0, ("hip", "knee"), (-86, 50)),
    ("knee", "knee", ("hip", "knee"), 0, ("knee", "ankle"), (50, 34)),
    ("ankle", "ankle", ("knee", "ankle"), 90, ("heel", "foot_index"), (66, -4)),
)
# Segment: from the point where the angle is measured to the other end, and the label.
SEGMENT_LABELS = (
    ("trunk", "mid_hip", "neck", (30, -24)),
    ("arm", "shoulder", "elbow", (38, 26)),
    ("forearm", "elbow", "wrist", (44, 24)),
    ("hand", "wrist", "index", (44, -14)),
    ("thigh", "hip", "knee", (44, 22)),
    ("shank", "knee", "ankle", (38, 26)),
    ("foot", "heel", "foot_index", (46, 26)),
)
RADIUS = 34.0


def measured() -> dict[str, float]:
    """Return the angles of the figure as the library measures them."""
    keypoints = np.full((1, len(BLAZEPOSE_33), 2), np.nan)
    for side in ("left", "right"):
        for name, place in BODY.items():
            if f"{side}_{name}" in BLAZEPOSE_33.keypoints:
                keypoints[0, BLAZEPOSE_33.index(f"{side}_{name}")] = place
    found = frame_angles(keypoints, BLAZEPOSE_33)
    return {name.removeprefix("right_"): float(values[0]) for name, values in found.items()}


def direction(start: str, end: str) -> float:
    """Degrees of the way from one point to another, anticlockwise from the right."""
    way = BODY[end] - BODY[start]
    return float(np.degrees(np.arctan2(-way[1], way[0])))


def towards(degrees: float, length: float) -> Point:
    """A way of some length at an angle, y down."""
    return length * np.array([np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))])


def line(start: Point, end: Point, style: str) -> str:
    """A line of the drawing."""
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def arc(centre: Point, first: float, angle: float) -> str:
    """An arrow along a circle, from a direction on by an angle."""
    start = centre + towards(first, RADIUS)
    end = centre + towards(first + angle, RADIUS)
    sweep = 0 if angle > 0 else 1
    large = 1 if abs(angle) > 180 else 0
    return (
        f'<path class="arc" marker-end="url(#tip)" d="M {start[0]:.1f} {start[1]:.1f} '
        f'A {RADIUS} {RADIUS} 0 {large} {sweep} {end[0]:.1f} {end[1]:.1f}"/>'
    )


def label(place: Point, text: str, style: str = "") -> str:
    """Some words."""
    return f'<text class="{style}" x="{place[0]:.1f}" y="{place[1]:.1f}">{text}</text>'


def body() -> list[str]:
    """The figure itself."""
    limbs = [line(BODY[start], BODY[end], "limb") for start, end in SEGMENTS]
    joints = [f'<circle class="joint" cx="{x:.0f}" cy="{y:.0f}" r="5"/>' for x, y in BODY.values()]
    return [f'<circle class="head" cx="{HEAD[0]}" cy="{HEAD[1]}" r="34"/>', *limbs, *joints]


def joint_panel(values: dict[str, float]) -> list[str]:
    """Joint angles: from the dashed zero to the limb."""
    parts = [label(np.array([20.0, 30.0]), "joint angles", "title"), *body()]
    for name, at, zero_segment, turn, segment, shift in JOINTS:
        zero = direction(*zero_segment) + turn
        angle = (direction(*segment) - zero + 180) % 360 - 180
        parts += [
            line(BODY[at], BODY[at] + towards(zero, 75), "zero"),
            arc(BODY[at], zero, angle),
            label(BODY[at] + np.array(shift), f"{name} {values[name]:+.0f}°"),
        ]
    return parts


def segment_panel(values: dict[str, float]) -> list[str]:
    """Segment angles: from the horizontal to the limb."""
    parts = [label(np.array([20.0, 30.0]), "segment angles", "title"), *body()]
    for name, start, end, shift in SEGMENT_LABELS:
        parts += [
            line(BODY[start], BODY[start] + towards(0, 75), "zero"),
            arc(BODY[start], 0, direction(start, end)),
            label(BODY[start] + np.array(shift), f"{name} {values[name]:+.0f}°"),
        ]
    return parts


STYLE = """
  text { font: 15px sans-serif; fill: #222 } .title { font-weight: bold; font-size: 18px }
  .limb { stroke: #2a6f97; stroke-width: 7; stroke-linecap: round } .joint { fill: #014f86 }
  .head { fill: none; stroke: #2a6f97; stroke-width: 7 }
  .zero { stroke: #888; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .arc { fill: none; stroke: #d00000; stroke-width: 2.5 }
"""


def drawing() -> str:
    """Return the drawing as SVG."""
    values = measured()
    return "\n".join(
        [
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 640">',
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="5" '
            'markerHeight="5" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#d00000"/>'
            "</marker></defs>",
            '<rect width="960" height="640" fill="white"/>',
            *joint_panel(values),
            '<g transform="translate(480 0)">',
            *segment_panel(values),
            "</g>",
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    Path(__file__).with_name("angles.svg").write_text(drawing(), encoding="utf-8")
