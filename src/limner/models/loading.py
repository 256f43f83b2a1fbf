"""Load a model by its name in the catalogue or by the path of a network file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limner.errors import ModelError, UsageError
from limner.models.base import Model
from limner.models.catalogue import catalogue
from limner.models.store import ensure
from limner.runtime import Runtime


def load_model(name: str, runtime: Runtime | None = None, **options: Any) -> Model:
    """Load a model, fetching its files where they are not there yet.

    Args:
        name: a name in the catalogue (``limner models``), or the path of a network file of
            the OpenPose kind (``graph_opt.pb``).
        runtime: backend, device and threads.
        **options: what the family can be told, such as ``search`` and ``max_people``.

    Raises:
        UsageError: no such model or option.
        ModelError: the file is damaged, or cannot be had.
        BackendError: the backend or device cannot run it.
    """
    path = Path(name)
    if path.suffix and (path.is_file() or "/" in name or "\\" in name):
        if not path.is_file():
            raise ModelError(f"{path}: no such network file")
        return _load_openpose(name, [path], runtime, {}, options)
    entry = catalogue().model(name)
    load = _FAMILIES[entry.family]
    return load(entry.name, ensure(entry.files), runtime, entry.settings, options)


def _load_blazepose(
    name: str,
    paths: list[Path],
    runtime: Runtime | None,
    settings: dict[str, Any],
    options: dict[str, Any],
) -> Model:
    from limner.models.blazepose import BlazePose

    options = _known(name, options, "search", "max_people")
    return BlazePose(paths, runtime, name=name, **settings, **options)


def _load_openpose(
    name: str,
    paths: list[Path],
    runtime: Runtime | None,
    settings: dict[str, Any],
    options: dict[str, Any],
) -> Model:
    from limner.models.openpose import OpenPose
    from limner.models.openpose.maps import Preprocess

    preprocess = Preprocess(**settings.get("preprocess", {}))
    options = _known(name, options, "max_people", "net_size", "flip")
    return OpenPose(paths, runtime, name=name, preprocess=preprocess, **options)


def _known(name: str, options: dict[str, Any], *allowed: str) -> dict[str, Any]:
    for option, value in options.items():
        if option not in allowed and value is not None:
            raise UsageError(
                f"model {name} has no option {option}; it has {', '.join(sorted(allowed))}"
            )
    return {key: value for key, value in options.items() if value is not None}


_FAMILIES = {"blazepose": _load_blazepose, "openpose": _load_openpose}
