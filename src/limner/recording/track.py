"""One person of a recording, from sighting to sighting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Bytes, Floats, Ints
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError
from limner.recording.base import seen


@dataclass(frozen=True, slots=True)
class Track:
    """All F sightings of one person, in order.

    Arrays over a whole recording have a place for everybody in every frame. Over hours, or with
    crowds, nearly all of them are empty: this holds what was seen, and no more.

    Attributes:
        person: the identity.
        skeleton: of the K keypoints.
        threshold: the score under which a keypoint counts as unseen.
        rows: (F,) positions among the recording's frames, rising.
        times: (F,) seconds.
        keypoints: (F, K, 2) pixels.
        scores: (F, K) from 0 to 1.
        keypoints_3d: (F, K, 3) metres, NaN where a frame has none; None where all have none.
        raw_keypoints: (F, K, 2) pixels before cleaning, likewise.
        flags: (F, K) sums of `limner.core.flags.Flag`, 0 where a frame has none; None likewise.
        errors: (F, K) pixels each keypoint may be off by, as a standard deviation; None likewise.
        linked: whether people were followed; if not, the identity is of one frame only.
    """

    person: int
    skeleton: Skeleton
    threshold: float
    rows: Ints
    times: NDArray[np.float64]
    keypoints: Floats
    scores: Floats
    keypoints_3d: Floats | None
    raw_keypoints: Floats | None
    flags: Bytes | None = None
    errors: Floats | None = None
    linked: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def seen_keypoints(self) -> Floats:
        """(F, K, 2) pixels, NaN where the score is under the threshold."""
        return seen(self.keypoints, self.scores, self.threshold)

    def angles(self, *, auto: bool = False) -> dict[str, NDArray[np.float64]]:
        """Return the angles in the image's plane: name to (F,) degrees, as a run writes them.

        Args:
            auto: leave out what cannot be measured in the person's view, and add the angles in
                space, ``left_knee_3d`` and so on.
        """
        from limner.motion.angles import angles

        return angles(
            self.keypoints,
            self.skeleton,
            self.scores,
            self.threshold,
            times=self.times,
            linked=self.linked and self.person != 0,
            keypoints_3d=self.keypoints_3d,
            auto=auto,
        )

    def margins(self, level: float = 0.9) -> dict[str, NDArray[np.float64]]:
        """Return how far the angles may be off: name to (F,) degrees, see `limner.motion.margins`.

        Args:
            level: how often the truth is to lie within, from 0 to 1.

        Raises:
            RecordingError: the recording does not say how far keypoints may be off.
        """
        from limner.motion.margins import margins

        if self.errors is None:
            raise RecordingError(
                f"margins of person {self.person}: the recording does not say how far keypoints "
                "may be off, which cleaning learns; record again, without --no-smooth and --lag 0"
            )
        return margins(
            self.keypoints,
            self.skeleton,
            self.errors,
            self.times,
            flags=self.flags,
            scores=self.scores,
            threshold=self.threshold,
            level=level,
        )


def sightings(frames: Sequence[Poses]) -> dict[int, tuple[Ints, Ints]]:
    """Return where each id is: the frames it is in, and its place among the people there.

    Args:
        frames: all frames in order.

    Returns:
        Identity, in ascending order, to (F,) rising positions of frames and (F,) places.
    """
    each = [frame.ids for frame in frames]
    counts = [len(ids) for ids in each]
    everyone = np.concatenate(each) if each else np.empty(0, np.int64)
    rows = np.repeat(np.arange(len(counts)), counts)
    places = np.concatenate([np.arange(count) for count in counts]) if counts else everyone
    order = np.argsort(everyone, kind="stable")
    people, starts = np.unique(everyone[order], return_index=True)
    parts = np.split(order, starts[1:])
    return {
        person: (rows[part], places[part])
        for person, part in zip(people.tolist(), parts, strict=False)
    }


def stretches(rows: Ints) -> list[tuple[int, int]]:
    """Return the first and the last of rows that follow on one another.

    Args:
        rows: (F,) rising whole numbers.
    """
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts = rows[np.concatenate([[0], breaks + 1]).astype(int)] if len(rows) else rows
    lasts = rows[np.concatenate([breaks, [len(rows) - 1]]).astype(int)] if len(rows) else rows
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
