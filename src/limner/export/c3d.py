"""C3D: marker positions of one person, as motion capture programs exchange them (https://www.c3d.org).

Coordinates are those of TRC (`limner.export.trc`) in millimetres. Where there are neither
metres nor 3-D they are pixels of the image's plane, and ``POINT:UNITS`` says ``px``. A missing
marker has the residual -1 and 0 0 0, which every reader takes for none. Sample n, counted from
0, stands at n / rate seconds of the input, and is frame n + 1 of the format; the first one of
the file is where the person comes in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from limner._version import __version__
from limner.errors import OutputError, RecordingError, UsageError
from limner.export.markers import Markers
from limner.export.trc import chosen_markers
from limner.recording.recording import Recording

_MOST_FRAMES = 65535  # frames are counted in 16 bits
_BYTES_PER_POINT = 16  # x, y, z, residual


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
        name: the file's name.
        height: the person's height in metres.
        scale: metres per pixel; this or the height.
        rate: frames per second; the recording's own unless given.
        markers: ``pose2sim`` for the names and markers of Pose2Sim's model.

    Raises:
        UsageError: ezc3d is not installed, an option is out of range, or height and scale were
            both given.
        RecordingError: no keypoint is ever known, or there are more frames than C3D counts.
        OutputError: it cannot be written.
    """
    try:
        import ezc3d
    except ImportError:
        raise UsageError(
            "format c3d needs ezc3d, which is not installed; "
            "install it with: pip install 'limner[c3d]'"
        ) from None
    found = chosen_markers(
        recording, height=height, scale=scale, rate=rate, markers=markers, pixels=True
    )
    if found.samples[-1] + 1 > _MOST_FRAMES:
        raise RecordingError(
            f"C3D counts frames up to {_MOST_FRAMES:,}, and person {recording.people[0]} is there "
            f"until frame {found.samples[-1] + 1:,}; give a lower --rate, or record a part with "
            "--start and --end"
        )
    _content(ezc3d.c3d(), found).write(str(path))
    # ezc3d keeps silent about a disk that is full.
    least = _BYTES_PER_POINT * found.positions.shape[0] * found.positions.shape[1]
    if not path.is_file() or path.stat().st_size < least:
        raise OutputError(
            f"cannot write {name}: No space left on device; free some space or choose another "
            "place with --output"
        )


def _content(file: Any, found: Markers) -> Any:
    """Fill an empty C3D of ezc3d's."""
    metric = found.unit == "m"
    points = found.positions.transpose(2, 1, 0) * (1000 if metric else 1)  # (3, K, S)
    missing = np.isnan(points[:1])
    group = file["parameters"]["POINT"]
    group["LABELS"]["value"] = found.names
    group["RATE"]["value"] = [found.rate]
    group["UNITS"]["value"] = ["mm" if metric else "px"]
    file.add_parameter("POINT", "X_SCREEN", ["+X"])
    file.add_parameter("POINT", "Y_SCREEN", ["+Y"])
    file.add_parameter("MANUFACTURER", "SOFTWARE", [f"limner {__version__}"])
    file["header"]["points"]["first_frame"] = int(found.samples[0])
    file["data"]["points"] = np.concatenate([np.nan_to_num(points), np.ones_like(missing)])
    file["data"]["meta_points"]["residuals"] = np.where(missing, -1.0, 0.0)
    return file
