"""The first line of a recording: what was measured, on which input, by which model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from limner._version import __version__
from limner.core.info import InputInfo, ModelInfo, NetworkInfo
from limner.core.skeletons import SKELETONS, Skeleton
from limner.errors import RecordingError

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
        units: the unit of each kind of number, in words.
        program: name and version of the program that wrote the recording.
    """

    input: InputInfo
    skeleton: Skeleton
    models: tuple[ModelInfo, ...]
    options: dict[str, Any] = field(default_factory=dict)
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

    def as_dict(self) -> dict[str, Any]:
        """Return the header as a recording's first line holds it, ready for JSON."""
        rate = self.input.frame_rate
        return {
            "type": "header",
            "schema_version": SCHEMA_VERSION,
            "program": self.program,
            "input": {**asdict(self.input), "frame_rate": None if rate is None else str(rate)},
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
        if not isinstance(version, int) or version < 1:
            raise RecordingError(
                f"{source}: expected a whole number from 1 as schema_version, got {version!r}"
            )
        if version > SCHEMA_VERSION:
            raise RecordingError(
                f"{source} has schema version {version}, and this limner {__version__} reads up "
                f"to {SCHEMA_VERSION}; update limner to read it"
            )
        try:
            skeleton = _skeleton(content["skeleton"])
            return cls(
                input=_input(content["input"]),
                skeleton=skeleton,
                models=_models(content, skeleton),
                options=dict(content.get("options", {})),
                units=dict(content.get("units", _UNITS)),
                program=str(content.get("program", "")),
            )
        except KeyError as problem:
            raise RecordingError(f"{source}: its header lacks {problem}") from None
        except (TypeError, ValueError, ArithmeticError, AttributeError) as problem:
            raise RecordingError(f"{source}: its header cannot be read: {problem}") from None


def _input(content: Mapping[str, Any]) -> InputInfo:
    rate, count, duration = (content.get(k) for k in ("frame_rate", "frame_count", "duration"))
    return InputInfo(
        path=str(content["path"]),
        width=int(content["width"]),
        height=int(content["height"]),
        frame_rate=None if rate is None else Fraction(str(rate)),
        frame_count=None if count is None else int(count),
        duration=None if duration is None else float(duration),
        rotation=int(content.get("rotation") or 0),
        title=_text(content.get("title")),
        created=_text(content.get("created")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _skeleton(content: Mapping[str, Any]) -> Skeleton:
    """Build the skeleton the header describes; it is one of ours where it says the same.

    What older files do not say (schema 1) is taken from ours of the same name and keypoints;
    of an unknown skeleton nothing is known to be left or right.
    """
    name = str(content["name"])
    keypoints = tuple(str(each) for each in content["keypoints"])
    edges = tuple((int(start), int(end)) for start, end in content["edges"])
    known = SKELETONS.get(name)
    if known is None or known.keypoints != keypoints:
        known = Skeleton(name, keypoints, edges, (_UNKNOWN_SIGMA,) * len(keypoints))
    sigmas, parts, mirror = (content.get(key) for key in ("sigmas", "parts", "mirror"))
    described = Skeleton(
        name,
        keypoints,
        edges,
        known.sigmas if sigmas is None else tuple(map(float, sigmas)),
        known.parts if parts is None else {part: _indices(at) for part, at in parts.items()},
        known.mirror if mirror is None else _indices(mirror),
    )
    return known if described == known else described


def _indices(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


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
            name=str(model["name"]),
            skeleton=skeleton,
            networks=tuple(
                NetworkInfo(*(str(network[key]) for key in NetworkInfo.__dataclass_fields__))
                for network in model["networks"]
            ),
            person_threshold=float(model["person_threshold"]),
            keypoint_threshold=float(model["keypoint_threshold"]),
        )
        for model in content["models"]
    )
    if not models:
        raise ValueError("it names no model")
    return models


def _first_model(content: Mapping[str, Any], skeleton: Skeleton) -> ModelInfo:
    runs_on = str(content.get("backend", "")), str(content.get("device", ""))
    networks = tuple(
        NetworkInfo("", str(file), str(digest), *runs_on)
        for file, digest in content.get("files", {}).items()
    )
    return ModelInfo(str(content["name"]), skeleton, networks)
