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
from limner.models.calibration import ScoreCalibration
from limner.models.topdown.fuse import fuse
from limner.models.topdown.parts import Crop, Detector, Look, PoseNetwork, Refiner, Running
from limner.models.topdown.search import Search, all_tiles, turned
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
        unsure: at somebody new who is less sure than `found` but not than this, the pose network
            looks again, where the first look says the body is.
        missed: whoever was this sure in one frame and is let go in the next is looked for where
            they were, upright and in quarter turns, ...
        missed_for: ... for so many seconds.
    """

    present: float = 0.3
    found: float = 0.3
    lost: float = 0.2
    one_body: float = 0.5
    same_look: float = 0.7
    sharpness: int = 4
    loyalty: float = 0.1
    rejected_for: float = 1.0
    unsure: float = 0.0
    missed: float = 0.4
    missed_for: float = 0.0


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
        calibration: makes probabilities of the scores in the poses that are given out; None where
            the pose network's own are.
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
        calibration: ScoreCalibration | None = None,
    ) -> None:
        self.info = info
        self.detector = detector
        self.pose = pose
        self.search = search
        self.rules = rules or Rules()
        self.max_people = max_people
        self.refiners = refiners
        self.video_refiners = video_refiners
        self.calibration = calibration

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return everyone in each of some images that stand by themselves, the surest first."""
        return [self._estimate(image) for image in images]

    def session(self, pace: Pace = FILE) -> TopDownSession:
        """Start a video: people are followed by where they were in the frame before."""
        return TopDownSession(self, pace)

    def find(
        self, frame: Frame, squares: Sequence[Region], threshold: float | None = None
    ) -> Running[list[Crop]]:
        """Begin to look through squares of a frame; the result waits for who is in them.

        Args:
            frame: the image.
            squares: where to look.
            threshold: the least score of the detector; None for the search's.

        Returns:
            What returns where the pose network is to look, the surest first.
        """
        search = self.search
        least = search.threshold if threshold is None else threshold
        detections = self.detector.start(frame, squares, least)
        return lambda: [
            Crop(frame, self.pose.region(detection), detection.score)
            for detection in nms_regions(detections(), search.merge)[: search.most]
        ]

    def look(self, crops: Sequence[Crop], batch: int = 1) -> list[Callable[[], Look]]:
        """Begin to look at people, so many in one batch; each result waits."""
        looks: list[Callable[[], Look]] = []
        for place in range(0, len(crops), batch):
            part = crops[place : place + batch]
            running = cache(self.pose.start(part))
            looks += [_nth(running, number) for number in range(len(part))]
        return looks

    def may_be_turned(self, found: Sequence[Crop], looks: Sequence[Look]) -> bool:
        """Whether the detector sees somebody and the pose network nobody who is surely read.

        Args:
            found: where the detector sees people.
            looks: what the pose network sees there.
        """
        when = self.search.turned
        return (
            when is not None
            and any((crop.detected or 0) >= when.detected for crop in found)
            and not any(look.person_score >= when.read for look in looks)
        )

    def _estimate(self, frame: Frame) -> Poses:
        rules = self.rules
        tiles = all_tiles(frame, self.search)
        found = self.find(frame, tiles)()
        looks = self._looks(frame, found)
        if self.may_be_turned(found, looks):
            looks += self._looks(frame, self.find(frame, turned(tiles))())
        fused = fuse(
            suppress_reversed(looks),
            self.pose.skeleton,
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
        return poses if self.calibration is None else self.calibration(poses)

    def _looks(self, frame: Frame, crops: Sequence[Crop]) -> list[Look]:
        """Return looks at people in an image, several at each if that is asked for."""
        looks: list[Look] = []
        for _ in range(self.search.passes):
            seen = [look() for look in self.look(crops)]
            new = [look for look in seen if look.presence >= self.rules.present]
            looks += new
            crops = [
                Crop(frame, look.next_region)
                for look in new
                if look.person_score >= self.rules.found
            ]
        return looks


def _nth(running: Callable[[], list[Look]], number: int) -> Callable[[], Look]:
    return lambda: running()[number]
