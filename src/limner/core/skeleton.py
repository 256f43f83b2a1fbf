"""The value that says which keypoints there are, how they connect, and what they are part of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from reprlib import repr as shortened

from limner.core.keypoints import GROUPS, MIDPOINTS, SAME_PLACE
from limner.errors import UsageError

# They become the names of columns in tables and of markers: a comma, a tab or a line break would
# add one, and a spreadsheet takes what begins with "=" for a formula.
_NAME = re.compile(r"\w[\w .+/()-]{0,99}")


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of a body as one model or file format defines them.

    Attributes:
        name: the skeleton's own name, such as ``coco-17``.
        keypoints: keypoint names in the order of every array, K of them, snake_case, the
            person's own left and right (``left_knee``).
        edges: pairs of keypoint indices joined by a limb.
        sigmas: K standard deviations of human labelling relative to body size, for the
            object keypoint similarity (OKS, https://cocodataset.org/#keypoints-eval).
        parts: indices of the keypoints in each part, rising; parts may overlap. Names with a
            meaning here: ``body`` (what a person is recognised and measured by), ``feet``,
            ``face``, ``left_hand``, ``right_hand``, and ``left`` and ``right``, the sides.
        mirror: K indices that exchange left and right (a keypoint in the middle maps to
            itself); where none are given, nothing is exchanged.
    """

    name: str
    keypoints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    sigmas: tuple[float, ...]
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict, hash=False)
    mirror: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.keypoints)
        object.__setattr__(self, "mirror", self.mirror or tuple(range(count)))
        object.__setattr__(self, "parts", {name: tuple(at) for name, at in self.parts.items()})
        for name in (self.name, *self.keypoints):
            if _NAME.fullmatch(name) is None:
                raise ValueError(
                    f"expected names of a skeleton and its keypoints such as left_knee, of "
                    f"letters, digits, spaces and _.-+/(), at most 100, got {shortened(name)}"
                )
        if len(set(self.keypoints)) != count:
            raise ValueError(f"skeleton {self.name}: keypoint names must differ")
        if len(self.sigmas) != count:
            raise ValueError(f"skeleton {self.name}: {count} keypoints, {len(self.sigmas)} sigmas")
        if not all(0 < sigma < math.inf for sigma in self.sigmas):
            raise ValueError(
                f"skeleton {self.name}: sigmas must be above 0, got {min(self.sigmas)} to "
                f"{max(self.sigmas)}"
            )
        if any(not 0 <= end < count for edge in self.edges for end in edge):
            raise ValueError(f"skeleton {self.name}: an edge points outside its {count} keypoints")
        for name, at in self.parts.items():
            if list(at) != sorted(set(at)) or not all(0 <= index < count for index in at):
                raise ValueError(
                    f"skeleton {self.name}: part {name} must be rising indices of its {count} "
                    f"keypoints, got {list(at)}"
                )
        if sorted(self.mirror) != list(range(count)) or any(
            self.mirror[other] != index for index, other in enumerate(self.mirror)
        ):
            raise ValueError(
                f"skeleton {self.name}: mirror must exchange pairs of its {count} keypoints, "
                f"got {list(self.mirror)}"
            )

    def __len__(self) -> int:
        return len(self.keypoints)

    def index(self, name: str) -> int:
        """Return the index of a keypoint.

        Raises:
            UsageError: this skeleton has no keypoint of that name.
        """
        try:
            return self.keypoints.index(name)
        except ValueError:
            raise UsageError(
                f"skeleton {self.name} has no keypoint {name!r}; it has {', '.join(self.keypoints)}"
            ) from None

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Pairs (left, right) of keypoint indices."""
        return tuple(
            (left, self.mirror[left])
            for left in self.parts.get("left", ())
            if self.mirror[left] != left
        )

    @cached_property
    def body(self) -> tuple[int, ...]:
        """Indices of what a person is recognised and measured by: the body, or everything."""
        return self.parts.get("body") or tuple(range(len(self)))

    @cached_property
    def groups(self) -> tuple[str | None, ...]:
        """The group of `limner.core.keypoints.GROUPS` that each keypoint is in, None for none."""
        names = {name: group for group, (names, _) in GROUPS.items() for name in names}
        found = [names.get(keypoint) for keypoint in self.keypoints]
        for group, (_, parts) in GROUPS.items():
            for index in (index for part in parts for index in self.parts.get(part, ())):
                found[index] = found[index] or group
        return tuple(found)

    def part(self, name: str) -> Skeleton:
        """Return a part as a skeleton of its own.

        What has its mirror image outside the part maps to itself there. Arrays over this
        skeleton's keypoints are taken to the part's by ``values[:, skeleton.parts[name]]``.

        Raises:
            UsageError: this skeleton has no part of that name.
        """
        if name not in self.parts:
            raise UsageError(
                f"skeleton {self.name} has no part {name!r}; it has "
                f"{', '.join(self.parts) or 'none'}"
            )
        kept = self.parts[name]
        place = {index: new for new, index in enumerate(kept)}
        parts = {
            part: tuple(place[index] for index in at if index in place)
            for part, at in self.parts.items()
        }
        return Skeleton(
            f"{self.name}/{name}",
            tuple(self.keypoints[index] for index in kept),
            tuple((place[a], place[b]) for a, b in self.edges if a in place and b in place),
            tuple(self.sigmas[index] for index in kept),
            {part: at for part, at in parts.items() if at},
            tuple(place.get(self.mirror[index], new) for new, index in enumerate(kept)),
        )

    def sources(self, target: Skeleton) -> tuple[tuple[int, ...], ...]:
        """Say where each of the target's keypoints comes from in this skeleton.

        Args:
            target: the skeleton to map to.

        Returns:
            For each target keypoint the indices here whose mean it is: one index for the
            same keypoint, two for a midpoint, none where this skeleton does not have it.
        """
        return _sources(self, target)


def join(*skeletons: Skeleton, name: str) -> Skeleton:
    """Return one skeleton with the keypoints of several, in their order.

    Parts of one name become one part. A left and a right hand become each other's mirror
    image.

    Args:
        skeletons: their keypoints must have different names.
        name: of the result.

    Raises:
        ValueError: two keypoints have one name.
    """
    offsets = [sum(map(len, skeletons[:place])) for place in range(len(skeletons))]
    moved = list(zip(skeletons, offsets, strict=True))
    parts: dict[str, tuple[int, ...]] = {}
    for skeleton, offset in moved:
        for part, at in skeleton.parts.items():
            parts[part] = parts.get(part, ()) + _shifted(at, offset)
    mirror = [other for skeleton, offset in moved for other in _shifted(skeleton.mirror, offset)]
    hands = parts.get("left_hand", ()), parts.get("right_hand", ())
    if len(hands[0]) == len(hands[1]):
        for one, other in zip(*hands, strict=True):
            mirror[one], mirror[other] = other, one
    return Skeleton(
        name,
        tuple(keypoint for skeleton in skeletons for keypoint in skeleton.keypoints),
        tuple((a + offset, b + offset) for skeleton, offset in moved for a, b in skeleton.edges),
        tuple(sigma for skeleton in skeletons for sigma in skeleton.sigmas),
        parts,
        tuple(mirror),
    )


def _shifted(indices: Iterable[int], offset: int) -> tuple[int, ...]:
    return tuple(index + offset for index in indices)


@cache
def _sources(source: Skeleton, target: Skeleton) -> tuple[tuple[int, ...], ...]:
    def find(name: str) -> tuple[int, ...]:
        for candidates in ((name,), (SAME_PLACE.get(name, name),), MIDPOINTS.get(name, ())):
            if candidates and all(candidate in source.keypoints for candidate in candidates):
                return tuple(source.keypoints.index(candidate) for candidate in candidates)
        return ()

    return tuple(find(name) for name in target.keypoints)
