"""Values attached to one transaction of a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from hub.database import AUTOCOMMIT

_T = TypeVar("_T")
_KEPT = "kept in the transaction"  # in session.info: (transaction, list, value)


@dataclass(frozen=True, eq=False)
class PerTransaction(Generic[_T]):
    """A list per transaction: it ends with the transaction, and values added in a savepoint are
    removed when that is rolled back."""

    name: str

    def add(self, session: Session, value: _T) -> None:
        """Append a value. Raises RuntimeError on an autocommit session."""
        if session.get_bind().get_execution_options().get(AUTOCOMMIT):
            raise RuntimeError(f"{self.name}: this session has no transaction to keep it in")
        inside = session.get_nested_transaction() or session.get_transaction() or session.begin()
        session.info.setdefault(_KEPT, []).append((inside, self, value))

    def of(self, session: Session) -> list[_T]:
        """The values of this transaction, in order."""
        return [value for _, owner, value in session.info.get(_KEPT, ()) if owner is self]

    def take(self, session: Session) -> list[_T]:
        """The values of this transaction, removed."""
        found = self.of(session)
        session.info[_KEPT] = [kept for kept in session.info.get(_KEPT, ()) if kept[1] is not self]
        return found


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KEPT, None)


@event.listens_for(Session, "after_soft_rollback")
def _take_back(session: Session, rolled_back: SessionTransaction) -> None:
    if kept := session.info.get(_KEPT):
        session.info[_KEPT] = [each for each in kept if not _within(each[0], rolled_back)]


def _within(inner: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while inner is not None and inner is not outer:
        inner = inner.parent
    return inner is outer
