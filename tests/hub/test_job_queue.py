"""Workers are notified beside the request, once for many requests."""

from __future__ import annotations

import threading

import pytest
import redis

from hub import job_queue


def test_many_requests_at_once_are_one_notification_and_the_last_is_not_forgotten(monkeypatch):
    first, go_on, twice = threading.Event(), threading.Event(), threading.Event()
    notified: list[str] = []

    def notify(name: str) -> bool:
        notified.append(name)
        first.set()
        if len(notified) == 2:
            twice.set()
        return go_on.wait(10)

    monkeypatch.setattr(job_queue, "notify", notify)
    monkeypatch.setattr(job_queue, "_SOON", 0.0)
    job_queue.notify_soon("test")
    assert first.wait(10)
    for _ in range(100):  # while it sends the first
        job_queue.notify_soon("test")
    go_on.set()
    assert twice.wait(10)
    assert not job_queue._notifier("test").wait(0.05)
    assert notified == ["test", "test"]


@pytest.mark.parametrize("lost", [redis.ConnectionError("gone"), OSError("gone"), AttributeError()])
def test_a_server_that_goes_away_during_a_notification_ends_no_thread(monkeypatch, lost):
    """redis-py says it in several ways: a connection closed meanwhile has no socket any more."""

    class Broken:
        def pipeline(self, transaction):
            raise lost

        def delete(self, name):
            raise lost

    monkeypatch.setattr(job_queue, "connection", Broken)
    monkeypatch.setattr(job_queue, "_paused_until", 0.0)
    assert job_queue.notify("assess", f"broken {lost!r}") is False
    job_queue.acknowledge("assess")
