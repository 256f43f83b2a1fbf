"""A top-down model: a detector finds people, and a pose network looks at each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.poses import Poses
from limner.core.region import Region
from limner.models.base import FILE, Pace
from limner.models.topdown.fuse import fuse
from limner.models.topdown.parts import Detector, Look, PoseNetwork, Refiner, Running
from limner.models.topdown.search import Search, all_tiles
from limner.models.topdown.session import TopDownSession
from limner.models.topdown.suppress import nms_regions, suppress_limbs, suppress_reversed


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as a person; measured for each pair of networks.

    Attributes:
        present: with less presence than this there is nobody in a region.
        found: the person score from which somebody new is taken up.
        lost: the person score under which somebody is let go.
        one_body: looks with a higher OKS than this are at one body.
        same_look: of the looks at one body in an image, those with a higher OKS than this with
            the surest are averaged.
        sharpness: each keypoint is weighted in that by its score to this power.
        loyalty: how much surer a new look must be than a followed person to take its body.
        rejected_for: what was taken for nobody is not looked at again for so many seconds.
    """

    present: float = 0.3
    found: float = 0.3
    lost: float = 0.2
    one_body: float = 0.5
    same_look: float = 0.7
    sharpness: int = 4
    loyalty: float = 0.1
    rejected_for: float = 1.0


class TopDown:
    """Finds and follows everyone with any pair of a detector and a pose network.

    Attributes:
        info: what recordings say of the model.
        detector: finds people.
        pose: places the keypoints of each.
        search: how hard to look for people.
        rules: what counts as a person.
        max_people: how many people to follow at the most; None for everyone.
        refiners: look at parts of known people again, in images.
        video_refiners: the same in videos, frame by frame.
    """

    def __init__(
        self,
        info: ModelInfo,
        detector: Detector,
        pose: PoseNetwork,
        *,
        search: Search,
        rules: Rules | None = None,
        max_people: int | None = None,
        refiners: Sequence[Refiner] = (),
        video_refiners: Sequence[Refiner] = (),
    ) -> None:
        self.info = info
        self.detector = detector
        self.pose = pose
        self.search = search
        self.rules = rules or Rules()
        self.max_people = max_people
        self.refiners = refiners
        self.video_refiners = video_refiners

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return everyone in each of some images that stand by themselves, the surest first."""
        return [self._estimate(image) for image in images]

    def session(self, pace: Pace = FILE) -> TopDownSession:
        """Start a video: people are followed by where they were in the frame before."""
        return TopDownSession(self, pace)

    def find(self, frame: Frame, squares: Sequence[Region]) -> Running[list[Region]]:
        """Begin to look through squares of a frame; the result waits for who is in them.

        Returns:
            What returns the regions in which the pose network is to look, the surest first.
        """
        detections = self.detector.start(frame, squares, self.search.threshold)
        return lambda: [
            self.pose.region(detection)
            for detection in nms_regions(detections(), self.search.merge)
        ]

    def look(
        self, frame: Frame, regions: Sequence[Region], batch: int = 1
    ) -> list[Callable[[], Look]]:
        """Begin to look at regions of a frame, so many in one batch; each result waits."""
        looks: list[Callable[[], Look]] = []
        for place in range(0, len(regions), batch):
            part = regions[place : place + batch]
            running = cache(self.pose.start([(frame, region) for region in part]))
            looks += [_nth(running, number) for number in range(len(part))]
        return looks

    def _estimate(self, frame: Frame) -> Poses:
        rules = self.rules
        looks: list[Look] = []
        regions = self.find(frame, all_tiles(frame, self.search))()
        for _ in range(self.search.passes):
            seen = [look() for look in self.look(frame, regions)]
            new = [look for look in seen if look.presence >= rules.present]
            looks += new
            regions = [look.next_region for look in new if look.person_score >= rules.found]
        fused = fuse(
            suppress_reversed(looks),
            self.info.skeleton,
            frame,
            one_body=rules.one_body,
            same_look=rules.same_look,
            sharpness=rules.sharpness,
        )
        poses = suppress_limbs(fused)
        if self.max_people is not None:
            poses = poses[: self.max_people]
        for refiner in self.refiners:
            poses = refiner.refine(frame, poses)
        return poses


def _nth(running: Callable[[], list[Look]], number: int) -> Callable[[], Look]:
    return lambda: running()[number]
