"""Face refinement: eyes, nose, mouth and ears, by a network that sees nothing but the head.

The landmark network sees a whole body in 256 pixels, so a face is some 20 of them wide. The
face detector looks at the head alone, in 128. Bazarevsky et al., "BlazeFace: Sub-millisecond
Neural Face Detection on Mobile GPUs", 2019, https://arxiv.org/abs/1907.05047.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.poses import Poses, boxes_around
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33
from limner.models.blazepose.single_shot import found, patch
from limner.runtime import Network

SIZE = 128
# Cells of a feature map's side, and how many anchors each cell has.
_LAYERS = ((16, 2), (8, 6))
# The square about a head, in distances from the mouth to the eyes: three faces wide.
_SIDE = 7.6
# A smaller square, in pixels, shows nothing.
_LEAST_SIDE = 8.0
_SURE = 0.5
# The face is the person's if its points lie this near theirs, in sides of its box.
_NEAR = 0.25
# The keypoints that belong to each of the network's six points.
_PARTS = [
    [BLAZEPOSE_33.index(name) for name in names]
    for names in (
        ("right_eye_inner", "right_eye", "right_eye_outer"),
        ("left_eye_inner", "left_eye", "left_eye_outer"),
        ("nose",),
        ("mouth_left", "mouth_right"),
        ("right_ear",),
        ("left_ear",),
    )
]
_EYES, _MOUTH = slice(0, 2), 3
_HEAD = [keypoint for part in _PARTS for keypoint in part]


class FaceRefiner:
    """Face refiner: looks at the heads of known people again; see `limner.models.topdown.Refiner`.

    Args:
        load: loads the network, when the first head is looked at.
        sure_from: people of a lower score are left as they are.
    """

    def __init__(self, load: Callable[[], Network], sure_from: float) -> None:
        self._load = cache(lambda: FaceNetwork(load()))
        self._sure_from = sure_from

    def refine(self, frame: Frame, poses: Poses) -> Poses:
        """Return the poses with their heads' keypoints placed where there is a face to see."""
        return self._load().place(frame, poses, self._sure_from)


class FaceNetwork:
    """Face keypoint network: puts a head's keypoints where a face detector sees them."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def place(self, frame: Frame, poses: Poses, person_threshold: float) -> Poses:
        """Return the poses with their heads' keypoints placed where there is a face to see.

        Args:
            frame: the image.
            poses: of BlazePose's skeleton.
            person_threshold: people of a lower score are left as they are.
        """
        keypoints = poses.keypoints.copy()
        people = np.flatnonzero(poses.person_scores >= person_threshold)
        begun = []
        for person in people:
            matrix = _region(keypoints[person]).matrix((SIZE, SIZE))
            begun.append((person, matrix, self._network.start(patch(frame, matrix, SIZE))))
        for person, matrix, run in begun:
            output = run()
            faces = found(output["regressors"], output["classificators"], _LAYERS, SIZE, _SURE)
            _move(keypoints[person], faces, matrix)
        return replace(poses, keypoints=keypoints, boxes=boxes_around(keypoints))


def _parts(keypoints: Floats) -> Floats:
    """Return (6, 2) the network's points, as the (33, 2) keypoints have them."""
    return np.stack([keypoints[part].mean(axis=0) for part in _PARTS])


def _region(keypoints: Floats) -> Region:
    """Return the square about a head, turned so that the face is upright in it."""
    parts = _parts(keypoints)
    x, y = keypoints[_HEAD].mean(axis=0).tolist()
    dx, dy = (parts[_EYES].mean(axis=0) - parts[_MOUTH]).tolist()
    side = max(_SIDE * math.hypot(dx, dy), _LEAST_SIDE)
    return Region.square(x, y, side, math.atan2(dx, -dy))


def _move(
    keypoints: Floats,
    faces: list[tuple[NDArray[np.floating], float]],
    matrix: NDArray[np.float64],
) -> None:
    """Move a person's keypoints, in place, to the surest face that is theirs.

    Args:
        keypoints: (33, 2) pixels of the image.
        faces: box centre, box size and six points, from 0 to 1 of the patch; the surest first.
        matrix: (2, 3) map from the patch to the image.
    """
    parts = _parts(keypoints)
    side = SIZE * math.hypot(matrix[0, 0], matrix[1, 0])
    for points, _ in faces:
        moves = points[2:] * SIZE @ matrix[:, :2].T + matrix[:, 2] - parts
        size = float(points[1].mean()) * side
        if np.linalg.norm(moves, axis=1).mean() < _NEAR * size:
            for part, move in zip(_PARTS, moves, strict=True):
                keypoints[part] += move
            return
