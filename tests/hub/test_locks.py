"""Locks are taken in one order, and what needs one does not run without it."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from hub import locks
from hub.database import reading_scope, session_scope
from hub.locks import Lock, NotHeld, OutOfOrder, under
from tests.hub.web.conftest import queries


@under(Lock.FAN_OUT)
def guarded(session, word: str) -> str:
    return word


def free(lock: Lock, of: list[str] | None = None) -> bool:
    """Whether another transaction gets the lock at once."""
    with session_scope() as other:
        other.execute(text("SET LOCAL lock_timeout = '50ms'"))
        try:
            locks.hold(other, lock, of=of)
        except OperationalError:
            other.rollback()
            return False
        return True


def test_a_lock_keeps_others_out_until_the_transaction_ends(session):
    locks.hold(session, Lock.CLAIMS)
    assert not free(Lock.CLAIMS) and free(Lock.FAN_OUT)
    session.rollback()
    assert free(Lock.CLAIMS)


def test_a_shared_lock_keeps_out_who_wants_it_alone(session):
    locks.hold(session, Lock.FAN_OUT, shared=True)
    with session_scope() as other:
        locks.hold(other, Lock.FAN_OUT, shared=True)
    assert not free(Lock.FAN_OUT)


def test_one_held_already_is_not_asked_for_again(session):
    locks.hold(session, Lock.CLAIMS)
    locks.hold(session, Lock.DENY_LIST)
    with queries() as asked:
        locks.hold(session, Lock.CLAIMS)
        locks.hold(session, Lock.CLAIMS, shared=True)
    assert asked == []


@pytest.mark.parametrize("earlier", list(Lock)[:-1])
def test_none_is_taken_after_one_that_stands_behind_it(session, earlier):
    locks.hold(session, Lock.AUDIT_CHAIN)
    with pytest.raises(OutOfOrder, match=f"{earlier.name} after AUDIT_CHAIN"):
        locks.hold(session, earlier)


def test_of_many_alike_the_lesser_is_taken_first(session):
    locks.hold(session, Lock.REPORT, of=["1:b", "1:a"])
    locks.hold(session, Lock.REPORT, of=["1:a"])
    locks.hold(session, Lock.REPORT, of=["1:c"])
    with pytest.raises(OutOfOrder):
        locks.hold(session, Lock.REPORT, of=["1:aa"])


def test_of_many_alike_each_is_a_lock_of_its_own(session):
    locks.hold(session, Lock.REPORT, of=[])
    locks.hold(session, Lock.REPORT, of=["1:a", "1:b"])
    assert free(Lock.REPORT, of=["1:c"]) and free(Lock.REPORT)
    assert not free(Lock.REPORT, of=["1:b"])


def test_a_shared_lock_is_not_made_ones_own(session):
    locks.hold(session, Lock.FAN_OUT, shared=True)
    with pytest.raises(OutOfOrder):
        locks.hold(session, Lock.FAN_OUT)


def test_what_needs_a_lock_does_not_run_without(session):
    with pytest.raises(NotHeld, match="guarded without FAN_OUT"):
        guarded(session, "said")
    locks.hold(session, Lock.FAN_OUT, shared=True)
    assert guarded(session, "said") == "said"
    session.commit()
    with pytest.raises(NotHeld):
        guarded(session, "said")


def test_a_lock_of_a_savepoint_is_gone_with_it(session):
    savepoint = session.begin_nested()
    locks.hold(session, Lock.FAN_OUT)
    savepoint.rollback()
    assert free(Lock.FAN_OUT)
    with pytest.raises(NotHeld):
        guarded(session, "said")
    with session.begin_nested():
        locks.hold(session, Lock.FAN_OUT)
    assert guarded(session, "said") == "said" and not free(Lock.FAN_OUT)


def test_a_session_without_transactions_has_no_locks(clean_db):
    with reading_scope() as session, pytest.raises(RuntimeError, match="no transaction"):
        locks.hold(session, Lock.CLAIMS)
