"""The first line of a recording: what was measured, on which input, by which model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from reprlib import repr as shortened
from typing import Any

from limner._version import __version__
from limner.core.info import CopyInfo, InputInfo, ModelInfo, NetworkInfo
from limner.core.skeletons import SKELETONS, Skeleton
from limner.errors import RecordingError
from limner.motion.scale.value import Scale
from limner.recording.scale import describe, read_scale
from limner.recording.values import flag, number, option, rate, text, whole

SCHEMA_VERSION = 2

# Half of a typical COCO sigma's range: used for keypoints whose skeleton is not one of ours,
# in files that do not say.
_UNKNOWN_SIGMA = 0.079

_UNITS = {
    "keypoints": "pixels of the upright image, x right, y down, "
    "from the outer corner of the top left pixel",
    "keypoints_3d": "metres about the middle of the hips, x right, y down, z away from the camera",
    "time": "seconds",
    "frame": "counted from 0",
}


@dataclass(frozen=True)
class Header:
    """The first line of a recording.

    Attributes:
        input: the video or image.
        skeleton: of the K keypoints; what this says holds for every frame.
        models: what measured, the one that the keypoints come from first.
        options: the settings of the run that bear on the numbers, such as ``threshold``.
        copy: the annotated copy that the run makes; None where the recording does not say.
        scale: how pixels become metres; None where that is not known.
        units: the unit of each kind of number, in words.
        program: name and version of the program that wrote the recording.
    """

    input: InputInfo
    skeleton: Skeleton
    models: tuple[ModelInfo, ...]
    options: dict[str, Any] = field(default_factory=dict)
    copy: CopyInfo | None = None
    scale: Scale | None = None
    units: dict[str, str] = field(default_factory=lambda: dict(_UNITS))
    program: str = f"limner {__version__}"

    @property
    def model(self) -> ModelInfo:
        """The model that the keypoints come from."""
        return self.models[0]

    @property
    def threshold(self) -> float:
        """The score under which a keypoint counts as unseen; 0 where the run had none."""
        return float(self.options.get("threshold") or 0.0)

    @property
    def linked(self) -> bool:
        """Whether people were followed: if not, an identity holds for one frame."""
        return self.options.get("track") is not False

    def as_dict(self) -> dict[str, Any]:
        """Return the header as a recording's first line holds it, ready for JSON."""
        return {
            "type": "header",
            "schema_version": SCHEMA_VERSION,
            "program": self.program,
            "input": _with_rate(asdict(self.input)),
            "copy": None if self.copy is None else _with_rate(asdict(self.copy)),
            "skeleton": {
                "name": self.skeleton.name,
                "keypoints": list(self.skeleton.keypoints),
                "edges": [list(edge) for edge in self.skeleton.edges],
                "sigmas": list(self.skeleton.sigmas),
                "parts": {part: list(at) for part, at in self.skeleton.parts.items()},
                "mirror": list(self.skeleton.mirror),
            },
            "models": [_describe(model) for model in self.models],
            "units": self.units,
            "options": self.options,
            "scale": None if self.scale is None else describe(self.scale),
        }

    @classmethod
    def from_dict(cls, content: Any, source: str = "the recording") -> Header:
        """Read a header from a recording's first line.

        Args:
            content: the line, decoded from JSON. Keys it does not know are ignored.
            source: what to call the file in messages.

        Raises:
            RecordingError: this is no header, or one of a newer schema.
        """
        if not isinstance(content, Mapping) or content.get("type") != "header":
            raise RecordingError(
                f"{source} is not a limner recording: its first line should be a header "
                '({"type": "header", ...}); give the .jsonl that limner wrote'
            )
        version = content.get("schema_version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise RecordingError(
                f"{source}: expected a whole number from 1 as schema_version, got "
                f"{shortened(version)}"
            )
        if version > SCHEMA_VERSION:
            raise RecordingError(
                f"{source} has schema version {version}, and this limner {__version__} reads up "
                f"to {SCHEMA_VERSION}; update limner to read it"
            )
        try:
            skeleton = _skeleton(content["skeleton"])
            units = content.get("units", _UNITS)
            return cls(
                input=_input(content["input"]),
                skeleton=skeleton,
                models=_models(content, skeleton),
                options=_options(content.get("options", {})),
                copy=_copy(content.get("copy")),
                scale=read_scale(content.get("scale")),
                units={text(k, "a unit"): text(v, "a unit") for k, v in units.items()},
                program=text(content.get("program", ""), "program"),
            )
        except KeyError as problem:
            raise RecordingError(f"{source}: its header lacks {problem}") from None
        except (TypeError, ValueError, AttributeError) as problem:
            raise RecordingError(f"{source}: its header cannot be read: {problem}") from None


def _with_rate(content: dict[str, Any]) -> dict[str, Any]:
    """Return an info's fields for JSON, which knows no fractions."""
    stated = content["frame_rate"]
    return {**content, "frame_rate": None if stated is None else str(stated)}


def _input(content: Mapping[str, Any]) -> InputInfo:
    path = text(content["path"], "the input's path")
    if "\0" in path:
        raise ValueError("the input's path holds a NUL")
    count, duration = content.get("frame_count"), content.get("duration")
    return InputInfo(
        path=path,
        width=whole(content["width"], "the input's width"),
        height=whole(content["height"], "the input's height"),
        frame_rate=rate(content.get("frame_rate"), "the input's frame_rate"),
        frame_count=None if count is None else whole(count, "the input's frame_count"),
        duration=None if duration is None else number(duration, "the input's duration", 0),
        rotation=whole(content.get("rotation") or 0, "the input's rotation", -360, 360),
        title=_said(content, "title"),
        created=_said(content, "created"),
    )


def _said(content: Mapping[str, Any], name: str) -> str | None:
    value = content.get(name)
    return None if value is None else text(value, f"the input's {name}")


def _copy(content: Mapping[str, Any] | None) -> CopyInfo | None:
    if content is None:
        return None
    name = content["name"]
    if name is not None and ("/" in text(name, "the copy's name") or "\0" in name):
        raise ValueError(f"expected the copy's name without a folder, got {shortened(name)}")
    return CopyInfo(
        name,
        flag(content["faces_blurred"], "faces_blurred"),
        rate(content.get("frame_rate"), "the copy's frame_rate"),
        None if content.get("style") is None else text(content["style"], "the copy's style"),
    )


def _options(content: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: option(value, f"option {name}") for name, value in content.items()}
    if options.get("threshold") is not None:
        number(options["threshold"], "option threshold", 0, 1)
    return options


def _skeleton(content: Mapping[str, Any]) -> Skeleton:
    """Build the skeleton the header describes; it is one of ours where it says the same.

    What older files do not say (schema 1) is taken from ours of the same name and keypoints;
    of an unknown skeleton nothing is known to be left or right.
    """
    name = text(content["name"], "the skeleton's name")
    keypoints = tuple(text(each, "a keypoint's name") for each in content["keypoints"])
    if not keypoints:
        raise ValueError(f"skeleton {name} has no keypoints")
    edges = tuple(
        (whole(start, "an edge's end"), whole(end, "an edge's end"))
        for start, end in content["edges"]
    )
    known = SKELETONS.get(name)
    if known is None or known.keypoints != keypoints:
        known = Skeleton(name, keypoints, edges, (_UNKNOWN_SIGMA,) * len(keypoints))
    sigmas, parts, mirror = (content.get(key) for key in ("sigmas", "parts", "mirror"))
    described = Skeleton(
        name,
        keypoints,
        edges,
        known.sigmas if sigmas is None else tuple(number(sigma, "a sigma") for sigma in sigmas),
        known.parts if parts is None else {part: _indices(at) for part, at in parts.items()},
        known.mirror if mirror is None else _indices(mirror),
    )
    return known if described == known else described


def _indices(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(whole(value, "a keypoint's index") for value in values)


def _describe(model: ModelInfo) -> dict[str, Any]:
    """Return a model as the header holds it; its skeleton stands there for all."""
    content = asdict(model)
    del content["skeleton"]
    return content


def _models(content: Mapping[str, Any], skeleton: Skeleton) -> tuple[ModelInfo, ...]:
    """Return the models; schema 1 knew one, and its files without their roles."""
    if content["schema_version"] == 1:
        return (_first_model(content["model"], skeleton),)
    models = tuple(
        ModelInfo(
            name=text(model["name"], "the model's name"),
            skeleton=skeleton,
            networks=tuple(
                NetworkInfo(
                    role=text(network["role"], "role"),
                    file=text(network["file"], "file"),
                    sha256=text(network["sha256"], "sha256"),
                    backend=text(network["backend"], "backend"),
                    device=text(network["device"], "device"),
                    precision=text(network.get("precision", ""), "precision"),
                )
                for network in model["networks"]
            ),
            person_threshold=number(model["person_threshold"], "person_threshold"),
            keypoint_threshold=number(model["keypoint_threshold"], "keypoint_threshold"),
        )
        for model in content["models"]
    )
    if not models:
        raise ValueError("it names no model")
    return models


def _first_model(content: Mapping[str, Any], skeleton: Skeleton) -> ModelInfo:
    backend = text(content.get("backend", ""), "the model's backend")
    device = text(content.get("device", ""), "the model's device")
    networks = tuple(
        NetworkInfo("", file, text(digest, "a file's digest"), backend, device)
        for file, digest in content.get("files", {}).items()
    )
    return ModelInfo(text(content["name"], "the model's name"), skeleton, networks)
