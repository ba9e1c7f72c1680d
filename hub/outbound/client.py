"""HTTP client guarded against SSRF: resolve, check the address, connect to that address.

A platform names its own endpoint, so the endpoint may point into the hub's own network. Names are
resolved once and the connection goes to the checked address, so that DNS rebinding is useless.
Redirects are never followed.

A connection is kept open briefly for the next message to the same URL. Each message resolves and
checks again, and reuses a connection only if it leads to an address just checked.
"""

from __future__ import annotations

import ipaddress
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

DEADLINE = 15.0  # seconds for the whole attempt
REPLY_LIMIT = 64 * 1024  # bytes of the response that are read
_CONNECT = 5.0
_KEEP = 1.0  # seconds an idle connection is kept; shorter than any server's keep-alive

# Private or special networks that `is_global` misses (IANA registries).
_NOT_PUBLIC = [
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
    """An endpoint's response, cut to REPLY_LIMIT."""

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
    return any(ip in net for net in _NOT_PUBLIC if net.version == ip.version)


def plain_url(url: str) -> tuple[SplitResult, int]:
    """(parts, port) of an endpoint. Raises Blocked when it is not a plain http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise Blocked("the endpoint is not a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Blocked("the endpoint must be a plain http(s) URL")
    return parts, port


def resolve(url: str, allow: frozenset[str] = frozenset()) -> tuple[SplitResult, list[str], int]:
    """(parts, addresses one may connect to, port). Raises Blocked, or OSError when DNS fails.

    Every address of the name must be public: a name with a public and a private address is an
    attack.
    """
    parts, port = plain_url(url)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]).split("%")[0] for info in found]
    if f"{parts.hostname}:{port}" not in allow:
        private = [a for a in addresses if forbidden(a)]
        if private:
            raise Blocked(f"{parts.hostname} resolves to {private[0]}, which is not public")
    return parts, addresses, port


def post(url: str, body: bytes, headers: dict[str, str], allow: frozenset[str]) -> Reply:
    """POST `body`. Raises Blocked, OSError, TimeoutError or urllib3.exceptions.HTTPError.

    Nothing is sent twice: an idle connection that was closed meanwhile is detected before anything
    is written to it, and after any later failure the caller retries.
    """
    began = time.monotonic()
    parts, addresses, port = resolve(url, allow)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": "rumor-violation-hub", **headers}
    connection = _idle.take(url, addresses) or _connection(parts, addresses[0], port)
    keep = False
    try:
        with _watchdog.deadline(connection, began + DEADLINE):
            if connection.sock is None:
                connection.connect()
                connection.timeout = DEADLINE
            connection.request(
                "POST",
                target,
                body=body,
                headers=headers,
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            text = response.read(REPLY_LIMIT, decode_content=False)
        keep = response.closed and connection.is_connected  # fully read, and nothing follows
    finally:
        if keep:
            _idle.put(url, connection)
        else:
            connection.hang_up()
    return Reply(
        response.status,
        text.decode("utf-8", "replace").replace("\x00", "\ufffd"),
        _seconds(response.headers.get("Retry-After")),
        int((time.monotonic() - began) * 1000),
    )


def get(url: str, most: int, seconds: float, allow: frozenset[str]) -> tuple[int, bytes]:
    """GET on a new connection: status, and the body up to `most` + 1 bytes, all within `seconds`.
    Raises Blocked, OSError, TimeoutError or urllib3.exceptions.HTTPError."""
    parts, addresses, port = resolve(url, allow)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": "rumor-violation-hub", "Accept": "image/*"}
    connection = _connection(parts, addresses[0], port)
    try:
        with _watchdog.deadline(connection, time.monotonic() + seconds):
            connection.connect()
            connection.request(
                "GET", target, headers=headers, preload_content=False, decode_content=False
            )
            response = connection.getresponse()
            return response.status, response.read(most + 1, decode_content=False)
    finally:
        connection.hang_up()


class EndableConnection(HTTPConnection):
    """A connection that another thread can end, whatever it is doing.

    http.client hands its socket over while a response is read, and TLS wraps it; a duplicate of
    the socket always reaches the connection.
    """

    handle: socket.socket | None = None
    ended = False  # by another thread

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self.handle = sock.dup()
        if self.ended:
            sock.close()
            raise TimeoutError
        return sock

    def cut(self) -> None:
        """End it now; whoever waits on it gets an error."""
        self.ended = True
        if self.handle:
            with suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)

    def hang_up(self) -> None:
        """Close it for good. Never raises."""
        with suppress(Exception):
            self.close()
        if self.handle:
            self.handle.close()


class SecureConnection(EndableConnection, HTTPSConnection):
    """The same over TLS; the certificate must match the name, not the address."""


def _connection(parts: SplitResult, address: str, port: int) -> EndableConnection:
    if parts.scheme == "https":
        return SecureConnection(
            address, port, timeout=_CONNECT,
            server_hostname=parts.hostname, assert_hostname=parts.hostname,
        )  # fmt: skip
    return EndableConnection(address, port, timeout=_CONNECT)


class _IdleConnections:
    """Idle connections by URL, last in, first out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, list[tuple[float, EndableConnection]]] = {}

    def take(self, url: str, addresses: list[str]) -> EndableConnection | None:
        """One that leads to one of `addresses` and is still open, or None."""
        while True:
            with self._lock:
                idle = self._idle.get(url)
                if not idle:
                    return None
                until, connection = idle.pop()
            if (
                time.monotonic() < until
                and connection.host in addresses
                and connection.is_connected
            ):
                return connection
            connection.hang_up()

    def put(self, url: str, connection: EndableConnection) -> None:
        """Keep it briefly; close all that have expired."""
        now = time.monotonic()
        with self._lock:
            self._idle.setdefault(url, []).append((now + _KEEP, connection))
            expired = [each for idle in self._idle.values() for each in idle if each[0] < now]
            if expired:
                self._idle = {
                    url: [each for each in idle if each not in expired]
                    for url, idle in self._idle.items()
                    if idle
                }
        for _, old in expired:
            old.hang_up()


class _Watchdog:
    """Ends each attempt at its deadline, whatever the other side does: one thread for all.

    Socket timeouts restart with every byte; only shutting the socket down ends a response that
    drips one byte a second.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._until: dict[EndableConnection, float] = {}
        self._wakes = math.inf  # when the thread checks next
        self._thread: threading.Thread | None = None

    @contextmanager
    def deadline(self, connection: EndableConnection, until: float) -> Iterator[None]:
        """Within the block the connection is cut at `until`; then TimeoutError is raised."""
        with self._changed:
            self._until[connection] = until
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
            elif until < self._wakes:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._until.pop(connection, None)
            if connection.ended:
                raise TimeoutError(f"no complete answer within {DEADLINE:.0f} s")

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for connection in [each for each, until in self._until.items() if until <= now]:
                    del self._until[connection]
                    connection.cut()
                self._wakes = min(self._until.values(), default=math.inf)
                left = self._wakes - now
                self._changed.wait(None if left == math.inf else left)


_idle, _watchdog = _IdleConnections(), _Watchdog()


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; a date is ignored."""
    if retry_after and retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:6])
    return None
