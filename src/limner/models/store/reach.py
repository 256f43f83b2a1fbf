"""Whether a server can be reached, told within seconds.

A firewall that drops what it does not let through makes every attempt wait for its time-out;
a name may stand for eight addresses, which are tried in turn, and looking it up has a time-out
of its own. So all of that is tried at once, for a few seconds, and what came of it is remembered.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from urllib.parse import urlsplit

CONNECT_SECONDS = 5.0
"""How long to wait for a connection."""

# Seconds after which a server that could not be reached is tried again: longer than a command
# fetches, shorter than a network is away from a program that runs on.
_REMEMBERED = 300.0

_away: dict[tuple[str, int], float] = {}


def is_reachable(url: str, proxy: str | None = None) -> bool:
    """Say whether the server of an address, or the proxy on the way to it, accepts connections.

    Args:
        url: the address.
        proxy: the proxy; empty for none, None for what the environment says.
    """
    server = _first_stop(url, proxy)
    if server is None:
        return True  # what is wrong with it, who asks will find
    if server in _away and monotonic() - _away[server] < _REMEMBERED:
        return False
    reachable = _accepts(*server)
    if not reachable:
        remember_away(url, proxy)
    return reachable


def remember_away(url: str, proxy: str | None = None) -> None:
    """Take the server of an address for out of reach, for a while: it leaves us waiting."""
    server = _first_stop(url, proxy)
    if server is not None:
        _away[server] = monotonic()


def _first_stop(url: str, proxy: str | None) -> tuple[str, int] | None:
    """Return host and port to connect to for an address, None where it names none."""
    from requests.utils import get_environ_proxies, select_proxy

    with suppress(ValueError):
        if proxy is None:
            proxy = select_proxy(url, get_environ_proxies(url))
        stop = proxy or url
        parts = urlsplit(stop if "//" in stop else f"http://{stop}")
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        if parts.hostname and port:
            return parts.hostname, port
    return None


def _accepts(host: str, port: int) -> bool:
    known, accepted = Event(), Event()

    def connect(address: str) -> None:
        with suppress(OSError):
            socket.create_connection((address, port), CONNECT_SECONDS).close()
            accepted.set()
            known.set()

    def connect_to_all() -> None:
        with suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
            attempts = [Thread(target=connect, args=(a,), daemon=True) for a in addresses]
            for attempt in attempts:
                attempt.start()
            for attempt in attempts:
                attempt.join()
        known.set()

    # Nobody waits for these threads at the end: a look-up cannot be called off.
    Thread(target=connect_to_all, daemon=True).start()
    known.wait(CONNECT_SECONDS)
    return accepted.is_set()
