"""The log cannot be altered unseen, whatever is written into it, and from whichever end."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from hub import locks
from hub.database import reading_scope
from hub.locks import Lock
from hub.services.audit import audit_log
from models import AuditCheckpoint, AuditEntry, SecurityEvent

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def noted(session, n: int) -> None:
    for number in range(n):
        audit_log.note(session, "zhou", "approve", None, decision=number)
    session.commit()


def actions(session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_what_is_noted_is_written_with_the_commit_in_one_order_and_time(session):
    for action in ("propose", "approve", "revoke"):
        audit_log.note(session, "zhou", action)
    assert actions(session) == []
    session.commit()
    assert actions(session) == ["propose", "approve", "revoke"]
    noted(session, 1)
    times = session.scalars(select(AuditEntry.at).order_by(AuditEntry.id)).all()
    assert times == sorted(times)
    assert audit_log.verify(session) == (4, None)


def test_what_is_taken_back_leaves_no_entry(session):
    audit_log.note(session, "zhou", "approve")
    session.rollback()
    audit_log.note(session, "zhou", "reject")
    session.commit()
    audit_log.note(session, "zhou", "revoke")
    session.close()
    session.commit()
    assert actions(session) == ["reject"]


def test_a_savepoint_taken_back_takes_its_entries_along(session):
    audit_log.note(session, "zhou", "take")
    with session.begin_nested():
        audit_log.note(session, "zhou", "propose")
        inner = session.begin_nested()
        audit_log.note(session, "zhou", "approve")
        inner.rollback()
        audit_log.note(session, "zhou", "reject")
    outer = session.begin_nested()
    with session.begin_nested():
        audit_log.note(session, "zhou", "stay")
    outer.rollback()
    with pytest.raises(IntegrityError), session.begin_nested():
        audit_log.note(session, "zhou", "uphold")
        session.add(AuditEntry(at=func.now(), actor="x", action="x", detail={}))  # lacks its hash
    session.commit()
    assert actions(session) == ["take", "propose", "reject"]


def test_a_commit_beside_an_open_savepoint_cannot_lose_an_entry(session):
    transaction = session.begin()
    session.begin_nested()
    audit_log.note(session, "zhou", "take")
    with pytest.raises(RuntimeError, match="under AUDIT_CHAIN"):
        transaction.commit()


def test_an_entry_that_would_not_be_written_is_refused(clean_db):
    with reading_scope() as session, pytest.raises(RuntimeError, match="no transaction"):
        audit_log.note(session, "zhou", "take")


def test_the_chain_is_locked_after_everything_else(session, locks_in_order):
    """Also after what a session still has to send when it commits."""
    audit_log.note(session, "zhou", "take")
    session.add(SecurityEvent(kind="late", detail={}))
    session.commit()
    assert locks_in_order == [] and actions(session) == ["take"]


def test_the_watch_over_locks_sees_what_it_is_there_for(session, locks_in_order):
    session.execute(text("SELECT id FROM platform FOR UPDATE"))
    locks.hold(session, Lock.CLAIMS)
    locks.hold(session, Lock.DENY_LIST)
    session.execute(text("SELECT id FROM platform FOR NO KEY UPDATE"))
    locks.hold(session, Lock.AUDIT_CHAIN)
    session.execute(text("SELECT 1"))
    places = [said.split(":")[0] for said in locks_in_order]
    assert places == ["after rows", "under a lock behind rows", "under the audit chain"]
    locks_in_order.clear()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(detail=st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), anything, max_size=3))
def test_whatever_is_noted_verifies_when_read_again(session, detail):
    detail = {f"x_{k}": v for k, v in detail.items()}
    audit_log.note(session, "zhou", "approve", None, **detail)
    session.commit()
    session.expire_all()
    assert audit_log.verify(session)[1] is None


def test_what_json_cannot_hold_is_kept_as_text():
    moment = datetime.datetime(2020, 2, 20)
    assert audit_log.encodable(
        {"big": 2**60, "inf": float("inf"), "when": moment, "half": "a\ud800", "nul": "a\0", 3: ()}
    ) == {
        "big": str(2**60), "inf": "inf", "when": str(moment), "half": "a\ufffd", "nul": "a\ufffd",
        "3": [],
    }  # fmt: skip


def test_entries_of_the_old_form_still_hold(session):
    noted(session, 1)
    old = AuditEntry(
        at=session.scalar(text("SELECT clock_timestamp()")), actor="李", action="take", form=1,
        case_id=None, detail={"b": 1.5, "a": "口罩"},
        previous=session.scalar(select(AuditEntry.hash)),
    )  # fmt: skip
    old.hash = audit_log.seal(old)
    session.add(old)
    session.flush()
    noted(session, 1)
    assert audit_log.verify(session) == (3, None)


def test_an_entry_cannot_pass_as_one_of_another_form(session):
    noted(session, 3)
    session.execute(text("UPDATE audit_entry SET form = 1 WHERE id = 2"))
    assert audit_log.verify(session) == (1, 2)
    session.execute(text("UPDATE audit_entry SET form = 7 WHERE id = 2"))
    assert audit_log.verify(session) == (1, 2)


def test_the_page_walks_only_what_is_new(session, monkeypatch):
    noted(session, 5)
    audit_log.walk(session)
    noted(session, 3)
    sealed: list[int] = []
    seal = audit_log.seal
    monkeypatch.setattr(audit_log, "seal", lambda entry: sealed.append(entry.id) or seal(entry))
    assert audit_log.walk(session, whole=False).held == 8
    assert sorted(sealed) == [5, 6, 7, 8]  # the checkpoint's own entry, and the new ones


def test_entries_taken_off_the_end_are_missed(session):
    noted(session, 5)
    audit_log.walk(session)
    session.execute(text("DELETE FROM audit_entry WHERE id >= 4"))
    assert audit_log.walk(session, whole=False).broken == 5
    assert audit_log.verify(session)[1] == 5


def test_an_entry_before_the_checkpoint_is_found_by_the_whole_walk(session):
    noted(session, 5)
    audit_log.walk(session)
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    assert audit_log.walk(session, whole=False).broken is None
    assert audit_log.walk(session).broken == 2


def test_a_broken_chain_leaves_no_checkpoint(session):
    noted(session, 5)
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    audit_log.walk(session)
    assert session.scalars(select(AuditCheckpoint)).all() == []
