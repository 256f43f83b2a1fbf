"""Packages of npm are looked up where the user's npm would look, with the user's own tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import DownloadError
from limner.models.catalogue import Package
from limner.models.store import npm
from limner.models.store.download import Location

TOYS = Package("pkg:npm/%40maker/toys@1.0.2", "maker-toys-1.0.2.tgz", 1, "0" * 64)
PATH = "@maker/toys/-/toys-1.0.2.tgz"
MIRROR = f"https://mirror.test/npm/{PATH}"


@pytest.fixture(autouse=True)
def home(npm_home: Path) -> Path:
    return npm_home


def test_without_settings_it_is_the_public_registry() -> None:
    found = npm.locate(TOYS)
    assert found.url.startswith("https://")
    assert found.url.endswith(f"/{PATH}")
    assert (found.verify, found.authorization) == (True, None)
    assert npm.by_hand(TOYS) == "npm pack @maker/toys@1.0.2"


@pytest.mark.parametrize("name", ["npm_config_registry", "NPM_CONFIG_REGISTRY"])
def test_the_environment_names_another(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "https://mirror.test/npm/")
    assert npm.locate(TOYS) == Location(MIRROR)


def test_a_scope_has_a_registry_of_its_own(home: Path) -> None:
    (home / ".npmrc").write_text(
        "registry=https://all.test/\n@maker:registry = https://mirror.test/npm\n"
    )
    assert npm.locate(TOYS).url == MIRROR
    other = Package("pkg:npm/toys@1.0.2", "toys-1.0.2.tgz", 1, "0" * 64)
    assert npm.locate(other).url == "https://all.test/toys/-/toys-1.0.2.tgz"


def test_what_is_nearer_counts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = home / "npmrc"
    machine.write_text("registry=https://machine.test\ncafile=/all/certificates.pem\n")
    monkeypatch.setenv("npm_config_globalconfig", str(machine))
    assert npm.locate(TOYS).url == f"https://machine.test/{PATH}"
    (home / ".npmrc").write_text("registry=https://user.test\n")
    assert npm.locate(TOYS).url == f"https://user.test/{PATH}"
    (home / "project" / ".npmrc").write_text("registry=https://project.test\n")
    assert npm.locate(TOYS).url == f"https://project.test/{PATH}"
    monkeypatch.setenv("npm_config_registry", "https://here.test")
    assert npm.locate(TOYS) == Location(f"https://here.test/{PATH}", "/all/certificates.pem")


def test_a_projects_settings_are_beside_its_package(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "project" / ".npmrc").write_text("registry=https://project.test\n")
    (home / "project" / "package.json").write_text("{}")
    inner = home / "project" / "clips" / "today"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert npm.locate(TOYS).url == f"https://project.test/{PATH}"


def test_the_users_file_may_lie_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "mine").write_text("registry=https://mirror.test/npm\n")
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(home / "mine"))
    assert npm.locate(TOYS).url == MIRROR


def test_how_it_is_written(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "mirror.test")
    (home / ".npmrc").write_text(
        "\ufeff; a comment\n# another\nfund\n  registry = 'https://${WHERE}/npm/'\n\tproxy = null\n"
        "//mirror.test/npm/:_authToken=${UNKNOWN}\n[elsewhere]\nregistry=https://not.test\n",
        encoding="utf-8",
    )
    assert npm.locate(TOYS) == Location(MIRROR, True, "Bearer ${UNKNOWN}")


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("//mirror.test/npm/:_authToken=abc", "Bearer abc"),
        ("//mirror.test/:_authToken=abc", "Bearer abc"),
        ("//mirror.test/npm/@maker/:_authToken=abc", "Bearer abc"),
        ("//mirror.test/npm/:_auth=bWU6c2VjcmV0", "Basic bWU6c2VjcmV0"),
        ("//mirror.test:8443/npm/:_authToken=abc", None),
        ("//mirror.test/other/:_authToken=abc", None),
        ("//mirror.test/np/:_authToken=abc", None),
        ("//test/:_authToken=abc", None),
        ("//mirror.test.evil/:_authToken=abc", None),
        ("//:_authToken=abc", None),
        ("_authToken=abc", None),
    ],
)
def test_a_token_is_for_one_host(line: str, sent: str | None, home: Path) -> None:
    (home / ".npmrc").write_text(f"registry=https://mirror.test/npm\n{line}\n")
    assert npm.locate(TOYS) == Location(MIRROR, True, sent)


def test_what_is_no_web_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "mirror.test")
    with pytest.raises(DownloadError, match=r"set to 'mirror\.test', which is no web address"):
        npm.locate(TOYS)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"= nothing\n"])
def test_settings_that_cannot_be_read(content: bytes, home: Path) -> None:
    (home / ".npmrc").write_bytes(content)
    with pytest.raises(DownloadError, match=r"npm's settings in .*\.npmrc cannot be"):
        npm.locate(TOYS)
