"""Guarded HTTP: resolve, check the address, connect to that very address, read little.

A platform names its own endpoint, so the endpoint may point at the hub's inside. Names are
resolved once and the checked address is the one connected to: an answer that changes between
check and use changes nothing. Redirects are never followed.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

DEADLINE = 15.0  # seconds for the whole attempt
REPLY_LIMIT = 64 * 1024  # bytes of the answer that are read
_CONNECT = 5.0

# Reach private or special networks although `is_global` says otherwise (IANA registries).
_HIDDEN = [
    ipaddress.ip_network(n)
    for n in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96", "fec0::/10", "2001::/23",
        "192.88.99.0/24", "0.0.0.0/8", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4",
    )
]  # fmt: skip


class Blocked(Exception):
    """The endpoint must not be contacted; a person has to change it."""


@dataclass(frozen=True)
class Reply:
    """What an endpoint answered, cut to REPLY_LIMIT."""

    status: int
    body: str
    retry_after: float | None
    milliseconds: int


def forbidden(address: str) -> bool:
    """Whether an IP address is not a plain public one."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        return forbidden(str(mapped))
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return True
    return any(ip in net for net in _HIDDEN if net.version == ip.version)


def plain_url(url: str) -> tuple[SplitResult, int]:
    """(parts, port) of an endpoint. Raises Blocked when it is no plain http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Blocked("the endpoint is no URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Blocked("the endpoint must be a plain http(s) URL")
    return parts, port


def resolve(url: str, allow: frozenset[str] = frozenset()) -> tuple[SplitResult, str, int]:
    """(parts, address to connect to, port). Raises Blocked, or OSError when DNS fails.

    Every address of the name must be public: a name that is public and private at once is
    an attack.
    """
    parts, port = plain_url(url)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).split("%")[0] for info in found]
    if f"{parts.hostname}:{port}" not in allow:
        private = [a for a in addresses if forbidden(a)]
        if private:
            raise Blocked(f"{parts.hostname} resolves to {private[0]}, which is not public")
    return parts, addresses[0], port


def post(url: str, body: bytes, headers: dict[str, str], allow: frozenset[str]) -> Reply:
    """POST `body`. Raises Blocked, OSError, TimeoutError or urllib3.exceptions.HTTPError."""
    began = time.monotonic()
    parts, address, port = resolve(url, allow)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": "rumor-violation-hub", **headers}
    connection = _connection(parts, address, port)
    with _deadline(connection, began) as check:
        connection.connect()
        check.watch(connection.sock)
        connection.request(
            "POST", target, body=body, headers=headers, preload_content=False, decode_content=False
        )
        response = connection.getresponse()
        text = response.read(REPLY_LIMIT, decode_content=False)
    return Reply(
        response.status,
        text.decode("utf-8", "replace").replace("\x00", "\ufffd"),
        _seconds(response.headers.get("Retry-After")),
        int((time.monotonic() - began) * 1000),
    )


def _connection(parts: SplitResult, address: str, port: int) -> HTTPConnection:
    if parts.scheme == "https":
        return HTTPSConnection(
            address, port, timeout=_CONNECT,
            server_hostname=parts.hostname, assert_hostname=parts.hostname,
        )  # fmt: skip
    return HTTPConnection(address, port, timeout=_CONNECT)


class _deadline:
    """Ends an attempt at DEADLINE, whatever the other side does.

    Socket timeouts start anew with every byte; only shutting the socket down ends an answer
    that drips one byte a second.
    """

    def __init__(self, connection: HTTPConnection, began: float) -> None:
        self._connection, self._over = connection, threading.Event()
        self._timer: threading.Timer | None = None
        self._left = DEADLINE - (time.monotonic() - began)

    def __enter__(self) -> _deadline:
        return self

    def watch(self, sock: socket.socket) -> None:
        """From now on the socket is shut down when time is up."""
        sock.settimeout(DEADLINE)
        self._timer = threading.Timer(self._left, self._cut, (sock,))
        self._timer.daemon = True
        self._timer.start()

    def _cut(self, sock: socket.socket) -> None:
        self._over.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._timer:
            self._timer.cancel()
        with suppress(Exception):
            self._connection.close()
        if self._over.is_set():
            raise TimeoutError(f"no complete answer within {DEADLINE:.0f} s") from error


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds, when it is given so; a date is taken as no wish."""
    if retry_after and retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:6])
    return None
