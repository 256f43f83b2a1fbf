"""Packages of npm, found through the registry that the user's npm is set to.

Settings are read as npm reads them (https://docs.npmjs.com/cli/configuring-npm/npmrc); npm itself
need not be installed.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from limner.errors import DownloadError
from limner.models.catalogue import Package
from limner.models.store.download import Location

# How npm's settings are called in the environment, in any case.
_VARIABLE = "npm_config_"


def locate(package: Package) -> Location:
    """Return where a package's tarball is.

    Raises:
        DownloadError: the settings cannot be read, or name a registry with no web address.
    """
    from packageurl import PackageURL
    from packageurl.contrib import purl2url

    public: str = purl2url.get_download_url(package.purl)  # type: ignore[no-untyped-call]
    settings = read_settings()
    scope = PackageURL.from_string(package.purl).namespace
    registry = settings.get(f"{scope}:registry") or settings.get("registry")
    url = f"{registry.rstrip('/')}{urlsplit(public).path}" if registry else public
    if not url.startswith(("http://", "https://")):
        raise DownloadError(f"npm's registry is set to {registry!r}, which is no web address")
    certificates = settings.get("cafile") or True
    return Location(url, certificates, _authorization(url, settings), _proxy(url, settings))


def by_hand(package: Package) -> str:
    """Return what gives a person a package's archive."""
    from packageurl import PackageURL

    purl = PackageURL.from_string(package.purl)
    return f"npm pack {purl.namespace}/{purl.name}@{purl.version}"


def read_settings() -> dict[str, str]:
    """Return npm's settings: the environment's before the project's, the user's, the machine's.

    Raises:
        DownloadError: a file of them cannot be understood.
    """
    variables = {
        name[len(_VARIABLE) :].lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.lower().startswith(_VARIABLE) and value
    }
    npm = shutil.which("npm")
    # The machine's file is in the folder that npm is installed in.
    machine = variables.get("globalconfig") or (npm and Path(npm).parent.parent / "etc" / "npmrc")
    user = variables.get("userconfig") or Path.home() / ".npmrc"
    files = [machine, user, _project() / ".npmrc"]
    settings: dict[str, str] = {}
    for file in files:
        if file:
            settings |= _read_npmrc(Path(file))
    return settings | variables


def _project() -> Path:
    """Return the folder that npm takes for the project's: one of a package, or the current one."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "package.json").is_file() or (folder / "node_modules").is_dir():
            return folder
    return here


def _read_npmrc(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise DownloadError(f"npm's settings in {path} cannot be read ({error})") from error
    parser = configparser.ConfigParser(
        delimiters=("=",),
        comment_prefixes=("#", ";"),
        interpolation=None,
        strict=False,
        allow_no_value=True,
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        # Here a line that is indented does not go on with the one before.
        parser.read_string("[npm]\n" + "\n".join(line.strip() for line in text.splitlines()))
    except configparser.Error as error:
        raise DownloadError(
            f"npm's settings in {path} cannot be understood ({type(error).__name__})"
        ) from error
    return {key: _expand(value) for key, value in parser["npm"].items() if value}


def _expand(value: str) -> str:
    """Return a value without quotes, with what ``${NAME}`` stands for in the environment."""
    value = value.strip("\"'")
    return re.sub(r"\$\{([^}]+)\}", lambda found: os.environ.get(found[1], found[0]), value)


def _authorization(url: str, settings: dict[str, str]) -> str | None:
    """Return who asks, if the settings say so for the address's host, or a path above it there."""
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2]
    folders = address.path.split("/")[:-1]
    for depth in range(len(folders), 0, -1):
        place = f"//{host}{'/'.join(folders[:depth])}/"
        if token := settings.get(f"{place}:_authToken"):
            return f"Bearer {token}"
        if name_and_password := settings.get(f"{place}:_auth"):
            return f"Basic {name_and_password}"
    return None


def _proxy(url: str, settings: dict[str, str]) -> str | None:
    """Return the proxy to ask for an address: empty for none, None for what the environment says.

    npm asks one proxy for every address, that for https where both are set.
    """
    from requests.utils import should_bypass_proxies

    if should_bypass_proxies(url, settings.get("noproxy")):
        return ""
    given = (settings.get(name) for name in ("https-proxy", "proxy"))
    proxy = next((each for each in given if each and each != "null"), None)
    return "" if proxy == "false" else proxy
