"""Fair scheduling of requests: a flooding platform delays itself, not the others.

gunicorn's threads take requests in order of arrival, whoever sent them. Here each platform has its
own queue, and the threads serve the queues round-robin. A request waits as an unread socket: it
holds no thread, and none is refused. The platform is in the request line; all unknown names share
one queue, so that inventing names gains nothing. Officers' pages have a queue, too.
"""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from hub.services.platforms import keys

THREADS = 12  # of a web process
SHARE = 4  # of them that one platform may hold: it takes three floods to fill a process
PAGES, STRANGERS = "pages", "strangers"
_LINE = re.compile(rb"POST /webhooks/([^/? ]{1,64})[? ]")

_Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...]]


class FairPool(Executor):
    """Threads that serve queues round-robin; no queue holds more than `share` of them."""

    def __init__(self, threads: int, share: int) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[_Job]] = {}  # in the order of service
        self._held: Counter[str] = Counter()
        self._share = share
        self._closed = False
        for number in range(threads):
            threading.Thread(target=self._work, name=f"web {number}", daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Submit to the queue of officers' pages."""
        return self.submit_to(PAGES, partial(fn, **kwargs), *args)

    def submit_to(self, queue: str, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        """`fn(*args)` when it is `queue`'s turn. Raises RuntimeError after `shutdown`."""
        future: Future[Any] = Future()
        with self._changed:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._waiting.setdefault(queue, deque()).append((future, fn, args))
            self._changed.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Accept nothing more; the threads end when the queues are empty. Never waits for them."""
        with self._changed:
            self._closed = True
            if cancel_futures:
                for job in (job for jobs in self._waiting.values() for job in jobs):
                    job[0].cancel()
                self._waiting.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        done: str | None = None
        while True:
            with self._changed:
                if done is not None:
                    self._held[done] -= 1
                while (found := self._next()) is None:
                    if self._closed:
                        return
                    self._changed.wait()
            done, (future, fn, args) = found
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = fn(*args)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)
            del found, future, fn, args  # so that an idle thread keeps no socket alive

    def _next(self) -> tuple[str, _Job] | None:
        for queue, jobs in self._waiting.items():
            if self._held[queue] < self._share:
                job = jobs.popleft()
                del self._waiting[queue]
                if jobs:
                    self._waiting[queue] = jobs  # after the others
                self._held[queue] += 1
                return queue, job
        return None


class FairWorker(ThreadWorker):
    """gunicorn's threaded worker with a fair pool; a connection gets a thread once it has data."""

    tpool: FairPool

    def get_thread_pool(self) -> FairPool:
        return FairPool(self.cfg.threads, min(SHARE, self.cfg.threads))

    def enqueue_req(self, conn: TConn) -> None:
        """Queue a connection by its first line, or poll it until that arrives."""
        line = _first_line(conn)
        if line is None:
            conn.sock.setblocking(False)
            conn.timeout = time.monotonic() + self.cfg.keepalive
            self.pending_conns.append(conn)
            readable = partial(self.on_pending_socket_readable, conn)
            self.poller.register(conn.sock, selectors.EVENT_READ, readable)
            return
        conn.data_ready = True
        future = self.tpool.submit_to(queue_of(line), self.handle, conn)
        future.add_done_callback(
            lambda done: self.method_queue.defer(self.finish_request, conn, done)
        )


def queue_of(line: bytes) -> str:
    """The queue of a request by its first line."""
    found = _LINE.match(line)
    if not found:
        return PAGES
    slug = found[1].decode("latin-1")
    return f"platform {slug}" if keys.seen(slug) else STRANGERS


def _first_line(conn: TConn) -> bytes | None:
    """The first bytes of a connection; None when none have arrived; empty where they cannot be
    peeked at (TLS)."""
    if conn.parser is not None and (read := conn.parser.unreader.buf.getvalue()):
        return read
    try:
        return conn.sock.recv(128, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return None
    except (OSError, ValueError):
        return b""
