"""Reading a recording (.jsonl) line by line, in little memory."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Bytes, Floats
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.core.wording import counted
from limner.errors import RecordingError
from limner.recording.header import Header
from limner.recording.values import number, numbers, whole

# A header is a few kilobytes, and a person of a whole body 10 kB. The limits keep a file of
# another kind, which may have no line breaks at all, out of memory.
_LONGEST_HEADER = 10_000_000
_LONGEST_LINE = 100_000_000

# How the other results begin, which somebody may take for the recording.
_RESULTS = {
    b"frame,time,person,score": "a table of limner's (csv)",
    b"\xef\xbb\xbfframe;time;person;score": "a table of limner's (csv, with decimal commas)",
    b"PAR1": "a table (parquet)",
    b"PathFileType": "a file of markers (trc)",
    b"HIERARCHY": "a file of joint rotations (bvh)",
    b"Coordinates": "a motion of OpenSim's (mot)",
    b"[": "a list, such as COCO's results",
    b"\x89PNG": "an image",
    b"\xff\xd8": "an image",
    b"RIFF": "a video",
    b"\x1aE\xdf\xa3": "a video",
}


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
            self._refuse_result(first)
            self.header = Header.from_dict(_decode(first), str(self.path))
        except BaseException:
            self._file.close()
            raise
        self._frames = self._read()

    def _refuse_result(self, first: bytes) -> None:
        found = next((what for begin, what in _RESULTS.items() if first.startswith(begin)), None)
        if first[4:8] == b"ftyp":
            found = "a video"
        if self.path.suffix == ".c3d":  # its own beginning is two bytes
            found = "a file of markers (c3d)"
        if found and self.path.suffix != ".jsonl":
            raise RecordingError(
                f"{self.path} is {found}, and not the recording, which holds everything that was "
                f"measured; give the .jsonl of the same run, {self._likely_recording()}"
            )

    def _likely_recording(self) -> str:
        """Return the name of a recording beside a result, or one as limner gives."""
        stem = re.sub(r"(_person\d+|_coco|_mot|_scaling|_ik)*$", "", self.path.stem)
        names = [f"{stem}.jsonl", f"{stem}_pose.jsonl"]
        there = next((name for name in names if self.path.with_name(name).is_file()), None)
        return there or f"such as {names[0] if stem.endswith('_pose') else names[1]}"

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
        before: Poses | None = None
        frames = 0
        problems: Any = None
        with self._file:
            for at, line in enumerate(self._lines(), start=2):
                place = f"{self.path}, line {at}"
                content = _decode(line)
                if content is None:
                    self.problem = (
                        f"{self.path} breaks off in line {at}: "
                        f"the {frames} frames before it were read"
                    )
                    return
                if content.get("type") == "end":
                    self.complete = bool(content.get("complete"))
                    problems = content.get("problems")
                    break
                if content.get("type") == "frame":
                    poses = _poses(content, self.header.skeleton, place)
                    if before is not None:
                        _check_order(before, poses, place)
                    before = poses
                    yield poses
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

    def _lines(self) -> Iterator[bytes]:
        """Yield the lines that are left.

        Raises:
            RecordingError: one is too long to be a frame, or the file cannot be read.
        """
        try:
            while line := self._file.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                    raise RecordingError(
                        f"{self.path} has a line of more than {_LONGEST_LINE:,} bytes, which is "
                        "no frame; it is damaged, or no recording of limner's"
                    )
                yield line
        except OSError as problem:
            raise RecordingError(
                f"cannot read the recording {self.path}: {problem.strerror or problem}"
            ) from None


def _decode(line: bytes) -> dict[str, Any] | None:
    """Return the object in a line, or None where the line does not hold one."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):  # bytes that are not UTF-8; brackets without end
        return None
    return content if isinstance(content, dict) else None


def _poses(content: dict[str, Any], skeleton: Skeleton, place: str) -> Poses:
    """Build the poses of a frame; a null is NaN."""
    try:
        index = whole(content["frame"], "frame")
        time = number(content["time"], "time")
        people = content["people"]
        if not isinstance(people, list):
            raise ValueError(f"expected people as a list, got {type(people).__name__}")
        hidden = _circles(content["hidden"]) if "hidden" in content else None
        if not people:
            return replace(Poses.empty(skeleton, index, time), hidden=hidden)
        count = len(people)
        points = numbers(
            [person["keypoints"] for person in people],
            f"{len(skeleton)} keypoints of x, y, score a person",
            (count, len(skeleton), 3),
        )
        return Poses(
            skeleton,
            keypoints=points[:, :, :2],
            scores=points[:, :, 2],
            person_scores=numbers([person.get("score") for person in people], "score", (count,)),
            boxes=numbers(
                [person.get("box") or [None] * 4 for person in people], "box", (count, 4)
            ),
            ids=np.array([whole(person.get("id") or 0, "id") for person in people], np.int64),
            index=index,
            time=time,
            keypoints_3d=_optional(people, "keypoints_3d", len(skeleton), 3),
            raw_keypoints=_optional(people, "raw_keypoints", len(skeleton), 2),
            flags=_flags(people, len(skeleton)),
            hidden=hidden,
            errors=_optional(people, "errors", len(skeleton)),
        )
    except KeyError as problem:
        raise RecordingError(f"{place}: the frame lacks {problem}") from None
    except (TypeError, ValueError, AttributeError, ArithmeticError) as problem:
        raise RecordingError(f"{place}: the frame cannot be read: {problem}") from None


def _circles(content: Any) -> Floats:
    """Return (H, 3) circles; one that is not all there would show what is to be hidden."""
    if not isinstance(content, list):
        raise ValueError(f"expected hidden as a list, got {type(content).__name__}")
    if not content:
        return np.empty((0, 3), np.float32)
    circles = numbers(content, "hidden circles of x, y, radius", (len(content), 3))
    if np.isnan(circles).any():
        raise ValueError("a hidden circle lacks a number")
    return circles


def _check_order(before: Poses, poses: Poses, place: str) -> None:
    """See that frames come in order: whatever is over time rests on it.

    Raises:
        RecordingError: a frame's number or time steps back.
    """
    if poses.index <= before.index:
        wrong = f"frame {poses.index} comes after frame {before.index}"
    elif poses.time < before.time:
        wrong = f"{poses.time:g} s come after {before.time:g} s"
    else:
        return
    raise RecordingError(
        f"{place}: {wrong}; frames and times must rise, so the recording is damaged or put "
        "together from several"
    )


def _optional(
    people: Sequence[dict[str, Any]], key: str, count: int, *dimensions: int
) -> Floats | None:
    if not any(key in person for person in people):
        return None
    shape = (count, *dimensions)
    missing = np.full(shape, np.nan).tolist()
    return numbers([person.get(key) or missing for person in people], key, (len(people), *shape))


def _flags(people: Sequence[dict[str, Any]], count: int) -> Bytes | None:
    """Return (N, K) flags; None where nobody in the frame has any."""
    if not any("flags" in person for person in people):
        return None
    rows = [person.get("flags") or [0] * count for person in people]
    if any(not isinstance(row, list) or len(row) != count for row in rows):
        raise ValueError(f"expected flags, a list of {count} a person")
    return np.array([[whole(each, "a flag", most=255) for each in row] for row in rows], np.uint8)
