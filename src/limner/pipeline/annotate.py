"""The main job, whole: an input in, the drawn-on copy of it and the numbers out."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from time import perf_counter

from limner.core.info import CopyInfo
from limner.core.steps import Chain, Seen, Step, run
from limner.core.wording import counted
from limner.errors import LimnerError, UsageError
from limner.export import export
from limner.media.codecs import choose
from limner.media.inputs import Input
from limner.media.sources import Source
from limner.models.base import Model
from limner.pipeline.keeping import results
from limner.pipeline.opening import open_input
from limner.pipeline.outputs import Outputs, targets
from limner.pipeline.render import (
    Render,
    WatchFaces,
    annotators_for,
    faces_for,
    threshold_for,
)
from limner.pipeline.result import Progress, Result
from limner.pipeline.sinks import ImageSink, Sink, TableSink, VideoSink, Write, closing
from limner.pipeline.stages import Stages
from limner.pipeline.steps import known_people, see
from limner.pipeline.two_pass import FirstPass, first_pass
from limner.recording.header import Header
from limner.recording.metres import record_scale, reference_for
from limner.recording.reader import read_frames
from limner.settings import Settings
from limner.system.files import is_stream
from limner.system.memory import give_back_memory
from limner.system.signals import Stop, never
from limner.system.staging import Staged
from limner.tracking import Tally


def annotate_input(
    named: Input,
    model: Model,
    settings: Settings,
    progress: Progress | None = None,
    stop: Stop = never,
) -> Result:
    """Annotate one input: write the drawn-on copy of it and the numbers.

    Results get their final names when all of them are whole; see `results` for what stays of a
    run that fails.

    Args:
        named: the input.
        model: estimates the poses.
        settings: what the user asked for.
        progress: is told how the run goes.
        stop: is asked again and again whether to end between two frames.

    Raises:
        InputError: the input cannot be read.
        OutputError: a result is there already, or cannot be written.
        RecordingError: a format cannot hold what was measured.
        KeyboardInterrupt: `stop` said so.
    """
    if named.error is not None:
        raise named.error
    progress = progress or Progress()
    files = targets(named, settings)
    files.check(named.path, settings.overwrite)
    video = named.kind == "video"
    if video and files.media is not None:
        # Whatever cannot be written is refused before anything is opened.
        choose(files.media, settings.codec, alpha=settings.background == "transparent")
    begun = perf_counter()
    written, tally = Write([]), Tally()
    with results(files, written, progress, overwrite=settings.overwrite, stop=stop) as staged:
        problems = _annotate(named, model, settings, files, staged, written, tally, progress, stop)
    paths = files.made + _export_the_rest(files, settings.overwrite, problems)
    give_back_memory()
    seconds = perf_counter() - begun
    return Result(
        named.path,
        paths,
        written.frames,
        len(written.people),
        seconds,
        problems,
        tally.left_out(),
    )


def _annotate(
    named: Input,
    model: Model,
    settings: Settings,
    files: Outputs,
    staged: Staged,
    written: Write,
    tally: Tally,
    progress: Progress,
    stop: Stop,
) -> list[str]:
    """Take every frame of the input through the program; return what went wrong on the way."""

    def reopen() -> Source:
        audio = settings.audio and files.media is not None
        return open_input(named, settings, audio=audio, stop=stop)

    with ExitStack() as stack:
        source = stack.enter_context(reopen())
        twice = settings.two_passes and not source.still
        if twice and not source.repeatable:
            raise UsageError(
                f"{settings.two_passes} is known at the end, and {named.path} cannot be read "
                f"twice; save it as a file first"
            )
        total = source.frame_count
        progress.start(str(named.path), 2 * total if total and twice else total, model.info)
        # Found out before anything is measured, so that nothing is measured for naught.
        reference = reference_for(
            source.input, **{name: getattr(settings, name) for name in settings.metres}
        )
        if reference and is_stream(files.data["jsonl"]):
            raise UsageError(
                f"{settings.metres[0]}: metres are known at the end and go into the beginning of "
                f"the recording, and {files.data['jsonl']} is a pipe; write it into a file"
            )
        options = _options(settings, model)
        copy = _copy(settings, files)
        header = Header(source.input, model.info.skeleton, (model.info,), options, copy)
        data = {name: staged.place(path) for name, path in files.data.items()}
        tables = TableSink(
            data,
            header,
            angles=settings.angles,
            angles_auto=settings.angles_auto,
            flags=settings.flags,
            source=source,
        )
        sinks: list[Sink] = [tables]
        stack.enter_context(closing(sinks[0]))
        media: VideoSink | ImageSink | None = None
        if files.media is not None:
            still = source.still
            place = staged.place(files.media)
            media = ImageSink(place) if still else VideoSink(place, source, settings)
            stack.enter_context(closing(media))
            sinks.insert(0, media)
        written.sinks = sinks
        first: FirstPass | None = None
        if twice:
            folder = files.paths[0].parent
            first = stack.enter_context(
                first_pass(reopen, model, settings, header, folder, progress.advance, stop)
            )
        stages = stack.enter_context(Stages(stop))
        # A frame's way through the program:
        frames = stages.overlap(source, "reading", gives_way=True)
        session = first.session() if first else see(source, model, settings, tally)
        seen = stages.overlap(run(frames, session), "estimating")
        drawn = stages.overlap(run(seen, _people(source, model, settings, first, tally)), "drawing")
        for poses in stages.overlap(run(drawn, written), "writing", depth=1):
            progress.advance(poses)
    problems = [*source.problems, *(media.problems if media else [])]
    if reference:
        unknown = record_scale(data["jsonl"], reference)
        problems += [f"{named.path}: {unknown}"] if unknown else []
    if first and first.still:
        who = counted(first.still, "person who never moves was", "people who never move were")
        problems.append(f"{named.path}: {who} left out, as --ignore-still asks")
    nobody = tally.without(settings.person) if isinstance(settings.person, int) else None
    if nobody:
        problems.append(f"{named.path}: {nobody}")
    return problems


def _people(
    source: Source, model: Model, settings: Settings, first: FirstPass | None, tally: Tally
) -> Step[Seen, Seen]:
    """Return what makes the seen people known and draws them."""
    faces = faces_for(settings)
    known = known_people(
        source,
        model.info,
        settings,
        keep=first.people if first else None,
        watch=WatchFaces(faces) if faces else None,
        tally=tally,
    )
    transparent = settings.background == "transparent"
    annotators = annotators_for(settings, model.info)
    return Chain(known, Render(annotators, faces, transparent=transparent))


def _export_the_rest(files: Outputs, overwrite: bool, problems: list[str]) -> list[Path]:
    """Write the formats that need the whole recording, from the recording just made."""
    paths: list[Path] = []
    for name, path in files.later.items():
        try:
            with read_frames(files.data["jsonl"]) as recording:
                paths += export(recording, name, path, overwrite=overwrite, notes=problems)
        except LimnerError as error:
            recorded = files.data["jsonl"]
            error.add_note(
                f"the other results are whole, and limner export {recorded} --format {name} "
                f"makes this one of them"
            )
            raise
    return paths


def _copy(settings: Settings, files: Outputs) -> CopyInfo:
    """Return what the recording's header says of the annotated copy."""
    return CopyInfo(
        None if files.media is None else files.media.name,
        settings.blur_faces,
        None if settings.output_rate is None else Fraction(settings.output_rate),
        None if files.media is None else settings.style,
    )


def _options(settings: Settings, model: Model) -> dict[str, object]:
    """Return the settings that bear on the numbers, for the recording's header."""
    return {"threshold": threshold_for(settings, model.info), **settings.recorded()}
