"""What is written at the very end of a transaction, under locks that everybody wants.

Everything else is sent, and waited for, before the first of these locks is taken: whoever holds
one waits for nobody, but for who holds one behind it in the order of `Lock`.
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
    """Values gathered in a transaction; when it commits, `write` gets all of them, in order,
    under `lock`. What was gathered and is rolled back is forgotten."""

    def __init__(self, lock: Lock, write: Callable[[Session, list[_T]], None]) -> None:
        self.lock, self.write = lock, write
        self.gathered: PerTransaction[_T] = PerTransaction(lock.name)
        _all.append(self)
        _all.sort(key=lambda each: each.lock.place)

    def add(self, session: Session, value: _T) -> None:
        """Raises RuntimeError on a session that has no transaction."""
        self.gathered.add(session, value)


_all: list[AtCommit[Any]] = []


def at_commit(
    lock: Lock,
) -> Callable[[Callable[Concatenate[Session, _P], None]], Callable[Concatenate[Session, _P], None]]:
    """Mark a function of a session: a call does nothing until the transaction commits, and then
    runs under `lock`, in its turn among the calls under the same lock."""

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
    if session.in_nested_transaction() or not _due(session):  # a savepoint's wait for the whole
        return
    session.flush()
    for each in _due(session):
        locks.hold(session, each.lock)
        each.write(session, each.gathered.take(session))
        session.flush()


@event.listens_for(Session, "after_commit")
def _check(session: Session) -> None:
    """What was gathered later than `_write`, or beside a savepoint that was left open."""
    if not session.in_nested_transaction() and (left := _due(session)):
        raise RuntimeError(f"committed without what was due under {left[0].lock.name}")


def _due(session: Session) -> list[AtCommit[Any]]:
    return [each for each in _all if each.gathered.of(session)]
