"""The locks of the hub, and the one order in which every transaction takes them.

Two transactions that take two locks in different orders can deadlock. So there is one order, that
of `Lock`, and rows have their place in it:

1. `CLAIMS`, then `FAN_OUT`
2. rows that are about to change, locked FOR NO KEY UPDATE (`with_for_update(**CHANGING)`): cases
   by id, then platforms by id, then rows that belong to them
3. `REPORT`, then `PAPER_NUMBERS`
4. `DENY_LIST`, then `AUDIT_CHAIN`, both taken at the very end of a commit (`hub.at_commit`)

`hold` raises when a lock is requested out of order. A function that requires a lock declares it
with `under`, and raises when called without it. All are held until the transaction ends.
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


# The lock on a row about to change: FOR NO KEY UPDATE. A plain FOR UPDATE would also block
# inserts of rows that reference it, and the audit log references cases: that deadlocks.
CHANGING: _RowLock = {"key_share": True}

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Lock(Enum):
    """Advisory locks in the order in which they are taken, with PostgreSQL's keys.

    The order of definition counts, not the numbers: insert a new lock where it belongs.
    """

    CLAIMS = 7_202_001
    """For opening or changing claims and merchants. Of two workers that process two wordings of one
    new rumor, or one new merchant, the second must see what the first created. Models run before,
    never while holding it."""
    FAN_OUT = 7_202_006
    """Shared for sending a decision to all platforms, exclusive for bringing a new platform up to
    date: either the joining platform sees the decision, or the decision sees the platform."""
    REPORT = 1
    """One report id of one platform, one lock of many: serialises its versions."""
    PAPER_NUMBERS = 0x70617065
    """Serialises the numbering of papers, so that no number is skipped."""
    DENY_LIST = 7_202_007
    """Serialises versions of the deny-list, so that they are committed in order."""
    AUDIT_CHAIN = 7_202_002
    """Serialises the hash chain of the audit log."""

    @property
    def place(self) -> int:
        """Its position in the order."""
        return _PLACE[self]


_MIGRATING = 7_202_003  # held by a connection, outside the order: nothing else runs yet
_PLACE = {lock: place for place, lock in enumerate(Lock)}


class OutOfOrder(RuntimeError):
    """A lock was requested that precedes one already held."""


class NotHeld(RuntimeError):
    """A function was called without the lock it requires."""


class _Held(NamedTuple):
    lock: Lock
    names: list[str]
    shared: bool


_held: PerTransaction[_Held] = PerTransaction("locks")


def hold(
    session: Session, lock: Lock, *, of: Iterable[str] | None = None, shared: bool = False
) -> None:
    """Acquire a lock until the transaction ends; does nothing if it is already held. `of`: the
    names, for a lock that exists per name; they are taken in ascending order.

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
    """Declare that a function of a session requires `lock`, at least shared. Without it a call
    raises NotHeld."""

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
    """Serialise migrations of several processes that start together. Held across the transactions
    of this connection."""
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATING})
    try:
        yield
    finally:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _MIGRATING})
        connection.commit()
