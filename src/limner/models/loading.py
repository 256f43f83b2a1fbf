"""Load a model by its name in the catalogue or by the path of a network file."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from limner.errors import ModelError, UsageError
from limner.models.base import Model
from limner.models.catalogue import File, ModelEntry, catalogue
from limner.models.store import ensure, matches
from limner.runtime import BACKENDS, Runtime

log = logging.getLogger(__name__)

TUTORIAL_MODEL = "openpose-mobilenet-thin"


def load_model(name: str, runtime: Runtime | None = None, **options: Any) -> Model:
    """Load a model, fetching its files where they are not there yet.

    Args:
        name: a name in the catalogue (``limner models``), or the path of a network file of
            the OpenPose kind (``graph_opt.pb``). A file whose contents are in the catalogue
            is run as its model, whatever it is called; others get the pixels that the
            OpenCV tutorial gives its network.
        runtime: backend, device and threads.
        **options: what the family can be told, such as ``search`` and ``max_people``.

    Raises:
        UsageError: no such model or option.
        ModelError: the file is damaged, or cannot be had.
        BackendError: the backend or device cannot run it.
    """
    path = _network_file(name)
    entry = catalogue().model(name) if path is None else _recognise(path)
    load, allowed = _FAMILIES[entry.family]
    # What cannot be asked of it is refused before anything is fetched.
    given = _known(entry.name, options, allowed)
    paths = ensure(entry.files) if path is None else [path]
    return load(entry.name, paths, runtime, {**entry.settings, **given})


def load_tutorial(
    name: str | None = None, runtime: Runtime | None = None, *, threshold: float | None = None
) -> Model:
    """Load a network to be run as the OpenCV tutorial runs it.

    Args:
        name: an OpenPose model in the catalogue or the path of a network file; None for the
            tutorial's own.
        runtime: backend, device and threads.
        threshold: heatmap value a keypoint must exceed; None for the tutorial's.

    Raises:
        UsageError: no such model, or not one of OpenPose's.
        ModelError: the file is damaged, or cannot be had.
        BackendError: the backend or device cannot run it.
    """
    from limner.models.openpose import Tutorial

    options = {} if threshold is None else {"threshold": threshold}
    path = None if name is None else _network_file(name)
    entry = _recognise(path) if path else catalogue().model(name or TUTORIAL_MODEL)
    if entry.family != "openpose":
        raise UsageError(
            f"tutorial: expected an OpenPose network, and model {entry.name} is none; leave the "
            f"model out, or give a graph_opt.pb"
        )
    paths = [path] if path else ensure(entry.files)
    return Tutorial(paths, runtime, name=entry.name, **options)


def _network_file(name: str) -> Path | None:
    """Return the path, if the user named a file and no model.

    Raises:
        ModelError: there is no such file, or no runtime reads its kind.
    """
    path = Path(name)
    if not path.suffix or not (path.is_file() or "/" in name or "\\" in name):
        return None
    if not path.is_file():
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
    log.info("%s is not in the catalogue; it gets pixels as the tutorial's network does", path)
    return ModelEntry(
        str(path),
        family="openpose",
        skeleton="openpose-18",
        purpose="",
        licence="",
        owner="",
        files=(File(path.name),),
    )


def _load_blazepose(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.blazepose import BlazePose

    return BlazePose(paths, runtime, name=name, **options)


def _load_openpose(
    name: str, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.openpose import OpenPose
    from limner.models.openpose.maps import Preprocess

    preprocess = Preprocess(**options.pop("preprocess", {}))
    return OpenPose(paths, runtime, name=name, preprocess=preprocess, **options)


def _known(name: str, options: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """Return the options that are given.

    Raises:
        UsageError: the model has no such option.
    """
    given = {option: value for option, value in options.items() if value is not None}
    for option in given:
        if option not in allowed:
            names = [each.replace("_", "-") for each in (option, *allowed)]
            raise UsageError(
                f"{names[0]}: model {name} has no such option; it has {', '.join(names[1:])}"
            )
    return given


# What loads a family, and what can be asked of it.
_FAMILIES = {
    "blazepose": (_load_blazepose, ("max_people", "search")),
    "openpose": (_load_openpose, ("flip", "max_people", "net_size")),
}
