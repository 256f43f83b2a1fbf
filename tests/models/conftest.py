"""What the store's tests share: a server, a cache of their own, settings that are nobody's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.models.store import pypi, reach
from support.web_site import Site, serving


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Run a server on this machine that no proxy is asked for."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving() as found:
        yield found


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache."""
    folder = tmp_path / "cache" / "limner"
    monkeypatch.setenv("LIMNER_CACHE", str(folder))
    return folder


@pytest.fixture
def registries(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set pip and npm to the server; asking pip itself would take a second."""
    monkeypatch.setattr(pypi, "_pip_settings", lambda: iter([("index-url", f"{site.url}/simple/")]))
    npm_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("npm_config_registry", f"{site.url}/npm/")


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget which servers could not be reached."""
    monkeypatch.setattr(reach, "_away", {})


@pytest.fixture
def npm_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of somebody who has no settings of npm, in a folder that has none."""
    return npm_settings(monkeypatch, tmp_path)


def npm_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in [name for name in os.environ if name.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.chdir(home / "project")
    return home
