"""From a recording to finished files: names, overwriting, one file per person."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
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
from limner.system.files import writing
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
        notes: gets a sentence for each result that holds what was not measured and cannot
            say so itself.
        **options: what the format can be told.

    Returns:
        The files (or folder) written, of a person's the format's own first.

    Raises:
        UsageError: no such format, option or person.
        RecordingError: the recording lacks what the format needs.
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
    results: dict[Path, tuple[int, Format]] = {}
    for identity, target in zip(people, paths, strict=True):
        results[target] = identity, found
        for other in found.files(options)[1:]:
            results[target.with_name(f"{target.stem}{other.ending}")] = identity, other
    with together(dict.fromkeys(results), overwrite=overwrite) as staged:
        for target, (identity, kind) in results.items():
            write: Callable[..., str | None] = kind.load()
            with writing(target):
                note = write(
                    recording.alone(identity), staged.place(target), target.name, **options
                )
            if note and notes is not None:
                notes.append(note)
    return list(results)


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
