"""Draw a recording on the video it was measured on, without measuring again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from limner.core.frame import Frame
from limner.core.poses import Poses
from limner.core.steps import Chain, OnPeople, Seen, Step, run
from limner.errors import InputError
from limner.media.codecs import choose
from limner.media.inputs import Input
from limner.media.sources import Source, open_source
from limner.pipeline.hiding import hiding_for
from limner.pipeline.keeping import results
from limner.pipeline.measured import find_measured
from limner.pipeline.outputs import Outputs, is_one_file
from limner.pipeline.render import Render, annotators_for
from limner.pipeline.result import Progress, Result
from limner.pipeline.sinks import ImageSink, VideoSink, Write, closing
from limner.pipeline.stages import Stages
from limner.pipeline.steps import Keep
from limner.recording.header import Header
from limner.recording.reader import RecordingReader, read_frames
from limner.settings import Settings
from limner.system.memory import give_back_memory
from limner.system.signals import Stop, never
from limner.tracking import Selector, Tally, rank_people

# Times of a frame that are further apart than this are not of one frame, seconds. A recording
# holds microseconds.
_SAME_TIME = 1e-3


def draw_recording(
    path: str | os.PathLike[str],
    settings: Settings,
    video: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    stop: Stop = never,
) -> Result:
    """Draw the people of a recording on the video or image it was measured on.

    Nothing is measured: what is drawn is what the recording holds. Where the run hid faces, they
    are hidden again.

    Args:
        path: the recording.
        settings: how to draw, whom, which part, and where to.
        video: what was measured; a file of that name beside the recording unless given.
        progress: is told how it goes.
        stop: is asked again and again whether to end between two frames.

    Raises:
        RecordingError: the recording cannot be read or has no frames.
        InputError: what was measured is not there, cannot be read, or is another video.
        UsageError: a setting makes no sense for this recording.
        OutputError: the result is there already, or cannot be written.
        KeyboardInterrupt: `stop` said so.
    """
    path, progress, begun = Path(path), progress or Progress(), perf_counter()
    with read_frames(path) as recording:
        header = recording.header
        named = find_measured(path, header, None if video is None else Path(video))
        files = Outputs(_target(path, named, settings), {}, {})
        files.check(named.path, settings.overwrite)
        if named.kind == "video" and files.media is not None:
            choose(files.media, settings.codec, alpha=settings.background == "transparent")
        written, tally = Write([]), Tally()
        with results(files, written, progress, overwrite=settings.overwrite, stop=stop) as staged:
            places = {each: staged.place(each) for each in files.paths}
            problems = _draw(recording, named, settings, places, written, tally, progress, stop)
        if recording.problem:
            problems.append(recording.problem)
    nobody = tally.without(settings.person) if isinstance(settings.person, int) else None
    problems += [f"{path}: {nobody}"] if nobody else []
    give_back_memory()
    seconds = perf_counter() - begun
    return Result(path, files.made, written.frames, len(written.people), seconds, problems)


def _draw(
    recording: RecordingReader,
    named: Input,
    settings: Settings,
    places: dict[Path, Path],
    written: Write,
    tally: Tally,
    progress: Progress,
    stop: Stop,
) -> list[str]:
    """Take every frame through drawing and writing; return what went wrong on the way."""
    header = recording.header
    with ExitStack() as stack:
        source = stack.enter_context(_open(named, header, settings, stop))
        _check_size(named.path, source, header)
        sinks: list[VideoSink | ImageSink] = []
        for place in places.values():
            still = source.still
            sinks.append(ImageSink(place) if still else VideoSink(place, source, settings))
            stack.enter_context(closing(sinks[-1]))
        written.sinks = sinks
        # Nothing computes anew, so no model and no device is named.
        progress.start(str(named.path), source.frame_count, replace(header.model, networks=()))
        people = _chosen(recording.path, header, settings, tally)
        hiding = hiding_for(header, settings, stack.enter_context(read_frames(recording.path)))
        drawing = Chain(OnPeople(people), hiding, _render(header, settings))
        stages = stack.enter_context(Stages(stop))
        # A frame's way through the program:
        frames = stages.overlap(source, "reading", gives_way=True)
        ended: list[str] = []
        seen = _paired(frames, recording, source, ended)
        drawn = stages.overlap(run(seen, drawing), "drawing")
        for poses in stages.overlap(run(drawn, written), "writing", depth=1):
            progress.advance(poses)
    if not written.frames:
        raise InputError(
            f"{named.path}: none of its frames is in the recording {recording.path}; "
            "name the video that was measured with --video"
        )
    return [*ended, *source.problems, *(problem for sink in sinks for problem in sink.problems)]


def _target(recording: Path, named: Input, settings: Settings) -> Path:
    ending = ".mov" if settings.background == "transparent" else ".mp4"
    name = f"{recording.stem}_drawn{'.png' if named.kind == 'image' else ending}"
    output = settings.output
    if output is None:
        return recording.with_name(name)
    return output if is_one_file(output) else output / name


def _open(named: Input, header: Header, settings: Settings, stop: Stop) -> Source:
    """Open what was measured at the part that was recorded and is asked for."""
    recorded = header.options
    run = Settings(
        start=recorded.get("start"),
        end=recorded.get("end"),
        input_rate=recorded.get("input_rate"),
    )
    ends = [end for end in (run.end, settings.end) if end is not None]
    sequence = header.input.frame_rate if "%" in named.path.name else None
    return open_source(
        named.path,
        start=max(run.start or 0, settings.start or 0) or None,
        end=min(ends, default=None),
        rate=run.input_rate,
        sequence=sequence,
        max_pixels=settings.max_pixels,
        audio=settings.audio,
        stop=stop,
    )


def _check_size(path: Path, source: Source, header: Header) -> None:
    """See that this may be what was measured.

    Raises:
        InputError: its images have another size.
    """
    size, measured = source.input, header.input
    if (size.width, size.height) != (measured.width, measured.height):
        raise InputError(
            f"{path}: expected {measured.width}x{measured.height}, as was measured, got "
            f"{size.width}x{size.height}; name the video that was measured with --video"
        )


def _paired(
    frames: Iterable[Frame], recording: Iterable[Poses], source: Source, problems: list[str]
) -> Iterator[Seen]:
    """Yield frames with the people that were recorded in each.

    Args:
        frames: of what was measured.
        recording: the recording's.
        source: where the frames come from.
        problems: gets a sentence where they end before the recording does.

    Raises:
        InputError: a frame is at another time than the recording says.
    """
    path, waiting = source.input.path, iter(frames)
    frame = next(waiting, None)
    for poses in recording:
        while frame is not None and frame.index < poses.index:
            frame = next(waiting, None)
        if frame is None:
            if source.end is None:
                problems.append(
                    f"{path}: it ends before the recording does, at whose frame {poses.index} "
                    "drawing stopped"
                )
            return
        if frame.index > poses.index:
            continue
        if abs(frame.time - poses.time) > _SAME_TIME:
            raise InputError(
                f"{path}: its frame {frame.index} is at {frame.time:.3f} s, and the recording's at "
                f"{poses.time:.3f} s; name the video that was measured with --video"
            )
        yield Seen(frame, poses, poses)
        frame = next(waiting, None)


def _chosen(path: Path, header: Header, settings: Settings, tally: Tally) -> Step[Poses, Poses]:
    """Return what keeps the people who are asked for."""
    size = (header.input.width, header.input.height)
    person = settings.person
    if person != "longest":
        return Selector(settings.max_people, person, settings.roi, size=size, tally=tally)
    with read_frames(path) as recording:
        ranked = rank_people(recording, "longest")
    return Keep(ranked[: settings.max_people or 1])


def _render(header: Header, settings: Settings) -> Render:
    threshold = header.threshold if settings.threshold is None else settings.threshold
    drawn = replace(settings, threshold=threshold, track=header.options.get("track") is not False)
    transparent = settings.background == "transparent"
    return Render(annotators_for(drawn, header.model), transparent=transparent)
