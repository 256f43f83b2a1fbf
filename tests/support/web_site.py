"""A web server on this machine in a package registry's place."""

from __future__ import annotations

import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tarball(members: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar archive of files, as npm and source archives are."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class Site:
    """A server.

    Attributes:
        url: its address.
        pages: what it serves, by path; anything else is not found.
        asked: the paths that were asked for.
        tokens: who asked, by path: the header Authorization, or None.
        headers: further lines of its answers.
        moved: where a path is found instead.
        broken_off: paths of which only the first half comes.
    """

    url: str
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: dict[str, str | None] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    broken_off: set[str] = field(default_factory=set)


@contextmanager
def serving() -> Iterator[Site]:
    """Run a server while the block runs."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            found.tokens[self.path] = self.headers["Authorization"]
            body = found.pages.get(self.path)
            if self.path in found.moved:
                self.send_response(302)
                self.send_header("Location", found.moved[self.path])
            else:
                self.send_response(200 if body is not None else 404)
            kind = "text/html" if self.path.endswith("/") else "application/octet-stream"
            if "Content-Type" not in found.headers:
                self.send_header("Content-Type", kind)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            body = body or b""
            self.wfile.write(body[: len(body) // 2] if self.path in found.broken_off else body)

        def log_message(self, *message: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
