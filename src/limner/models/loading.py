"""Load a model by its name in the catalogue or by the path of a network file."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from limner.core.options import in_words
from limner.errors import ModelError, UsageError
from limner.models.base import Model
from limner.models.catalogue import ModelEntry, catalogue
from limner.models.families import FAMILIES, ModelOptions, asked, refuse_together
from limner.models.store import ensure, matches
from limner.runtime import BACKENDS, Runtime
from limner.runtime.trial import try_reading

log = logging.getLogger(__name__)


def load_model(
    name: str,
    runtime: Runtime | None = None,
    *,
    max_people: int | None = None,
    threshold: float | None = None,
    **options: Unpack[ModelOptions],
) -> Model:
    """Load a model, fetching its files where they are not there yet.

    Args:
        name: a name in the catalogue (``limner models``), or the path of a network file of
            the OpenPose kind (``graph_opt.pb``). A file whose contents are in the catalogue
            is run as its model, whatever it is called; others get RGB pixels from -127.5 to
            127.5.
        runtime: backend, device and threads.
        max_people: how many people to look for at the most; None for everyone.
        threshold: score under which a keypoint is not wanted, for what leaves it out then
            (``decode="highest"``); others give every keypoint its score.
        **options: what models of its family can be told, such as ``search``; the same names
            and values as on the command line.

    Raises:
        UsageError: no such model or option.
        ModelError: the file is damaged, or cannot be had.
        BackendError: the backend or device cannot run it.
    """
    path = _network_file(name)
    entry = catalogue().model(name) if path is None else _recognise(path)
    # What cannot be asked of it is refused before anything is fetched.
    given = _known(entry, options)
    paths = ensure(entry.files) if path is None else [path]
    wanted = asked({"max_people": max_people, "threshold": threshold})
    return _LOADERS[entry.family](entry.name, paths, runtime, {**entry.settings, **given, **wanted})


def _network_file(name: str) -> Path | None:
    """Return the path, if the user named a file and no model.

    Raises:
        ModelError: there is no such file, or no runtime reads its kind.
    """
    path = Path(name)
    # The system refuses to look some names up, which are no files then.
    there = os.path.isfile(path)
    if not path.suffix or not (there or "/" in name or "\\" in name):
        return None
    if not there:
        raise ModelError(f"{path}: no such network file")
    known = sorted({ending for endings in BACKENDS.values() for ending in endings})
    if path.suffix not in known:
        raise ModelError(
            f"{path}: expected a network file ({', '.join(known)}), got {path.suffix!r}"
        )
    return path


def _recognise(path: Path) -> ModelEntry:
    """Return the model in the catalogue that a file's contents are; else one of the file."""
    for entry in catalogue().models.values():
        if len(entry.files) == 1 and matches(entry.files[0], path):
            return entry
    try_reading(path)
    log.info("%s is not in the catalogue; it gets RGB pixels from -127.5 to 127.5", path)
    return ModelEntry(
        str(path),
        family="openpose",
        skeleton="openpose-18",
        purpose="",
        licence="",
        owner="",
        files=(),
    )


def _known(entry: ModelEntry, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that ask for something, read.

    Raises:
        UsageError: the model has no such option, the option no such value, or it does not go
            with another one.
    """
    family = FAMILIES[entry.family]
    given = asked(options)
    for name in given:
        if name not in family:
            has = ", ".join(map(in_words, sorted(family))) or "none of its own"
            others = [
                other.name
                for other in catalogue().models.values()
                if name in FAMILIES[other.family]
            ]
            raise UsageError(
                f"{in_words(name)}: model {entry.name} has no such option; it has {has}; those "
                f"with --{in_words(name)}: {', '.join(others)}"
            )
    read = {name: family[name].value(name, value) for name, value in given.items()}
    refuse_together(read)
    return read


def _load_blazepose(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.blazepose import BlazePose

    # Every keypoint is given with its score.
    options.pop("threshold", None)
    return BlazePose(paths, runtime, name=name, **options)


def _load_composed(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.composed import Composed

    # Every keypoint is given with its score.
    options.pop("threshold", None)
    return Composed(paths, runtime, name=name, **options)


def _load_movenet(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.movenet.multipose import MultiPose

    # Every keypoint is given with its score.
    options.pop("threshold", None)
    return MultiPose(paths, runtime, name=name, **options)


def _load_openpose(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.calibration import Calibration, ScoreCalibration
    from limner.models.openpose import OpenPose, Preprocess
    from limner.models.openpose.highest import HighestPoints

    threshold = options.pop("threshold", None)
    preprocess = Preprocess(**options.pop("preprocess", {}))
    calibrated = options.pop("calibration", None)
    calibration = calibrated and ScoreCalibration(
        Calibration(*calibrated["keypoints"]), Calibration(*calibrated["people"])
    )
    if options.pop("decode", "fields") == "fields":
        return OpenPose(
            paths, runtime, name=name, preprocess=preprocess, calibration=calibration, **options
        )
    # One person is not too many, whatever max_people says.
    return HighestPoints(paths, runtime, name=name, **asked({"threshold": threshold}))


_LOADERS = {
    "blazepose": _load_blazepose,
    "composed": _load_composed,
    "movenet": _load_movenet,
    "openpose": _load_openpose,
}
"""What loads the models of each family."""
