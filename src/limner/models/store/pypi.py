"""Packages of Python, found through the index that the user's pip is set to."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from limner.errors import DownloadError
from limner.models.catalogue import Package
from limner.models.store.download import Location, RefusedError, read_page

if TYPE_CHECKING:
    from pypi_simple import ProjectPage


def locate(package: Package) -> Location:
    """Return where a package's archive is.

    Raises:
        DownloadError: no index that pip is set to has it or can be asked.
    """
    import pypi_simple
    from packageurl import PackageURL

    project = PackageURL.from_string(package.purl).name
    settings = dict(_pip_settings())
    indexes = [settings.get("index-url") or pypi_simple.PYPI_SIMPLE_ENDPOINT]
    indexes += settings.get("extra-index-url", "").split()
    verify: bool | str = settings.get("cert") or True
    proxy = settings.get("proxy") or None  # pip asks it for every address
    failure: DownloadError | None = None
    for index in indexes:
        if not index.startswith(("http://", "https://")):
            continue
        try:
            place = Location(f"{index.rstrip('/')}/{project}/", verify, proxy=proxy)
            page = _project_page(place, project)
        except DownloadError as error:
            if not (isinstance(error, RefusedError) and error.status == 404):
                failure = failure or error
            continue
        for found in page.packages:
            if found.filename == package.filename:
                return Location(found.url, verify, proxy=proxy)
    raise failure or DownloadError(
        f"{package.filename} is not in the package index that pip is set to; set PIP_INDEX_URL to "
        f"a full mirror"
    )


def by_hand(package: Package) -> str:
    """Return what gives a person a package's archive."""
    from packageurl import PackageURL

    purl = PackageURL.from_string(package.purl)
    if package.filename.endswith(".whl"):
        python, _, platform = package.filename.removesuffix(".whl").split("-")[-3:]
        only = f" --python-version {python.removeprefix('cp')} --platform {platform}"
        return (
            f"pip download --no-deps --only-binary=:all:{only if platform != 'any' else ''} "
            f"{purl.name}=={purl.version}"
        )
    # pip would try to build it.
    return f"download {package.filename} from the page of {purl.name} in the package index"


def _project_page(location: Location, project: str) -> ProjectPage:
    """Return a project's page of a package index.

    Raises:
        DownloadError: it cannot be had, or what comes is no such page.
    """
    import pypi_simple

    content, response = read_page(location, pypi_simple.ACCEPT_ANY)
    try:
        if "json" in response.headers.get("Content-Type", ""):
            return pypi_simple.ProjectPage.from_json_data(json.loads(content), response.url)
        return pypi_simple.ProjectPage.from_html(project, content, response.url)
    except Exception as error:
        # The page is whatever somebody sent.
        raise DownloadError(
            f"{location.host} sent no page of a package index ({type(error).__name__}); set "
            f"PIP_INDEX_URL to one that has {project}"
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
    for name in ("index-url", "extra-index-url", "cert", "proxy"):
        configured = os.environ.get(f"PIP_{name.replace('-', '_').upper()}")
        if configured:
            yield name, configured
