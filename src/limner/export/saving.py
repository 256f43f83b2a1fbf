"""From a recording to finished files: names, overwriting, one file per person."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from limner.core.poses import Poses
from limner.errors import OutputError, RecordingError, UsageError
from limner.export.formats import Format, find_format
from limner.export.uniform import frame_rate
from limner.recording.base import Angles
from limner.recording.metres import scale_of, with_scale
from limner.recording.reader import RecordingReader, read_frames
from limner.recording.recording import Recording
from limner.system.files import is_stream, refuse_existing, writing
from limner.system.scratch import scratch_folder
from limner.system.staging import atomic, together


def export(
    recording: Recording | RecordingReader,
    name: str,
    path: str | os.PathLike[str],
    /,
    *,
    overwrite: bool = False,
    angles: bool = False,
    angles_auto: bool = False,
    margins: bool = False,
    person: int | None = None,
    notes: list[str] | None = None,
    **options: Any,
) -> list[Path]:
    """Write a recording in another format.

    The result is written under a partial name and gets its own when whole. Formats of one
    person (trc, c3d, bvh, opensim-mot) write exactly ``path`` where there is one person or one was
    chosen, and ``NAME_person3.trc`` and so on where there are several.

    Args:
        recording: the recording, or a reader that goes through it frame by frame.
        name: a name of `FORMATS`.
        path: the file, or for openpose the folder, to write.
        overwrite: replace what is there already.
        angles: add angles to the formats that hold them.
        angles_auto: add those that can be measured in a person's view, and those in space.
        margins: add angles with how far they may be off.
        person: only this person.
        notes: gets sentences: on a result that holds what was not measured and cannot say so
            itself, and on each of several people of whom too little is seen for the format.
        **options: what the format can be told.

    Returns:
        The files (or folder) written, of a person's the format's own first.

    Raises:
        UsageError: no such format, option or person.
        RecordingError: the recording lacks what the format needs, of everybody in it.
        OutputError: it cannot be written, or is there already.
    """
    found, path = find_format(name), Path(path)
    found.check(options)
    measured = angles or angles_auto or margins
    if measured and "angles" not in found.options:
        raise UsageError(f"format {name} holds no angles")
    if found.streaming:
        if person is not None:
            recording = _whole(recording).person(person)
        with atomic(path, overwrite=overwrite, entries=found.entries) as place:
            _stream(recording, found, place, options, measured, angles_auto, margins)
        return [path]

    recording = _whole(recording)
    people = recording.people if person is None else (person,)
    if not people:
        raise RecordingError(
            f"nobody is seen in the recording of {recording.header.input.path}, and format "
            f"{name} holds one person a file"
        )
    paths = [path]
    if len(people) > 1:
        paths = [path.with_stem(f"{path.stem}_person{identity}") for identity in people]
    if "rate" in found.options and options.get("rate") is None:
        options["rate"] = frame_rate(recording.header, recording.times)
    results = {
        identity: _results(target, found, options)
        for identity, target in zip(people, paths, strict=True)
    }
    return _write_each(recording, results, overwrite, options, notes if notes is not None else [])


def _results(path: Path, kind: Format, options: dict[str, Any]) -> dict[Path, Format]:
    """Return a person's file and those beside it."""
    given = [name for name, value in options.items() if value is not None]
    beside = kind.files(given)[1:]
    return {path: kind} | {path.with_name(f"{path.stem}{each.ending}"): each for each in beside}


def _write_each(
    recording: Recording,
    results: dict[int, dict[Path, Format]],
    overwrite: bool,
    options: dict[str, Any],
    notes: list[str],
) -> list[Path]:
    """Write the files of each person of whom there is what the format needs.

    Somebody in the background of whom too little is seen is left out, and a note says so.

    Raises:
        RecordingError: there is nobody of whom there is enough.
    """
    every = [path for files in results.values() for path in files]
    refuse_existing(every, overwrite)
    refused: dict[int, RecordingError] = {}
    made: dict[Path, Path] = {}
    with _scratch(every[0]) as folder:
        for identity, files in results.items():
            try:
                alone = recording.alone(identity)
                for path, kind in files.items():
                    place = folder / f"{identity}{kind.ending}"  # some libraries insist on it
                    with writing(path):
                        note = kind.load()(alone, place, path.name, **options)
                    notes += [note] if note else []
            except RecordingError as error:
                refused[identity] = error
            else:
                made |= {path: folder / f"{identity}{kind.ending}" for path, kind in files.items()}
        if not made:
            raise next(iter(refused.values()))
        notes += [f"person {identity} is left out: {why}" for identity, why in refused.items()]
        with together(dict.fromkeys(made), overwrite=overwrite) as staged:
            for path, place in made.items():
                with writing(path), place.open("rb") as source, staged.place(path).open("wb") as to:
                    shutil.copyfileobj(source, to)
    return list(made)


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Lend a folder for what is to become a result, on the same disk where that is a file."""
    if is_stream(path):
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
        return
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
    with ExitStack() as stack:
        with writing(path):
            folder = stack.enter_context(scratch_folder(path.parent))
        yield folder


def export_file(
    source: str | os.PathLike[str],
    formats: Sequence[str],
    folder: str | os.PathLike[str] | None = None,
    *,
    overwrite: bool = False,
    angles: bool = False,
    angles_auto: bool = False,
    margins: bool = False,
    person: int | None = None,
    notes: list[str] | None = None,
    height: Any = None,
    distance: Any = None,
    calibration: str | os.PathLike[str] | None = None,
    checkerboard: Any = None,
    floor: str | os.PathLike[str] | None = None,
    **options: Any,
) -> tuple[list[Path], str | None]:
    """Write a recording's file in several formats, beside it or in a folder.

    Each format is told the options that it has.

    Args:
        source: the recording's file.
        formats: names of `FORMATS`.
        folder: where to; beside the recording unless given. Made where it is missing.
        overwrite: replace what is there already.
        angles: add angles to the formats that hold them.
        angles_auto: add those that can be measured in a person's view, and those in space.
        margins: add angles with how far they may be off.
        person: only this person.
        notes: as for `export`.
        height: how tall people are, for formats in metres: a number, or text such as
            ``1=1.75,2=1.68``.
        distance: a known one in the image, likewise: ``2.5m:410,880,1240,885``.
        calibration: the camera's calibration file, likewise.
        checkerboard: the board in images for a calibration, likewise: ``9x6:30mm``.
        floor: an image of the board on the floor, likewise.
        **options: what the formats can be told; None stands for not given.

    Returns:
        The files written, and a sentence on the recording if it is not complete.

    Raises:
        UsageError: no such format, person, or an option that none of the formats has.
        RecordingError: the recording cannot be read or lacks what a format needs.
        OutputError: it cannot be written, or is there already.
    """
    source = Path(source)
    chosen = [find_format(name) for name in formats]
    given = {name: value for name, value in options.items() if value is not None}
    if angles or angles_auto or margins:
        given["angles"] = True
    reference: Any = {"height": height, "distance": distance, "calibration": calibration}
    reference |= {"checkerboard": checkerboard, "floor": floor}
    reference = {name: value for name, value in reference.items() if value is not None}
    for name in reference:
        if not any(each.metres for each in chosen):
            raise UsageError(f"--{name} means nothing to {', '.join(formats)}")
        if given.get("scale") is not None:
            raise UsageError(f"give either --{name} or --scale, not both")
    for name in given:
        if not any(name in each.options for each in chosen):
            raise UsageError(f"--{name} means nothing to {', '.join(formats)}")
    target = Path(folder) if folder is not None else source.parent
    with writing(target):
        target.mkdir(parents=True, exist_ok=True)
    scale = scale_of(source, **reference) if reference else None
    written: list[Path] = []
    problem = None
    for each in chosen:
        path = target / f"{source.stem}{each.ending}"
        with read_frames(source) as reader:
            if path.resolve() == source.resolve():
                raise OutputError(f"{path} is the recording itself; choose another --output folder")
            settings = {name: value for name, value in given.items() if name in each.options}
            measured = with_scale(reader, scale)
            if "angles" in settings:
                settings |= {"angles_auto": angles_auto, "margins": margins}
            written += export(
                *(measured, each.name, path),
                overwrite=overwrite,
                person=person,
                notes=notes,
                **settings,
            )
            problem = reader.problem
    return written, problem


def _whole(recording: Recording | RecordingReader) -> Recording:
    if isinstance(recording, Recording):
        return recording
    frames = tuple(recording)  # only after the last frame is it known whether all were there
    return Recording(recording.header, frames, recording.complete, recording.problem)


def _stream(
    recording: Recording | RecordingReader,
    kind: Format,
    place: Path,
    options: dict[str, Any],
    angles: bool,
    auto: bool,
    margins: bool,
) -> None:
    pairs: Iterable[tuple[Poses, Angles | None]]
    if angles:
        recording = _whole(recording)
        names = recording.angle_names(auto=auto, margins=margins)
        options = {**options, "angles": names}
        each = recording.frame_angles(auto=auto, margins=margins)
        pairs = zip(recording, each, strict=True)
    else:
        pairs = ((poses, None) for poses in recording)
    with kind.load()(place, recording.header, **options) as writer:
        for poses, found in pairs:
            writer.write(poses, found)
        writer.close(complete=recording.complete)
