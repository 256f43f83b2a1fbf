"""The pipeline: joins reading, estimating, tracking, cleaning, drawing and writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from limner.drawing import Annotator, BoxAnnotator, Canvas, IdAnnotator, SkeletonAnnotator, Style
from limner.drawing.colors import parse_color
from limner.drawing.tutorial import TutorialAnnotator, TutorialStyle
from limner.errors import LimnerError
from limner.export import export, open_writer
from limner.export.base import Writer
from limner.frame import Color
from limner.header import Header, InputFacts
from limner.media.inputs import Source
from limner.media.picture import read_picture, write_picture
from limner.media.probe import MediaInfo
from limner.media.read import VideoReader
from limner.media.timing import place_evenly
from limner.media.write import VideoWriter
from limner.models.base import Model
from limner.models.catalogue import DEFAULT_MODEL
from limner.models.loading import load_model, load_tutorial
from limner.overlap import Stages
from limner.people import Pair, estimate_video, know_people, people_in_picture
from limner.poses import Poses
from limner.reading import read_frames
from limner.results import Targets, partial, targets
from limner.runtime import Runtime
from limner.settings import Settings


class Progress:
    """Hears how a run goes; this one says nothing.

    A command line or a notebook overrides what it wants to show.
    """

    def start(self, source: Source, frames: int | None, model: Model) -> None:
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


def open_model(settings: Settings) -> Model:
    """Load the model that the settings ask for."""
    runtime = Runtime(settings.backend, settings.device, settings.threads)
    if settings.tutorial:
        return load_tutorial(settings.model, runtime, threshold=settings.threshold)
    return load_model(
        settings.model or DEFAULT_MODEL,
        runtime,
        search=settings.search,
        max_people=settings.max_people,
        net_size=settings.net_size,
        flip=settings.flip or None,
    )


def annotate_source(
    source: Source, model: Model, settings: Settings, progress: Progress | None = None
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
    work = _annotate_video if source.kind == "video" else _annotate_picture
    try:
        problems = work(source, model, settings, files, counter)
        files.finish()
    except BaseException as error:
        kept = files.give_up(keep=counter.frames > 0)
        if kept:
            frames = "1 frame" if counter.frames == 1 else f"{counter.frames} frames"
            error.add_note(f"what was done until then, {frames}, is in {', '.join(map(str, kept))}")
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
    source: Source, model: Model, settings: Settings, files: Targets, counter: _Counter
) -> list[str]:
    annotators = annotators_for(settings, model)
    with ExitStack() as stack:
        reader = stack.enter_context(
            VideoReader(source.path, start=settings.start, end=settings.end)
        )
        counter.progress.start(source, reader.frame_count, model)
        header = Header(
            InputFacts(
                str(source.path),
                reader.width,
                reader.height,
                reader.info.frame_rate,
                reader.info.frame_count,
                reader.info.duration,
                reader.info.rotation,
            ),
            model.skeleton,
            model.facts,
            _options(settings, model),
        )
        writers = _open_writers(stack, files, header)
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
                )
            )
            if rate and settings.audio and reader.info.has_audio:
                problems.append(
                    f"{source.path}: the sound is left out, because at {float(rate):g} frames "
                    f"per second it would not fit the picture any more"
                )
        stages = stack.enter_context(Stages())
        # A frame's way through the program:
        frames = stages.overlap(reader, "reading")
        pairs = stages.overlap(estimate_video(frames, model), "estimating")
        people = know_people(pairs, model, settings, reader.info.frame_rate)
        for frame, poses in stages.overlap(draw(people, annotators), "drawing"):
            if video is not None:
                if rate:
                    place_evenly(frame, counter.frames, rate)
                video.write(frame)
            for writer in writers:
                writer.write(poses)
            counter.count(poses)
    return reader.problems + (video.problems if video else []) + problems


def _annotate_picture(
    source: Source, model: Model, settings: Settings, files: Targets, counter: _Counter
) -> list[str]:
    frame = read_picture(source.path)
    counter.progress.start(source, 1, model)
    header = Header(
        InputFacts(str(source.path), frame.width, frame.height, None, 1, None, 0),
        model.skeleton,
        model.facts,
        _options(settings, model),
    )
    poses = people_in_picture(frame, model, settings)
    with ExitStack() as stack:
        for writer in _open_writers(stack, files, header):
            writer.write(poses)
        if files.media is not None:
            for _ in draw([(frame, poses)], annotators_for(settings, model)):
                write_picture(partial(files.media), frame)
        counter.count(poses)
    return []


def draw(pairs: Iterable[Pair], annotators: Sequence[Annotator]) -> Iterator[Pair]:
    """Draw everyone on their frame, in place."""
    for frame, poses in pairs:
        if annotators:
            canvas = Canvas(frame)
            for annotator in annotators:
                annotator.draw(canvas, poses)
        yield frame, poses


def annotators_for(settings: Settings, model: Model) -> list[Annotator]:
    """Return what draws what the settings ask for, in drawing order."""
    if not settings.video:
        return []
    if settings.tutorial:
        return [TutorialAnnotator(_tutorial_style(settings))]
    style = Style(threshold=threshold_for(settings, model), solid=2 * model.seen_from)
    annotators: list[Annotator] = [SkeletonAnnotator(style)]
    if settings.boxes:
        annotators.append(BoxAnnotator(style))
    if settings.labels == "ids":
        annotators.append(IdAnnotator(style))
    return annotators


def _tutorial_style(settings: Settings) -> TutorialStyle:
    own = TutorialStyle()

    def color(option: str, text: str | None, default: Color) -> Color:
        return default if text is None else parse_color(option, text)

    return TutorialStyle(
        line=color("line-color", settings.line_color, own.line),
        dot=color("dot-color", settings.dot_color, own.dot),
        text=color("text-color", settings.text_color, own.text),
    )


def threshold_for(settings: Settings, model: Model) -> float:
    """Return the score under which a keypoint counts as unseen: the user's, else the model's."""
    return model.seen_from if settings.threshold is None else settings.threshold


def _new_rate(settings: Settings, info: MediaInfo) -> Fraction | None:
    """Return the frames per second that the user wants instead of the source's, if any."""
    if settings.output_rate is None:
        return None
    rate = Fraction(settings.output_rate).limit_denominator(1001)
    return None if rate == info.frame_rate else rate


def _open_writers(stack: ExitStack, files: Targets, header: Header) -> list[Writer]:
    """Open the data files that are written while the video runs."""
    return [
        stack.enter_context(open_writer(name, partial(path), header))
        for name, path in files.data.items()
    ]


def _export_the_rest(files: Targets, overwrite: bool) -> list[Path]:
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
    options = {
        "threshold": threshold_for(settings, model),
        "smooth": settings.smooth and not settings.tutorial,
        "search": settings.search,
        "net_size": settings.net_size,
        "flip": settings.flip or None,
        "tutorial": settings.tutorial or None,
        "max_people": settings.max_people,
        "person": settings.person,
        "roi": settings.roi,
        "start": settings.start,
        "end": settings.end,
    }
    return {name: value for name, value in options.items() if value is not None}
