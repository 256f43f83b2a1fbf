"""The store fetches, verifies and keeps files, and says in a sentence what is in its way."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import logging
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pooch
import pytest

from limner.core.skeletons import SKELETONS
from limner.errors import DownloadError, ModelError, UsageError
from limner.models import store
from limner.models.catalogue import DEFAULT_MODEL, DEMO_CLIP, Catalogue, File, catalogue, parse
from limner.system.cache import cache_folder

WEIGHTS = {"toys/one.tflite": b"first weights" * 999, "toys/two.tflite": b"second weights" * 99}
GRAPH = b"a frozen graph" * 99


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_blob(content: bytes) -> str:
    command = ["git", "hash-object", "--stdin"]
    return (
        subprocess.run(command, input=content, capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )


@dataclass
class Site:
    """A package index and a file server on this machine.

    Attributes:
        url: its address.
        pages: what it serves, by path; anything else is not found.
        asked: the paths that were asked for.
        headers: further lines of its answers.
    """

    url: str
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            body = found.pages.get(self.path)
            self.send_response(200 if body is not None else 404)
            kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
            if "Content-Type" not in found.headers:
                self.send_header("Content-Type", kind)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *message: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


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


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache" / "limner"
    monkeypatch.setenv("LIMNER_CACHE", str(folder))
    return folder


@pytest.fixture
def index(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set pip to the made-up index, without asking pip itself, which takes a second."""
    settings = [("index-url", f"{site.url}/simple/")]
    monkeypatch.setattr(store, "_pip_settings", lambda: iter(settings))


def entry(wheel_sha256: str, **digests: str) -> Catalogue:
    one, two = WEIGHTS.values()
    text = f"""
        [wheels.toys]
        project = "toys"
        version = "1.0"
        filename = "toys-1.0-py3-none-any.whl"
        sha256 = "{wheel_sha256}"

        [files."one.tflite"]
        size = {len(one)}
        sha256 = "{digests.get("one", sha256(one))}"
        wheel = "toys"
        member = "toys/one.tflite"

        [files."two.tflite"]
        sha256 = "{sha256(two)}"
        wheel = "toys"
        member = "toys/two.tflite"

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
            assert (file.sha256 is None) != (file.git_blob is None)
            digest = file.sha256 or file.git_blob or ""
            assert len(digest) == (64 if file.sha256 else 40)
            assert set(digest) <= set("0123456789abcdef")
            assert (file.wheel is None) == (file.member is None)
            assert bool(file.urls) == (file.wheel is None)
            assert all(url.startswith("https://") for url in file.urls)
            if file.wheel is not None:
                assert len(file.wheel.sha256) == 64
                assert file.wheel.filename.startswith(f"{file.wheel.project}-{file.wheel.version}-")

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
        model = entry("0" * 64).model("toy")
        assert model.settings == {"preprocess": {"mean": 127.5}}
        assert [file.name for file in model.files] == ["one.tflite", "two.tflite"]
        assert model.size is None  # one file's size is not stated
        assert catalogue().model(DEFAULT_MODEL).size == 2959046 + 6440512 + 229714

    def test_an_unknown_model_names_the_known_and_the_nearest(self) -> None:
        with pytest.raises(UsageError, match=r"unknown model 'toi': .*one of toy; did you mean"):
            entry("0" * 64).model("toi")


@pytest.mark.usefixtures("index")
class TestWheels:
    def test_members_are_fetched_and_kept(self, site: Site, wheel: bytes, cache: Path) -> None:
        paths = store.ensure(files_of(entry(sha256(wheel))))
        assert paths == [cache / "one.tflite", cache / "two.tflite"]
        assert [path.read_bytes() for path in paths] == list(WEIGHTS.values())
        assert left_in(cache) == ["one.tflite", "two.tflite"]  # no wheel, no temporary file
        assert site.asked.count("/files/toys-1.0-py3-none-any.whl") == 1

    def test_the_downloader_is_kept_still_and_its_level_given_back(self, wheel: bytes) -> None:
        logger, said = pooch.get_logger(), io.StringIO()
        handler, before = logging.StreamHandler(said), logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        try:
            store.ensure(files_of(entry(sha256(wheel))))
            assert (said.getvalue(), logger.level) == ("", logging.DEBUG)
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before)

    def test_what_is_there_needs_no_network(
        self, site: Site, wheel: bytes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = files_of(entry(sha256(wheel)))
        first = store.ensure(files)
        site.asked.clear()
        monkeypatch.setattr(store, "_pip_settings", lambda: pytest.fail("went online"))
        assert store.ensure(files) == first
        assert site.asked == []

    def test_only_what_is_missing_is_fetched(self, wheel: bytes, cache: Path) -> None:
        files = files_of(entry(sha256(wheel)))
        one, two = store.ensure(files)
        stamp = one.stat().st_mtime_ns
        two.unlink()
        store.ensure(files)
        assert two.read_bytes() == WEIGHTS["toys/two.tflite"]
        assert one.stat().st_mtime_ns == stamp

    def test_another_wheel_is_refused(self, wheel: bytes, cache: Path) -> None:
        expected = "1" * 64
        with pytest.raises(DownloadError) as caught:
            store.ensure(files_of(entry(expected)))
        for part in ("toys-1.0-py3-none-any.whl", expected, sha256(wheel), "nothing was kept"):
            assert part in str(caught.value)
        assert left_in(cache) == []

    def test_another_member_is_refused(self, wheel: bytes, cache: Path) -> None:
        expected, got = "2" * 64, sha256(WEIGHTS["toys/one.tflite"])
        with pytest.raises(DownloadError, match=f"expected sha256 {expected}, got sha256 {got}"):
            store.ensure(files_of(entry(sha256(wheel), one=expected)))
        assert left_in(cache) == []

    def test_a_changed_file_in_the_cache_is_refused(self, wheel: bytes) -> None:
        files = files_of(entry(sha256(wheel)))
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
            store.ensure(files_of(entry("0" * 64)))

    def test_an_index_without_the_project(self, site: Site) -> None:
        with pytest.raises(DownloadError, match="set PIP_INDEX_URL to a full mirror"):
            store.ensure(files_of(entry("0" * 64)))

    def test_a_wheel_that_is_listed_but_gone(self, site: Site, wheel: bytes, cache: Path) -> None:
        del site.pages["/files/toys-1.0-py3-none-any.whl"]
        with pytest.raises(DownloadError, match="the server answered 404"):
            store.ensure(files_of(entry(sha256(wheel))))
        assert left_in(cache) == []


def test_without_a_network_there_is_a_manual_way(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setattr(
        store, "_pip_settings", lambda: iter([("index-url", "http://127.0.0.1:9/")])
    )
    with pytest.raises(DownloadError) as caught:
        store.ensure(files_of(entry("0" * 64)))
    message = str(caught.value)
    assert "\n" not in message
    for part in ("one.tflite, two.tflite could not be fetched", "no connection to the network"):
        assert part in message
    assert "pip download --no-deps" in message
    assert "toys==1.0" in message
    assert (
        f"unzip toys/one.tflite and toys/two.tflite out of toys-1.0-py3-none-any.whl into {cache}"
        in message
    )
    assert "127.0.0.1" not in message  # an index's address may hold a password
    assert left_in(cache) == []


def test_a_further_index_is_asked_when_the_first_is_out_of_reach(
    site: Site, wheel: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "index-url": "http://127.0.0.1:9/",
        "extra-index-url": f"file:///nowhere {site.url}/simple/",
    }
    monkeypatch.setattr(store, "_pip_settings", lambda: iter(settings.items()))
    assert all(path.is_file() for path in store.ensure(files_of(entry(sha256(wheel)))))


class TestUrls:
    def file(self, *urls: str, content: bytes = GRAPH) -> File:
        return File("graph.pb", git_blob=git_blob(content), urls=urls)

    def test_a_git_blob_verifies(self, site: Site, cache: Path) -> None:
        site.pages["/graph.pb"] = GRAPH
        (path,) = store.ensure([self.file(f"{site.url}/graph.pb")])
        assert path.read_bytes() == GRAPH
        path.write_bytes(GRAPH + b"!")
        with pytest.raises(ModelError, match=f"expected git blob {git_blob(GRAPH)}, got git blob"):
            store.ensure([self.file()])

    def test_addresses_are_tried_in_turn(self, site: Site) -> None:
        site.pages["/second.pb"] = GRAPH
        urls = ("http://127.0.0.1:9/a.pb", f"{site.url}/first.pb", f"{site.url}/second.pb")
        (path,) = store.ensure([self.file(*urls)])
        assert path.read_bytes() == GRAPH
        assert site.asked == ["/first.pb", "/second.pb"]

    def test_what_comes_instead_is_refused(self, site: Site, cache: Path) -> None:
        site.pages["/graph.pb"] = b"<html>please log in</html>"
        with pytest.raises(DownloadError, match=r"expected git blob .* got git blob .*nothing was"):
            store.ensure([self.file(f"{site.url}/graph.pb")])
        assert left_in(cache) == []

    def test_when_all_fail_each_reason_and_the_manual_way_are_told(
        self, site: Site, cache: Path
    ) -> None:
        urls = ("http://127.0.0.1:9/a.pb", f"{site.url}/b.pb")
        with pytest.raises(DownloadError) as caught:
            store.ensure([self.file(*urls)])
        message = str(caught.value)
        assert "no connection to the network; the server answered 404" in message
        assert f"download it from {urls[0]} or {urls[1]} by hand" in message
        assert f"save it as {cache / 'graph.pb'}" in message


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
            store.ensure(files_of(entry(sha256(wheel))))

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere"
    )
    @pytest.mark.usefixtures("index")
    def test_one_that_cannot_be_written_is_a_sentence(self, cache: Path, wheel: bytes) -> None:
        cache.mkdir(parents=True)
        cache.chmod(0o500)
        with pytest.raises(DownloadError, match=r"Permission denied.*LIMNER_CACHE"):
            store.ensure(files_of(entry(sha256(wheel))))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
@pytest.mark.usefixtures("index")
def test_what_a_killed_process_left_is_cleared(wheel: bytes, cache: Path) -> None:
    files = files_of(entry(sha256(wheel)))
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
        monkeypatch.setattr("limner.models.limited.LARGEST_PAGE", 100_000)
        site.pages["/simple/toys/"] += b" " * 200_000
        with pytest.raises(DownloadError, match=r"/toys/ sent more than the 100,000 bytes"):
            store.fetch(files_of(entry(sha256(wheel))))
        assert list(cache.iterdir()) == []

    def test_a_compressed_index(
        self, site: Site, wheel: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What counts is what it is after it was unpacked."""
        monkeypatch.setattr("limner.models.limited.LARGEST_PAGE", 10_000_000)
        site.pages["/simple/toys/"] = gzip.compress(bytes(20_000_000))
        site.headers = {"Content-Encoding": "gzip"}
        with pytest.raises(DownloadError, match="sent more than the 10,000,000 bytes"):
            store.fetch(files_of(entry(sha256(wheel))))

    def test_a_wheel(
        self, site: Site, wheel: bytes, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("limner.models.limited.LARGEST_FILE", len(wheel) - 1)
        with pytest.raises(DownloadError, match=r"\.whl\S* sent more than"):
            store.fetch(files_of(entry(sha256(wheel))))
        assert list(cache.iterdir()) == []

    def test_a_file_of_a_known_size(self, site: Site, cache: Path) -> None:
        site.pages["/g.pb"] = GRAPH
        file = File("g.pb", len(GRAPH) - 1, git_blob=git_blob(GRAPH), urls=(f"{site.url}/g.pb",))
        with pytest.raises(DownloadError, match=r"/g\.pb sent more than"):
            store.fetch([file])
        assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("page", [b"", b"\x00\xff" * 99, b"[" * 9999, b"{}", b"[1]", b"null"])
@pytest.mark.parametrize("kind", ["application/vnd.pypi.simple.v1+json", "text/html"])
def test_an_index_that_answers_something_else(
    page: bytes, kind: str, site: Site, wheel: bytes
) -> None:
    site.pages["/simple/toys/"] = page
    site.headers = {"Content-Type": kind}
    with pytest.raises(DownloadError, match=r"is no page of|is not in the package"):
        store.fetch(files_of(entry(sha256(wheel))))


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
        store.ensure(files_of(entry(sha256(wheel))))


def test_two_processes_at_once(site: Site, wheel: bytes, cache: Path, tmp_path: Path) -> None:
    """Both ask the real pip for its index, fetch, and end with whole files."""
    files = files_of(entry(sha256(wheel)))
    script = tmp_path / "both.py"
    script.write_text(
        "from limner.models.catalogue import File, Wheel\n"
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


class TestPipSettings:
    def listing(self, monkeypatch: pytest.MonkeyPatch, text: str) -> dict[str, str]:
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT"):
            monkeypatch.delenv(name, raising=False)
        done = subprocess.CompletedProcess([], 0, stdout=text, stderr="")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        return dict(store._pip_settings())

    def test_later_settings_win(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = "global.index-url='https://one.test/simple'\nuser.index-url='https://two.test'\n"
        assert self.listing(monkeypatch, text) == {"index-url": "https://two.test"}

    def test_a_list_of_lines_is_a_list(self, monkeypatch: pytest.MonkeyPatch) -> None:
        text = r"global.extra-index-url='\nhttps://one.test\nhttps://two.test'"
        settings = self.listing(monkeypatch, text)
        assert settings["extra-index-url"].split() == ["https://one.test", "https://two.test"]

    def test_without_pip_the_environment_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        done = subprocess.CompletedProcess([], 1, stdout="", stderr="No module named pip")
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
        monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.test/simple")
        assert dict(store._pip_settings())["index-url"] == "https://mirror.test/simple"

    def test_the_real_pip_is_understood(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        configuration = tmp_path / "pip.conf"
        configuration.write_text("[global]\nindex-url = https://mirror.test/it's/simple\n")
        monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
        for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
            monkeypatch.delenv(name, raising=False)
        settings = dict(store._pip_settings())
        assert settings["index-url"] == "https://mirror.test/it's/simple"
