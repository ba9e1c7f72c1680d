"""Requests wait in their own platform's queue, and the queues are served in turn."""

from __future__ import annotations

import threading
from concurrent.futures import wait

import pytest

from hub.runner import fair
from hub.runner.fair import FairPool
from hub.services.platforms import keys


def test_queues_take_turns_however_long_they_are():
    pool, begun, go_on, served = FairPool(1, 1), threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        go_on.wait(10)

    pool.submit_to("flood", first)
    assert begun.wait(10)
    flood = [pool.submit_to("flood", served.append, "flood") for _ in range(3)]
    others = [pool.submit_to(name, served.append, name) for name in ("quiet", "calm")]
    go_on.set()
    wait([*flood, *others], 10)
    assert served == ["flood", "quiet", "calm", "flood", "flood"]
    pool.shutdown()


def test_one_queue_never_holds_every_thread():
    pool, go_on = FairPool(3, 2), threading.Event()
    flood = [pool.submit_to("flood", go_on.wait, 10) for _ in range(50)]
    assert pool.submit_to("quiet", lambda: "served").result(10) == "served"
    assert not any(job.done() for job in flood)
    go_on.set()
    assert all(job.result(10) for job in flood)
    pool.shutdown()


def test_a_fault_reaches_who_asked_and_the_thread_goes_on():
    pool = FairPool(1, 1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result(10)
    assert pool.submit(lambda x: x + 1, 1).result(10) == 2
    pool.shutdown()


def test_what_waits_when_the_pool_closes_is_still_served():
    pool, go_on = FairPool(1, 1), threading.Event()
    jobs = [pool.submit_to("a", go_on.wait, 10) for _ in range(3)]
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit_to("a", go_on.wait)
    go_on.set()
    assert all(job.result(10) for job in jobs)


def test_the_first_line_tells_whose_request_it_is(monkeypatch):
    monkeypatch.setitem(keys._access_cache, "jd", (0.0, None))
    assert fair.queue_of(b"POST /webhooks/jd HTTP/1.1\r\nHost: hub") == "platform jd"
    assert fair.queue_of(b"POST /webhooks/made-up-1 HTTP/1.1\r\n") == fair.STRANGERS
    assert fair.queue_of(b"GET /queue HTTP/1.1\r\n") == fair.PAGES
    assert fair.queue_of(b"\x16\x03\x01 no HTTP") == fair.PAGES


def test_a_silent_connection_holds_no_thread_and_a_slow_one_is_served(jd):
    """Under gunicorn itself: eight connections that say nothing, then one that speaks late."""
    import socket
    import time

    from hub.runner.sandboxes import free_ports
    from tests.bench.intake import _gunicorn

    (port,) = free_ports(1)
    with _gunicorn("wsgi:app", port):
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(3 * fair.THREADS)]
        # gunicorn's own threads would wait 5 s for each of the silent ones.
        with socket.create_connection(("127.0.0.1", port), timeout=4) as late:
            time.sleep(0.2)
            late.sendall(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
            assert late.recv(64).startswith(b"HTTP/1.1 200")
        for each in silent:
            each.close()
