"""Downloads that are shown and verified, and end where somebody sends more than there can be."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from limner.errors import DownloadError
from limner.models.store.reach import CONNECT_SECONDS, is_reachable, remember_away

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

log = logging.getLogger(__name__)

LARGEST_PAGE = 20_000_000
"""Bytes of a package index's page about one project; those of the largest projects have 5 MB."""

# Seconds without a byte from a server that is connected.
_PATIENCE = 30


@dataclass(frozen=True)
class Location:
    """Where something lies, and how to ask for it.

    Attributes:
        url: its address.
        verify: how to verify the connection: a file of certificates, or the usual ones.
        authorization: who asks, as the header of this name says it; sent to this host only.
        proxy: the address of the proxy to ask; empty for none, None for what the environment says.
    """

    url: str
    verify: bool | str = True
    authorization: str | None = None
    proxy: str | None = None

    @property
    def host(self) -> str:
        """The server's name; a whole address may hold a password."""
        with suppress(ValueError):
            if name := urlsplit(self.url).hostname:
                return name
        return "an address without a server"


@contextmanager
def answer(location: Location, headers: dict[str, str]) -> Iterator[Response]:
    """Ask a server and lend its answer, while it still comes.

    Raises:
        DownloadError: it cannot be had, or not whole.
    """
    import requests

    def authorize(request: PreparedRequest) -> PreparedRequest:
        # Given as a header it would give way to the user's .netrc.
        if location.authorization is not None:
            request.headers["Authorization"] = location.authorization
        return request

    proxy = location.proxy
    try:
        if not is_reachable(location.url, location.proxy):
            raise DownloadError(f"{location.host} {_away(location)}")
        with requests.get(
            location.url,
            headers=headers,
            auth=authorize if location.authorization is not None else None,
            stream=True,
            timeout=(CONNECT_SECONDS, _PATIENCE),
            verify=location.verify,
            # What is not said here, the environment says.
            proxies=None if proxy is None else {"http": proxy, "https": proxy},
        ) as response:
            if not response.ok:
                raise RefusedError(
                    f"{location.host} answered {response.status_code} {response.reason}",
                    response.status_code,
                )
            yield response
    except requests.RequestException as error:
        if isinstance(error, requests.Timeout | requests.ConnectionError):
            remember_away(location.url, location.proxy)
        raise DownloadError(f"{location.host} {_reason(error, location)}") from error


class RefusedError(DownloadError):
    """A server answered that something is not to be had.

    Attributes:
        status: the status of HTTP that it answered with.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def read_page(location: Location, accept: str) -> tuple[bytes, Response]:
    """Return a page and the answer that it came with.

    Args:
        location: where it is.
        accept: the media types that are understood.

    Raises:
        DownloadError: it cannot be had, or is larger than such a page can be.
    """
    with answer(location, {"Accept": accept}) as response:
        return b"".join(_pieces(response, location, LARGEST_PAGE)), response


def download(location: Location, path: Path, what: str, size: int, sha256: str) -> None:
    """Fetch a file, saying what and how much it is, and on a terminal how it goes.

    Args:
        location: where it is.
        what: what it is to the user.
        path: what to write.
        size: bytes that it should have.
        sha256: digest that it should have, hexadecimal.

    Raises:
        DownloadError: it cannot be had, or is not what it should be.
        OSError: it cannot be written.
    """
    digest, got = hashlib.sha256(), 0
    # A server that packed an archive once more for the way would have it unpacked here.
    with answer(location, {"Accept-Encoding": "identity"}) as response:
        log.info("fetching %s from %s, %.1f MB", what, location.host, size / 1e6)
        with path.open("wb") as out, _bar(size) as advance:
            for piece in _pieces(response, location, size):
                out.write(piece)
                digest.update(piece)
                got += len(piece)
                advance(len(piece))
    if got != size:
        raise DownloadError(f"{location.host} sent {got:,} of the {size:,} bytes of {path.name}")
    if digest.hexdigest() != sha256:
        raise DownloadError(
            f"{path.name} from {location.host} is not what it should be: expected sha256 "
            f"{sha256}, got sha256 {digest.hexdigest()}"
        )


def _pieces(response: Response, location: Location, largest: int) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(1 << 16):
        size += len(piece)
        if size > largest:
            raise DownloadError(
                f"{location.host} sent more than the {largest:,} bytes that there can be"
            )
        yield piece


@contextmanager
def _bar(size: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, if what is fetched is told at all; lend what moves it on."""
    if not (sys.stderr and sys.stderr.isatty() and log.isEnabledFor(logging.INFO)):
        yield lambda _: None
        return
    from rich import progress
    from rich.console import Console

    with progress.Progress(
        progress.BarColumn(bar_width=24),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=size)
        yield lambda count: bar.advance(task, count)


def _away(location: Location) -> str:
    """Return that a server cannot be reached; the address of a proxy may hold a password."""
    return f"cannot be reached{' through the proxy that is set' if location.proxy else ''}"


def _reason(error: Exception, location: Location) -> str:
    """Return what became of a request, without the address, in a few words."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "cannot be verified: its certificate is not one of those that are trusted here"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke the connection off"
    if isinstance(error, requests.Timeout):
        return "did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return _away(location)
    return f"cannot be asked ({type(error).__name__})"
