"""The pipeline: joins reading, estimating, tracking, cleaning, drawing and writing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from limner.core.info import InputInfo
from limner.core.poses import Poses
from limner.core.steps import Chain, run
from limner.core.wording import counted
from limner.errors import LimnerError
from limner.export import export, find_format, open_writer
from limner.media.codecs import choose
from limner.media.image import read_image, write_image
from limner.media.inputs import Input
from limner.media.probe import MediaInfo
from limner.media.read import VideoReader
from limner.media.timing import place_evenly
from limner.media.write import VideoWriter
from limner.models.base import Model
from limner.motion import angle_names, frame_angles
from limner.pipeline.outputs import Outputs, targets
from limner.pipeline.render import Render, WatchFaces, annotators_for, faces_for, threshold_for
from limner.pipeline.stages import Stages
from limner.pipeline.steps import estimate_image, track_and_clean
from limner.pipeline.two_pass import FirstPass, first_pass
from limner.recording.base import Writer
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.settings import Settings
from limner.system.files import partial


class Progress:
    """Hears how a run goes; this one says nothing.

    A command line or a notebook overrides what it wants to show.
    """

    def start(self, source: Input, frames: int | None, model: Model) -> None:
        """An input is begun; `frames` is how many will come, where known."""

    def advance(self, poses: Poses) -> None:
        """A frame is done."""

    def finish(self) -> None:
        """The input is done, or was given up."""


@dataclass(frozen=True)
class Result:
    """What came of one input.

    Attributes:
        source: the input.
        paths: the files that were made, the annotated one first.
        frames: how many frames were done.
        people: how many different people were seen.
        seconds: how long it took.
        problems: sentences on what went wrong on the way without ending it.
    """

    source: Path
    paths: list[Path]
    frames: int = 0
    people: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def annotate_input(
    source: Input, model: Model, settings: Settings, progress: Progress | None = None
) -> Result:
    """Annotate one input: write the drawn-on copy of it and the numbers.

    Results get their final names when all of them are whole. If the run fails or is
    interrupted after some frames, what was done stays under partial names, and a note on
    the exception says which.

    Raises:
        InputError: the input cannot be read.
        OutputError: a result is there already, or cannot be written.
        RecordingError: a format cannot hold what was measured.
    """
    if source.error is not None:
        raise source.error
    progress = progress or Progress()
    files = targets(source, settings)
    files.check(source.path, settings.overwrite)
    counter = _Counter(progress)
    begun = perf_counter()
    work = _annotate_video if source.kind == "video" else _annotate_image
    written = False
    try:
        problems = work(source, model, settings, files, counter)
        written = True
        files.finish()
    except BaseException as error:
        kept = files.give_up(keep=counter.frames > 0)
        if kept:
            frames = counted(counter.frames, "frame")
            note = f"what was done until then, {frames}, is in {', '.join(map(str, kept))}"
            if files.media is not None and not written and partial(files.media) not in kept:
                note += "; the annotated copy could not be finished and was removed, as it "
                note += "does not open unfinished"
            error.add_note(note)
        raise
    finally:
        progress.finish()
    paths = files.paths + _export_the_rest(files, settings.overwrite)
    return Result(
        source.path,
        paths,
        counter.frames,
        len(counter.people),
        perf_counter() - begun,
        problems,
    )


class _Counter:
    """Counts the frames and people that were done, and tells the progress."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.frames = 0
        self.people: set[int] = set()

    def count(self, poses: Poses) -> None:
        self.frames += 1
        self.people.update(poses.ids.tolist())
        self.progress.advance(poses)


def _annotate_video(
    source: Input, model: Model, settings: Settings, files: Outputs, counter: _Counter
) -> list[str]:
    annotators = annotators_for(settings, model)
    transparent = settings.background == "transparent"
    if files.media is not None:
        # Whatever cannot be written is refused before anything is opened.
        choose(files.media, settings.codec, alpha=transparent)
    with ExitStack() as stack:
        reader = stack.enter_context(
            VideoReader(source.path, start=settings.start, end=settings.end)
        )
        twice = settings.person == "longest"
        total = reader.frame_count
        counter.progress.start(source, 2 * total if total and twice else total, model)
        header = Header(
            InputInfo(
                str(source.path),
                reader.width,
                reader.height,
                reader.info.frame_rate,
                reader.info.frame_count,
                reader.info.duration,
                reader.info.rotation,
            ),
            model.info.skeleton,
            (model.info,),
            _options(settings, model),
        )
        writers = _open_writers(stack, files, header, settings)
        video = None
        rate = _new_rate(settings, reader.info)
        problems = []
        if files.media is not None:
            video = stack.enter_context(
                VideoWriter(
                    partial(files.media),
                    width=reader.width,
                    height=reader.height,
                    frame_rate=rate or reader.info.frame_rate,
                    source=None if rate else reader,
                    codec=settings.codec,
                    quality=settings.quality,
                    audio=settings.audio,
                    alpha=transparent,
                )
            )
            if rate and settings.audio and reader.info.has_audio:
                problems.append(
                    f"{source.path}: the audio is left out, because at {float(rate):g} frames "
                    f"per second it would not fit the image any more"
                )
        first: FirstPass | None = None
        if twice:
            folder = files.paths[0].parent
            advance = counter.progress.advance
            first = stack.enter_context(
                first_pass(source.path, model, settings, header, folder, advance)
            )
        faces = faces_for(settings)
        stages = stack.enter_context(Stages())
        # A frame's way through the program:
        frames = stages.overlap(reader, "reading", gives_way=True)
        session = first.session() if first else model.session()
        seen = stages.overlap(run(frames, session), "estimating")
        people = track_and_clean(
            model.info,
            settings,
            reader.info.frame_rate,
            (reader.width, reader.height),
            keep=first.people if first else None,
            watch=WatchFaces(faces) if faces else None,
        )
        drawn = run(seen, Chain(people, Render(annotators, faces, transparent=transparent)))
        for each in stages.overlap(drawn, "drawing"):
            if video is not None:
                if rate:
                    place_evenly(each.frame, counter.frames, rate)
                video.write(each.frame)
            _write(writers, each.people, settings, header)
            counter.count(each.people)
    return reader.problems + (video.problems if video else []) + problems


def _annotate_image(
    source: Input, model: Model, settings: Settings, files: Outputs, counter: _Counter
) -> list[str]:
    frame = read_image(source.path)
    counter.progress.start(source, 1, model)
    header = Header(
        InputInfo(str(source.path), frame.width, frame.height, None, 1, None, 0),
        model.info.skeleton,
        (model.info,),
        _options(settings, model),
    )
    faces = faces_for(settings)
    seen = estimate_image(frame, model, settings)
    if faces:
        faces.see(seen.found)
    poses = seen.people
    with ExitStack() as stack:
        _write(_open_writers(stack, files, header, settings), poses, settings, header)
        if files.media is not None:
            transparent = settings.background == "transparent"
            annotators = annotators_for(settings, model)
            (drawn,) = Render(annotators, faces, transparent=transparent).push(seen)
            write_image(partial(files.media), drawn.frame)
        counter.count(poses)
    return []


def _new_rate(settings: Settings, info: MediaInfo) -> Fraction | None:
    """Return the frames per second that the user wants instead of the source's, if any."""
    if settings.output_rate is None:
        return None
    rate = Fraction(settings.output_rate).limit_denominator(1001)
    return None if rate == info.frame_rate else rate


def _open_writers(
    stack: ExitStack, files: Outputs, header: Header, settings: Settings
) -> list[Writer]:
    """Open the data files that are written while the video runs."""
    writers = []
    for name, path in files.data.items():
        options = {}
        if settings.angles and "angles" in find_format(name).options:
            options["angles"] = angle_names(header.skeleton)
        writers.append(stack.enter_context(open_writer(name, partial(path), header, **options)))
    return writers


def _write(writers: Sequence[Writer], poses: Poses, settings: Settings, header: Header) -> None:
    """Write a frame's numbers."""
    angles = None
    if settings.angles:
        angles = frame_angles(poses.keypoints, poses.skeleton, poses.scores, header.threshold)
    for writer in writers:
        writer.write(poses, angles)


def _export_the_rest(files: Outputs, overwrite: bool) -> list[Path]:
    """Write the formats that need the whole recording, from the recording just made."""
    paths: list[Path] = []
    for name, path in files.later.items():
        try:
            with read_frames(files.data["jsonl"]) as recording:
                paths += export(recording, name, path, overwrite=overwrite)
        except LimnerError as error:
            recorded = files.data["jsonl"]
            error.add_note(
                f"the other results are whole, and limner export {recorded} --format {name} "
                f"makes this one of them"
            )
            raise
    return paths


def _options(settings: Settings, model: Model) -> dict[str, object]:
    """Return the settings that bear on the numbers, for the recording's header."""
    return {"threshold": threshold_for(settings, model), **settings.recorded()}
