"""Two-pass selection of people: who is seen longest, and who moves, only a video's end tells.

So the video is gone through twice: first everyone is estimated and written to a temporary
recording, then frames are decoded again and paired with what was recorded. Only numbers are
kept in between, on the disk, so memory does not grow with the video.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.steps import AtOnce, Seen, run
from limner.export import open_writer
from limner.media.sources import Source
from limner.models.base import Model
from limner.motion.stillness import Stillness
from limner.pipeline.stages import Stages
from limner.pipeline.steps import track_and_clean
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.settings import Settings
from limner.system.files import writing
from limner.system.scratch import scratch_folder
from limner.system.signals import Stop, never
from limner.tracking import rank_people


@dataclass(frozen=True)
class FirstPass:
    """What the first pass over a video leaves for the second.

    Attributes:
        path: the temporary recording of everyone, as the model saw them.
        model: what made it.
        people: the ids of those to keep, as tracking the recording gives them.
        still: how many people were left out because they never move.
    """

    path: Path
    model: Model
    people: tuple[int, ...]
    still: int = 0

    def session(self) -> Replay:
        """Return what pairs the frames, decoded again, with the poses that were recorded."""
        return Replay(_recorded(self.path, self.model))


class Replay(AtOnce):
    """A session that sees what was recorded."""

    def __init__(self, recorded: Iterator[Poses]) -> None:
        self._recorded = recorded

    def push(self, item: Frame) -> Sequence[Seen]:
        """Return what was seen in the next frame; nothing where the recording has ended."""
        return [Seen(item, poses, poses) for poses in islice(self._recorded, 1)]


@contextmanager
def first_pass(
    reopen: Callable[[], Source],
    model: Model,
    settings: Settings,
    header: Header,
    folder: Path,
    advance: Callable[[Poses], None],
    stop: Stop = never,
) -> Iterator[FirstPass]:
    """Go through a video once to find who is seen longest, or who moves.

    Args:
        reopen: opens the video.
        model: estimates the poses.
        settings: what the user asked for.
        header: of the recordings of this run.
        folder: where the temporary recording may lie; it is removed at the end.
        advance: is called for each frame.
        stop: is asked again and again whether to end between two frames.

    Yields:
        What the second pass needs.

    Raises:
        OutputError: the temporary recording cannot be written.
    """
    with ExitStack() as stack:
        with writing(folder):
            path = stack.enter_context(scratch_folder(folder)) / "everyone.jsonl"
        with (
            reopen() as source,
            open_writer("jsonl", path, header) as writer,
            Stages(stop) as stages,
        ):
            frames = stages.overlap(source, "reading", gives_way=True)
            for seen in stages.overlap(run(frames, model.session()), "estimating"):
                writer.write(seen.found)
                advance(seen.found)
        yield _chosen(path, model, settings, header)


def _chosen(path: Path, model: Model, settings: Settings, header: Header) -> FirstPass:
    everyone = replace(settings, person=None, max_people=None, smooth=False)
    facts = header.input
    # Only its size is looked at, so its pixels may all be the same one.
    blank = Frame(np.broadcast_to(np.zeros(3, np.uint8), (facts.height, facts.width, 3)))
    seen = (Seen(blank, poses, poses) for poses in _recorded(path, model))
    size = (facts.width, facts.height)
    people = run(seen, track_and_clean(model.info, everyone, facts.frame_rate, size))
    stillness = Stillness(header.threshold)
    ranked = rank_people(_watched((seen.people for seen in people), stillness), "longest")
    still = stillness.still() if settings.ignore_still else set()
    kept = [person for person in ranked if person not in still]
    if settings.person == "longest":
        kept = kept[: settings.max_people or 1]
    return FirstPass(path, model, tuple(kept), len(still))


def _watched(frames: Iterable[Poses], stillness: Stillness) -> Iterator[Poses]:
    for poses in frames:
        stillness.add(poses)
        yield poses


def _recorded(path: Path, model: Model) -> Iterator[Poses]:
    with read_frames(path) as recording:
        for poses in recording:
            yield replace(poses, skeleton=model.info.skeleton)
