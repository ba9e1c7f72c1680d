"""The locks of the hub, and the one order in which every transaction takes them.

Two transactions that take two locks in different orders can wait for each other for ever. So
there is one order, of `Lock`; rows have their place in it:

1. `CLAIMS`, then `FAN_OUT`
2. rows that are about to change, locked FOR NO KEY UPDATE (`with_for_update(**CHANGING)`): cases
   by id, then platforms by id, then what hangs on them
3. `REPORT`, then `PAPER_NUMBERS`
4. `DENY_LIST`, then `AUDIT_CHAIN`, both taken at the very end of a commit (`hub.at_commit`)

`hold` refuses to go back in it. A function that is right only under a lock says so with `under`,
and refuses to run without. All are kept until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypedDict, TypeVar

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.orm import Session

from hub.transactions import PerTransaction


class _RowLock(TypedDict):
    key_share: bool


# How a row is locked that is about to change: FOR NO KEY UPDATE. A plain FOR UPDATE would also
# stop rows that merely refer to it, and the audit log refers to cases: that deadlocks.
CHANGING: _RowLock = {"key_share": True}

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Lock(Enum):
    """Advisory locks in the order in which they are taken, with PostgreSQL's keys.

    A place, not a number, is what keeps the order: a new lock goes where it belongs.
    """

    CLAIMS = 7_202_001
    """Who opens or changes claims and merchants. Of two workers that meet two wordings of one
    new rumor, or one new merchant, the second must find what the first made. Models run before,
    never under it."""
    FAN_OUT = 7_202_006
    """Shared by whoever sends a decision to all, alone for whoever brings a new participant up
    to date: a platform that is just joining waits until it can see the decision, or the decision
    sees the platform."""
    REPORT = 1
    """One report id of one platform, `of` many: its versions are stored one after the other."""
    PAPER_NUMBERS = 0x70617065
    """A number that is given is a paper that is kept."""
    DENY_LIST = 7_202_007
    """Versions of the deny-list are committed in their order."""
    AUDIT_CHAIN = 7_202_002
    """Entries are chained one transaction at a time."""

    @property
    def place(self) -> int:
        """Its place in the order."""
        return _PLACE[self]


_MIGRATING = 7_202_003  # held by a connection, outside any order: nothing else runs yet
_PLACE = {lock: place for place, lock in enumerate(Lock)}


class OutOfOrder(RuntimeError):
    """A lock was asked for that stands before one already held."""


class NotHeld(RuntimeError):
    """A function was called without the lock under which alone it is right."""


class _Held(NamedTuple):
    lock: Lock
    names: list[str]
    shared: bool


_held: PerTransaction[_Held] = PerTransaction("locks")


def hold(
    session: Session, lock: Lock, *, of: Iterable[str] | None = None, shared: bool = False
) -> None:
    """Wait for a lock and keep it until the transaction ends; at once if it is held already.
    `of`: which ones, of a lock that there is for many things; they are taken in ascending order.

    Raises OutOfOrder, or RuntimeError on a session that has no transaction.
    """
    names = [""] if of is None else sorted(set(of))
    held = _held.of(session)
    if any(h.lock is lock and h.shared <= shared and set(names) <= set(h.names) for h in held):
        return
    if names and held and (held[-1].lock.place, held[-1].names[-1]) >= (lock.place, names[0]):
        raise OutOfOrder(f"{lock.name} after {held[-1].lock.name}")
    if names:
        _held.add(session, _Held(lock, names, shared))
        session.execute(_take(shared, many=of is not None), {"key": lock.value, "names": names})


def _take(shared: bool, many: bool) -> TextClause:
    take = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    if many:
        names = "unnest(CAST(:names AS text[])) AS name"
        return text(f"SELECT {take}(hashtextextended(name, :key)) FROM {names}")
    return text(f"SELECT {take}(:key)")


def under(
    lock: Lock,
) -> Callable[[Callable[Concatenate[Session, _P], _R]], Callable[Concatenate[Session, _P], _R]]:
    """Mark a function of a session that is right only while its transaction holds `lock`, be it
    shared. Called without, it raises NotHeld."""

    def mark(
        function: Callable[Concatenate[Session, _P], _R],
    ) -> Callable[Concatenate[Session, _P], _R]:
        @wraps(function)
        def guarded(session: Session, *args: _P.args, **more: _P.kwargs) -> _R:
            if all(each.lock is not lock for each in _held.of(session)):
                raise NotHeld(f"{function.__module__}.{function.__name__} without {lock.name}")
            return function(session, *args, **more)

        return guarded

    return mark


@contextmanager
def migrating(connection: Connection) -> Iterator[None]:
    """Several starts of a hub change the shape of the database one after the other. Kept over
    the transactions of this connection."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATING})
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATING})
        connection.commit()
