"""BlazePose as a model: everyone in an image, and everyone from frame to frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from limner.core.frame import Frame
from limner.core.info import ModelInfo
from limner.core.oks import nms_oks, oks_matrix, pose_similarity
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.skeletons import BLAZEPOSE_33
from limner.core.steps import Seen
from limner.errors import UsageError
from limner.models.base import FILE, Pace, describe_network
from limner.models.blazepose.detector import Detection, Detector
from limner.models.blazepose.face import FaceNetwork
from limner.models.blazepose.landmarks import OUTPUTS, LandmarkNetwork, Landmarks
from limner.models.blazepose.limbs import suppress_limbs
from limner.models.blazepose.search import SEARCHES, Search, distinct, tiles
from limner.runtime import Runtime, load_network
from limner.system.cores import usable_cores

# The landmark network says whether there is a person in its region; under this there is none.
_PRESENT = 0.3
# A person is taken up when this sure, and let go when less sure than that.
_FOUND, _LOST = 0.3, 0.2
# Poses more alike than this are on one body.
_ONE_BODY = 0.5
# Looks at a person this much alike are averaged, each keypoint by this power of its score.
_SAME_LOOK, _SHARPNESS = 0.7, 4
# A video is searched through once in this many seconds.
_SEARCH_PERIOD = 0.5
# What the landmark network took for nobody is not looked at again for this long, seconds.
_REJECTED_FOR = 1.0
# How much surer a new pose must be than a followed one to take its body.
_LOYALTY = 0.1
# Of the people this sure, 0.72 are people, rightly posed, by COCO's labels.
PERSON_THRESHOLD = 0.45
KEYPOINT_THRESHOLD = 0.3


class BlazePose:
    """BlazePose's networks, finding everyone they can.

    Args:
        paths: the detector's file, the landmark network's and the face network's.
        runtime: backend, device and threads.
        name: what recordings call the model.
        search: how hard to look for people: ``fast``, ``normal`` or ``thorough``; or
            ``mediapipe``, which sees what MediaPipe's own program does.
        max_people: how many people to follow at the most; None for everyone.
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
        runtime = runtime or Runtime()
        # The networks are small: several people at the same time, a thread for each, cost
        # less than one person after the other by several threads.
        threads = runtime.threads or usable_cores()
        streams = threads if max_people is None else min(threads, max_people)
        runtime = replace(runtime, threads=threads, streams=streams)
        self.search = SEARCHES[search]
        detector = load_network(paths[0], replace(runtime, half=self.search.half))
        landmarks = load_network(paths[1], runtime, outputs=OUTPUTS)
        self.detector = Detector(detector, self.search.conventions)
        self.landmarks = LandmarkNetwork(landmarks, self.search.conventions)
        self.max_people = max_people
        self.info = ModelInfo(
            name,
            BLAZEPOSE_33,
            (
                describe_network("pose", paths[1], landmarks),
                describe_network("detector", paths[0], detector),
                # Loaded when an image needs it, as the others are.
                describe_network("face", paths[2], landmarks),
            ),
            PERSON_THRESHOLD,
            KEYPOINT_THRESHOLD,
        )
        self._face = paths[2], runtime

    @cached_property
    def faces(self) -> FaceNetwork:
        """The network that looks at heads, loaded when it is needed: videos do without."""
        return FaceNetwork(load_network(*self._face))

    def estimate(self, images: Sequence[Frame]) -> list[Poses]:
        """Return everyone in each of some images that stand by themselves, the surest first."""
        return [self._estimate(image) for image in images]

    def _estimate(self, frame: Frame) -> Poses:
        found = self.find(frame, all_tiles(frame, self.search))()
        looks: list[Landmarks] = []
        regions = [detection.region for detection in found]
        for _ in range(self.search.passes):
            new = [
                look
                for look in self.landmarks.estimate(frame, regions)
                if look.presence >= _PRESENT
            ]
            looks += new
            regions = [look.next_region for look in new if look.person_score >= _FOUND]
        poses = suppress_limbs(_fused(looks, frame))
        if self.max_people is not None:
            poses = poses[: self.max_people]
        return self.faces.place(frame, poses, _FOUND) if self.search.faces else poses

    def session(self, pace: Pace = FILE) -> BlazePoseSession:
        """Start a video: people are followed by where they were in the frame before."""
        return BlazePoseSession(self, pace)

    def find(self, frame: Frame, squares: Sequence[Region]) -> Callable[[], list[Detection]]:
        """Begin to look through squares of a frame; the result waits for who is in them.

        Returns:
            What returns the people the detector finds, the surest first.
        """
        detections = self.detector.start(frame, squares, self.search.threshold)
        return lambda: distinct(detections(), self.search.merge)


class BlazePoseSession:
    """Follows everyone through a video and keeps looking for more people.

    Who was in the last frame costs one run of the landmark network. The search for others
    is spread over the frames, so that the whole image is looked through every half second,
    and goes on beside: whom it finds in a frame is looked at in the next one, in the same
    way as those who are followed.
    """

    def __init__(self, model: BlazePose, pace: Pace = FILE) -> None:
        self._model = model
        self._looks_ahead = pace.look_ahead > 0
        self._held: Frame | None = None
        self._followed: list[Landmarks] = []
        # Looks at those who are followed that were begun in a frame before its turn.
        self._coming: Frame | None = None
        self._ahead: dict[Region, Callable[[], Landmarks]] = {}
        self._search: Callable[[], list[Detection]] = list
        self._unsure: list[Region] = []
        self._rejected: list[tuple[Region, float]] = []
        self._tiles: list[Region] = []
        self._due = 0.0
        self._next_tile = 0
        self._time = 0.0

    def push(self, item: Frame) -> list[Seen]:
        """Take the next frame; give the one before it, or itself where nothing may wait."""
        if not self._looks_ahead:
            return [self._see(item, None)]
        held, self._held = self._held, item
        return [] if held is None else [self._see(held, item)]

    def flush(self) -> list[Seen]:
        """Return the last frame, if it was held back."""
        held, self._held = self._held, None
        return [] if held is None else [self._see(held, None)]

    def _see(self, frame: Frame, coming: Frame | None) -> Seen:
        poses = self._estimate(frame, coming)
        return Seen(frame, poses, poses)

    def _estimate(self, frame: Frame, coming: Frame | None) -> Poses:
        model = self._model
        # Whoever is there, but not surely, is looked at again where the first look says the
        # body is: from a small face in a large tile that is a rough guess.
        again, self._unsure = self._unsure, []
        first = self._not_known(self._search(), frame.time)
        begun = bool(self._tiles)
        self._search = model.find(frame, self._squares(frame))
        others = [model.landmarks.start(frame, region) for region in again + first]
        followed = self._see_followed(frame, coming)
        kept = suppress_same_body(followed, followed=len(followed))
        new = self._taken_up([see() for see in others], len(again), frame.time)
        if not begun or (self._followed and not kept):
            # Nobody is known yet, or nobody any more: most likely the video was cut, and the
            # new shot may show anyone anywhere.
            first = [detection.region for detection in model.find(frame, self._tiles)()]
            new += self._taken_up(model.landmarks.estimate(frame, first), 0, frame.time)
        if new:
            kept = suppress_same_body(kept + new, followed=len(kept))
        if model.max_people is not None and len(kept) > model.max_people:
            kept = sorted(kept, key=lambda look: -look.person_score * look.next_region.side)
            kept = kept[: model.max_people]
        self._followed = kept
        return _poses(kept, frame)

    def _see_followed(self, frame: Frame, coming: Frame | None) -> list[Landmarks]:
        """Return those who are followed and still there, and begin to look for them again."""
        start = self._model.landmarks.start
        regions = [look.next_region for look in self._followed]
        ahead = self._ahead if frame is self._coming else {}
        looking = [ahead.get(region) or start(frame, region) for region in regions]
        self._coming, self._ahead = coming, {}
        seen = []
        for look in (see() for see in looking):
            if look.presence >= _PRESENT and look.person_score >= _LOST:
                seen.append(look)
                if coming is not None:
                    self._ahead[look.next_region] = start(coming, look.next_region)
        return seen

    def _squares(self, frame: Frame) -> list[Region]:
        """Return the squares to look through in this frame."""
        elapsed, self._time = frame.time - self._time, frame.time
        if not self._tiles:
            self._tiles = all_tiles(frame, self._model.search)
            return []
        full = self._model.max_people
        if full is not None and len(self._followed) >= full:
            return []
        self._due += len(self._tiles) * min(elapsed, _SEARCH_PERIOD) / _SEARCH_PERIOD
        count = min(int(self._due), len(self._tiles))
        self._due -= int(self._due)
        first, self._next_tile = self._next_tile, (self._next_tile + count) % len(self._tiles)
        return [self._tiles[(first + i) % len(self._tiles)] for i in range(count)]

    def _not_known(self, found: list[Detection], time: float) -> list[Region]:
        """Return where the search found somebody who is neither followed nor rejected."""
        self._rejected = [(region, until) for region, until in self._rejected if until > time]
        known = [look.next_region for look in self._followed]
        known += [region for region, _ in self._rejected]
        return [
            detection.region
            for detection in found
            if not any(detection.region.resembles(region, 0.25, 2.0) for region in known)
        ]

    def _taken_up(self, looks: list[Landmarks], again: int, time: float) -> list[Landmarks]:
        """Return those of the looks at new people that are sure, and remember the others.

        Args:
            looks: at regions where the search found somebody.
            again: how many of them, the first, are second looks.
            time: of the frame, seconds.
        """
        new = []
        for i, look in enumerate(looks):
            if look.presence >= _PRESENT and look.person_score >= _FOUND:
                new.append(look)
                continue
            self._rejected.append((look.region, time + _REJECTED_FOR))
            if look.presence >= _PRESENT and i >= again:
                self._unsure.append(look.next_region)
        return new


def all_tiles(frame: Frame, search: Search) -> list[Region]:
    """Return every square a search looks through, the largest first."""
    return [tile for part in search.parts for tile in tiles(frame.width, frame.height, part)]


def _poses(looks: Sequence[Landmarks], frame: Frame) -> Poses:
    if not looks:
        return Poses.empty(BLAZEPOSE_33, frame.index, frame.time)
    return Poses.build(
        BLAZEPOSE_33,
        np.array([look.keypoints for look in looks]),
        np.array([look.scores for look in looks]),
        np.array([look.person_score for look in looks], np.float32),
        keypoints_3d=np.array([look.keypoints_3d for look in looks]),
        index=frame.index,
        time=frame.time,
    )


def suppress_same_body(looks: Sequence[Landmarks], followed: int) -> list[Landmarks]:
    """Return the looks without those on a body that a surer look has.

    Args:
        looks: people seen in one frame.
        followed: how many of them, the first, were followed to this frame; they keep their
            body unless another is clearly surer.
    """
    if len(looks) < 2:
        return list(looks)
    keypoints = np.array([look.keypoints for look in looks])
    scores = np.array([look.scores for look in looks])
    alike = oks_matrix(
        keypoints, keypoints, BLAZEPOSE_33.sigmas, weights_a=scores, weights_b=scores
    )
    rank = [look.person_score + _LOYALTY * (i < followed) for i, look in enumerate(looks)]
    kept: list[int] = []
    for person in sorted(range(len(looks)), key=lambda i: -rank[i]):
        if all(alike[person, other] <= _ONE_BODY for other in kept):
            kept.append(person)
    return [looks[person] for person in sorted(kept)]


def _fused(looks: list[Landmarks], frame: Frame) -> Poses:
    """Return one pose per body: the average of the looks at it, the surest body first.

    The region differs a little from look to look, and so do the network's errors. Each
    keypoint is averaged over the looks that agree with the surest, weighted by how sure
    each is of it. That is worth 0.01 to 0.02 AP.
    """
    poses = _poses(sorted(looks, key=lambda look: -look.person_score), frame)
    if len(poses) < 2:
        return poses
    alike = pose_similarity(poses, poses)
    bodies = nms_oks(poses, _ONE_BODY)
    weights = poses.scores**_SHARPNESS + 1e-6
    fused = poses[bodies]
    for place, body in enumerate(bodies):
        same = np.flatnonzero(alike[body] > _SAME_LOOK)
        share = (weights[same] / weights[same].sum(axis=0))[..., None]
        fused.keypoints[place] = (poses.keypoints[same] * share).sum(axis=0)
        if fused.keypoints_3d is not None and poses.keypoints_3d is not None:
            fused.keypoints_3d[place] = (poses.keypoints_3d[same] * share).sum(axis=0)
    return Poses.build(
        BLAZEPOSE_33,
        fused.keypoints,
        fused.scores,
        fused.person_scores,
        keypoints_3d=fused.keypoints_3d,
        index=frame.index,
        time=frame.time,
    )
