"""The points that motion is measured at, taken from any skeleton."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.errors import UsageError


def checked(keypoints: NDArray[Any], skeleton: Skeleton, dimensions: tuple[int, ...]) -> Doubles:
    """Return keypoints as numbers of double precision after checking their shape.

    Raises:
        UsageError: the shape is not (frames, keypoints, dimensions).
    """
    shape = keypoints.shape
    if len(shape) != 3 or shape[1] != len(skeleton) or shape[2] not in dimensions:
        kinds = " or ".join(f"(n, {len(skeleton)}, {count})" for count in dimensions)
        raise UsageError(
            f"keypoints of skeleton {skeleton.name} must have shape {kinds}, got {shape}"
        )
    return keypoints.astype(np.float64)


def hidden(keypoints: Doubles, scores: NDArray[Any] | None, threshold: float) -> Doubles:
    """Return the keypoints, NaN where the score is below the threshold.

    Raises:
        UsageError: the scores' shape does not fit.
    """
    if scores is None:
        return keypoints
    if scores.shape != keypoints.shape[:2]:
        raise UsageError(
            f"scores must have shape {keypoints.shape[:2]} as the keypoints, got {scores.shape}"
        )
    keypoints[~(scores >= threshold)] = np.nan
    return keypoints


def point_sources(skeleton: Skeleton, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the keypoints whose middle each of these points is, as far as there are any."""
    wanted = tuple(names)
    target = Skeleton("points", wanted, edges=(), sigmas=(1.0,) * len(wanted))
    sources = zip(wanted, skeleton.sources(target), strict=True)
    return {name: source for name, source in sources if source}


def named_points(
    keypoints: Doubles, skeleton: Skeleton, names: Iterable[str]
) -> dict[str, Doubles]:
    """Return the points of these names that the skeleton has, midpoints included.

    Args:
        keypoints: (n, K, D).
        skeleton: of the keypoints.
        names: such as ``left_knee`` or ``mid_hip``.

    Returns:
        (n, D) per name; a midpoint is NaN unless both its ends are seen.
    """
    sources = point_sources(skeleton, names)
    return {name: keypoints[:, source].mean(axis=1) for name, source in sources.items()}
