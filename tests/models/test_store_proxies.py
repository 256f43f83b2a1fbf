"""The proxies that pip and npm are set to are asked; a server on this machine is one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from limner.errors import DownloadError
from limner.models.catalogue import File, Member, Package
from limner.models.store import ensure, npm, pypi
from support.web_site import Site, serving, sha256, tarball

CONTENT = b"a network" * 99
ARCHIVE = tarball({"package/net.bin": CONTENT})
NPM_URL = "http://registry.test/npm/@maker/models/-/models-3.0.4.tgz"
INDEX = b'<html><a href="http://files.test/models-3.0.4.tar.gz">models-3.0.4.tar.gz</a></html>'


def network(purl: str, filename: str) -> File:
    package = Package(purl, filename, len(ARCHIVE), sha256(ARCHIVE))
    return File("net.bin", len(CONTENT), sha256(CONTENT), (Member(package, "package/net.bin"),))


OF_NPM = network("pkg:npm/%40maker/models@3.0.4", "maker-models-3.0.4.tgz")
OF_PYPI = network("pkg:pypi/models@3.0.4", "models-3.0.4.tar.gz")


@pytest.fixture(autouse=True)
def _no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def proxy() -> Iterator[Site]:
    """Run a proxy that knows of servers which are nowhere else."""
    with serving() as found:
        found.pages |= {
            NPM_URL: ARCHIVE,
            "http://index.test/simple/models/": INDEX,
            "http://files.test/models-3.0.4.tar.gz": ARCHIVE,
        }
        yield found


class TestNpm:
    @pytest.fixture(autouse=True)
    def home(self, npm_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("npm_config_registry", "http://registry.test/npm/")
        return npm_home

    @pytest.mark.parametrize("name", ["https-proxy", "proxy"])
    def test_its_settings_file(self, name: str, home: Path, proxy: Site) -> None:
        (home / ".npmrc").write_text(f"{name}={proxy.url}\n")
        (path,) = ensure([OF_NPM])
        assert path.read_bytes() == CONTENT
        assert proxy.asked == [NPM_URL]

    @pytest.mark.parametrize(
        "name", ["npm_config_https_proxy", "NPM_CONFIG_HTTPS_PROXY", "npm_config_proxy"]
    )
    def test_its_environment(self, name: str, proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, proxy.url.removeprefix("http://"))
        ensure([OF_NPM])
        assert proxy.asked == [NPM_URL]

    def test_it_goes_before_the_environments(
        self, proxy: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("npm_config_proxy", proxy.url)
        ensure([OF_NPM])
        assert proxy.asked == [NPM_URL]

    @pytest.mark.parametrize("empty", ["null", ""])
    def test_without_one_the_environments_counts(
        self, empty: str, home: Path, proxy: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (home / ".npmrc").write_text(f"proxy={empty}\n")
        monkeypatch.setenv("http_proxy", proxy.url)
        ensure([OF_NPM])
        assert proxy.asked == [NPM_URL]

    def test_the_one_for_https_goes_first(self, home: Path) -> None:
        (home / ".npmrc").write_text("proxy=http://one.test\nhttps-proxy=http://two.test\n")
        assert npm.locate(OF_NPM.sources[0].package).proxy == "http://two.test"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        "settings",
        [
            "proxy={proxy}\nnoproxy=other.test,127.0.0.1\n",
            "noproxy=127.0.0.1\n",
            "proxy=false\n",
        ],
    )
    def test_who_is_asked_without_it(
        self,
        settings: str,
        home: Path,
        site: Site,
        proxy: Site,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("NO_PROXY")  # which the server's fixture has set
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("npm_config_registry", f"{site.url}/npm/")
        site.pages["/npm/@maker/models/-/models-3.0.4.tgz"] = ARCHIVE
        (home / ".npmrc").write_text(settings.format(proxy=proxy.url))
        ensure([OF_NPM])
        assert proxy.asked == []

    def test_a_proxy_that_is_not_there(self, home: Path) -> None:
        """Its address, which may hold a password, is not told."""
        (home / ".npmrc").write_text("proxy=http://me:secret@127.0.0.1:9\n")
        match = r"\(registry\.test cannot be reached through the proxy that is set\)"
        with pytest.raises(DownloadError, match=match) as caught:
            ensure([OF_NPM])
        assert "secret" not in str(caught.value)


class TestPip:
    def test_its_settings(self, proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        """The index and the archive, which lies elsewhere, are asked for through it."""
        settings = [("index-url", "http://index.test/simple"), ("proxy", proxy.url)]
        monkeypatch.setattr(pypi, "_pip_settings", lambda: iter(settings))
        (path,) = ensure([OF_PYPI])
        assert path.read_bytes() == CONTENT
        assert proxy.asked == [
            "http://index.test/simple/models/",
            "http://files.test/models-3.0.4.tar.gz",
        ]

    def test_its_environment_without_it(self, proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        done = subprocess.CompletedProcess([], 1, stdout="", stderr="No module named pip")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        monkeypatch.setenv("PIP_INDEX_URL", "http://index.test/simple")
        monkeypatch.setenv("PIP_PROXY", proxy.url)
        ensure([OF_PYPI])
        assert len(proxy.asked) == 2

    def test_the_real_pips_file(
        self, proxy: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configuration = tmp_path / "pip.conf"
        configuration.write_text(
            f"[global]\nindex-url = http://index.test/simple\nproxy = {proxy.url}\n"
        )
        monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
        monkeypatch.delenv("PIP_INDEX_URL", raising=False)
        ensure([OF_PYPI])
        assert len(proxy.asked) == 2
