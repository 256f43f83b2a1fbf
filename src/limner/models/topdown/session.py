"""Following people through a video, whatever finds and poses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.region import Region
from limner.core.steps import Seen
from limner.models.base import FILE, Pace
from limner.models.topdown.fuse import poses_of
from limner.models.topdown.parts import Crop, Look, Running
from limner.models.topdown.search import Sweep, turned
from limner.models.topdown.suppress import made_of_limbs, suppress_reversed, suppress_same_body

if TYPE_CHECKING:
    from limner.models.topdown.model import TopDown


class TopDownSession:
    """Follows everyone through a video and keeps looking for more people.

    Who was in the last frame costs one look of the pose network. The search for others is
    spread over the frames and goes on beside: whom it finds in a frame is looked at in the
    next one, in the same way as those who are followed. Frames too far apart for that are
    searched whole, each by itself.
    """

    def __init__(self, model: TopDown, pace: Pace = FILE) -> None:
        self._model = model
        self._batch = pace.batch
        self._looks_ahead = pace.look_ahead > 0
        self._held: Frame | None = None
        self._followed: list[Look] = []
        # Looks at those who are followed that were begun in a frame before its turn.
        self._coming: Frame | None = None
        self._ahead: dict[Region, Callable[[], Look]] = {}
        self._sweep = Sweep(model.search)
        self._search: Running[list[Crop]] = list
        self._unsure: list[Crop] = []
        self._rejected: list[tuple[Region, float]] = []
        # Where people were who were let go lately, and until when they are looked for there.
        self._missed: list[tuple[Region, float]] = []

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
        for refiner in self._model.video_refiners:
            poses = refiner.refine(frame, poses)
        if self._model.calibration is not None:
            poses = self._model.calibration(poses)
        return Seen(frame, poses, poses)

    def _estimate(self, frame: Frame, coming: Frame | None) -> Poses:
        model = self._model
        # Whoever is there, but not surely, is looked at again where the first look says the
        # body is: from a small face in a large tile that is a rough guess.
        again = [crop._replace(frame=frame) for crop in self._take_unsure()]
        first = [crop._replace(frame=frame) for crop in self._not_known(frame.time)]
        needed = model.max_people is None or len(self._followed) < model.max_people
        squares = self._sweep.squares(frame, needed=needed)
        whole = len(squares) == len(self._sweep.tiles)
        if not whole:
            squares += self._sweep.turned(frame, needed=needed)
        search = self._find(frame, squares)
        self._search = list if whole else search
        others = model.look(again + first, self._batch)
        followed = self._see_followed(frame, coming)
        followed += self._see_missed(frame, followed)
        kept = self._one_per_body(followed, len(followed))
        new = self._taken_up(again + first, [look() for look in others], len(again))
        if whole:
            new += self._see_anyone(frame, search)
        elif self._followed and not kept:
            # Nobody is known any more: most likely the video was cut, and the new shot may show
            # anyone anywhere.
            new += self._see_anyone(frame, self._find(frame, self._sweep.tiles))
        if new:
            kept = self._with_new(kept, new, frame)
        if model.max_people is not None and len(kept) > model.max_people:
            kept = sorted(kept, key=lambda look: -look.person_score * look.next_region.size)
            kept = kept[: model.max_people]
        self._followed = kept
        return poses_of(kept, model.pose.skeleton, frame)

    def _see_anyone(self, frame: Frame, search: Running[list[Crop]]) -> list[Look]:
        """Return those whom a search through all of a frame finds, looked at in that frame."""
        found = search()
        new = self._see_found(found)
        if self._model.may_be_turned(found, new):
            new += self._see_found(self._find(frame, turned(self._sweep.tiles))())
        return new

    def _find(self, frame: Frame, squares: Sequence[Region]) -> Running[list[Crop]]:
        search, finest = self._model.search, self._sweep.finest
        usual = [square for square in squares if square not in finest]
        small = [square for square in squares if square in finest]
        threshold = search.threshold_in_videos
        least = threshold if search.threshold_in_finest is None else search.threshold_in_finest
        found = [
            self._model.find(frame, part, at_least)
            for part, at_least in ((usual, threshold), (small, least))
            if part
        ]
        return lambda: [crop for each in found for crop in each()]

    def _see_found(self, found: list[Crop]) -> list[Look]:
        looks = self._model.look(found, self._batch)
        new = self._taken_up(found, [look() for look in looks], 0)
        again = self._take_unsure()
        looks = self._model.look(again, self._batch)
        return new + self._taken_up(again, [look() for look in looks], len(again))

    def _take_unsure(self) -> list[Crop]:
        unsure, self._unsure = self._unsure, []
        return unsure

    def _see_followed(self, frame: Frame, coming: Frame | None) -> list[Look]:
        """Return those who are followed and still there, and begin to look for them again."""
        regions = [look.next_region for look in self._followed]
        ahead = self._ahead if frame is self._coming else {}
        missing = [region for region in regions if region not in ahead]
        begun = dict(zip(missing, self._look(frame, missing), strict=True))
        looking = [ahead.get(region) or begun[region] for region in regions]
        self._coming, self._ahead = coming, {}
        seen = []
        until = frame.time + self._model.rules.missed_for
        for place in range(0, len(looking), self._batch):
            looks = [look() for look in looking[place : place + self._batch]]
            there = [look for look in looks if self._is_there(look)]
            seen += there
            before = self._followed[place : place + self._batch]
            self._missed += [
                (look.region, until)
                for look, last in zip(looks, before, strict=True)
                if not self._is_there(look) and last.person_score >= self._model.rules.missed
            ]
            if coming is not None:
                regions = [look.next_region for look in there]
                self._ahead |= dict(zip(regions, self._look(coming, regions), strict=True))
        return seen

    def _is_there(self, look: Look) -> bool:
        rules = self._model.rules
        return look.presence >= rules.present and look.person_score >= rules.lost

    def _see_missed(self, frame: Frame, seen: Sequence[Look]) -> list[Look]:
        """Return those who were let go lately and are there again, however they are turned."""
        found: list[Look] = []
        missed, self._missed = self._missed, []
        for region, until in missed:
            if frame.time >= until or any(
                region.resembles(look.next_region, 0.5, 2.5) for look in seen
            ):
                continue
            crops = [Crop(frame, place) for place in (region, *turned([region]))]
            looks = [look() for look in self._model.look(crops, self._batch)]
            best = max(looks, key=lambda look: look.person_score)
            if best.person_score >= self._model.rules.found:
                found.append(best)
            else:
                self._missed.append((region, until))
        return found

    def _look(self, frame: Frame, regions: Sequence[Region]) -> list[Callable[[], Look]]:
        return self._model.look([Crop(frame, region) for region in regions], self._batch)

    def _one_per_body(self, looks: Sequence[Look], followed: int) -> list[Look]:
        rules = self._model.rules
        return suppress_same_body(
            looks,
            self._model.pose.skeleton,
            followed=followed,
            loyalty=rules.loyalty,
            most_alike=rules.one_body,
        )

    def _with_new(self, kept: list[Look], new: list[Look], frame: Frame) -> list[Look]:
        """Return those who are kept and the new ones, one look per body and none at its limbs."""
        looks = self._one_per_body(suppress_reversed(kept + new, len(kept)), len(kept))
        limbs = made_of_limbs(poses_of(looks, self._model.pose.skeleton, frame))
        known = [any(look is other for other in kept) for look in looks]
        until = frame.time + self._model.rules.rejected_for
        people = []
        for look, is_known, is_limb in zip(looks, known, limbs, strict=True):
            # Who is followed may well be unsure and near another for a while: they pass behind.
            if is_known or not is_limb:
                people.append(look)
            else:
                self._rejected.append((look.region, until))
        return people

    def _not_known(self, time: float) -> list[Crop]:
        """Return where the search found somebody who is neither followed nor rejected."""
        found = self._search()
        self._rejected = [(region, until) for region, until in self._rejected if until > time]
        known = [look.next_region for look in self._followed]
        known += [region for region, _ in self._rejected]
        return [
            crop
            for crop in found
            if not any(crop.region.resembles(other, 0.25, 2.0) for other in known)
        ]

    def _taken_up(self, crops: list[Crop], looks: list[Look], again: int) -> list[Look]:
        """Return those of the looks at new people that are sure, and remember the others.

        Args:
            crops: where the search found somebody.
            looks: what was seen there.
            again: how many of them, the first, are second looks.
        """
        rules, new = self._model.rules, []
        for i, (crop, look) in enumerate(zip(crops, looks, strict=True)):
            if look.presence >= rules.present and look.person_score >= rules.found:
                new.append(look)
                continue
            self._rejected.append((look.region, crop.frame.time + rules.rejected_for))
            unsure = look.presence >= rules.present and look.person_score >= rules.unsure
            if unsure and i >= again:
                self._unsure.append(crop._replace(region=look.next_region))
        return new
