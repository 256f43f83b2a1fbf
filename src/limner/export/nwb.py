"""NWB: the keypoints of one person as Neurodata Without Borders holds them (https://www.nwb.org).

In the layout of its extension for poses, ndx-pose, which DeepLabCut and SLEAP are converted to:
a `PoseEstimation` of a series per keypoint, in pixels, and a second one in metres where the
model has 3-D. Unsure keypoints are included, as in a recording: the confidence says how sure.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from limner._version import __version__
from limner.errors import UsageError
from limner.recording.recording import Recording

_PIXELS = "the outer corner of the top left pixel of the upright image; x right, y down"
_METRES = "the middle of the hips; x right, y down, z away from the camera"
# What NWB's inspector knows to be no time of recording.
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)


def write(recording: Recording, path: Path, name: str, /) -> str | None:
    """Write one person's file.

    Args:
        recording: a recording of one person.
        path: where to write.
        name: the file's name.

    Returns:
        A sentence where the time of recording is not known, None where it is.

    Raises:
        UsageError: pynwb or ndx-pose is not installed.
    """
    try:
        import ndx_pose
        import pynwb
    except ImportError:
        raise UsageError(
            "format nwb needs pynwb and ndx-pose, which are not both installed; "
            "install them with: pip install 'limner[nwb]'"
        ) from None
    start = _start(recording.header.input.created)
    with pynwb.NWBHDF5IO(str(path), "w") as file:
        file.write(_content(pynwb, ndx_pose, recording, start or _UNKNOWN))
    if start is None:
        return (
            f"{name}: when the video was taken is not known, and NWB wants a time; the file says "
            f"{_UNKNOWN:%Y-%m-%d}"
        )
    return None


def _start(created: str | None) -> datetime | None:
    """Return when the input was taken, None where it does not say so with a date and a time."""
    try:
        found = datetime.fromisoformat(created or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _content(pynwb: Any, ndx_pose: Any, recording: Recording, start: datetime) -> Any:
    facts, person = recording.header.input, recording.people[0]
    file = pynwb.NWBFile(
        session_description=f"person {person} in {facts.path}",
        identifier=str(uuid4()),
        session_start_time=start,
    )
    file.subject = pynwb.file.Subject(subject_id=f"person{person}", species="Homo sapiens")
    skeleton = ndx_pose.Skeleton(
        name=recording.skeleton.name.replace("/", "-"),
        nodes=list(recording.skeleton.keypoints),
        edges=np.array(recording.skeleton.edges, np.uint16).reshape(-1, 2),
        subject=file.subject,
    )
    module = file.create_processing_module("behavior", "what limner measured in a video")
    module.add(ndx_pose.Skeletons(skeletons=[skeleton]))
    kinds: list[tuple[str, NDArray[np.floating] | None, str, str]] = [
        ("PoseEstimation", recording.keypoints, "pixels", _PIXELS),
        ("PoseEstimation3D", recording.keypoints_3d, "meters", _METRES),
    ]
    for name, points, unit, origin in kinds:
        if points is None:
            continue
        module.add(
            ndx_pose.PoseEstimation(
                name=name,
                pose_estimation_series=_series(ndx_pose, recording, points[:, 0], unit, origin),
                description=f"{facts.path}, {facts.width} x {facts.height} pixels",
                scorer=recording.header.model.name,
                source_software="limner",
                source_software_version=__version__,
                skeleton=skeleton,
            )
        )
    return file


def _series(
    ndx_pose: Any, recording: Recording, points: NDArray[np.floating], unit: str, origin: str
) -> list[Any]:
    """Return a series per keypoint; the others take their times from the first one."""
    series: list[Any] = []
    for index, keypoint in enumerate(recording.skeleton.keypoints):
        series.append(
            ndx_pose.PoseEstimationSeries(
                name=keypoint.replace("/", "-"),
                description=f"{keypoint} in {unit}",
                data=points[:, index],
                unit=unit,
                reference_frame=origin,
                timestamps=series[0] if series else recording.times,
                confidence=recording.scores[:, 0, index],
                confidence_definition=(
                    "probability that the keypoint is right, as far as limner has calibrated the "
                    "model's scores; NaN where there is none"
                ),
            )
        )
    return series
