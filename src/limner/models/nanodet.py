"""NanoDet: a person detector for any top-down model.

RangiLyu, "NanoDet-Plus", https://github.com/RangiLyu/nanodet. The network gives, at each cell of
three grids, a score for each of COCO's 80 classes, and how far the box's four sides are from the
cell's centre, each as a distribution over 0 to 10 steps of the grid (Li et al., "Generalized Focal
Loss", 2020, https://arxiv.org/abs/2006.04388).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.region import Region
from limner.models.topdown.parts import Detection, Running
from limner.runtime import Network

SIZE = 416
_STRIDES = (8, 16, 32)
_CLASSES, _STEPS = 80, 11
_PERSON = 0
# What it was trained with: pixels in BGR, minus these, times those; grey about the image.
_MEAN = np.array([103.53, 116.28, 123.675], np.float32)
_SCALE = 1 / np.array([57.375, 57.12, 58.395], np.float32)
_GREY = 114
# Boxes that share more of their union than this are of one person.
_SAME = 0.45


class NanoDet:
    """Runs the detection network on squares of a frame."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def start(
        self, frame: Frame, areas: Sequence[Region], threshold: float
    ) -> Running[list[Detection]]:
        """Begin to look for people in squares of a frame; see `limner.models.topdown.Detector`."""
        begun = []
        for square in areas:
            matrix = square.matrix((SIZE, SIZE))
            patch = frame.warp(matrix, (SIZE, SIZE), outside=_GREY)
            batch = patch[None, ..., ::-1].astype(np.float32)
            batch -= _MEAN
            batch *= _SCALE
            # Runs while the next patch is cut.
            begun.append((square, self._network.start(batch)))
        return lambda: [
            detection for square, run in begun for detection in _read(square, run(), threshold)
        ]


def _read(square: Region, outputs: dict[str, Floats], threshold: float) -> Iterator[Detection]:
    """Yield the people that the network's outputs tell of, the surest first."""
    matrix, scale = square.matrix((SIZE, SIZE)), square.size / SIZE
    by_shape = {output.shape[1:]: output[0] for output in outputs.values()}
    boxes, scores = [], []
    for stride in _STRIDES:
        side = SIZE // stride
        person = by_shape[side * side, _CLASSES][:, _PERSON]
        (chosen,) = np.nonzero(person > threshold)
        steps = by_shape[side * side, 4 * _STEPS][chosen].reshape(-1, 4, _STEPS)
        likely = np.exp(steps - steps.max(axis=-1, keepdims=True))
        likely /= likely.sum(axis=-1, keepdims=True)
        reach = likely @ np.arange(_STEPS, dtype=np.float32) * stride
        centres = (np.stack([chosen % side, chosen // side], axis=1) + 0.5) * stride
        boxes.append(np.concatenate([centres - reach[:, :2], centres + reach[:, 2:]], axis=1))
        scores.append(person[chosen])
    every, score = np.concatenate(boxes), np.concatenate(scores)
    sides = np.column_stack([every[:, :2], every[:, 2:] - every[:, :2]])
    for number in cv2.dnn.NMSBoxes(sides.tolist(), score.tolist(), threshold, _SAME):
        x, y = (matrix[:, :2] @ (every[number, :2] + every[number, 2:]) / 2 + matrix[:, 2]).tolist()
        width, height = ((every[number, 2:] - every[number, :2]) * scale).tolist()
        yield Detection(Region(x, y, width, height, square.angle), float(score[number]))
