"""Reading a recording (.jsonl) line by line, in little memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Floats
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.core.wording import counted
from limner.errors import RecordingError
from limner.recording.header import Header

# A header is a few kilobytes. The limit keeps a file of another kind, which may have no line
# breaks at all, out of memory.
_LONGEST_HEADER = 10_000_000


def read_frames(path: str | os.PathLike[str]) -> RecordingReader:
    """Go through a recording frame by frame, holding one at a time.

    Raises:
        RecordingError: the file cannot be read, is no recording, or is of a newer schema.
    """
    return RecordingReader(path)


class RecordingReader:
    """Iterates over the frames of a recording; a context manager that closes the file.

    Attributes:
        path: the file.
        header: its first line.
        complete: after the last frame, whether the run that wrote it came to its end.
        problem: after the last frame, one sentence on why it is not complete, or None.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.complete = False
        self.problem: str | None = None
        try:
            self._file = self.path.open("rb")
            first = self._file.readline(_LONGEST_HEADER)
        except OSError as problem:
            raise RecordingError(
                f"cannot read the recording {self.path}: {problem.strerror or problem}"
            ) from None
        if not first:
            self._file.close()
            raise RecordingError(f"the recording {self.path} is empty: nothing was written to it")
        try:
            self.header = Header.from_dict(_decode(first), str(self.path))
        except RecordingError:
            self._file.close()
            raise
        self._frames = self._read()

    def __enter__(self) -> RecordingReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Poses]:
        frames: Iterator[Poses] = self._frames
        return frames

    def close(self) -> None:
        """Close the file; there are no further frames."""
        self._frames.close()
        self._file.close()

    def _read(self) -> Any:  # a generator, which has close()
        frames = 0
        problems: Any = None
        with self._file:
            for number, line in enumerate(self._file, start=2):
                content = _decode(line)
                if content is None:
                    self.problem = (
                        f"{self.path} breaks off in line {number}: "
                        f"the {frames} frames before it were read"
                    )
                    return
                if content.get("type") == "end":
                    self.complete = bool(content.get("complete"))
                    problems = content.get("problems")
                    break
                if content.get("type") == "frame":
                    yield _poses(content, self.header.skeleton, f"{self.path}, line {number}")
                    frames += 1
        if not self.complete and isinstance(problems, list) and problems:
            self.problem = f"{self.path} holds {counted(frames, 'frame')}: " + "; ".join(
                map(str, problems)
            )
        elif not self.complete:
            self.problem = (
                f"the run that wrote {self.path} was interrupted: it holds "
                f"{counted(frames, 'frame')}"
            )


def _decode(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line, or None where the line does not hold one."""
    try:
        content = json.loads(line)
    except ValueError:  # covers bytes that are not UTF-8
        return None
    return content if isinstance(content, dict) else None


def _poses(content: dict[str, Any], skeleton: Skeleton, place: str) -> Poses:
    """Build the poses of a frame; a null is NaN."""
    try:
        index, time, people = int(content["frame"]), float(content["time"]), content["people"]
        if not people:
            return Poses.empty(skeleton, index, time)
        points = np.array([person["keypoints"] for person in people], np.float32)
        if points.shape != (len(people), len(skeleton), 3):
            raise RecordingError(
                f"{place}: expected {len(skeleton)} keypoints of x, y, score a person, "
                f"got an array of shape {points.shape}"
            )
        return Poses(
            skeleton,
            keypoints=points[:, :, :2],
            scores=points[:, :, 2],
            person_scores=np.array([person.get("score") for person in people], np.float32),
            boxes=np.array([person.get("box") or [None] * 4 for person in people], np.float32),
            ids=np.array([person.get("id") or 0 for person in people], np.int64),
            index=index,
            time=time,
            keypoints_3d=_optional(people, "keypoints_3d", len(skeleton), 3),
            raw_keypoints=_optional(people, "raw_keypoints", len(skeleton), 2),
        )
    except KeyError as problem:
        raise RecordingError(f"{place}: the frame lacks {problem}") from None
    except (TypeError, ValueError, AttributeError) as problem:
        raise RecordingError(f"{place}: the frame cannot be read: {problem}") from None


def _optional(
    people: Sequence[dict[str, Any]], key: str, count: int, dimensions: int
) -> Floats | None:
    if not any(key in person for person in people):
        return None
    missing = [[None] * dimensions] * count
    return np.array([person.get(key) or missing for person in people], np.float32)
