"""BlazePose as a model: a detector, a landmark network, and a look at heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from limner.core.info import ModelInfo
from limner.core.skeletons import BLAZEPOSE_33
from limner.errors import UsageError
from limner.models.base import describe_network
from limner.models.blazepose.detector import Detector
from limner.models.blazepose.face import FaceRefiner
from limner.models.blazepose.landmarks import OUTPUTS, LandmarkNetwork
from limner.models.blazepose.search import SEARCHES
from limner.models.calibration import (
    KEYPOINT_THRESHOLD,
    PERSON_THRESHOLD,
    Calibration,
    ScoreCalibration,
)
from limner.models.topdown import Rules, TopDown
from limner.runtime import Runtime, load_network
from limner.system.cores import usable_cores

# What the scores are worth; benchmarks/calibration.py.
CALIBRATION = ScoreCalibration(Calibration(1.78, 1.17), Calibration(4.59, -0.6))
# Measured with these networks; see docs/design.md.
RULES = Rules()


class BlazePose(TopDown):
    """BlazePose's networks, finding everyone they can.

    Args:
        paths: the detector's file, the landmark network's and the face network's.
        runtime: backend, device and threads.
        name: what recordings call the model.
        search: how hard to look for people: ``fast``, ``normal`` or ``thorough``; or
            ``mediapipe``, which sees what MediaPipe's own program does.
        max_people: how many people to follow at the most; None for everyone.

    Raises:
        UsageError: there is no such search.
        ModelError: a file is missing or damaged.
        BackendError: the runtime cannot run a network.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        runtime: Runtime | None = None,
        *,
        name: str = "blazepose-full",
        search: str = "normal",
        max_people: int | None = None,
    ) -> None:
        if search not in SEARCHES:
            raise UsageError(f"unknown search {search!r}: expected {', '.join(SEARCHES)}")
        effort, runtime = SEARCHES[search], runtime or Runtime()
        # The networks are small: several people at the same time, a thread for each, cost
        # less than one person after the other by several threads.
        threads = runtime.threads or usable_cores()
        streams = threads if max_people is None else min(threads, max_people)
        runtime = replace(runtime, threads=threads, streams=streams)
        detector = load_network(paths[0], replace(runtime, half=effort.half))
        landmarks = load_network(paths[1], runtime, outputs=OUTPUTS)
        networks = [
            describe_network("pose", paths[1], landmarks),
            describe_network("detector", paths[0], detector),
        ]
        if effort.faces:
            # Loaded when an image needs it, as the others are.
            networks.append(describe_network("face", paths[2], landmarks))
        faces = FaceRefiner(lambda: load_network(paths[2], runtime), RULES.found)
        super().__init__(
            ModelInfo(name, BLAZEPOSE_33, tuple(networks), PERSON_THRESHOLD, KEYPOINT_THRESHOLD),
            Detector(detector, effort.conventions),
            LandmarkNetwork(landmarks, effort.conventions),
            search=effort.search,
            rules=RULES,
            max_people=max_people,
            # In videos heads stay as the landmark network has them: whether they would jump
            # where a face comes and goes has not been measured.
            refiners=[faces] if effort.faces else [],
            calibration=CALIBRATION,
        )
