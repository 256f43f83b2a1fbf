"""Everything a user can ask of a run, in one value.

The fields of `Settings` are the one list of what can be asked: the command line's options are
made of them, and the keyword arguments of `limner.annotate` and `limner.estimate` become one.
The help reads it, so this imports nothing heavy before a value needs it.
"""

# ruff: noqa: RUF009 - the function that is called in the class makes its fields.

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, get_args

from limner.core.options import (
    Option,
    Reader,
    choice,
    in_words,
    names,
    number,
    seconds,
    switch,
    text,
    whole,
)
from limner.errors import UsageError
from limner.media.images.header import MAX_PIXELS
from limner.models.catalogue import DEFAULT_MODEL, catalogue
from limner.models.families import MODEL_OPTIONS, ModelOptions, asked
from limner.models.families import SECTION as _MODEL
from limner.system.files import STANDARD_OUTPUT

if TYPE_CHECKING:
    from limner.motion.scale.checkerboard import Checkerboard
    from limner.motion.scale.reference import Distance
    from limner.tracking.selection import Person, Roi

T = TypeVar("T")

Background = Literal["keep", "black", "transparent"]

# The other sections of the help.
_OUT, _WHO, _LOOK, _TUTORIAL = "What comes out", "Who", "How it looks", "The OpenCV tutorial"
_METRES = "Metres"

# Trails are held in memory.
_LONGEST_TRAIL = 60.0
# As many as FFmpeg counts.
_MOST_PIXELS = 2**31 - 1
# Frames per second that players still play.
FASTEST = 1000

_TUTORIAL_MODEL = "openpose-mobilenet-thin"
# What the tutorial is: one person, the highest point of each heatmap, nobody followed and
# nothing cleaned.
_AS_THE_TUTORIAL: dict[str, Any] = {
    "track": False,
    "smooth": False,
    "model_options": {"decode": "highest"},
}
# What can be asked for together with it; it knows nothing of the rest.
_WITH_THE_TUTORIAL = {
    *("output", "overwrite", "model", "backend", "device", "threads", "format", "video"),
    *("start", "end", "threshold", "angles", "codec", "quality", "audio", "output_rate"),
    *("sequence", "max_megapixels"),
    "input_rate",
    *("tutorial", "line_color", "dot_color", "text_color"),
}


class Options(ModelOptions, total=False):
    """What `Settings`, `limner.annotate` and `limner.estimate` take, as type checkers know it.

    The fields of `Settings` say the meaning and the defaults. What is text on the command line
    may be that text here.
    """

    output: str | os.PathLike[str] | None
    overwrite: bool
    format: str | Sequence[str]
    angles: bool | Literal["auto"]
    angles_auto: bool
    flags: bool
    video: bool
    audio: bool
    output_rate: Fraction | float | str | None
    input_rate: Fraction | float | str | None
    codec: str
    quality: int | None
    start: float | str | None
    end: float | str | None
    sequence: Fraction | float | str | None
    max_megapixels: float
    max_people: int | None
    person: Person | str | None
    roi: Roi | Sequence[float] | str | None
    ignore_still: bool
    threshold: float | None
    track: bool
    smooth: bool
    lag: float
    height: float | str | Mapping[int, float] | None
    distance: Distance | str | None
    calibration: str | os.PathLike[str] | None
    checkerboard: Checkerboard | str | None
    floor: str | os.PathLike[str] | None
    boxes: bool
    show_flags: bool
    labels: str | Sequence[str]
    style: str
    background: Background
    blur_faces: bool
    trails: float
    model: str | os.PathLike[str] | None
    model_options: ModelOptions
    backend: str
    device: str
    threads: int | None
    tutorial: bool
    line_color: str | None
    dot_color: str | None
    text_color: str | None


def _format(name: str, given: str) -> str:
    from limner.export.formats import find_format

    return find_format(given).name


def _path(name: str, given: Any) -> Path:
    return Path(text(name, given))


def _rate(name: str, given: Any) -> Fraction | float:
    value: Fraction | float = given
    if isinstance(given, str):
        try:
            value = Fraction(given)
        except (ValueError, ZeroDivisionError):
            raise UsageError(
                f"{name}: expected frames per second such as 25 or 30000/1001, got {given!r}"
            ) from None
    expected = f"more than 0 and at most {FASTEST} frames per second"
    if not number(expected, most=FASTEST)(name, value) > 0:
        raise UsageError(f"{name}: expected {expected}, got {float(value):g}")
    return value


def _person(_: str, given: Any) -> Person:
    from limner.tracking.selection import parse_person

    return parse_person(str(given))


def _roi(_: str, given: Any) -> Roi:
    from limner.tracking.selection import parse_roi

    return parse_roi(given if isinstance(given, str) else ",".join(map(str, given)))


def _heights(name: str, given: Any) -> Mapping[int, float]:
    from limner.motion.scale.reference import parse_heights

    return parse_heights(name, given)


def _distance(name: str, given: Any) -> Distance:
    from limner.motion.scale.reference import parse_distance

    return parse_distance(name, given)


def _checkerboard(name: str, given: Any) -> Checkerboard:
    from limner.motion.scale.reference import parse_checkerboard

    return parse_checkerboard(name, given)


def _style(name: str, given: Any) -> str:
    from limner.drawing.style import parse_style

    parse_style(text(name, given))
    return str(given)


def _color(name: str, given: Any) -> str:
    from limner.drawing.colors import parse_color

    parse_color(name, text(name, given))
    return str(given)


def _setting(
    default: T,
    read: Reader[T],
    help_text: str,
    metavar: str = "",
    *,
    section: str,
    short: str = "",
    recorded: bool = False,
    hashed: bool = True,
) -> T:
    """Return a field that is an option; recorded ones bear on the numbers."""
    option = Option(default, read, help_text, metavar, section, short)
    metadata = {"option": option, "recorded": recorded}
    return field(default=default, metadata=metadata, hash=hashed)


@dataclass(frozen=True, init=False)
class Settings:
    """What to do with an input. The same names are the command line's options.

    Values are read as the command line reads them, so ``start="1:30"`` is 90.0 seconds and
    ``format="csv,jsonl"`` two names. A model's options, such as ``search``, may be given by
    their own names or as ``model_options``. None stands for what is not given.

    Raises:
        UsageError: there is no such option, or a value makes no sense.
    """

    output: Path | None = _setting(
        None,
        _path,
        "Where results go; for one input also the annotated file itself, or - for standard "
        "output. Default: beside the input.",
        "DIR|FILE",
        section=_OUT,
        short="-o",
    )
    overwrite: bool = _setting(False, switch, "Replace existing results.", section=_OUT)
    format: tuple[str, ...] = _setting(
        ("csv", "jsonl"),
        names(_format),
        "Data files to write; none for no data.",
        "NAME,...",
        section=_OUT,
        short="-f",
    )
    angles: bool = _setting(False, switch, "Write joint angles into the data, too.", section=_OUT)
    angles_auto: bool = _setting(
        False,
        switch,
        "Write only the angles that can be measured from where the camera stands, and those in "
        "space beside them.",
        section=_OUT,
    )
    flags: bool = _setting(
        False,
        switch,
        "Write into the CSV, too, which joints were filled in, put right or are doubtful.",
        section=_OUT,
    )
    video: bool = _setting(True, switch, "Write the annotated copy.", section=_OUT)
    audio: bool = _setting(True, switch, "Keep the audio.", section=_OUT)
    output_rate: Fraction | float | None = _setting(
        None,
        _rate,
        "Play the video at this rate, slower or faster; without audio. The numbers keep the "
        "source's times.",
        "FPS",
        section=_OUT,
    )
    input_rate: Fraction | float | None = _setting(
        None,
        _rate,
        "Frames per second the video was taken at, where its file says otherwise, as that of a "
        "slow motion, or nothing; all times follow it.",
        "FPS",
        section=_OUT,
        recorded=True,
    )
    codec: str = _setting(
        "auto", text, "Codec of the video; auto for what its ending suggests.", "NAME", section=_OUT
    )
    quality: int | None = _setting(
        None, whole(), "Quality on the codec's own scale; lower is better.", "N", section=_OUT
    )
    start: float | None = _setting(
        None,
        seconds,
        "Begin here: seconds or h:mm:ss.",
        "TIME",
        section=_OUT,
        recorded=True,
    )
    end: float | None = _setting(
        None,
        seconds,
        "Stop here: seconds or h:mm:ss.",
        "TIME",
        section=_OUT,
        recorded=True,
    )
    sequence: Fraction | float | None = _setting(
        None,
        _rate,
        "Take numbered images for the frames of a video, at this rate.",
        "FPS",
        section=_OUT,
    )
    max_megapixels: float = _setting(
        MAX_PIXELS / 1e6,
        number("0 or more million pixels"),
        "Refuse images larger than this, which may take all memory.",
        "N",
        section=_OUT,
    )
    max_people: int | None = _setting(
        None, whole(1), "Keep at most N people.", "N", section=_WHO, recorded=True
    )
    person: Person | None = _setting(
        None,
        _person,
        "Which person to keep.",
        "largest|center|longest|ID",
        section=_WHO,
        recorded=True,
    )
    roi: Roi | None = _setting(
        None,
        _roi,
        "Keep people whose middle is inside this rectangle, in pixels.",
        "X,Y,W,H",
        section=_WHO,
        recorded=True,
    )
    ignore_still: bool = _setting(
        False,
        switch,
        "Leave out people who never move, as on posters and still screens; the camera must "
        "stand still.",
        section=_WHO,
        recorded=True,
    )
    threshold: float | None = _setting(
        None,
        number("0 to 1", most=1),
        "Joints less sure than this are neither drawn nor in the tables. Default: the model's own.",
        "0..1",
        section=_WHO,
    )
    track: bool = _setting(
        True,
        switch,
        "Follow people from frame to frame. Without it each frame stands by itself: numbers "
        "hold for one frame, and motion is not cleaned.",
        section=_WHO,
        recorded=True,
    )
    smooth: bool = _setting(True, switch, "Clean the motion.", section=_WHO, recorded=True)
    lag: float = _setting(
        0.5,
        number("0 seconds or more"),
        "Look this far ahead for cleaning and for telling people from ghosts.",
        "SECONDS",
        section=_WHO,
    )
    height: Mapping[int, float] | None = _setting(
        None,
        _heights,
        "How tall people are, everybody or by number, for results in metres.",
        "1.75|1=1.75,2=1.68",
        section=_METRES,
        hashed=False,
    )
    distance: Distance | None = _setting(
        None,
        _distance,
        "A known distance between two points of the image, in pixels, where people move.",
        "2.5m:X,Y,X,Y",
        section=_METRES,
    )
    calibration: Path | None = _setting(
        None,
        _path,
        "The camera's calibration file, as Pose2Sim's Calib.toml; or its images or video of a "
        "checkerboard.",
        "FILE",
        section=_METRES,
    )
    checkerboard: Checkerboard | None = _setting(
        None,
        _checkerboard,
        "Inner corners of the board, one fewer than squares, and the side of a square.",
        "9x6|9x6:30mm",
        section=_METRES,
    )
    floor: Path | None = _setting(
        None,
        _path,
        "An image of the checkerboard on the floor, taken from where the camera stands.",
        "IMAGE",
        section=_METRES,
    )
    boxes: bool = _setting(False, switch, "Draw a box around each person.", section=_LOOK)
    show_flags: bool = _setting(
        False,
        switch,
        "Draw in grey what was filled in or is doubtful.",
        section=_LOOK,
    )
    labels: tuple[str, ...] = _setting(
        ("auto",),
        names(choice(("ids", "angles", "auto", "none"))),
        "What to write beside people; auto: ids as soon as there are several.",
        "ids,angles|auto|none",
        section=_LOOK,
    )
    style: str = _setting(
        "classic",
        _style,
        "classic, neon, mono, thin, bold, or settings such as left=#ff9100,width=1.5.",
        "NAME|SETTINGS",
        section=_LOOK,
    )
    background: Background = _setting(
        "keep",
        choice(get_args(Background)),
        "What to draw on. A transparent video is a .mov or .webm.",
        "keep|black|transparent",
        section=_LOOK,
    )
    blur_faces: bool = _setting(False, switch, "Hide the faces of everyone found.", section=_LOOK)
    trails: float = _setting(
        0.0,
        number(f"0 to {_LONGEST_TRAIL:g} seconds", most=_LONGEST_TRAIL),
        "Show where hands and feet have been.",
        "SECONDS",
        section=_LOOK,
    )
    model: str | None = _setting(
        None,
        text,
        f"A model of `limner models`, or a network file. Default: {DEFAULT_MODEL}.",
        "NAME|PATH",
        section=_MODEL,
    )
    # On the command line and in the help the options of all families stand for it.
    model_options: ModelOptions = field(default_factory=ModelOptions, hash=False)
    backend: str = _setting(
        "auto", text, "auto, openvino, opencv or onnxruntime.", "NAME", section=_MODEL
    )
    device: str = _setting(
        "auto", text, "auto, cpu, or a device of the backend.", "NAME", section=_MODEL
    )
    threads: int | None = _setting(
        None, whole(1), "CPU threads of one inference. Default: as needed.", "N", section=_MODEL
    )
    tutorial: bool = _setting(
        False,
        switch,
        "Do what the OpenCV tutorial does, no better: one person. "
        f"Its model is {_TUTORIAL_MODEL} unless another one is given.",
        section=_TUTORIAL,
        recorded=True,
    )
    line_color: str | None = _setting(
        None, _color, "Colour of its lines. Default: green.", "#RRGGBB", section=_TUTORIAL
    )
    dot_color: str | None = _setting(
        None, _color, "Colour of its dots. Default: red.", "#RRGGBB", section=_TUTORIAL
    )
    text_color: str | None = _setting(
        None, _color, "Colour of its milliseconds. Default: black.", "#RRGGBB", section=_TUTORIAL
    )

    def __init__(self, **options: Unpack[Options]) -> None:
        given: dict[str, Any] = dict(options)
        if given.get("angles") == "auto":
            given |= {"angles": False, "angles_auto": True}
        told = {**given.pop("model_options", {})}
        told |= {name: given.pop(name) for name in MODEL_OPTIONS if name in given}
        unknown = [name for name in given if name not in _FIELDS]
        unknown += [name for name in told if name not in MODEL_OPTIONS]
        for name in unknown:
            near = get_close_matches(name, OPTIONS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"unknown option {name!r}: expected {', '.join(OPTIONS)}{hint}")
        values = {name: option.value(name, given.get(name)) for name, option in _FIELDS.items()}
        values["model_options"] = {
            name: MODEL_OPTIONS[name].value(name, value) for name, value in asked(told).items()
        }
        if values["tutorial"]:
            _refuse_more_than_the_tutorial(values)
            values |= _AS_THE_TUTORIAL
            values["model"] = values["model"] or _TUTORIAL_MODEL
        if values["output"] == STANDARD_OUTPUT:
            if values["format"] not in ((), _FIELDS["format"].default):
                raise UsageError(
                    "format: to standard output (-o -) goes the video alone; name a file for all"
                )
            values["format"] = ()
        # Motion is somebody's, so it takes knowing who is who.
        values["smooth"] = values["smooth"] and values["track"]
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check()

    @property
    def max_pixels(self) -> int:
        """Of how many pixels images are read."""
        return int(min(self.max_megapixels * 1e6, _MOST_PIXELS))

    def recorded(self) -> dict[str, Any]:
        """Return what bears on the numbers, for the recording's header.

        What is on unless somebody switches it off is there in either case, the rest where it
        was asked for.
        """
        found: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "model_options":
                found |= value
            elif each.metadata["recorded"] and (each.default is True or value != each.default):
                # JSON knows no fractions.
                found[each.name] = float(value) if isinstance(value, Fraction) else value
        return found

    @property
    def metres(self) -> tuple[str, ...]:
        """The names of what was given to find metres by."""
        given = ("height", "distance", "calibration", "checkerboard", "floor")
        return tuple(name for name in given if getattr(self, name) is not None)

    @property
    def two_passes(self) -> str:
        """What only a first pass over a video can tell, in words; empty where none is needed."""
        if self.person == "longest":
            return "person: who is seen longest"
        return "ignore-still: who never moves" if self.ignore_still else ""

    def _check(self) -> None:
        """See that what was asked for goes together.

        Raises:
            UsageError: it does not.
        """
        from limner.export.formats import find_format

        if self.end is not None and self.end <= (self.start or 0):
            raise UsageError(
                f"end: expected later than the start ({self.start or 0:g} s), got {self.end:g} s"
            )
        if not self.track and (self.trails or self.two_passes):
            raise UsageError(
                "track: where nobody is followed there are no trails, and nobody is seen longest "
                "or known to be still"
            )
        for name in ("line_color", "dot_color", "text_color"):
            if getattr(self, name) is not None and not self.tutorial:
                raise UsageError(
                    f"{in_words(name)}: only the tutorial's drawing has it; add --tutorial"
                )
        if not self.video and not self.format:
            raise UsageError("nothing to write: neither a video nor a data format was asked for")
        asked = self.angles or self.angles_auto
        if asked and not any("angles" in find_format(name).options for name in self.format):
            raise UsageError(
                f"angles: {', '.join(self.format) or 'no data'} cannot hold them; "
                "ask for a format such as csv or jsonl"
            )
        if self.flags and not any("flags" in find_format(name).options for name in self.format):
            raise UsageError(
                f"flags: {', '.join(self.format) or 'no data'} has no column for them, and jsonl "
                "holds them always; ask for csv"
            )
        if self.metres and "jsonl" not in self.format:
            raise UsageError(
                f"{self.metres[0]}: what a pixel is in metres goes into the recording; ask for "
                f"jsonl as well: --format {','.join(('jsonl', *self.format))}"
            )
        if self.height is not None and self.distance is not None:
            raise UsageError("height: give either this or distance, not both: each says the scale")
        if self.height is not None and not self.track:
            raise UsageError("height: where nobody is followed it is not known whose it is")
        for name in self.format:
            if not find_format(name).streaming and "jsonl" not in self.format:
                raise UsageError(
                    f"format {name} is made from the whole recording; ask for jsonl as well: "
                    f"--format jsonl,{name}"
                )


_FIELDS: dict[str, Option] = {
    each.name: each.metadata["option"] for each in fields(Settings) if each.metadata
}
OPTIONS: dict[str, Option] = {}
"""Everything that can be asked for, by its name, in the order of the help."""
for _each in fields(Settings):
    OPTIONS |= {_each.name: _FIELDS[_each.name]} if _each.name in _FIELDS else MODEL_OPTIONS
_DRAWING = (
    *("output", "overwrite", "audio", "output_rate", "codec", "quality", "start", "end"),
    *("max_people", "person", "roi", "threshold", "boxes", "show_flags", "labels", "style"),
    *("background", "blur_faces", "trails", "max_megapixels"),
)
DRAWING: dict[str, Option] = {name: each for name, each in OPTIONS.items() if name in _DRAWING}
"""What can be asked for where a recording is drawn."""


def _refuse_more_than_the_tutorial(values: Mapping[str, Any]) -> None:
    """See that nothing is asked for that the tutorial does not do.

    Raises:
        UsageError: something is.
    """
    foreign = [
        name
        for name, option in _FIELDS.items()
        if name not in _WITH_THE_TUTORIAL
        and values[name] not in (option.default, _AS_THE_TUTORIAL.get(name))
    ]
    own = _AS_THE_TUTORIAL["model_options"]
    told = values["model_options"]
    foreign += [name for name, value in told.items() if own.get(name) != value]
    if foreign:
        raise UsageError(
            f"tutorial: it cannot be combined with {', '.join(map(in_words, foreign))}; it does "
            f"what the OpenCV tutorial does and no more"
        )
    entry = catalogue().models.get(values["model"])
    if entry is not None and entry.family != "openpose":
        raise UsageError(
            f"tutorial: expected an OpenPose network, and model {entry.name} is none; leave the "
            f"model out, or give a graph_opt.pb"
        )


def _described(options: Mapping[str, Option], indent: int) -> str:
    return "".join(f"\n{' ' * indent}{name}: {each.help}" for name, each in options.items())


Settings.__doc__ = (
    f"{Settings.__doc__ or ''}\n    Attributes:{_described(_FIELDS, 8)}"
    f"\n        model_options: What the model is told:{_described(MODEL_OPTIONS, 12)}\n"
)
