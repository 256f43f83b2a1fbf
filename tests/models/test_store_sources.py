"""A file has several sources: they are tried in order, and a package is fetched once."""

from __future__ import annotations

import io
import logging
import socket
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest

from limner.errors import DownloadError
from limner.models.catalogue import Address, File, Member, Package
from limner.models.store import ensure, reach
from limner.models.store.reach import is_reachable
from support.web_site import Site, serving, sha256, tarball

pytestmark = pytest.mark.usefixtures("registries", "cache")

NETWORKS = {
    f"{name}{ending}": f"{name}{ending}".encode() * 999
    for name in ("nano", "move")
    for ending in (".json", ".bin")
}
TARBALL = tarball({f"package/models/{name}": content for name, content in NETWORKS.items()})
HALF = TARBALL[: len(TARBALL) // 2]
NPM = "/npm/@maker/models/-/models-3.0.4.tgz"


def package(content: bytes = TARBALL) -> Package:
    return Package(
        "pkg:npm/%40maker/models@3.0.4", "maker-models-3.0.4.tgz", len(content), sha256(content)
    )


def files(*hosts: str, content: bytes = TARBALL) -> list[File]:
    """Return the networks' files, each at some hosts and in the package."""
    return [
        File(
            name,
            len(network),
            sha256(network),
            (
                *(Address(f"{host}/raw/{name}") for host in hosts),
                Member(package(content), f"package/models/{name}"),
            ),
        )
        for name, network in NETWORKS.items()
    ]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_the_small_downloads_are_enough(site: Site) -> None:
    site.pages |= {f"/raw/{name}": content for name, content in NETWORKS.items()}
    paths = ensure(files(site.url))
    assert [path.read_bytes() for path in paths] == list(NETWORKS.values())
    assert site.asked == [f"/raw/{name}" for name in NETWORKS]


def test_what_they_lack_comes_out_of_one_package(site: Site, cache: Path) -> None:
    site.pages |= {"/raw/nano.bin": NETWORKS["nano.bin"], NPM: TARBALL}
    paths = ensure(files("http://127.0.0.1:9", site.url))
    assert [path.read_bytes() for path in paths] == list(NETWORKS.values())
    assert site.asked == [*(f"/raw/{name}" for name in NETWORKS), NPM]
    assert left_in(cache) == sorted(NETWORKS)


def test_what_is_fetched_and_how_much_is_told(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Each failure once."""
    site.pages[NPM] = TARBALL
    with caplog.at_level(logging.INFO, "limner"):
        ensure(files("http://127.0.0.1:9"))
    assert caplog.messages == [
        "127.0.0.1 cannot be reached",
        f"fetching nano.json, nano.bin, move.json, move.bin in maker-models-3.0.4.tgz from "
        f"127.0.0.1, {len(TARBALL) / 1e6:.1f} MB",
    ]


@pytest.mark.parametrize("content", [b"", b"short", TARBALL[:-1], bytes(len(TARBALL))])
def test_a_source_that_sends_something_else_gives_way(site: Site, content: bytes) -> None:
    """Contents, length and end are those that were expected, or the next source is asked."""
    site.pages |= {f"/raw/{name}": content[: len(NETWORKS[name])] for name in NETWORKS}
    site.pages[NPM] = TARBALL
    ensure(files(site.url))
    assert site.asked[-1] == NPM


def test_a_download_that_is_broken_off(site: Site, cache: Path) -> None:
    site.pages[NPM] = TARBALL
    site.broken_off.add(NPM)
    with pytest.raises(DownloadError) as caught:
        ensure(files())
    assert "127.0.0.1 broke the connection off" in str(caught.value)
    assert "npm pack @maker/models@3.0.4, then save out of maker-models-3.0.4.tgz" in str(
        caught.value
    )
    assert f"package/models/nano.bin as {cache / 'nano.bin'}" in str(caught.value)
    assert left_in(cache) == []


@pytest.mark.parametrize(
    ("sent", "expected", "match"),
    [
        (TARBALL[:-9], TARBALL, r"127\.0\.0\.1 sent [0-9,]+ of the [0-9,]+ bytes of maker-models"),
        (bytes(len(TARBALL)), TARBALL, r"maker-models-3.0.4.tgz from 127.0.0.1 is not what it sh"),
        (HALF, HALF, r"maker-models-3\.0\.4\.tgz cannot be read as an archive"),
        (tarball({"../a": b""}), tarball({"../a": b""}), r"a member whose path leads out of it"),
        (tarball({"/etc/a": b""}), tarball({"/etc/a": b""}), r"member whose path leads out of it"),
        (tarball({}), tarball({}), r"package/models/nano\.json.* is not in maker-models"),
    ],
)
def test_bad_tarballs_are_a_sentence(
    sent: bytes, expected: bytes, match: str, site: Site, cache: Path
) -> None:
    site.pages[NPM] = sent
    with pytest.raises(DownloadError, match=match) as caught:
        ensure(files(content=expected))
    assert "\n" not in str(caught.value)
    assert left_in(cache) == []


def test_a_member_with_other_contents(site: Site, cache: Path) -> None:
    changed = tarball({f"package/models/{n}": bytes(len(c)) for n, c in NETWORKS.items()})
    site.pages[NPM] = changed
    match = r"package/models/nano\.json in maker-models-3\.0\.4\.tgz is not what it should be: exp"
    with pytest.raises(DownloadError, match=match):
        ensure(files(content=changed))
    assert left_in(cache) == []


def test_every_failure_is_told_and_what_came_is_kept(site: Site, cache: Path) -> None:
    site.pages["/raw/nano.json"] = NETWORKS["nano.json"]
    with pytest.raises(DownloadError) as caught:
        ensure(files("http://127.0.0.1:9", site.url))
    message = str(caught.value)
    assert message.startswith(
        "nano.bin, move.json, move.bin could not be fetched (127.0.0.1 cannot be reached; "
        "127.0.0.1 answered 404 Not Found); by hand, on a machine with network: npm pack"
    )
    assert left_in(cache) == ["nano.json"]


def test_a_token_goes_to_its_host_alone(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not along to where the registry sends us on to, and not to other sources."""
    place = site.url.removeprefix("http:")
    (tmp_path / "npmrc").write_text(f"{place}/npm/:_authToken=secret\n")
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    with serving() as elsewhere:
        other = elsewhere.url.replace("127.0.0.1", "localhost")
        site.moved[NPM] = f"{other}/store.tgz"
        elsewhere.pages["/store.tgz"] = TARBALL
        ensure(files(site.url))
        assert site.tokens[NPM] == "Bearer secret"
        assert site.tokens["/raw/nano.json"] is None
        assert elsewhere.tokens == {"/store.tgz": None}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("level", "shown"), [("INFO", True), ("WARNING", False)])
def test_a_terminal_shows_a_bar_unless_it_is_to_be_quiet(
    level: str,
    shown: bool,
    site: Site,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.pages[NPM] = TARBALL
    stderr = Terminal()
    monkeypatch.setattr("sys.stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with caplog.at_level(level, "limner"):
        ensure(files())
    assert ("bytes" in stderr.getvalue()) == shown


class TestReach:
    """A network that swallows what is sent costs seconds, once."""

    @pytest.fixture
    def hole(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Let connections neither be accepted nor refused; return where they went."""
        tried = []

        def connect(address: tuple[str, int], timeout: float) -> socket.socket:
            tried.append(address[0])
            Event().wait(timeout)
            raise TimeoutError

        monkeypatch.setattr(reach, "CONNECT_SECONDS", 0.2)
        monkeypatch.setattr("socket.create_connection", connect)
        monkeypatch.setattr(
            "socket.getaddrinfo",
            lambda *_, **__: [(0, 0, 0, "", (f"192.0.2.{n}", 443)) for n in range(8)],
        )
        return tried

    def test_all_addresses_are_tried_at_once_and_once(self, hole: list[str]) -> None:
        assert not is_reachable("https://hole.test/a")
        assert sorted(hole) == [f"192.0.2.{n}" for n in range(8)]
        assert not is_reachable("https://hole.test/b")
        assert len(hole) == 8
        assert not is_reachable("https://another.test/")
        assert len(hole) == 16

    def test_it_is_tried_again_later(
        self, hole: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not is_reachable("https://hole.test/")
        reach._away[("hole.test", 443)] -= 1000
        assert not is_reachable("https://hole.test/")
        assert len(hole) == 16

    def test_a_look_up_that_does_not_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        end = Event()
        monkeypatch.setattr(reach, "CONNECT_SECONDS", 0.1)
        monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: end.wait(60) and [])
        assert not is_reachable("https://lost.test/")
        end.set()

    def test_what_is_asked_is_the_proxy_on_the_way(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("https_proxy", site.url)
        assert is_reachable("https://nowhere.invalid/")
        monkeypatch.setenv("https_proxy", "127.0.0.1:9")
        assert not is_reachable("https://elsewhere.invalid/")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert is_reachable(site.url)

    def test_a_server_that_accepts_and_is_silent_costs_its_wait_once(
        self, site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As where a firewall answers for a server and lets nothing through."""
        monkeypatch.setattr("limner.models.store.download._PATIENCE", 0.2)
        site.pages[NPM] = TARBALL
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(0)
            ensure(files(f"http://127.0.0.1:{silent.getsockname()[1]}"))
            connections = 0
            with suppress(BlockingIOError):
                while True:
                    silent.accept()[0].close()
                    connections += 1
        assert connections == 2  # whether it can be reached, and the one file
        assert left_in(cache) == sorted(NETWORKS)
