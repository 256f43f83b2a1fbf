"""From pixels to metres, by a person's known height."""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Floats
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError

# From the ankle to the shoulder, along shank, thigh and trunk, as a part of the height:
# 0.818 (shoulder) - 0.039 (ankle), after Drillis and Contini (1966), in D. A. Winter,
# Biomechanics and Motor Control of Human Movement, figure 4.1.
_ANKLE_TO_SHOULDER = 0.818 - 0.039


def height_in_pixels(keypoints: Floats, skeleton: Skeleton) -> float:
    """Return the height of a person as they stand, whatever their posture.

    Adds up the usual (median) lengths of shank, thigh and trunk, left and right together.
    A limb that points at the camera looks shorter, so this holds for movement across the
    image, at about one distance from the camera.

    Args:
        keypoints: (T, K, 2) pixels, NaN where unseen.
        skeleton: the names of the keypoints.

    Raises:
        RecordingError: the trunk or the legs are never seen.
    """
    wanted = [
        f"{side}_{part}"
        for part in ("ankle", "knee", "hip", "shoulder")
        for side in ("left", "right")
    ]
    missing = [name for name in wanted if name not in skeleton.keypoints]
    if missing:
        raise RecordingError(
            f"skeleton {skeleton.name} has no {', '.join(missing)}, which a height is measured "
            "by; give --scale METRES_PER_PIXEL"
        )
    chain = keypoints[:, [skeleton.index(name) for name in wanted]].reshape(-1, 4, 2, 2)
    lengths = np.linalg.norm(np.diff(chain, axis=1), axis=-1)  # (T, segment, side)
    total = 0.0
    for segment, name in enumerate(("shank", "thigh", "trunk")):
        known = lengths[:, segment][np.isfinite(lengths[:, segment])]
        if len(known) == 0:
            raise RecordingError(
                f"the person's {name} is never seen, so a height in pixels is not known; "
                "give --scale METRES_PER_PIXEL"
            )
        total += float(np.median(known))
    if total == 0:
        raise RecordingError("the person has no size; give --scale METRES_PER_PIXEL")
    return total / _ANKLE_TO_SHOULDER
