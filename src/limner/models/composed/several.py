"""Several looks at each person, in squares that differ a little, as one look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from limner.core.oks import oks_matrix
from limner.core.region import Region
from limner.core.skeletons import Skeleton
from limner.models.topdown import Crop, Detection, Look, PoseNetwork, Running

# Looks that are as similar as this are averaged.
_SAME = 0.7
# The odds that this is a person go down with the agreement of the looks to this power.
_POWER = 5


class SeveralLooks:
    """A pose network that looks at each person in squares of several sizes.

    A network's errors differ from square to square. Keypoints are the mean of the looks that
    agree with the surest, weighted by their scores; and how well all of them agree says more of
    whether this is a person than the surest does alone.

    Args:
        pose: the network.
        sizes: of the squares, as parts of its own.
    """

    def __init__(self, pose: PoseNetwork, sizes: Sequence[float]) -> None:
        self._pose = pose
        self._sizes = sizes

    @property
    def skeleton(self) -> Skeleton:
        """The network's."""
        return self._pose.skeleton

    def region(self, detection: Detection) -> Region:
        """Return where the network is to look."""
        return self._pose.region(detection)

    def start(self, crops: Sequence[Crop]) -> Running[list[Look]]:
        """Begin to look at people, several times at each."""
        begun = [
            self._pose.start([crop._replace(region=_scaled(crop.region, size))])
            for crop in crops
            for size in self._sizes
        ]

        def read() -> list[Look]:
            looks = [run()[0] for run in begun]
            step = len(self._sizes)
            return [self._one(looks[at : at + step]) for at in range(0, len(looks), step)]

        return read

    def _one(self, looks: list[Look]) -> Look:
        best = max(looks, key=lambda look: look.person_score)
        keypoints = np.array([look.keypoints for look in looks])
        scores = np.array([look.scores for look in looks])
        (alike,) = oks_matrix(
            best.keypoints[None],
            keypoints,
            self.skeleton.sigmas,
            weights_a=best.scores[None],
            weights_b=scores,
        )
        same = alike >= min(_SAME, float(alike.max()))
        weights = scores[same] ** 2 + 1e-6
        weights /= weights.sum(axis=0)
        agreement = (float(alike.sum()) - 1) / (len(looks) - 1)
        odds = best.person_score / max(1 - best.person_score, 1e-6) * agreement**_POWER
        return replace(
            best,
            keypoints=(keypoints[same] * weights[..., None]).sum(axis=0),
            scores=(scores[same] * weights).sum(axis=0),
            person_score=odds / (1 + odds),
        )


def _scaled(region: Region, size: float) -> Region:
    return replace(region, width=region.width * size, height=region.height * size)
