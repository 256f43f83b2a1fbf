"""Everything a user can ask of a run, in one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from limner.drawing.colors import parse_color
from limner.drawing.style import parse_style
from limner.errors import UsageError
from limner.export.formats import find_format

if TYPE_CHECKING:
    from limner.tracking.selection import Person

# Trails are held in memory.
LONGEST_TRAIL = 60.0


# Frames per second that players still play.
_FASTEST = 1000
# What can be asked for together with the tutorial; it knows nothing of the rest.
_WITH_TUTORIAL = {
    *("output", "overwrite", "model", "backend", "device", "threads", "formats", "video"),
    *("start", "end", "threshold", "smooth", "angles", "codec", "quality", "audio"),
    *("tutorial", "line_color", "dot_color", "text_color", "output_rate"),
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What to do with an input. The same names are the command line's options.

    Attributes:
        output: folder for the results, or the annotated file itself where its ending is a
            media one; None for beside the input.
        overwrite: replace results that are there already.
        model: a name in the catalogue, or the path of a network file; None for the default,
            which is the tutorial's network for `tutorial`.
        backend: ``auto``, ``openvino``, ``opencv`` or ``onnxruntime``.
        device: ``auto``, ``cpu``, or a device of the backend.
        threads: CPU threads of one inference; None to choose.
        search: how hard to look for people: ``fast``, ``normal``, ``thorough``; None for the
            model's own.
        net_size: pixels of one side of the network's input, or several sizes to average, for
            models that take any; None for the model's own.
        flip: average with the mirrored image, for models that can.
        formats: the data files to write.
        video: write the annotated video or image.
        start: seconds of the video to skip.
        end: seconds of the video to stop at.
        max_people: how many people to keep at the most.
        person: which person: ``largest``, ``center`` or an id.
        roi: x, y, width, height in pixels: only people whose middle is inside.
        threshold: keypoints with a lower score are neither drawn nor in the tables; None for
            the model's own.
        smooth: clean the motion.
        lag: seconds to look ahead for cleaning and for telling people from ghosts.
        boxes: draw a box around each person.
        labels: what to write beside people: ``ids``, ``angles``, both with a comma between,
            or ``none``.
        style: colours and sizes of what is drawn; see `limner.drawing.parse_style`.
        background: what is drawn on: ``keep`` for the image itself, ``black``, or
            ``transparent``.
        blur_faces: hide the faces of everyone who is found.
        trails: seconds for which the paths of hands and feet stay; 0 for none.
        angles: write the angles of joints and segments into the tables and the recording.
        codec: of the annotated video; ``auto`` for what its ending suggests.
        quality: of the annotated video; None for the codec's default.
        audio: keep the audio.
        output_rate: frames per second that the annotated video plays at, each frame as long
            as the others; None for the source's times. With another rate than the source's
            there is no audio. The numbers keep the source's times in either case.
        tutorial: do what the OpenCV tutorial does, no better: one person, the highest point
            of each heatmap, nobody followed and nothing cleaned.
        line_color: of the tutorial's lines, such as ``#00ff00``; None for its own.
        dot_color: of the tutorial's dots.
        text_color: of the milliseconds that the tutorial prints.
    """

    output: Path | None = None
    overwrite: bool = False
    model: str | None = None
    backend: str = "auto"
    device: str = "auto"
    threads: int | None = None
    search: str | None = None
    net_size: int | tuple[int, ...] | None = None
    flip: bool = False
    formats: tuple[str, ...] = ("csv", "jsonl")
    video: bool = True
    start: float | None = None
    end: float | None = None
    max_people: int | None = None
    person: Person | None = None
    roi: tuple[float, float, float, float] | None = None
    threshold: float | None = None
    smooth: bool = True
    lag: float = 0.5
    boxes: bool = False
    labels: str = "none"
    style: str = "classic"
    background: str = "keep"
    blur_faces: bool = False
    trails: float = 0.0
    angles: bool = False
    codec: str = "auto"
    quality: int | None = None
    audio: bool = True
    output_rate: Fraction | float | None = None
    tutorial: bool = False
    line_color: str | None = None
    dot_color: str | None = None
    text_color: str | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"threshold: expected 0 to 1, got {self.threshold}")
        if self.max_people is not None and self.max_people < 1:
            raise UsageError(f"max-people: expected 1 or more, got {self.max_people}")
        if self.lag < 0:
            raise UsageError(f"lag: expected 0 seconds or more, got {self.lag}")
        if self.start is not None and self.start < 0:
            raise UsageError(f"start: expected 0 seconds or more, got {self.start}")
        if self.end is not None and self.end <= (self.start or 0):
            raise UsageError(
                f"end: expected later than the start ({self.start or 0:g} s), got {self.end:g} s"
            )
        for label in self.labels.split(","):
            if label not in ("ids", "angles", "none"):
                raise UsageError(f"labels: expected ids, angles or none, got {label!r}")
        parse_style(self.style)
        if self.background not in ("keep", "black", "transparent"):
            raise UsageError(
                f"background: expected keep, black or transparent, got {self.background!r}"
            )
        if not 0 <= self.trails <= LONGEST_TRAIL:
            raise UsageError(
                f"trails: expected 0 to {LONGEST_TRAIL:g} seconds, got {self.trails:g}"
            )
        if self.threads is not None and self.threads < 1:
            raise UsageError(f"threads: expected 1 or more, got {self.threads}")
        if self.output_rate is not None and not 0 < self.output_rate <= _FASTEST:
            raise UsageError(
                f"output-rate: expected more than 0 and at most {_FASTEST} frames per second, "
                f"got {float(self.output_rate):g}"
            )
        self._check_tutorial()
        if not self.video and not self.formats:
            raise UsageError("nothing to write: neither a video nor a data format was asked for")
        if self.angles and not any("angles" in find_format(name).options for name in self.formats):
            raise UsageError(
                f"angles: {', '.join(self.formats) or 'no data'} cannot hold them; "
                "ask for a format such as csv or jsonl"
            )
        for name in self.formats:
            if not find_format(name).streaming and "jsonl" not in self.formats:
                raise UsageError(
                    f"format {name} is made from the whole recording; ask for jsonl as well: "
                    f"--format jsonl,{name}"
                )

    def _check_tutorial(self) -> None:
        colors = {name: getattr(self, name) for name in ("line_color", "dot_color", "text_color")}
        for name, color in colors.items():
            if color is not None:
                option = name.replace("_", "-")
                parse_color(option, color)
                if not self.tutorial:
                    raise UsageError(
                        f"{option}: only the tutorial's drawing has it; add --tutorial"
                    )
        if not self.tutorial:
            return
        foreign = [
            each.name.replace("_", "-")
            for each in fields(self)
            if each.name not in _WITH_TUTORIAL and getattr(self, each.name) != each.default
        ]
        if foreign:
            raise UsageError(
                f"tutorial: it cannot be combined with {', '.join(foreign)}; it does what the "
                f"OpenCV tutorial does and no more"
            )
