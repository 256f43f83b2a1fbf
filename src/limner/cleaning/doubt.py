"""Doubtful keypoints: those whose place contradicts the body they belong to.

A score says how sure a network is of one image. What a body cannot do it does not know: a shank
that grows by a fifth from one frame to the next, two legs in one place, a foot that slides under
somebody who stands. Such keypoints stay where they are and are flagged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles, Mask
from limner.core.flags import Flag
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.core.steps import AtOnce

SIDES = ("left", "right")
# The lengths that are compared with the person's own. Those of the trunk tell the person's size.
_LIMBS = (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist"))
_TRUNK = (("shoulder", "hip"),)
_FOOT = ("ankle", "heel", "foot_index", "big_toe", "small_toe")

# A limb may look shorter, as it points towards the camera, but not longer than it is: in parts of
# its own length, as logarithms.
_LONG, _SHORT = np.log(1.25), np.log(0.4)
# Legs are near one another where knees and ankles lie on average within this part of a leg's
# length, and one takes the other's place where its bones are off by so much as well ...
_NEAR, _OFF = 0.2, 0.1
# ... and both lie on one another within this.
_TOUCH = 0.04
# A person's lengths are known after so many frames. They move by this part a frame towards what is
# seen, faster at first, as slow medians do; and by this part with the person's size.
_KNOWN, _RATE, _FIRST_RATE, _SIZE_RATE = 10, 0.01, 0.1, 0.1
# Over so many seconds a body stands whose hips and shoulders move by less than this part of a leg,
# and a foot slides that moves along the ground by more than that.
_WATCHED, _STANDS, _SLIDES = 0.3, 0.02, 0.1
# How much of a leg's length a foot on the ground is above the other at most, and a straight leg is
# shorter than its bones.
_LOW, _STRAIGHT = 0.06, 0.03
# Somebody not seen for this long in seconds is forgotten.
_MEMORY = 2.0


class Doubts(AtOnce):
    """Flags keypoints that lie outside of the image or contradict the body.

    Frames come in order, with ids that are stable where people are followed; each comes back at
    once, with `Poses.flags`.

    Args:
        skeleton: of all poses to come.
        size: width and height of the frames, pixels.
        threshold: keypoints with a lower score are not looked at.
        linked: whether an id is the same person in the next frame. If not, only what is outside
            is flagged.
    """

    def __init__(
        self, skeleton: Skeleton, size: tuple[int, int], threshold: float, *, linked: bool = True
    ) -> None:
        self._size = np.array(size, np.float32)
        self._threshold = threshold
        self._body = _Body.of(skeleton) if linked else None
        self._people: dict[int, _Person] = {}

    def push(self, poses: Poses) -> Sequence[Poses]:
        """Return the next frame with its flags."""
        if len(poses) == 0:
            return [poses]
        flags = np.zeros(poses.scores.shape, np.uint8) if poses.flags is None else poses.flags
        out = ((poses.keypoints < 0) | (poses.keypoints > self._size)).any(axis=2)
        flags = flags | np.uint8(Flag.OUTSIDE) * out
        if self._body is not None:
            self._forget(poses.time)
            flags |= np.uint8(Flag.DOUBTFUL) * self._doubtful(poses, self._body)
        return [replace(poses, flags=flags)]

    def _doubtful(self, poses: Poses, body: _Body) -> Mask:
        """(N, K) which keypoints contradict the body."""
        seen = poses.scores >= self._threshold
        points = np.where(seen[..., None], poses.keypoints, np.nan).astype(np.float64)
        people = [self._person(identity, body) for identity in poses.ids.tolist()]
        ends = points[:, body.limbs]
        lengths = np.hypot(*np.moveaxis(ends[:, :, 0] - ends[:, :, 1], -1, 0))
        doubtful = np.zeros(seen.shape, bool)
        for row, person in enumerate(people):
            off = person.compare(lengths[row])
            if person.frames > _KNOWN:
                wrong = (off > _LONG) | (off < _SHORT)
                doubtful[row] = wrong @ body.hanging
                if body.legs is not None:
                    person.legs_apart(points[row], off, body)
                    doubtful[row] |= person.doubted @ body.leg_members
                    doubtful[row] |= person.slides(points[row], poses.time, body) @ body.feet
            person.time = poses.time
        return doubtful & seen

    def _person(self, identity: int, body: _Body) -> _Person:
        if identity in self._people:
            return self._people[identity]
        person = _Person(np.full(len(body.limbs), np.nan))
        if identity != 0:  # 0 is somebody whom nobody followed
            self._people[identity] = person
        return person

    def _forget(self, time: float) -> None:
        gone = [who for who, each in self._people.items() if time - each.time > _MEMORY]
        for identity in gone:
            del self._people[identity]


@dataclass(frozen=True)
class _Body:
    """Where in a skeleton the limbs are.

    Attributes:
        limbs: (L, 2) keypoints at the ends of what has a length: limbs, then the trunk's sides.
        hanging: (L, K) which keypoints are doubtful where a limb's length is.
        legs: (3, 2) hips, knees and ankles of left and right; None where the skeleton lacks any.
        leg_limbs: (2, 2) which limbs are the left and the right leg's.
        leg_members: (2, K) the keypoints of each leg below the hip.
        feet: (2, K) those of each foot.
        shoulders: (2,) keypoints.
    """

    limbs: NDArray[np.intp]
    hanging: Mask
    legs: NDArray[np.intp] | None
    leg_limbs: NDArray[np.intp]
    leg_members: Mask
    feet: Mask
    shoulders: NDArray[np.intp]

    @classmethod
    def of(cls, skeleton: Skeleton) -> _Body:
        names = {name: place for place, name in enumerate(skeleton.keypoints)}

        def members(side: str, parts: Sequence[str]) -> Mask:
            wanted = {f"{side}_{part}" for part in parts}
            return np.array([name in wanted for name in skeleton.keypoints])

        limbs: list[list[int]] = []
        leg_limbs: list[int] = []
        hanging: list[Mask] = []
        for side in SIDES:
            for start, end in (*_LIMBS, *_TRUNK):
                pair = f"{side}_{start}", f"{side}_{end}"
                if not all(name in names for name in pair):
                    continue
                if end in ("knee", "ankle"):
                    leg_limbs.append(len(limbs))
                limbs.append([names[name] for name in pair])
                # A joint at which only one bone is off may be right; its far end is not. The
                # trunk's sides turn away from the camera, so they say nothing of their ends.
                wrong = {"ankle": ("knee", *_FOOT), "wrist": ("elbow", "wrist"), "hip": ()}
                hanging.append(members(side, wrong.get(end, (end,))))
        legs = [[f"{side}_{joint}" for side in SIDES] for joint in ("hip", "knee", "ankle")]
        arms = [f"{side}_shoulder" for side in SIDES]
        whole = all(name in names for row in [*legs, arms] for name in row)
        return cls(
            np.array(limbs, np.intp).reshape(-1, 2),
            np.array(hanging, bool).reshape(-1, len(skeleton)),
            np.array([[names[name] for name in row] for row in legs]) if whole else None,
            np.array(leg_limbs, np.intp).reshape(2, -1),
            np.array([members(side, ("knee", *_FOOT)) for side in SIDES]),
            np.array([members(side, _FOOT) for side in SIDES]),
            np.array([names[name] for name in arms] if whole else [0, 0], np.intp),
        )


@dataclass
class _Person:
    """What is known of somebody's body from the frames before.

    Attributes:
        lengths: (L,) pixels as of the last frame, NaN where never seen.
        frames: how many there were.
        time: of the last one, seconds.
        doubted: (2,) which leg is doubtful.
        ways: times, and the middles of hips and shoulders and both ankles then.
    """

    lengths: Doubles
    frames: int = 0
    time: float = -np.inf
    doubted: Mask = field(default_factory=lambda: np.zeros(2, bool))
    ways: deque[tuple[float, Doubles]] = field(default_factory=deque)

    def compare(self, lengths: Doubles) -> Doubles:
        """Return the (L,) logarithms of lengths over the person's own, and learn from them."""
        with np.errstate(divide="ignore"):
            ratios = np.log(lengths / self.lengths)
        known = np.isfinite(ratios)
        size = float(np.median(ratios[known])) if known.any() else 0.0
        off: Doubles = np.where(known, ratios - size, np.nan)
        rate = _RATE + _FIRST_RATE / (1 + self.frames)
        moved = self.lengths * np.exp(rate * np.sign(np.nan_to_num(off)) + _SIZE_RATE * size)
        self.lengths = np.where(np.isnan(self.lengths), lengths, moved)
        self.lengths[self.lengths == 0] = np.nan
        self.frames += 1
        return off

    def legs_apart(self, points: Doubles, off: Doubles, body: _Body) -> None:
        """Doubt a leg that takes the other's place, until they are apart again."""
        leg = self._leg(body)
        _, knees, ankles = points[body.legs]
        apart = sum(float(np.hypot(*(each[0] - each[1]))) for each in (knees, ankles)) / (2 * leg)
        if not apart < _NEAR:
            self.doubted = np.zeros(2, bool)
            return
        self.doubted = self.doubted | (np.abs(off[body.leg_limbs]) > _OFF).any(axis=1)
        if apart < _TOUCH:
            self.doubted = np.ones(2, bool)

    def slides(self, points: Doubles, time: float, body: _Body) -> Mask:
        """Return (2,) which foot slides while the body stands."""
        hips, knees, ankles = points[body.legs]
        now = np.concatenate([[hips.mean(axis=0), points[body.shoulders].mean(axis=0)], ankles])
        while self.ways and time - self.ways[0][0] > _WATCHED:
            self.ways.popleft()
        self.ways.append((time, now))
        begun, before = self.ways[0]
        leg = self._leg(body)
        moved = (now - before) / leg
        stands = (np.hypot(*moved[:2].T) < _STANDS).all() and time - begun > _WATCHED / 2
        if not stands:
            return np.zeros(2, bool)
        low = ankles[:, 1] > np.fmax(*ankles[:, 1]) - _LOW * leg
        bones = np.hypot(*(hips - knees).T) + np.hypot(*(knees - ankles).T)
        straight = np.hypot(*(hips - ankles).T) > (1 - _STRAIGHT) * bones
        across = (np.abs(moved[2:, 0]) > _SLIDES) & (np.abs(moved[2:, 1]) < _LOW)
        result: Mask = low & straight & across
        return result

    def _leg(self, body: _Body) -> float:
        """Return the longer leg's length in pixels, 0 where none is known."""
        legs = np.nan_to_num(self.lengths[body.leg_limbs].sum(axis=1))
        return max(float(legs.max()), 1e-6)
