"""NanoDet finds people, MoveNet places their joints, BlazePose completes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from limner.core.info import ModelInfo
from limner.core.options import either
from limner.core.skeletons import BLAZEPOSE_33, COCO_17
from limner.errors import UsageError
from limner.models.base import describe_network
from limner.models.blazepose.landmarks import OUTPUTS, LandmarkNetwork
from limner.models.blazepose.model import CALIBRATION
from limner.models.calibration import KEYPOINT_THRESHOLD, PERSON_THRESHOLD
from limner.models.composed.complete import Completion
from limner.models.composed.several import SeveralLooks
from limner.models.movenet.pose import LIGHTNING, THUNDER, MoveNet, Variant
from limner.models.nanodet import NanoDet
from limner.models.topdown import PoseNetwork, Refiner, Rules, Search, TopDown, WhenTurned
from limner.runtime import Runtime, load_network
from limner.system.cores import usable_cores

# Whoever is less sure than this is not completed.
_COMPLETE_FROM = 0.3
RULES = Rules(
    present=0.0, found=0.3, lost=0.2, one_body=0.7, same_look=0.85, unsure=0.15, missed_for=0.3
)


@dataclass(frozen=True, slots=True)
class Effort:
    """What a name of ``--effort`` stands for.

    Attributes:
        joints: which of MoveNet's networks.
        search: where NanoDet looks.
        sizes: of the squares in which MoveNet looks at each person.
    """

    joints: Variant
    search: Search
    sizes: tuple[float, ...] = (1.0,)


# NanoDet finds most people who are a seventh of a tile's side high, which is 180 pixels here, and
# some of half of that.
_FINEST = 1280
# Where the whole image is hardly larger, such tiles find hardly anybody in addition.
_FINER = 1.45


def _search(threshold: float, most: int, turned: WhenTurned | None = None) -> Search:
    return Search(
        (1.0,),
        _FINEST,
        _FINER,
        threshold=threshold,
        threshold_in_videos=0.3,
        threshold_in_finest=0.4,
        merge=0.05,
        most=most,
        turned=turned,
        period=0.25,
    )


EFFORTS = {
    "fast": Effort(LIGHTNING, _search(0.2, 20)),
    "balanced": Effort(THUNDER, _search(0.15, 25, WhenTurned(0.3, 0.85))),
    "accurate": Effort(THUNDER, _search(0.15, 50, WhenTurned(0.25, 0.85)), (0.92, 1.0, 1.08)),
}


def _less_often(search: Search) -> Search:
    """Return a search that costs half of this one in videos."""
    turned = search.turned and replace(search.turned, period=2 * search.turned.period)
    return replace(search, period=2 * search.period, turned=turned)


def _finer(search: Search) -> Search:
    """Return a search for people of half the size, in a video twice as often."""
    return replace(
        search,
        finest=_FINEST / 2,
        most=None if search.most is None else 2 * search.most,
        period=search.period / 2,
    )


SEARCHES: dict[str, Callable[[Search], Search]] = {
    "fast": _less_often,
    "normal": lambda search: search,
    "thorough": _finer,
}
"""What the names of ``--search`` make of an effort's search."""


class Composed(TopDown):
    """Everyone's 33 keypoints, out of three networks.

    Args:
        paths: NanoDet's two files, MoveNet's two, and BlazePose's landmark network, if people are
            to be completed.
        runtime: backend, device and threads.
        name: what recordings call the model.
        effort: how hard to try: ``fast``, ``balanced`` or ``accurate``.
        search: how hard to look for people: ``fast``, ``normal`` or ``thorough``.
        max_people: how many people to follow at the most; None for everyone.

    Raises:
        UsageError: there is no such effort or search.
        ModelError: a file is missing or damaged.
        BackendError: the runtime cannot run a network.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        runtime: Runtime | None = None,
        *,
        name: str = "balanced",
        effort: str = "balanced",
        search: str = "normal",
        max_people: int | None = None,
    ) -> None:
        if effort not in EFFORTS:
            raise UsageError(f"unknown effort {effort!r}: expected {', '.join(EFFORTS)}")
        if search not in SEARCHES:
            raise UsageError(f"search: model {name} has {either(SEARCHES)}, got {search!r}")
        chosen, runtime = EFFORTS[effort], runtime or Runtime()
        # One person's joints in the next frame are looked at beside what completes this one.
        threads = runtime.threads or usable_cores()
        runtime = replace(runtime, threads=threads, streams=threads)
        half = replace(runtime, half=True)
        finder, placer = paths[0], paths[2]
        detector, joints = load_network(finder, half), load_network(placer, half)
        networks = [
            describe_network("pose", placer, joints),
            describe_network("detector", finder, detector),
        ]
        pose: PoseNetwork = MoveNet(joints, chosen.joints)
        if len(chosen.sizes) > 1:
            pose = SeveralLooks(pose, chosen.sizes)
        refiners: list[Refiner] = []
        if len(paths) > 4:
            whole = load_network(paths[4], runtime, outputs=OUTPUTS)
            networks.append(describe_network("completion", paths[4], whole))
            refiners.append(
                Completion(LandmarkNetwork(whole), _COMPLETE_FROM, CALIBRATION.keypoints)
            )
        skeleton = BLAZEPOSE_33 if refiners else COCO_17
        super().__init__(
            ModelInfo(name, skeleton, tuple(networks), PERSON_THRESHOLD, KEYPOINT_THRESHOLD),
            NanoDet(detector),
            pose,
            search=SEARCHES[search](chosen.search),
            rules=RULES,
            max_people=max_people,
            refiners=refiners,
            # The look at a person's joints in the next frame runs beside it.
            video_refiners=refiners,
        )
