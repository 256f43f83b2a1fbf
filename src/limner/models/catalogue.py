"""What there is to fetch: the models, the samples, and the files they are made of.

The help names the default model, so this imports nothing that only reading needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from limner.errors import UsageError

DEFAULT_MODEL = "balanced"
DEMO_CLIP = "demo.mp4"


@dataclass(frozen=True)
class Wheel:
    """A public wheel that carries files.

    Attributes:
        project: the project's name in the package index.
        version: the release.
        filename: the wheel's file name.
        sha256: the wheel's digest, hexadecimal.
    """

    project: str
    version: str
    filename: str
    sha256: str


@dataclass(frozen=True)
class File:
    r"""A file that limner can fetch.

    Attributes:
        name: its name in the cache.
        size: bytes, or None where not known before it is fetched.
        sha256: digest, hexadecimal; or None where `git_blob` verifies it.
        git_blob: git's id of the contents: the SHA-1 of ``blob SIZE\0`` and the bytes.
        wheel: the wheel it is a member of, or None.
        member: its path in the wheel.
        urls: addresses to try in turn where it is in no wheel.
    """

    name: str
    size: int | None = None
    sha256: str | None = None
    git_blob: str | None = None
    wheel: Wheel | None = None
    member: str | None = None
    urls: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelEntry:
    """A pose estimator in the catalogue.

    Attributes:
        name: what ``--model`` takes.
        family: the module of limner.models that runs it.
        skeleton: name of its skeleton.
        purpose: what it is good for, in a line.
        licence: licence of the weights.
        owner: who made the weights.
        files: its files, in the order the family expects.
        settings: what else the family needs to know.
    """

    name: str
    family: str
    skeleton: str
    purpose: str
    licence: str
    owner: str
    files: tuple[File, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        """Bytes of all files together, None where one is not known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)


@dataclass(frozen=True)
class Catalogue:
    """All files and models, by name."""

    files: dict[str, File]
    models: dict[str, ModelEntry]

    def model(self, name: str) -> ModelEntry:
        """Return a model.

        Raises:
            UsageError: there is no such model.
        """
        if name not in self.models:
            import difflib

            near = difflib.get_close_matches(name, self.models, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(
                f"unknown model {name!r}: expected a network file or one of "
                f"{', '.join(self.models)}{hint}"
            )
        return self.models[name]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that comes with limner."""
    from importlib import resources

    text = resources.files("limner.models").joinpath("catalogue.toml").read_text("utf-8")
    return parse(text)


def parse(text: str) -> Catalogue:
    """Return the catalogue written in TOML."""
    import tomllib

    table = tomllib.loads(text)
    wheels = {name: Wheel(**entry) for name, entry in table.get("wheels", {}).items()}
    files = {}
    for name, entry in table.get("files", {}).items():
        wheel = wheels[entry.pop("wheel")] if "wheel" in entry else None
        urls = tuple(entry.pop("urls", ()))
        files[name] = File(name, wheel=wheel, urls=urls, **entry)
    models = {}
    for name, entry in table.get("models", {}).items():
        facts = {key: entry.pop(key) for key in ("family", "skeleton", "purpose", "licence")}
        members = tuple(files[file] for file in entry.pop("files"))
        owner = entry.pop("owner")
        models[name] = ModelEntry(name, **facts, owner=owner, files=members, settings=entry)
    return Catalogue(files, models)
