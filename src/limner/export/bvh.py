"""BVH: one person's movement as a skeleton of joints that turn (Biovision), for animation programs.

The offsets are the person's median limb lengths in metres, in a pose with the arms stretched
out: y up, the left arm along x, looking along z; right-handed. Each frame holds the place of the
hips and, for every joint, its turn about z, then about the turned x, then about the turned y
(M. Meredith and S. Maddock, Motion Capture File Formats Explained, 2001).

Keypoints say where a limb points and not how it is twisted about itself. Hips and chest have a
line across, so their turn is known; every other joint turns the shortest way from the rest pose,
as it is carried by its parent, to where its limb points.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from limner.core.arrays import Doubles
from limner.errors import RecordingError
from limner.export.markers import Markers, markers_of
from limner.recording.recording import Recording

_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_ORDER: Final = "ZXY"


class _Node(NamedTuple):
    """A joint, or the end of one.

    Attributes:
        name: as animation programs know it.
        parent: the name of the joint that carries it; empty for the root.
        points: the keypoints whose middle it is.
        rest: the direction from its parent to it in the rest pose; zeros where both are one place.
    """

    name: str
    parent: str
    points: tuple[str, ...]
    rest: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def joint(self) -> bool:
        """Whether it can turn."""
        return not self.name.endswith("End")


def _limbs(side: str, across: float) -> tuple[_Node, ...]:
    lower, out = side.lower(), (across, 0.0, 0.0)
    down = (0.0, -1.0, 0.0)
    return (
        _Node(f"{side}Arm", "Chest", (f"{lower}_shoulder",), out),
        _Node(f"{side}ForeArm", f"{side}Arm", (f"{lower}_elbow",), out),
        _Node(f"{side}Hand", f"{side}ForeArm", (f"{lower}_wrist",), out),
        _Node(f"{side}HandEnd", f"{side}Hand", (f"{lower}_index",), out),
        _Node(f"{side}UpLeg", "Hips", (f"{lower}_hip",), out),
        _Node(f"{side}Leg", f"{side}UpLeg", (f"{lower}_knee",), down),
        _Node(f"{side}Foot", f"{side}Leg", (f"{lower}_ankle",), down),
        _Node(f"{side}FootEnd", f"{side}Foot", (f"{lower}_foot_index",), _Z),
        _Node(f"{side}FootEnd", f"{side}Foot", (f"{lower}_big_toe",), _Z),
    )


_HIPS, _SHOULDERS = ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")
_NODES = (
    _Node("Hips", "", _HIPS),
    _Node("Spine", "Hips", _HIPS),
    _Node("Chest", "Spine", _SHOULDERS, _Y),
    _Node("Neck", "Chest", _SHOULDERS),
    _Node("Head", "Neck", ("left_ear", "right_ear"), _Y),
    _Node("HeadEnd", "Head", ("nose",), _Z),
    *_limbs("Left", 1.0),
    *_limbs("Right", -1.0),
)
# Joints whose turn a line from right to left and the trunk say.
_ACROSS = {"Hips": ("LeftUpLeg", "RightUpLeg"), "Chest": ("LeftArm", "RightArm")}
# Metres between two places that are one.
_NOWHERE = 1e-6


@dataclass(frozen=True)
class _Body:
    """The joints and ends that a person has.

    Attributes:
        nodes: parents before their children.
        places: (S, 3) metres of each, by name.
        lengths: metres from its parent to each, by name.
    """

    nodes: tuple[_Node, ...]
    places: dict[str, Doubles]
    lengths: dict[str, float]

    def children(self, name: str) -> list[_Node]:
        return [node for node in self.nodes if node.parent == name]


def write(
    recording: Recording,
    path: Path,
    name: str,
    /,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
) -> str | None:
    """Write one person's file.

    Args:
        recording: a recording of one person, with 3-D coordinates.
        path: where to write.
        name: the file's name.
        height: the person's height in metres; the hips then move with their place in the image.
        scale: metres per pixel; this or the height.
        rate: frames per second; the recording's own unless given.

    Returns:
        A sentence on what was not measured, None where all was.

    Raises:
        UsageError: an option is out of range, or height and scale were both given.
        RecordingError: there is no 3-D, or hips or shoulders are never seen.
    """
    missing = [each for each in (*_HIPS, *_SHOULDERS) if each not in recording.skeleton.keypoints]
    if missing:
        raise RecordingError(
            f"skeleton {recording.skeleton.name} has no {', '.join(missing)}, and a BVH is built "
            "upon them; choose another format, such as csv"
        )
    found = markers_of(recording, height=height, scale=scale, rate=rate, coordinates="space")
    body, bridged = _body(found, recording)
    turns = _turns(body)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_lines(body, turns, found.rate))
    said = []
    if gone := _never_seen(found):
        said.append(f"{', '.join(gone)}, never seen, and what hangs on them are left out")
    if bridged:
        said.append(
            f"joints were not seen in {bridged} of {len(found.samples)} frames and are moved "
            "evenly from where they were seen before to where they are seen next; BVH cannot say "
            "so"
        )
    return f"{name}: {'; '.join(said)}" if said else None


def _never_seen(found: Markers) -> list[str]:
    points = dict.fromkeys(point for node in _NODES for point in node.points)
    ever = np.any(np.isfinite(found.positions[..., 0]), axis=0)
    seen = dict(zip(found.names, ever.tolist(), strict=True))
    return [point for point in points if not seen.get(point, True)]


def _body(found: Markers, recording: Recording) -> tuple[_Body, int]:
    """Return the person's joints, and in how many samples some of them were not seen."""
    kept: list[_Node] = []
    seen: dict[str, Doubles] = {}
    lengths: dict[str, float] = {}
    for node in _NODES:
        if node.name in seen or (node.parent and node.parent not in seen):
            continue  # the same end under another skeleton's name; or its joint is not there
        here = _middle(found, node.points)
        length = 0.0 if not any(node.rest) else _length(here, seen[node.parent])
        if np.isnan(here).any(axis=1).all() or np.isnan(length):
            if node.points in (_HIPS, _SHOULDERS):
                raise RecordingError(
                    f"the {' and '.join(node.points).replace('_', ' ')} of person "
                    f"{recording.people[0]} are never seen together in 3-D, and a BVH is built "
                    "upon them; choose another format, such as csv"
                )
            continue
        kept.append(node)
        seen[node.name], lengths[node.name] = here, length
    needed = {node.parent for node in kept}
    nodes = tuple(node for node in kept if any(node.rest) or node.name in needed)
    unseen = np.logical_or.reduce([np.isnan(seen[node.name]).any(axis=1) for node in nodes])
    places = {node.name: _bridged(seen[node.name]) for node in nodes}
    return _Body(nodes, places, lengths), int(unseen.sum())


def _middle(found: Markers, points: tuple[str, ...]) -> Doubles:
    """Return the (S, 3) middle of some markers, NaN where one of them is missing."""
    if any(point not in found.names for point in points):
        return np.full((len(found.samples), 3), np.nan)
    at = [found.names.index(point) for point in points]
    middle: Doubles = found.positions[:, at].mean(axis=1)
    return middle


def _length(here: Doubles, parent: Doubles) -> float:
    """Return the median distance, NaN where the two are never seen together."""
    each = np.linalg.norm(here - parent, axis=1)
    each = each[np.isfinite(each)]
    return float(np.median(each)) if len(each) else np.nan


def _bridged(values: Doubles) -> Doubles:
    """Fill (S, 3) gaps by straight lines, and the ends by the nearest value."""
    known = np.isfinite(values).all(axis=1)
    where = np.arange(len(values))
    columns = [np.interp(where, where[known], column[known]) for column in values.T]
    return np.stack(columns, axis=1)


def _turns(body: _Body) -> dict[str, Doubles]:
    """Return the (S, 3) degrees by which each joint turns against its parent, as BVH has them."""
    places = body.places
    turned: dict[str, Rotation] = {}  # each joint against the world
    result: dict[str, Doubles] = {}
    trunk = places["Chest"] - places["Hips"]
    still = Rotation.identity(len(trunk))
    for node in body.nodes:
        if not node.joint:
            continue
        children = body.children(node.name)
        carried = turned.get(node.parent, still)
        if not children:
            turned[node.name] = carried
        elif node.name in _ACROSS:
            left, right = (places[name] for name in _ACROSS[node.name])
            turned[node.name] = _upright(left - right, trunk)
        else:
            # One child, or a second one at the joint's own place, which follows.
            child = children[0]
            limb = places[child.name] - places[node.name]
            turned[node.name] = carried * _shortest(child.rest, carried.inv().apply(limb))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # gimbal lock: any of its angles will do
            degrees = (carried.inv() * turned[node.name]).as_euler(_ORDER, degrees=True)
        result[node.name] = np.unwrap(degrees, period=360, axis=0)
    return result


def _upright(across: Doubles, up: Doubles) -> Rotation:
    """Return the turns that take x to a line across, and y as near as can be to up."""
    x = _unit(across)
    y = _unit(np.cross(_unit(np.cross(x, up)), x))
    z = np.cross(x, y)
    return Rotation.from_matrix(np.stack([x, y, z], axis=2))


def _unit(vectors: Doubles) -> Doubles:
    """Return (S, 3) directions; where there is none, the one before or after."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    known = length[:, 0] > _NOWHERE
    if not known.any():
        raise RecordingError(
            "the person's hips, shoulders and trunk lie in one line in every frame, so which way "
            "they are turned cannot be known; choose another format, such as csv"
        )
    filled = _bridged(np.where(known[:, None], vectors / np.maximum(length, _NOWHERE), np.nan))
    result: Doubles = filled / np.linalg.norm(filled, axis=1, keepdims=True)
    return result


def _shortest(rest: tuple[float, float, float], to: Doubles) -> Rotation:
    """Return the turns that take one direction to others the shortest way."""
    start = np.array(rest)
    axis = np.cross(start, to)
    sine, cosine = np.linalg.norm(axis, axis=1), to @ start
    # Straight back, every way is the shortest: about any axis across.
    any_across = np.cross(start, np.roll(start, 1))
    known = sine > _NOWHERE * np.linalg.norm(to, axis=1)
    axis = np.where(known[:, None], axis / np.where(known, sine, 1.0)[:, None], any_across)
    return Rotation.from_rotvec(axis * np.arctan2(sine, cosine)[:, None])


def _lines(body: _Body, turns: dict[str, Doubles], rate: float) -> Iterator[str]:
    yield "HIERARCHY\n"
    yield from _hierarchy(body, body.nodes[0], 0)
    places = body.places[body.nodes[0].name]
    order = [name for name in _depth_first(body, body.nodes[0]) if name in turns]
    table = np.concatenate([places, *(turns[name] for name in order)], axis=1)
    yield f"MOTION\nFrames: {len(table)}\nFrame Time: {1 / rate:.9f}\n"
    row = " ".join(["%.6f"] * 3 + ["%.5f"] * (table.shape[1] - 3)) + "\n"
    for values in table.tolist():
        yield row % tuple(values)


def _depth_first(body: _Body, node: _Node) -> Iterator[str]:
    yield node.name
    for child in body.children(node.name):
        yield from _depth_first(body, child)


def _hierarchy(body: _Body, node: _Node, depth: int) -> Iterator[str]:
    tabs = "\t" * depth
    kind = "JOINT" if node.parent else "ROOT"
    yield f"{tabs}{f'{kind} {node.name}' if node.joint else 'End Site'}\n{tabs}{{\n"
    offset = " ".join(f"{body.lengths.get(node.name, 0.0) * part + 0.0:.6f}" for part in node.rest)
    yield f"{tabs}\tOFFSET {offset}\n"
    if node.joint:
        turns = " ".join(f"{axis}rotation" for axis in _ORDER)
        moves = "" if node.parent else "Xposition Yposition Zposition "
        yield f"{tabs}\tCHANNELS {3 if node.parent else 6} {moves}{turns}\n"
        # A joint must have something after it; an end of no length where nothing is known.
        for child in body.children(node.name) or [_Node("End", node.name, ())]:
            yield from _hierarchy(body, child, depth + 1)
    yield f"{tabs}}}\n"
