"""The store fetches, verifies and keeps files, and says in a sentence what is in its way."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from limner.core.skeletons import SKELETONS
from limner.errors import DownloadError, ModelError, UsageError
from limner.models import store
from limner.models.catalogue import (
    DEFAULT_MODEL,
    DEMO_CLIP,
    Address,
    Catalogue,
    File,
    catalogue,
    parse,
)
from limner.models.store import pypi
from limner.system.cache import cache_folder
from support.web_site import Site, sha256

pytestmark = pytest.mark.usefixtures("cache")
SHA256 = re.compile("[0-9a-f]{64}")

WEIGHTS = {"toys/one.tflite": b"first weights" * 999, "toys/two.tflite": b"second weights" * 99}
GRAPH = b"a frozen graph" * 99


@pytest.fixture
def wheel(site: Site, tmp_path: Path) -> bytes:
    """Offer a wheel of made-up weights in the index."""
    path = tmp_path / "toys.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("toys/__init__.py", "")
        for name, content in WEIGHTS.items():
            archive.writestr(name, content)
    content = path.read_bytes()
    name = "toys-1.0-py3-none-any.whl"
    link = f'<a href="../../files/{name}#sha256={sha256(content)}">{name}</a>'
    site.pages["/simple/toys/"] = f"<html><body>{link}</body></html>".encode()
    site.pages[f"/files/{name}"] = content
    return content


@pytest.fixture
def index(registries: None) -> None:
    """Set pip to the made-up index."""


def entry(archive: bytes, **digests: str) -> Catalogue:
    one, two = WEIGHTS.values()
    text = f"""
        [packages.toys]
        purl = "pkg:pypi/toys@1.0"
        filename = "toys-1.0-py3-none-any.whl"
        size = {len(archive)}
        sha256 = "{digests.get("wheel", sha256(archive))}"

        [files."one.tflite"]
        size = {len(one)}
        sha256 = "{digests.get("one", sha256(one))}"
        sources = [{{ package = "toys", member = "toys/one.tflite" }}]

        [files."two.tflite"]
        size = {len(two)}
        sha256 = "{sha256(two)}"
        sources = [{{ package = "toys", member = "toys/two.tflite" }}]

        [models.toy]
        family = "blazepose"
        skeleton = "blazepose-33"
        purpose = "to play with"
        licence = "Apache-2.0"
        owner = "nobody"
        files = ["one.tflite", "two.tflite"]
        preprocess = {{ mean = 127.5 }}
    """
    return parse(text)


def files_of(catalogue: Catalogue) -> tuple[File, ...]:
    return catalogue.model("toy").files


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


class TestCatalogue:
    def test_every_file_can_be_fetched_and_verified(self) -> None:
        found = catalogue()
        assert DEMO_CLIP in found.files
        for file in found.files.values():
            assert file.size
            assert SHA256.fullmatch(file.sha256)
            assert file.sources
            for source in file.sources:
                if isinstance(source, Address):
                    # Pinned to a commit: what lies there cannot change.
                    assert re.match(r"https://.*/[0-9a-f]{40}/", source.url)
                else:
                    assert SHA256.fullmatch(source.package.sha256)
                    assert source.package.size > 0
                    assert re.match(r"pkg:(npm|pypi)/.*@[0-9]", source.package.purl)

    def test_a_network_and_its_weights_come_from_the_same_places(self) -> None:
        files = catalogue().files
        models = [name.removesuffix(".json") for name in files if name.endswith(".json")]
        assert {"nanodet", "movenet-thunder", "movenet-lightning"} <= set(models)
        for name in models:
            places = [
                [getattr(source, "package", None) for source in files[f"{name}{ending}"].sources]
                for ending in (".json", ".bin")
            ]
            assert places[0] == places[1]

    def test_every_model_says_what_a_user_wants_to_know(self) -> None:
        models = catalogue().models
        assert DEFAULT_MODEL in models
        for model in models.values():
            assert model.skeleton in SKELETONS
            assert model.purpose
            assert model.licence
            assert model.owner
            assert model.files

    def test_settings_and_sizes(self) -> None:
        model = entry(b"").model("toy")
        assert model.settings == {"preprocess": {"mean": 127.5}}
        assert [file.name for file in model.files] == ["one.tflite", "two.tflite"]
        assert model.size == sum(map(len, WEIGHTS.values()))
        assert catalogue().model("blazepose-full").size == 2959046 + 6440512 + 229714

    def test_an_unknown_model_names_the_known_and_the_nearest(self) -> None:
        with pytest.raises(UsageError, match=r"unknown model 'toi': .*one of toy; did you mean"):
            entry(b"").model("toi")


@pytest.mark.usefixtures("index")
class TestWheels:
    def test_members_are_fetched_and_kept(self, site: Site, wheel: bytes, cache: Path) -> None:
        paths = store.ensure(files_of(entry(wheel)))
        assert paths == [cache / "one.tflite", cache / "two.tflite"]
        assert [path.read_bytes() for path in paths] == list(WEIGHTS.values())
        assert left_in(cache) == ["one.tflite", "two.tflite"]  # no wheel, no temporary file
        assert site.asked.count("/files/toys-1.0-py3-none-any.whl") == 1

    def test_what_is_there_needs_no_network(
        self, site: Site, wheel: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = files_of(entry(wheel))
        first = store.ensure(files)
        site.asked.clear()
        monkeypatch.setattr(pypi, "_pip_settings", lambda: pytest.fail("went online"))
        assert store.ensure(files) == first
        assert site.asked == []

    def test_only_what_is_missing_is_fetched(self, wheel: bytes, cache: Path) -> None:
        files = files_of(entry(wheel))
        one, two = store.ensure(files)
        stamp = one.stat().st_mtime_ns
        two.unlink()
        store.ensure(files)
        assert two.read_bytes() == WEIGHTS["toys/two.tflite"]
        assert one.stat().st_mtime_ns == stamp

    def test_another_wheel_is_refused(self, wheel: bytes, cache: Path) -> None:
        expected = "1" * 64
        with pytest.raises(DownloadError) as caught:
            store.ensure(files_of(entry(wheel, wheel=expected)))
        for part in ("toys-1.0-py3-none-any.whl", expected, sha256(wheel), "by hand"):
            assert part in str(caught.value)
        assert left_in(cache) == []

    def test_another_member_is_refused(self, wheel: bytes, cache: Path) -> None:
        expected, got = "2" * 64, sha256(WEIGHTS["toys/one.tflite"])
        with pytest.raises(DownloadError, match=f"expected sha256 {expected}, got sha256 {got}"):
            store.ensure(files_of(entry(wheel, one=expected)))
        assert left_in(cache) == []

    def test_a_changed_file_in_the_cache_is_refused(self, wheel: bytes) -> None:
        files = files_of(entry(wheel))
        path = store.ensure(files)[0]
        path.write_bytes(b"tampered")
        with pytest.raises(ModelError) as caught:
            store.ensure(files)
        message = str(caught.value)
        assert f"expected sha256 {files[0].sha256}, got sha256 {sha256(b'tampered')}" in message
        assert f"{path} is damaged or was changed" in message
        assert path.read_bytes() == b"tampered"
        path.unlink()
        assert store.ensure(files)[0].read_bytes() == WEIGHTS["toys/one.tflite"]

    def test_an_index_without_the_wheel(self, site: Site, cache: Path) -> None:
        site.pages["/simple/toys/"] = b"<html><body></body></html>"
        with pytest.raises(DownloadError, match=r"toys-1.0-py3-none-any.whl is not in the package"):
            store.ensure(files_of(entry(b"")))

    def test_an_index_without_the_project(self, site: Site) -> None:
        with pytest.raises(DownloadError, match="set PIP_INDEX_URL to a full mirror"):
            store.ensure(files_of(entry(b"")))

    def test_a_wheel_that_is_listed_but_gone(self, site: Site, wheel: bytes, cache: Path) -> None:
        del site.pages["/files/toys-1.0-py3-none-any.whl"]
        with pytest.raises(DownloadError, match=r"127\.0\.0\.1 answered 404 Not Found"):
            store.ensure(files_of(entry(wheel)))
        assert left_in(cache) == []


def test_without_a_network_there_is_a_manual_way(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    settings = [("index-url", "http://me:secret@127.0.0.1:9/")]
    monkeypatch.setattr(pypi, "_pip_settings", lambda: iter(settings))
    with pytest.raises(DownloadError) as caught:
        store.ensure(files_of(entry(b"")))
    message = str(caught.value)
    assert message == (
        "one.tflite, two.tflite could not be fetched (127.0.0.1 cannot be reached); by hand, on a "
        "machine with network: pip download --no-deps --only-binary=:all: toys==1.0, then save out "
        f"of toys-1.0-py3-none-any.whl toys/one.tflite as {cache / 'one.tflite'} and "
        f"toys/two.tflite as {cache / 'two.tflite'}"
    )
    assert left_in(cache) == []


def test_a_further_index_is_asked_when_the_first_is_out_of_reach(
    site: Site, wheel: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "index-url": "http://127.0.0.1:9/",
        "extra-index-url": f"file:///nowhere {site.url}/simple/",
    }
    monkeypatch.setattr(pypi, "_pip_settings", lambda: iter(settings.items()))
    assert all(path.is_file() for path in store.ensure(files_of(entry(wheel))))


class TestAddresses:
    def file(self, *urls: str, content: bytes = GRAPH) -> File:
        return File("graph.pb", len(content), sha256(content), tuple(map(Address, urls)))

    def test_they_are_tried_in_turn(self, site: Site) -> None:
        site.pages["/second.pb"] = GRAPH
        urls = ("http://127.0.0.1:9/a.pb", f"{site.url}/first.pb", f"{site.url}/second.pb")
        (path,) = store.ensure([self.file(*urls)])
        assert path.read_bytes() == GRAPH
        assert site.asked == ["/first.pb", "/second.pb"]

    def test_what_comes_instead_is_refused(self, site: Site, cache: Path) -> None:
        site.pages["/graph.pb"] = bytes(reversed(GRAPH))
        with pytest.raises(DownloadError, match=r"expected sha256 .* got sha256 .*; by hand"):
            store.ensure([self.file(f"{site.url}/graph.pb")])
        assert left_in(cache) == []

    def test_when_all_fail_each_reason_and_the_manual_way_are_told(
        self, site: Site, cache: Path
    ) -> None:
        urls = ("http://127.0.0.1:9/a.pb", f"{site.url}/b.pb")
        with pytest.raises(DownloadError) as caught:
            store.ensure([self.file(*urls)])
        assert str(caught.value) == (
            "graph.pb could not be fetched (127.0.0.1 cannot be reached; 127.0.0.1 answered 404 "
            f"Not Found); by hand, on a machine with network: save {urls[0]} or {urls[1]} as "
            f"{cache / 'graph.pb'}"
        )

    def test_no_address_may_be_nonsense(self, cache: Path) -> None:
        for url in ("https://", "nonsense", "http://[::1", "https://a\u2028b/x"):
            with pytest.raises(DownloadError, match=r"graph\.pb could not be fetched"):
                store.ensure([self.file(url)])


class TestCacheFolder:
    def test_the_environment_names_it(self, cache: Path) -> None:
        assert cache_folder() == cache

    def test_else_it_is_the_users_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LIMNER_CACHE")
        assert "limner" in cache_folder().parts
        assert cache_folder().is_absolute()

    @pytest.mark.usefixtures("index")
    def test_one_that_cannot_be_made_is_a_sentence(
        self, tmp_path: Path, wheel: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "file").write_text("not a folder")
        monkeypatch.setenv("LIMNER_CACHE", str(tmp_path / "file" / "cache"))
        with pytest.raises(DownloadError, match=r"cannot be stored in .*; set LIMNER_CACHE to a"):
            store.ensure(files_of(entry(wheel)))

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere"
    )
    @pytest.mark.usefixtures("index")
    def test_one_that_cannot_be_written_is_a_sentence(self, cache: Path, wheel: bytes) -> None:
        cache.mkdir(parents=True)
        cache.chmod(0o500)
        with pytest.raises(DownloadError, match=r"Permission denied.*LIMNER_CACHE"):
            store.ensure(files_of(entry(wheel)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
@pytest.mark.usefixtures("index")
def test_what_a_killed_process_left_is_cleared(wheel: bytes, cache: Path) -> None:
    files = files_of(entry(wheel))
    left = cache / ".fetch-abcdefgh" / "members"
    left.mkdir(parents=True)
    (left / "half.tflite").write_bytes(b"half")
    store.ensure(files)
    store.ensure(files)
    assert [path.name for path in cache.iterdir() if path.name.startswith(".")] == []


@pytest.mark.usefixtures("index")
class TestTooMuch:
    """Who sends without end is not listened to for ever."""

    def test_an_index(
        self, site: Site, wheel: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("limner.models.store.download.LARGEST_PAGE", 100_000)
        site.pages["/simple/toys/"] += b" " * 200_000
        with pytest.raises(DownloadError, match=r"127\.0\.0\.1 sent more than the 100,000 bytes"):
            store.fetch(files_of(entry(wheel)))
        assert list(cache.iterdir()) == []

    def test_a_compressed_index(
        self, site: Site, wheel: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What counts is what it is after it was unpacked."""
        monkeypatch.setattr("limner.models.store.download.LARGEST_PAGE", 10_000_000)
        site.pages["/simple/toys/"] = gzip.compress(bytes(20_000_000))
        site.headers = {"Content-Encoding": "gzip"}
        with pytest.raises(DownloadError, match="sent more than the 10,000,000 bytes"):
            store.fetch(files_of(entry(wheel)))

    def test_a_wheel(self, wheel: bytes, cache: Path) -> None:
        with pytest.raises(DownloadError, match=r"sent more than the [0-9,]+ bytes"):
            store.fetch(files_of(entry(wheel[:-1])))
        assert list(cache.iterdir()) == []

    def test_a_file(self, site: Site, cache: Path) -> None:
        site.pages["/g.pb"] = GRAPH
        address = Address(f"{site.url}/g.pb")
        with pytest.raises(DownloadError, match=r"sent more than the [0-9,]+ bytes"):
            store.fetch([File("g.pb", len(GRAPH) - 1, sha256(GRAPH), (address,))])
        assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("page", [b"", b"\x00\xff" * 99, b"[" * 9999, b"{}", b"[1]", b"null"])
@pytest.mark.parametrize("kind", ["application/vnd.pypi.simple.v1+json", "text/html"])
def test_an_index_that_answers_something_else(
    page: bytes, kind: str, site: Site, wheel: bytes
) -> None:
    site.pages["/simple/toys/"] = page
    site.headers = {"Content-Type": kind}
    with pytest.raises(DownloadError, match=r"sent no page of|is not in the package"):
        store.fetch(files_of(entry(wheel)))


def test_a_closed_cache_is_a_sentence(
    wheel: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as somebody for whom no folder is closed."""
    real = os.stat

    def stat(path: Any, **options: Any) -> os.stat_result:
        if isinstance(path, str | Path) and str(path).startswith(f"{cache}{os.sep}"):
            raise PermissionError(13, "Permission denied")
        return real(path, **options)

    cache.mkdir(parents=True)
    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *_, **__: stat(cache / "x"))
    with pytest.raises(DownloadError, match=r"be stored in .* \(Permission denied\)"):
        store.ensure(files_of(entry(wheel)))


def test_two_processes_at_once(site: Site, wheel: bytes, cache: Path, tmp_path: Path) -> None:
    """Both ask the real pip for its index, fetch, and end with whole files."""
    files = files_of(entry(wheel))
    script = tmp_path / "both.py"
    script.write_text(
        "from limner.models.catalogue import *\n"
        "from limner.models.store import ensure\n"
        f"print(*ensure({files!r}), sep='\\n')\n"
    )
    environment = {
        **os.environ,
        "PIP_INDEX_URL": f"{site.url}/simple/",
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, str(script)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert out.split() == [str(cache / "one.tflite"), str(cache / "two.tflite")]
    assert [path.read_bytes() for path in sorted(cache.iterdir())] == list(WEIGHTS.values())
