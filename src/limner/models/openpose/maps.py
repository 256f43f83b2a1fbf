"""From a frame to heatmaps and part affinity fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.errors import ModelError, UsageError
from limner.models.openpose.layout import CHANNELS, STRIDE, mirror
from limner.models.sizes import Size, SizedNetworks
from limner.runtime import Network, Runtime

# Bounds of a net size. Below the first the maps have no room for a body; above the second
# memory and time serve no purpose, as no such network was trained on people that large.
SMALLEST, LARGEST = 64, 2048

# Heatmaps and fields lie about -1 to 1; what is far outside is no such map.
_STRONGEST = 1000.0


@dataclass(frozen=True)
class Preprocess:
    """How a network wants its pixels: ``(value - mean) * scale``, 0 to 255.

    Attributes:
        color: order of the colours.
        mean: value that becomes 0.
        scale: factor after that.
    """

    color: Literal["rgb", "bgr"] = "rgb"
    mean: float = 127.5
    scale: float = 1.0

    def __call__(self, image: Image) -> Floats:
        """Return a batch of one from an (H, W, 3) RGB image."""
        if self.color == "bgr":
            image = image[..., ::-1]
        batch = np.ascontiguousarray(image[None], np.float32)
        batch -= np.float32(self.mean)
        batch *= np.float32(self.scale)
        return batch


def fit(image: Size, net_size: int, side: Literal["long", "short"], multiple: int) -> Size:
    """Return the network's input size for an image, its aspect kept as nearly as it goes.

    Args:
        image: the image's width and height.
        net_size: pixels of the side.
        side: which side of the input is to have that size.
        multiple: what width and height must be multiples of.

    Returns:
        Width and height, neither above `LARGEST` however long and thin the image is.
    """
    reference = max(image) if side == "long" else min(image)
    scale = min(net_size / reference, LARGEST / max(image))
    width, height = (max(round(length * scale / multiple), 1) * multiple for length in image)
    return max(width, SMALLEST), max(height, SMALLEST)


class Maps:
    """A network that turns frames into maps, at any size it can take.

    Attributes:
        path: the network's file.
        fixed: width and height of the only input it takes, or None where it takes any.
        chosen: the backend and device that run it.
        at_once: how many images of a video may be run at the same time, in threads.
    """

    def __init__(self, path: Path, runtime: Runtime, preprocess: Preprocess) -> None:
        self.path = path
        self.fixed = _check(path)
        self._preprocess = preprocess
        self._networks = SizedNetworks(path, runtime)
        self.chosen = self._networks.chosen
        self.at_once = self._networks.at_once

    def load(self, size: Size | None, *, repeated: bool = False) -> Network:
        """Return the network for one input size, or for any; see `SizedNetworks.load`."""
        return self._networks.load(size, repeated=repeated)

    def __call__(self, image: Image, *, repeated: bool = False, flip: bool = False) -> Floats:
        """Return the (H / 8, W / 8, 57) maps of an (H, W, 3) RGB image.

        Args:
            image: the image at the size the network is to see it.
            repeated: more images of this size will come.
            flip: average with the maps of the mirrored image.
        """
        size = (image.shape[1], image.shape[0]) if repeated else self.fixed
        network = self.load(size, repeated=repeated)
        maps = self._run(network, image)
        if flip:
            maps = average([maps, mirror(self._run(network, image[:, ::-1]))])
        return maps

    def _run(self, network: Network, image: Image) -> Floats:
        # One image at a time, always: some of these networks normalise by the statistics
        # of the batch, and images must not change each other's poses.
        (batch,) = network(self._preprocess(image)).values()
        if batch.ndim != 4 or batch.shape[3] != CHANNELS or not batch.size:
            raise ModelError(
                f"{self.path}: expected maps of {CHANNELS} channels out, got {batch.shape}"
            )
        maps: Floats = batch[0]
        # Written so that what is no number is refused, too.
        if not (maps.min() > -_STRONGEST and maps.max() < _STRONGEST):
            raise ModelError(
                f"{self.path}: the network computes numbers that are no heatmaps and fields, "
                f"which lie about -1 to 1; the file is damaged or of another kind"
            )
        return maps


def stretch(frame: Frame, size: Size) -> Image:
    """Return the whole frame at another size, RGB."""
    width, height = size
    matrix = np.array([[frame.width / width, 0, 0], [0, frame.height / height, 0]])
    return frame.warp(matrix, size)


def average(maps: Sequence[Floats]) -> Floats:
    """Return the mean of maps of the same image at several sizes, on the largest's grid."""
    largest = max(maps, key=lambda one: one.size)
    height, width = largest.shape[:2]
    total = np.zeros_like(largest)
    for one in maps:
        if one.shape == largest.shape:
            total += one
        else:
            total += cv2.resize(one, (width, height), interpolation=cv2.INTER_CUBIC)
    total /= len(maps)
    return total


def check_net_size(net_size: int) -> None:
    """Refuse a net size nothing can run at.

    Raises:
        UsageError: it is outside the bounds.
    """
    if not SMALLEST <= net_size <= LARGEST:
        raise UsageError(f"net size {net_size}: expected {SMALLEST} to {LARGEST} pixels")


def _check(path: Path) -> Size | None:
    """Check that a file is a network of this family; return the only size it takes, if so.

    Raises:
        ModelError: the file is missing, damaged or another kind of network.
    """
    # OpenVINO reads every format there is here, so it judges the file for every backend.
    from limner.runtime.openvino import read_shapes

    if not path.is_file():
        raise ModelError(f"{path}: no such network file")
    inputs, outputs = read_shapes(path)
    shapes = [*inputs.values(), *outputs.values()]
    if len(inputs) != 1 or len(outputs) != 1 or any(len(shape) != 4 for shape in shapes):
        raise ModelError(
            f"{path}: expected an OpenPose network with one image in and one stack of maps "
            f"out, got inputs {inputs} and outputs {outputs}"
        )
    (output,) = outputs.values()
    channels = next((count for count in (output[3], output[1]) if count == CHANNELS), output[3])
    if channels != CHANNELS:
        raise ModelError(
            f"{path}: expected {CHANNELS} channels out (19 heatmaps and 38 fields of OpenPose's "
            f"COCO model), got {channels}"
        )
    rows, columns = (output[1], output[2]) if output[3] == CHANNELS else (output[2], output[3])
    if rows is None or columns is None:
        return None
    if not all(0 < count * STRIDE <= LARGEST for count in (columns, rows)):
        raise ModelError(
            f"{path}: expected maps of up to {LARGEST // STRIDE} rows and columns, got "
            f"{rows} and {columns}"
        )
    return columns * STRIDE, rows * STRIDE
