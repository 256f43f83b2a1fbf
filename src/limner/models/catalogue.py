"""What there is to fetch: the models, the samples, and the files they are made of.

The help names the default model, so this imports nothing that only reading needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from limner.errors import UsageError

DEFAULT_MODEL = "balanced"
DEMO_CLIP = "demo.mp4"


@dataclass(frozen=True)
class Package:
    """A release of a public package that carries files.

    Attributes:
        purl: its package URL: the registry's type, the package's name and version (see
            https://github.com/package-url/purl-spec).
        filename: name of the archive.
        size: bytes of the archive.
        sha256: digest of the archive, hexadecimal.
    """

    purl: str
    filename: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Address:
    """A source of a file: a pinned public address.

    Attributes:
        url: the address.
    """

    url: str


@dataclass(frozen=True)
class Member:
    """A source of a file: a package that it lies in.

    Attributes:
        package: the package.
        path: the file's path in the package's archive.
    """

    package: Package
    path: str


Source: TypeAlias = Address | Member


@dataclass(frozen=True)
class File:
    """A file that limner can fetch.

    Attributes:
        name: its name in the cache.
        size: bytes.
        sha256: digest, hexadecimal.
        sources: where it may come from, in the order to try them.
    """

    name: str
    size: int
    sha256: str
    sources: tuple[Source, ...]


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
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


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
    packages = {name: Package(**entry) for name, entry in table.get("packages", {}).items()}
    files = {}
    for name, entry in table.get("files", {}).items():
        sources = tuple(_source(source, packages) for source in entry.pop("sources"))
        files[name] = File(name, sources=sources, **entry)
    models = {}
    for name, entry in table.get("models", {}).items():
        facts = {key: entry.pop(key) for key in ("family", "skeleton", "purpose", "licence")}
        members = tuple(files[file] for file in entry.pop("files"))
        owner = entry.pop("owner")
        models[name] = ModelEntry(name, **facts, owner=owner, files=members, settings=entry)
    return Catalogue(files, models)


def _source(entry: dict[str, str], packages: dict[str, Package]) -> Source:
    """Return a source: the entry has a url, or a package and the member in it."""
    if "url" in entry:
        return Address(entry["url"])
    return Member(packages[entry["package"]], entry["member"])
