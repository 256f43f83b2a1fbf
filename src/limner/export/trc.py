"""TRC: marker positions of one person (Motion Analysis; read by OpenSim).

x points right, y up, z to the viewer, in metres; `limner.export.markers` says which
coordinates there are. Where the height or the scale is given or the recording has a scale
(`limner.recording.metres`), they are those in the plane in which the person moves, else the
model's own 3-D. With the names of Pose2Sim's model they are always 3-D: a model of a whole body
cannot be scaled and posed in a plane.

Time is uniform. Frame n stands at (n - 1) / rate seconds of the input, and the file begins
and ends with the person. A missing marker is ``NaN``: OpenSim takes an empty cell for none at
the end of a row, and refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from limner.errors import RecordingError
from limner.export.base import one_line
from limner.export.markers import Markers, markers_of
from limner.export.pose2sim import check_name_set, marker_names
from limner.recording.recording import Recording


def write(
    recording: Recording,
    path: Path,
    name: str,
    /,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
    markers: str | None = None,
) -> None:
    """Write one person's file.

    Args:
        recording: a recording of one person.
        path: where to write.
        name: the file's name, which TRC repeats inside.
        height: the person's height in metres.
        scale: metres per pixel; this or the height.
        rate: frames per second; the recording's own unless given.
        markers: ``pose2sim`` for the names and markers of Pose2Sim's model; those of the
            skeleton unless given.

    Raises:
        UsageError: an option is out of range, or height and scale were both given.
        RecordingError: there is nothing to write metres from, or no keypoint is ever known.
    """
    found = chosen_markers(recording, height=height, scale=scale, rate=rate, markers=markers)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_lines(found, name))


def chosen_markers(
    recording: Recording,
    *,
    height: float | None,
    scale: float | None,
    rate: float | None,
    markers: str | None,
    pixels: bool = False,
) -> Markers:
    """Return the markers that the options ask for.

    Args:
        recording: as for `write`.
        height: as for `write`.
        scale: as for `write`.
        rate: as for `write`.
        markers: as for `write`.
        pixels: whether pixels will do where there are no metres.

    Raises:
        UsageError, RecordingError: as for `write`.
    """
    check_name_set(markers)
    if markers is not None:
        return pose2sim_markers(recording, height=height, scale=scale, rate=rate)
    known = height is not None or scale is not None or recording.header.scale is not None
    flat = recording.keypoints_3d is None
    if not (known or pixels) and flat:
        raise RecordingError(
            f"TRC is in metres, and the recording of {recording.header.input.path} is in "
            "pixels; give --height METRES (the person's) or --scale METRES_PER_PIXEL"
        )
    return markers_of(
        recording,
        height=height,
        scale=scale,
        rate=rate,
        coordinates="plane" if known or flat else "space",
    )


def pose2sim_markers(
    recording: Recording,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
) -> Markers:
    """Return the markers in space that Pose2Sim's model has, under its names.

    Raises:
        UsageError, RecordingError: as for `write`.
    """
    names = marker_names(recording.skeleton)
    return markers_of(recording, height=height, scale=scale, rate=rate, coordinates="space").named(
        names
    )


def _lines(found: Markers, name: str) -> Iterator[str]:
    names, count = found.names, len(found.samples)
    yield f"PathFileType\t4\t(X/Y/Z)\t{one_line(name)}\n"
    yield (
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames\n"
    )
    shown = f"{found.rate:.6f}"
    yield f"{shown}\t{shown}\t{count}\t{len(names)}\tm\t{shown}\t1\t{count}\n"
    yield "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t\n"
    axes = "\t".join(f"{axis}{number}" for number in range(1, len(names) + 1) for axis in "XYZ")
    yield f"\t\t{axes}\n\n"
    row = "%d\t%.6f" + "\t%.6f" * (3 * len(names)) + "\n"
    for sample, time, values in zip(
        found.samples.tolist(),
        found.times.tolist(),
        found.positions.reshape(count, -1),
        strict=True,
    ):
        yield (row % (sample + 1, time, *values.tolist())).replace("nan", "NaN")
