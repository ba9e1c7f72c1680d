"""Writes deferred to the very end of a transaction, under heavily contended locks.

Everything else is flushed before the first of these locks is taken, so that a transaction holding
one waits for nothing but locks that follow in the order of `Lock`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from hub import locks
from hub.locks import Lock
from hub.transactions import PerTransaction

_P = ParamSpec("_P")
_T = TypeVar("_T")


class AtCommit(Generic[_T]):
    """Values collected in a transaction; at commit `write` gets all of them, in order, under
    `lock`. A rollback discards them."""

    def __init__(self, lock: Lock, write: Callable[[Session, list[_T]], None]) -> None:
        self.lock, self.write = lock, write
        self.gathered: PerTransaction[_T] = PerTransaction(lock.name)
        _all.append(self)
        _all.sort(key=lambda each: each.lock.place)

    def add(self, session: Session, value: _T) -> None:
        """Collect a value. Raises RuntimeError on an autocommit session."""
        self.gathered.add(session, value)


_all: list[AtCommit[Any]] = []


def at_commit(
    lock: Lock,
) -> Callable[[Callable[Concatenate[Session, _P], None]], Callable[Concatenate[Session, _P], None]]:
    """Defer calls of a function of a session until the transaction commits; they then run under
    `lock`, in the order of the calls under that lock."""

    def mark(
        function: Callable[Concatenate[Session, _P], None],
    ) -> Callable[Concatenate[Session, _P], None]:
        @wraps(function)
        def called(session: Session, *args: _P.args, **more: _P.kwargs) -> None:
            _calls(lock).add(session, lambda: function(session, *args, **more))

        return called

    return mark


@cache
def _calls(lock: Lock) -> AtCommit[Callable[[], None]]:
    def run(_session: Session, calls: list[Callable[[], None]]) -> None:
        for call in calls:
            call()

    return AtCommit(lock, run)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction() or not _due(
        session
    ):  # a savepoint defers to the whole transaction
        return
    session.flush()
    for each in _due(session):
        locks.hold(session, each.lock)
        each.write(session, each.gathered.take(session))
        session.flush()


@event.listens_for(Session, "after_commit")
def _check(session: Session) -> None:
    """Detect values collected after `_write`, or beside a savepoint left open."""
    if not session.in_nested_transaction() and (left := _due(session)):
        raise RuntimeError(f"committed without what was due under {left[0].lock.name}")


def _due(session: Session) -> list[AtCommit[Any]]:
    return [each for each in _all if each.gathered.of(session)]
