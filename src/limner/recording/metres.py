"""Metres in a recording: measured on the people in it, kept in its header."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Doubles, Floats
from limner.core.info import InputInfo
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.motion.scale.calibration import check_size, read_calibration
from limner.motion.scale.measure import Person, measure
from limner.motion.scale.reference import Reference, parse_distance, parse_heights
from limner.motion.scale.value import Scale
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.recording.recording import Recording
from limner.system.files import writing
from limner.system.staging import atomic

# What the scale is measured on, by the ends of the names.
_NEEDED = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index", "big_toe")


def reference_for(
    info: InputInfo,
    *,
    height: Any = None,
    distance: Any = None,
    calibration: str | os.PathLike[str] | None = None,
) -> Reference:
    """Return what gives a video metres.

    Args:
        info: the video.
        height: people's, as `parse_heights` reads them.
        distance: a known one, as `parse_distance` reads it.
        calibration: a file of the camera's calibration (TOML).

    Raises:
        UsageError: a value makes no sense, two of them contradict each other, or the
            calibration cannot be used for this video.
    """
    size = (info.width, info.height)
    camera = None
    if calibration is not None:
        camera = read_calibration(calibration, size, Path(info.path).name)
        check_size(camera, size)
    return Reference(
        {} if height is None else parse_heights("height", height),
        None if distance is None else parse_distance("distance", distance),
        camera,
    )


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


def scaled(
    recording: Recording,
    *,
    height: Any = None,
    distance: Any = None,
    calibration: str | os.PathLike[str] | None = None,
) -> Recording:
    """Return a recording whose header says how its pixels become metres.

    Args:
        recording: the recording.
        height: how tall people are: a number of metres or centimetres for everybody, or by
            identity, ``"1=1.75,2=1.68"`` or ``{1: 1.75, 2: 1.68}``.
        distance: a known one between two points of the image, in the plane in which people
            move: ``"2.5m:410,880,1240,885"``.
        calibration: a file of the camera's calibration (TOML).

    Raises:
        UsageError: nothing was given, a value makes no sense, or somebody is not there.
        RecordingError: what is needed is not seen.

    Example:
        >>> import limner
        >>> recording = scaled(limner.load("dance_pose.jsonl"), height=1.75)  # doctest: +SKIP
        >>> metres(recording).shape  # doctest: +SKIP
        (230, 2, 33, 2)
    """
    info = recording.header.input
    reference = reference_for(info, height=height, distance=distance, calibration=calibration)
    if not reference:
        raise UsageError("give a height, a distance or a calibration, to find metres by")
    scale = measure_scale(recording.header, recording, reference)
    return replace(recording, header=replace(recording.header, scale=scale))


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
