"""The bell is rung beside the request, once for many who asked."""

from __future__ import annotations

import threading

import pytest
import redis

from hub import bell


def test_many_who_ask_at_once_are_rung_for_once_and_the_last_is_not_forgotten(monkeypatch):
    first, go_on, twice = threading.Event(), threading.Event(), threading.Event()
    rung: list[str] = []

    def ring(name: str) -> bool:
        rung.append(name)
        first.set()
        if len(rung) == 2:
            twice.set()
        return go_on.wait(10)

    monkeypatch.setattr(bell, "ring", ring)
    monkeypatch.setattr(bell, "_SOON", 0.0)
    bell.ring_soon("test")
    assert first.wait(10)
    for _ in range(100):  # while it rings for the first
        bell.ring_soon("test")
    go_on.set()
    assert twice.wait(10)
    assert not bell._ringer("test").wait(0.05)
    assert rung == ["test", "test"]


@pytest.mark.parametrize("lost", [redis.ConnectionError("gone"), OSError("gone"), AttributeError()])
def test_a_server_that_goes_away_in_the_middle_of_a_ring_ends_no_thread(monkeypatch, lost):
    """redis-py says it in several ways: a connection closed meanwhile has no socket any more."""

    class Broken:
        def pipeline(self, transaction):
            raise lost

        def delete(self, name):
            raise lost

    monkeypatch.setattr(bell, "connection", Broken)
    monkeypatch.setattr(bell, "_silent_until", 0.0)
    assert bell.ring("assess", f"broken {lost!r}") is False
    bell.answered("assess")
