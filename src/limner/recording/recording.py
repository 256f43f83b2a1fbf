"""Recordings: what was measured, read back from the .jsonl that a run wrote.

    recording = load("dance_pose.jsonl")
    recording.between(2, 4).person(1).to_pandas()

A recording is one JSON object a line: a header, a line per frame, and a last line that
says how the run ended. `read_frames` goes through one of any length in little memory;
`load` holds it whole.
"""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Bytes, Floats, Ints
from limner.core.options import seconds
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.recording.header import Header
from limner.recording.reader import read_frames
from limner.recording.track import Track, sightings

if TYPE_CHECKING:
    import pandas as pd

    from limner.core.arrays import Doubles
    from limner.recording.metres import Given


def load(path: str | os.PathLike[str]) -> Recording:
    """Read a whole recording.

    A recording that was cut off is read up to there: `Recording.complete` is then False
    and `Recording.problem` says what happened.

    Raises:
        RecordingError: the file cannot be read, is no recording, or is of a newer schema.
    """
    with read_frames(path) as reader:
        frames = tuple(reader)
        return Recording(reader.header, frames, complete=reader.complete, problem=reader.problem)


@dataclass(frozen=True, repr=False)
class Recording:
    """A header and the poses of every frame.

    ``len(recording)`` counts frames, ``recording[3]`` is the fourth frame's `Poses`, and
    ``recording[10:20]`` is a recording of ten frames. Nothing is copied by slicing.

    Attributes:
        header: what was measured, by which model.
        frames: T frames in order, those without people included.
        complete: whether the run that wrote it came to its end.
        problem: one sentence on why it is not complete, or None.
    """

    header: Header
    frames: tuple[Poses, ...]
    complete: bool = True
    problem: str | None = None

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[Poses]:
        return iter(self.frames)

    @overload
    def __getitem__(self, frames: int) -> Poses: ...
    @overload
    def __getitem__(self, frames: slice) -> Recording: ...
    def __getitem__(self, frames: int | slice) -> Poses | Recording:
        if isinstance(frames, slice):
            return replace(self, frames=self.frames[frames])
        return self.frames[frames]

    def between(self, start: float | str = 0.0, end: float | str = np.inf) -> Recording:
        """Return the frames from a time up to, not including, another.

        Args:
            start: seconds, or text such as ``0:01`` or ``1:30:00.5``.
            end: likewise.

        Raises:
            UsageError: that is no time.
        """
        begin, stop = seconds("start", start), seconds("end", end)
        return replace(self, frames=tuple(f for f in self.frames if begin <= f.time < stop))

    def person(self, identity: int) -> Recording:
        """Return the recording with everybody else left out.

        Raises:
            UsageError: nobody has that identity.
        """
        self._require(identity)
        return replace(self, frames=tuple(f[f.ids == identity] for f in self.frames))

    def alone(self, identity: int) -> Recording:
        """Return one person's part: `person`, from the first to the last frame they are in.

        Raises:
            UsageError: nobody has that identity.
        """
        self._require(identity)
        rows, _ = self._sightings[identity]
        return self[int(rows[0]) : int(rows[-1]) + 1].person(identity)

    @property
    def skeleton(self) -> Skeleton:
        """The names of the K keypoints and how they connect."""
        return self.header.skeleton

    @cached_property
    def people(self) -> tuple[int, ...]:
        """The P identities of everybody who is seen, in order."""
        return tuple(self._sightings)

    @cached_property
    def _sightings(self) -> dict[int, tuple[Ints, Ints]]:
        return sightings(self.frames)

    def track(self, identity: int) -> Track:
        """Return the sightings of one person.

        Raises:
            UsageError: nobody has that identity.
            RecordingError: two people in a frame have it.
        """
        self._require(identity)
        rows, places = self._sightings[identity]
        if len(rows) > 1 and not np.diff(rows).all():
            self._refuse_twice(int(rows[:-1][np.diff(rows) == 0][0]))
        frames = [self.frames[row] for row in rows.tolist()]

        def gathered(name: str, *dimensions: int) -> Floats | None:
            shape = (len(frames), len(self.skeleton), *dimensions)
            if all(getattr(frame, name) is None for frame in frames):
                return None
            result = np.full(shape, np.nan, np.float32)
            for row, (frame, place) in enumerate(zip(frames, places.tolist(), strict=True)):
                values = getattr(frame, name)
                if values is not None:
                    result[row] = values[place]
            return result

        pairs = list(zip(frames, places.tolist(), strict=True))
        flags = None
        if any(frame.flags is not None for frame in frames):
            flags = np.zeros((len(frames), len(self.skeleton)), np.uint8)
            for row, (frame, place) in enumerate(pairs):
                if frame.flags is not None:
                    flags[row] = frame.flags[place]
        return Track(
            identity,
            self.skeleton,
            self.header.threshold,
            rows,
            self.times[rows],
            np.stack([frame.keypoints[place] for frame, place in pairs]),
            np.stack([frame.scores[place] for frame, place in pairs]),
            gathered("keypoints_3d", 3),
            gathered("raw_keypoints", 2),
            flags,
            gathered("errors"),
            self.header.linked,
        )

    def _require(self, identity: int) -> None:
        if identity not in self._sightings:
            known = ", ".join(map(str, self.people)) or "nobody"
            raise UsageError(f"the recording has no person {identity}; it has {known}")

    def _refuse_twice(self, row: int) -> None:
        raise RecordingError(
            f"frame {self.frames[row].index} has two people of the same identity, so their paths "
            "cannot be told apart; record again with tracking on, or go through .frames"
        )

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """(T,) seconds."""
        return np.array([frame.time for frame in self.frames], np.float64)

    @cached_property
    def indices(self) -> Ints:
        """(T,) positions of the frames in the input, from 0."""
        return np.array([frame.index for frame in self.frames], np.int64)

    @cached_property
    def keypoints(self) -> Floats:
        """(T, P, K, 2) pixels, unsure ones included; NaN where someone is not there."""
        return self._gather("keypoints", (len(self.skeleton), 2))

    @cached_property
    def raw_keypoints(self) -> Floats | None:
        """(T, P, K, 2) pixels before cleaning; None where nothing was cleaned."""
        if all(frame.raw_keypoints is None for frame in self.frames):
            return None
        return self._gather("raw_keypoints", (len(self.skeleton), 2))

    @cached_property
    def keypoints_3d(self) -> Floats | None:
        """(T, P, K, 3) metres about the middle of the hips; None where the model has none."""
        if all(frame.keypoints_3d is None for frame in self.frames):
            return None
        return self._gather("keypoints_3d", (len(self.skeleton), 3))

    @cached_property
    def scores(self) -> Floats:
        """(T, P, K) from 0 to 1; NaN where someone is not there."""
        return self._gather("scores", (len(self.skeleton),))

    @cached_property
    def flags(self) -> Bytes:
        """(T, P, K) sums of `limner.core.flags.Flag`; 0 where someone is not there."""
        result = np.zeros((len(self), len(self.people), len(self.skeleton)), np.uint8)
        for column, identity in enumerate(self.people):
            track = self.track(identity)
            if track.flags is not None:
                result[track.rows, column] = track.flags
        return result

    @cached_property
    def boxes(self) -> Floats:
        """(T, P, 4) x1, y1, x2, y2 in pixels; NaN where someone is not there."""
        return self._gather("boxes", (4,))

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """(T, P) whether someone is in the frame."""
        result = np.zeros((len(self), len(self.people)), bool)
        for column, (rows, _) in enumerate(self._sightings.values()):
            result[rows, column] = True
        return result

    @property
    def seen_keypoints(self) -> Floats:
        """(T, P, K, 2) pixels, NaN where the score is under the run's threshold."""
        from limner.recording.base import seen

        return seen(self.keypoints, self.scores, self.header.threshold)

    def scaled(self, **given: Unpack[Given]) -> Recording:
        """Return the recording with a scale, as the run's own options for metres give it.

        Args:
            **given: such as ``height=1.75``; see `limner.recording.metres.reference_for`.

        Raises:
            UsageError: what was given makes no sense.
            RecordingError: what is needed is not seen.
        """
        from limner.recording.metres import scaled

        return scaled(self, **given)

    def metres(self) -> Doubles:
        """Return (T, P, K, 2) metres, x along the floor and y up; NaN where unseen or unknown.

        Raises:
            RecordingError: the recording has no scale; see `scaled`.
        """
        from limner.recording.metres import metres

        return metres(self)

    def _gather(self, name: str, shape: tuple[int, ...]) -> Floats:
        """Bring one array of every frame into place by identity."""
        result = np.full((len(self), len(self.people), *shape), np.nan, np.float32)
        columns = {identity: column for column, identity in enumerate(self.people)}
        for row, frame in enumerate(self.frames):
            values = getattr(frame, name)
            if values is None or len(frame) == 0:
                continue
            places = [columns[int(identity)] for identity in frame.ids]
            if len(set(places)) < len(places):
                self._refuse_twice(row)
            result[row, places] = values
        return result

    def angles(self, *, auto: bool = False) -> dict[str, NDArray[np.float64]]:
        """Return the angles of joints and body segments in the image's plane, in degrees.

        Args:
            auto: leave out what cannot be measured in a person's view, and add the angles in
                space, ``left_knee_3d`` and so on.

        Returns:
            Name to (T, P) degrees, NaN where a joint is unseen, the same that the run writes and
            draws; see `limner.motion.angles.angles` for the names and conventions. What rests on
            the frames before begins anew in a part of a recording.

        Raises:
            RecordingError: two people in a frame have one identity.
        """
        from limner.motion.angles import angle_names

        size = (len(self), len(self.people))
        result = {name: np.full(size, np.nan) for name in angle_names(self.skeleton, auto=auto)}
        for column, identity in enumerate(self.people):
            track = self.track(identity)
            for name, values in track.angles(auto=auto).items():
                result[name][track.rows, column] = values
        return result

    def margins(self, level: float = 0.9) -> dict[str, NDArray[np.float64]]:
        """Return how far the angles may be off, in degrees: half the width of their intervals.

        Args:
            level: how often the truth is to lie within, from 0 to 1.

        Returns:
            Name to (T, P) degrees, NaN where unknown; see `limner.motion.margins`.

        Raises:
            RecordingError: the recording does not say how far keypoints may be off, or two people
                in a frame have one identity.
        """
        from limner.motion.angles import angle_names

        size = (len(self), len(self.people))
        names = [name for name in angle_names(self.skeleton) if name != "view"]
        result = {name: np.full(size, np.nan) for name in names}
        for column, identity in enumerate(self.people):
            track = self.track(identity)
            for name, values in track.margins(level).items():
                result[name][track.rows, column] = values
        return result

    def angles_3d(self) -> dict[str, NDArray[np.float64]]:
        """Return the angles of joints in space, in degrees.

        Returns:
            Name to (T, P) degrees, NaN where a joint is unseen; see
            `limner.motion.angles.angles_3d`.

        Raises:
            RecordingError: the recording has no 3-D coordinates, or two people in a frame
                have one identity.
        """
        from limner.motion.angles import angles_3d

        if all(frame.keypoints_3d is None for frame in self.frames):
            raise RecordingError(
                f"the recording of {self.header.input.path} has no 3-D coordinates: model "
                f"{self.header.model.name} does not measure them"
            )
        nobody = np.full((1, len(self.skeleton), 3), np.nan, np.float32)
        size = (len(self), len(self.people))
        result = {name: np.full(size, np.nan) for name in angles_3d(nobody, self.skeleton)}
        for column, identity in enumerate(self.people):
            track = self.track(identity)
            if track.keypoints_3d is None:
                continue
            found = angles_3d(track.keypoints_3d, self.skeleton, track.scores, track.threshold)
            for name, values in found.items():
                result[name][track.rows, column] = values
        return result

    def to_pandas(
        self,
        *,
        threshold: float | None = None,
        angles: bool | Literal["auto"] = False,
        flags: bool = False,
        margins: bool = False,
    ) -> pd.DataFrame:
        """Return a table of one row per person per frame, with the columns of the CSV.

        Args:
            threshold: x and y are NaN under this score; the run's own unless given, and
                0 for every keypoint there is.
            angles: add the angles, ``<name>_deg``; ``auto`` for those that can be measured in
                each person's view, and those in space.
            flags: add the flags, ``<keypoint>_flags``; see `limner.core.flags.Flag`.
            margins: add to the angles how far they may be off, ``<name>_margin_deg``.

        Raises:
            UsageError: pandas is not installed.
            RecordingError: there are to be margins, and the recording has none.
        """
        try:
            import pandas as pd
        except ImportError:
            raise UsageError(
                "to_pandas needs pandas, which is not installed; "
                "install it with: pip install 'limner[pandas]'"
            ) from None
        from limner.recording.table import Columns

        metres = any(frame.keypoints_3d is not None for frame in self.frames)
        auto = angles == "auto"
        names = self.angle_names(auto=auto, margins=margins) if angles else None
        found = (
            list(self.frame_angles(auto=auto, margins=margins)) if angles else [None] * len(self)
        )
        columns = Columns.of(
            self.header, metres=metres, angles=names, threshold=threshold, flags=flags
        )
        table = [columns.rows(frame, each) for frame, each in zip(self.frames, found, strict=True)]
        whole = np.concatenate(table) if table else np.empty((0, len(columns.names)))
        return pd.DataFrame(whole, columns=columns.names).astype({"frame": int, "person": int})

    def angle_names(self, *, auto: bool = False, margins: bool = False) -> list[str]:
        """Return the names of what `frame_angles` yields."""
        from limner.motion.angles import angle_names

        names = angle_names(self.skeleton, auto=auto)
        wide = [f"{name}_margin" for name in angle_names(self.skeleton) if name != "view"]
        return names + wide * margins

    def frame_angles(
        self, *, auto: bool = False, margins: bool = False
    ) -> Iterator[dict[str, NDArray[np.float64]]]:
        """Yield for each frame the angles of the people in it, in the frame's order.

        Args:
            auto: as for `angles`.
            margins: with how far they may be off in nine of ten cases, as ``left_knee_margin``.

        Yields:
            Name to (N,) degrees.

        Raises:
            RecordingError: there are to be margins, and the recording has none.
        """
        names = self.angle_names(auto=auto, margins=margins)
        # Numbered through all frames, everybody has a place of their own.
        starts = np.cumsum([0, *(len(frame) for frame in self.frames)])
        found = np.full((len(names), starts[-1]), np.nan)
        for identity, (rows, places) in self._sightings.items():
            track = self.track(identity)
            measured = track.angles(auto=auto)
            if margins:
                for name, wide in track.margins().items():
                    # What cannot be measured has no margin.
                    measured[f"{name}_margin"] = np.where(np.isnan(measured[name]), np.nan, wide)
            for values, name in zip(found, names, strict=True):
                values[starts[rows] + places] = measured[name]
        for start, end in pairwise(starts.tolist()):
            yield dict(zip(names, found[:, start:end], strict=True))

    def __repr__(self) -> str:
        return "<Recording " + ", ".join(f"{k}: {v}" for k, v in self._facts().items()) + ">"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for name, value in self._facts().items()
        )
        return f"<table><caption>limner recording</caption>{rows}</table>"

    def _facts(self) -> dict[str, str]:
        """Return what to say about the recording in a few words."""
        facts = self.header.input
        shown = ", ".join(map(str, self.people[:8])) + ", ..." * (len(self.people) > 8)
        result = {
            "input": f"{facts.path} ({facts.width}x{facts.height})",
            "frames": str(len(self)),
        }
        if len(self):
            result["time"] = f"{self.times[0]:.2f} to {self.times[-1]:.2f} s"
        result["people"] = f"{len(self.people)} ({shown})" if shown else "nobody"
        result["skeleton"] = self.skeleton.name
        result["model"] = self.header.model.name
        if self.problem:
            result["problem"] = self.problem
        return result
