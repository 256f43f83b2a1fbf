"""OpenPose: everyone in the image at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from limner.core.arrays import Floats
from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.skeletons import OPENPOSE_18
from limner.errors import ModelError, UsageError
from limner.models import calibration as scores
from limner.models.base import describe_network
from limner.models.calibration import ScoreCalibration
from limner.models.onestage import OneStage
from limner.models.openpose.decode import Decoding, decode
from limner.models.openpose.maps import Maps, Preprocess, average, check_net_size, fit, stretch
from limner.runtime import Runtime

DEFAULT_NET_SIZE = 432

# Of a network whose scores nobody has calibrated: the person score from which poses are worth
# showing, which are right nine times in ten at the default net size. What is below still counts
# for average precision, so nothing is left out unasked.
PERSON_THRESHOLD = 0.15

# The same of a keypoint. Of the parts of labelled COCO people, nine in ten above it are right (an
# OKS of 0.5 or more) at net size 432 and eight in ten at 656; below it six in ten. Faces invented
# for people seen from behind stay below it.
KEYPOINT_THRESHOLD = 0.2


class OpenPose(OneStage):
    """OpenPose-18 poses by part affinity fields, from any network of OpenPose's COCO kind.

    Args:
        paths: the network's file, alone in its list.
        runtime: how to run it.
        name: what recordings call it.
        preprocess: how the network wants its pixels.
        net_size: pixels of one side of the network's input; several are averaged. None is
            432, or what the network takes if it takes one size only.
        side: which side of the input `net_size` means.
        multiple: what the input's width and height are rounded to. 16 suits every network
            with strides up to 16; 8 keeps the aspect more closely, where the network can.
        flip: average with the mirrored image.
        threshold: person score below which a person is left out.
        max_people: the best this many are kept; None keeps all.
        decoding: thresholds within a person.
        calibration: makes probabilities of the network's scores; None for leaving them.

    Raises:
        UsageError: a net size, threshold or number of people makes no sense.
        ModelError: the file is missing, damaged or another kind of network.
        BackendError: the runtime cannot run it.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        runtime: Runtime | None = None,
        *,
        name: str,
        preprocess: Preprocess | None = None,
        net_size: int | Sequence[int] | None = None,
        side: Literal["long", "short"] = "long",
        multiple: int = 16,
        flip: bool = False,
        threshold: float = 0.0,
        max_people: int | None = None,
        decoding: Decoding | None = None,
        calibration: ScoreCalibration | None = None,
    ) -> None:
        sizes = [net_size] if isinstance(net_size, int) else list(net_size or ())
        for size in sizes:
            check_net_size(size)
        if side not in ("long", "short"):
            raise UsageError(f"side {side!r}: expected long or short")
        if multiple not in (8, 16):
            raise UsageError(f"net size multiple {multiple}: expected 8 or 16")
        if not 0 <= threshold <= 1:
            raise UsageError(f"threshold {threshold}: expected 0 to 1")
        if max_people is not None and max_people < 1:
            raise UsageError(f"max people {max_people}: expected 1 or more")
        if len(paths) != 1:
            raise ModelError(f"{name}: expected one network file for OpenPose, got {len(paths)}")
        self._maps = Maps(paths[0], runtime or Runtime(), preprocess or Preprocess())
        if self._maps.fixed and sizes and set(sizes) != {max(self._maps.fixed)}:
            width, height = self._maps.fixed
            raise UsageError(
                f"{paths[0]}: this network takes images of {width}x{height} only, "
                f"not of net size {', '.join(map(str, sizes))}; leave the net size out"
            )
        self._sizes = sizes or [DEFAULT_NET_SIZE]
        self._side: Literal["long", "short"] = side
        self._multiple = multiple
        self._flip = flip
        self._threshold = threshold
        self._max_people = max_people
        self._decoding = decoding or Decoding()
        chosen = self._maps.chosen
        if chosen.backend != "openvino":
            # OpenVINO has read the file already, and its networks are loaded when a frame says
            # which one is needed. Whether another backend can read it shows when it does.
            self._maps.load(self._maps.fixed)
        network = describe_network("pose", paths[0], chosen)
        thresholds = (PERSON_THRESHOLD, KEYPOINT_THRESHOLD)
        if calibration is not None:
            thresholds = (scores.PERSON_THRESHOLD, scores.KEYPOINT_THRESHOLD)
        super().__init__(
            ModelInfo(name, OPENPOSE_18, (network,), *thresholds),
            self.maps,
            self._people,
            at_once=self._maps.at_once,
            calibration=calibration,
        )

    def maps(self, frame: Frame, *, repeated: bool = False) -> Floats:
        """Return the network's maps of a frame, all sizes and mirror images averaged.

        Args:
            frame: the image.
            repeated: more images of this size will come.

        Returns:
            (rows, columns, 57) on the grid of the largest size; see
            `limner.models.openpose.layout` for the channels.
        """
        image = (frame.width, frame.height)
        if self._maps.fixed:
            sizes = [self._maps.fixed]
        else:
            sizes = [fit(image, size, self._side, self._multiple) for size in self._sizes]
        return average(
            [self._maps(stretch(frame, size), repeated=repeated, flip=self._flip) for size in sizes]
        )

    def _people(self, frame: Frame, maps: Floats) -> Poses:
        keypoints, part_scores, person_scores = decode(maps, self._decoding)
        kept = np.flatnonzero(person_scores >= self._threshold)[: self._max_people]
        rows, columns = maps.shape[:2]
        cell = np.array([frame.width / columns, frame.height / rows], np.float32)
        return Poses.build(
            self.info.skeleton,
            keypoints[kept] * cell,
            part_scores[kept],
            person_scores[kept],
            index=frame.index,
            time=frame.time,
        )
