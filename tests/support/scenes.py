"""A camera of known place, lens and lean before people of known size who walk on a floor.

The world's x points right, y away and z up, in metres; the floor is z = 0. The camera's formulas
are written out here, so that what reads its images can be compared with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.info import InputInfo, ModelInfo
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33, Skeleton
from limner.recording.header import Header
from limner.recording.metres import metres
from limner.recording.recording import Recording

SHANK, THIGH, TRUNK, ANKLE = 0.246, 0.245, 0.288, 0.039  # of the height


@dataclass(frozen=True)
class View:
    """A camera at x = 0, y = 0 that looks along y, then turned.

    Attributes:
        height: metres above the floor.
        focal: pixels.
        lean: degrees that the floor rises to the right in its image.
        pitch: degrees that it looks down.
        lens: k1, k2, p1, p2, as Brown (1966) and OpenCV have them.
        size: pixels.
    """

    height: float = 1.2
    focal: float = 1500.0
    lean: float = 0.0
    pitch: float = 0.0
    lens: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    size: tuple[int, int] = (1920, 1080)

    @property
    def turn(self) -> Doubles:
        """(3, 3) from the world to the camera's x right, y down, z ahead."""
        level = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
        p, r = np.radians(self.pitch), np.radians(-self.lean)
        down = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        roll = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
        return np.asarray(roll @ down @ level)

    @property
    def shift(self) -> Doubles:
        return np.asarray(-self.turn @ np.array([0, 0, self.height]))

    @property
    def middle(self) -> Doubles:
        return np.array(self.size) / 2

    def pixels(self, places: Doubles) -> Doubles:
        """(..., 3) metres to (..., 2) pixels."""
        x, y, z = np.moveaxis(places @ self.turn.T + self.shift, -1, 0)
        x, y = x / z, y / z
        k1, k2, p1, p2 = self.lens
        r = x * x + y * y
        radial = 1 + k1 * r + k2 * r * r
        seen = [
            x * radial + 2 * p1 * x * y + p2 * (r + 2 * x * x),
            y * radial + p1 * (r + 2 * y * y) + 2 * p2 * x * y,
        ]
        return np.asarray(np.stack(seen, axis=-1) * self.focal + self.middle)

    def rays(self, pixels: Doubles) -> Doubles:
        """(..., 2) pixels to (..., 2) places at 1 m before the camera: the lens's way back."""
        sent = (pixels - self.middle) / self.focal
        k1, k2, p1, p2 = self.lens
        place = sent.copy()
        for _ in range(8):
            x, y = place[..., 0], place[..., 1]
            r = x * x + y * y
            radial = 1 + k1 * r + k2 * r * r
            aside = np.stack(
                [2 * p1 * x * y + p2 * (r + 2 * x * x), p1 * (r + 2 * y * y) + 2 * p2 * x * y],
                axis=-1,
            )
            place = (sent - aside) / radial[..., None]
        return place

    @cache  # noqa: B019 - there are few views
    def _fine_rays(self, fine: int) -> Doubles:
        width, height = self.size
        at = (np.mgrid[: height * fine, : width * fine][::-1] + 0.5) / fine
        rays = self.rays(np.moveaxis(at, 0, -1))
        return np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1)

    def board(
        self, columns: int, rows: int, square: float, turn: Doubles, place: Doubles
    ) -> NDArray[np.uint8]:
        """(height, width, 3): how a checkerboard looks, in a room of grey.

        Args:
            columns: inner corners.
            rows: the same downwards.
            square: metres.
            turn: (3, 3) from the board's x along its rows, y down, z behind it to the camera's.
            place: (3,) metres of its middle before the camera.
        """
        width, height = self.size
        fine = 2
        rays = self._fine_rays(fine)
        behind = turn[:, 2]
        hit = rays * ((place @ behind) / (rays @ behind))[..., None] - place
        x, y = (hit @ turn[:, axis] / square for axis in (0, 1))
        x, y = x + (columns + 1) / 2, y + (rows + 1) / 2  # in squares, from the first one's corner
        dark = (np.floor(x) + np.floor(y)) % 2 == 0
        grey = np.where(dark, 20.0, 235.0)
        grey[(x < 0) | (x > columns + 1) | (y < 0) | (y > rows + 1)] = 235
        grey[(x < -1) | (x > columns + 2) | (y < -1) | (y > rows + 2)] = 130
        small = grey.reshape(height, fine, width, fine).mean(axis=(1, 3))
        return np.repeat(small[..., None], 3, axis=2).astype(np.uint8)

    def toml(self, name: str = "cam", placed: bool = True) -> str:
        """As Pose2Sim writes it; OpenCV's pixels count from the middle of the first one."""
        import cv2

        turned = np.ravel(cv2.Rodrigues(self.turn)[0]).tolist()
        cx, cy = (self.middle - 0.5).tolist()
        place = f"rotation = {turned}\ntranslation = {self.shift.tolist()}\n" if placed else ""
        return (
            f'[{name}]\nname = "{name}"\nsize = {list(map(float, self.size))}\n'
            f"matrix = [[{self.focal}, 0.0, {cx}], [0.0, {self.focal}, {cy}], [0.0, 0.0, 1.0]]\n"
            f"distortions = {list(self.lens)}\n{place}fisheye = false\n"
            "[metadata]\nadjusted = false\nerror = 0.0\n"
        )


@dataclass(frozen=True)
class Walker:
    """Somebody who walks straight on.

    Attributes:
        height: metres.
        start: x and y where they begin.
        way: degrees from x towards y.
        speed: metres a second; 0 stands still.
        step: metres from one foot to the other.
        floor: metres above the world's floor, as on a roof.
    """

    height: float = 1.75
    start: tuple[float, float] = (-2.0, 6.0)
    way: float = 0.0
    speed: float = 1.2
    step: float = 0.5
    floor: float = 0.0

    def places(self, times: Doubles) -> dict[str, Doubles]:
        """Return (T, 3) metres by keypoint: soles stay where they are while they carry."""
        along, points = self.speed * times, {}
        # How far the next foot, ahead or behind, is from under the hips.
        off = along - self.step * np.round(along / self.step)
        leg = (SHANK + THIGH) * self.height
        hips = ANKLE * self.height + 0.985 * np.sqrt(leg**2 - off**2)
        for side, first, aside in (("left", 0, 0.08), ("right", 1, -0.08)):
            ankle, lift = self._foot(along, first)
            hip = np.stack([along, np.full_like(along, aside), hips], axis=1)
            foot = np.stack([ankle, np.full_like(along, aside), ANKLE * self.height + lift], axis=1)
            points[f"{side}_hip"], points[f"{side}_ankle"] = hip, foot
            points[f"{side}_knee"] = self._knee(hip, foot)
            points[f"{side}_shoulder"] = hip + np.array([0.0, 0.0, TRUNK * self.height])
            for name, ahead in (("heel", -0.05), ("foot_index", 0.15)):
                points[f"{side}_{name}"] = foot + np.array([ahead, 0.0, -ANKLE * self.height])
        return {name: self._in_world(place) for name, place in points.items()}

    def _foot(self, along: Doubles, first: int) -> tuple[Doubles, Doubles]:
        """Return (T,) metres along and up: 60 % of each stride on the floor."""
        if self.speed == 0:
            return np.zeros_like(along), np.zeros_like(along)
        strides = along / self.step / 2 - first / 2
        number = np.round(strides)
        rest = strides - number  # -0.5 to 0.5, in strides
        swing = np.clip((np.abs(rest) - 0.3) / 0.2, 0, 1)
        here = (2 * number + first) * self.step
        place = here + np.sign(rest) * self.step * swing
        return place, 0.1 * np.sin(np.pi / 2 * swing)

    def _knee(self, hip: Doubles, ankle: Doubles) -> Doubles:
        thigh, shank = THIGH * self.height, SHANK * self.height
        down = ankle - hip
        far = np.linalg.norm(down, axis=1, keepdims=True)
        unit = down / far
        ahead = np.stack([-unit[:, 2], np.zeros(len(unit)), unit[:, 0]], axis=1)
        part = (thigh**2 - shank**2 + far**2) / (2 * far)
        return np.asarray(hip + unit * part + ahead * np.sqrt(np.maximum(thigh**2 - part**2, 0)))

    def _in_world(self, place: Doubles) -> Doubles:
        turn = np.radians(self.way)
        x, y, up = place.T
        east = self.start[0] + x * np.cos(turn) - y * np.sin(turn)
        north = self.start[1] + x * np.sin(turn) + y * np.cos(turn)
        return np.stack([east, north, up + self.floor], axis=1)


def film(
    view: View,
    walkers: Mapping[int, Walker],
    seconds: float = 3.0,
    rate: int = 30,
    noise: float = 0.0,
    skeleton: Skeleton = BLAZEPOSE_33,
    **options: bool,
) -> Recording:
    """Return the recording of people who walk before a camera."""
    times = np.arange(round(seconds * rate)) / rate
    scatter = np.random.default_rng(0)
    points = np.full((len(times), len(walkers), len(BLAZEPOSE_33), 2), np.nan)
    for column, walker in enumerate(walkers.values()):
        for name, place in walker.places(times).items():
            points[:, column, BLAZEPOSE_33.index(name)] = view.pixels(place)
    points += scatter.normal(0, noise, points.shape) if noise else 0
    frames = [
        Poses(
            BLAZEPOSE_33,
            keypoints=each.astype(np.float32),
            scores=np.where(np.isnan(each[..., 0]), np.nan, 0.9).astype(np.float32),
            person_scores=np.full(len(walkers), 0.9, np.float32),
            boxes=boxes_around(each.astype(np.float32)),
            ids=np.array(list(walkers), np.int64),
            index=row,
            time=float(times[row]),
        ).to(skeleton)
        for row, each in enumerate(points)
    ]
    width, height = view.size
    header = Header(
        InputInfo("film.mp4", width, height, Fraction(rate), len(times), seconds),
        skeleton,
        (ModelInfo("scene", skeleton),),
        {"threshold": 0.3, **options},
    )
    return Recording(header, tuple(frames))


def middle(walker: Walker, times: Doubles, part: str) -> Doubles:
    """Return (T, 3) metres: what is between left and right, and so in the plane of the walk."""
    places = walker.places(times)
    return (places[f"left_{part}"] + places[f"right_{part}"]) / 2


def truth(walker: Walker, recording: Recording, part: str) -> Doubles:
    """Return (T, 2) metres along x and up."""
    return middle(walker, recording.times, part)[:, [0, 2]]


def found(recording: Recording, part: str, column: int = 0) -> Doubles:
    """Return (T, 2) metres: what limner says of it."""
    sides = [recording.skeleton.index(f"{side}_{part}") for side in ("left", "right")]
    found: Doubles = metres(recording)[:, column, sides].mean(axis=1)
    return found
