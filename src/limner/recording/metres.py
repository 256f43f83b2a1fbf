"""Metres in a recording: measured on the people in it, kept in its header."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from limner.core.arrays import Doubles, Floats, Image
from limner.core.info import InputInfo
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.media.inputs import expand
from limner.media.sources import open_source
from limner.motion.scale.calibration import check_size, read_calibration
from limner.motion.scale.camera import Camera
from limner.motion.scale.checkerboard import Checkerboard, calibrate, stand
from limner.motion.scale.measure import Person, measure
from limner.motion.scale.reference import (
    Distance,
    Reference,
    parse_checkerboard,
    parse_distance,
    parse_heights,
)
from limner.motion.scale.value import Scale
from limner.recording.header import Header
from limner.recording.reader import RecordingReader, read_frames
from limner.recording.recording import Recording
from limner.system.files import writing
from limner.system.staging import atomic

# How often a second a video of a checkerboard is looked at.
_LOOKS = 5
# What the scale is measured on, by the ends of the names.
_NEEDED = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index", "big_toe")


class Given(TypedDict, total=False):
    """What metres can be found by; `reference_for` says the meanings."""

    height: float | str | Mapping[int, float] | None
    distance: Distance | str | None
    calibration: str | os.PathLike[str] | None
    checkerboard: Checkerboard | str | None
    floor: str | os.PathLike[str] | None


def reference_for(info: InputInfo, **given: Unpack[Given]) -> Reference:
    """Return what gives a video metres.

    Args:
        info: the video.
        **given: ``height``, how tall people are: a number of metres or centimetres for everybody,
            or by identity, ``"1=1.75,2=1.68"`` or ``{1: 1.75, 2: 1.68}``; ``distance``, a known
            one between two points of the image, in the plane in which people move:
            ``"2.5m:410,880,1240,885"``; ``calibration``, a file of the camera's calibration
            (TOML), or images or a video of a ``checkerboard``, ``"9x6"`` inner corners or with
            the squares' side ``"9x6:30mm"``; ``floor``, an image of that board on the floor.

    Raises:
        UsageError: a value makes no sense, two of them contradict each other, or the
            calibration cannot be used for this video.
        InputError: an image or video of the board cannot be read.
    """
    height, distance = given.get("height"), given.get("distance")
    return Reference(
        {} if height is None else parse_heights("height", height),
        None if distance is None else parse_distance("distance", distance),
        _camera(info, given),
    )


def _camera(info: InputInfo, given: Given) -> Camera | None:
    path, floor, said = given.get("calibration"), given.get("floor"), given.get("checkerboard")
    board = None if said is None else parse_checkerboard("checkerboard", said)
    if path is None:
        if board is not None or floor is not None:
            raise UsageError(
                f"{'floor' if board is None else 'checkerboard'}: give the calibration as well, a "
                "file, or images or a video of the board"
            )
        return None
    size, path = (info.width, info.height), Path(path)
    from_file = path.suffix.lower() == ".toml"
    if board is None and (not from_file or floor is not None):
        raise UsageError(
            f"calibration {path}: give the checkerboard in it as well, by its inner corners, such "
            "as --checkerboard 9x6; a calibration file ends in .toml"
            if floor is None
            else "floor: give the checkerboard on it as well, such as --checkerboard 9x6:30mm"
        )
    if from_file and board is not None and floor is None:
        raise UsageError("checkerboard: a calibration file has none; give --floor IMAGE, or images")
    if from_file:
        camera = read_calibration(path, size, Path(info.path).name)
    else:
        assert board is not None  # noqa: S101 - said above
        camera = calibrate(_images(path, size), board, path.name)
    if floor is not None and board is not None:
        image = next(_images(Path(floor), size))
        camera = stand(camera, image, board, str(floor))
    return camera


def _images(path: Path, size: tuple[int, int]) -> Iterator[Image]:
    """Yield the images of a checkerboard: of a video some in a second.

    Raises:
        UsageError: they are of another size than the video's.
        InputError: they cannot be read.
    """
    for each in expand([str(path)]):
        if each.error is not None:
            raise each.error
        with open_source(each.path, audio=False) as source:
            check_size(path.name, (source.input.width, source.input.height), size)
            rate = float(source.input.frame_rate or _LOOKS)
            apart = 1 if source.still else max(1, round(rate / _LOOKS))
            for frame in source:
                if frame.index % apart == 0:
                    yield frame.image


def measure_scale(header: Header, frames: Iterable[Poses], reference: Reference) -> Scale:
    """Return the scale of a recording; of each frame only what it is measured on is held.

    Args:
        header: of the recording.
        frames: all of it.
        reference: what gives it metres.

    Raises:
        UsageError: somebody with a height is not there, or people were not followed.
        RecordingError: what is needed is not seen.
    """
    if reference.heights and header.options.get("track") is False:
        raise UsageError(
            "height: nobody was followed in this recording, so it is not known whose height in "
            "pixels is whose; give --distance, or record again with tracking on"
        )
    skeleton = header.skeleton
    kept = [at for at, name in enumerate(skeleton.keypoints) if name.endswith(_NEEDED)]
    names = tuple(skeleton.keypoints[at] for at in kept)
    part = Skeleton(skeleton.name, names, (), tuple(skeleton.sigmas[at] for at in kept))
    sightings: dict[int, list[tuple[float, Floats]]] = {}
    for poses in frames:
        sure = poses.scores[:, kept] >= header.threshold
        points = np.where(sure[..., None], poses.keypoints[:, kept], np.nan)
        for who, person in zip(poses.ids.tolist(), points, strict=True):
            sightings.setdefault(who, []).append((poses.time, person))
    people = {
        who: Person(part, np.array([time for time, _ in seen]), np.stack([at for _, at in seen]))
        for who, seen in sightings.items()
    }
    size = (header.input.width, header.input.height)
    return measure(people, reference, size, f"the recording of {header.input.path}")


def scaled(recording: Recording, **given: Unpack[Given]) -> Recording:
    """Return a recording whose header says how its pixels become metres.

    Args:
        recording: the recording.
        **given: what metres are found by, such as ``height=1.75``; see `reference_for`.

    Raises:
        UsageError: nothing was given, a value makes no sense, or somebody is not there.
        RecordingError: what is needed is not seen.

    Example:
        >>> import limner
        >>> recording = limner.load("dance_pose.jsonl").scaled(height=1.75)  # doctest: +SKIP
        >>> recording.metres().shape  # doctest: +SKIP
        (230, 2, 33, 2)
    """
    reference = reference_for(recording.header.input, **given)
    if not reference:
        raise UsageError("give a height, a distance or a calibration, to find metres by")
    scale = measure_scale(recording.header, recording, reference)
    return replace(recording, header=replace(recording.header, scale=scale))


def scale_of(path: str | os.PathLike[str], **given: Unpack[Given]) -> Scale:
    """Return the scale of a recording's file, from what was given; see `reference_for`.

    Raises:
        UsageError, RecordingError: as for `scaled`, or the file cannot be read.
    """
    with read_frames(path) as reader:
        reference = reference_for(reader.header.input, **given)
        return measure_scale(reader.header, reader, reference)


def with_scale(reader: RecordingReader, scale: Scale | None) -> RecordingReader:
    """Give the recording that is read a scale, and return it; None leaves its own."""
    if scale is not None:
        reader.header = replace(reader.header, scale=scale)
    return reader


def metres(recording: Recording) -> Doubles:
    """Return where people are in the plane in which they move.

    Returns:
        (T, P, K, 2) metres, x along the floor to the right and y up; see `Scale.metres`. NaN
        where a keypoint is unseen, and for people of whom no scale is known.

    Raises:
        RecordingError: the recording has no scale, or nothing of these people's.
    """
    scale = recording.header.scale
    if scale is None:
        raise RecordingError(
            f"the recording of {recording.header.input.path} is in pixels, and nothing in it says "
            "how many are a metre; give a height, a distance or a calibration"
        )
    points = recording.seen_keypoints
    result = np.full(points.shape, np.nan)
    for column, who in enumerate(recording.people):
        if len(recording.people) == 1 or scale.everyone is not None or who in scale.people:
            result[:, column] = scale.metres(points[:, column], who)
    return result


def record_scale(path: Path, reference: Reference) -> str | None:
    """Write the scale of a recording into its header.

    Args:
        path: the recording.
        reference: what gives it metres.

    Returns:
        A sentence on why it has none and the file stays as it is, or None.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        with read_frames(path) as reader:
            scale = measure_scale(reader.header, reader, reference)
            header = replace(reader.header, scale=scale)
    except (UsageError, RecordingError) as problem:
        return f"no metres: {problem}"
    with (
        writing(path),
        path.open("rb") as old,
        atomic(path, overwrite=True) as place,
        place.open("wb") as new,
    ):
        old.readline()
        new.write(json.dumps(header.as_dict(), separators=(",", ":")).encode() + b"\n")
        shutil.copyfileobj(old, new)
    return None
