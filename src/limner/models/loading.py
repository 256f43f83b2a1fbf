"""Load a model by its name in the catalogue or by the path of a network file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limner.errors import ModelError, UsageError
from limner.models.base import Model
from limner.models.catalogue import ModelEntry, catalogue
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
        return _openpose(name, path, runtime, {}, options)
    entry = catalogue().model(name)
    paths = ensure(entry.files)
    return _FAMILIES[entry.family](entry, paths, runtime, options)


def _load_blazepose(
    entry: ModelEntry, paths: list[Path], runtime: Runtime | None, options: dict[str, Any]
) -> Model:
    from limner.models.blazepose import BlazePose

    return BlazePose(paths, runtime, name=entry.name, **_known(entry.name, options, _BLAZEPOSE))


_BLAZEPOSE = frozenset({"search", "max_people"})


def _known(name: str, options: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    for option, value in options.items():
        if option not in allowed and value is not None:
            raise UsageError(
                f"model {name} has no option {option}; it has {', '.join(sorted(allowed))}"
            )
    return {key: value for key, value in options.items() if value is not None}


_FAMILIES = {"blazepose": _load_blazepose}
