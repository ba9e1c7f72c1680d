"""The log cannot be altered unseen, whatever is written into it, and from whichever end."""

from __future__ import annotations

import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from hub.services.audit import audit_log
from models import AuditCheckpoint, AuditEntry

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def noted(session, n: int) -> None:
    for number in range(n):
        audit_log.note(session, "zhou", "approve", None, decision=number)
    session.commit()


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(detail=st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), anything, max_size=3))
def test_whatever_is_noted_verifies_when_read_again(session, detail):
    detail = {f"x_{k}": v for k, v in detail.items()}
    audit_log.note(session, "zhou", "approve", None, **detail)
    session.flush()
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
    assert audit_log.walk(session, anew=False).held == 8
    assert sorted(sealed) == [5, 6, 7, 8]  # the checkpoint's own entry, and the new ones


def test_entries_taken_off_the_end_are_missed(session):
    noted(session, 5)
    audit_log.walk(session)
    session.execute(text("DELETE FROM audit_entry WHERE id >= 4"))
    assert audit_log.walk(session, anew=False).broken == 5
    assert audit_log.verify(session)[1] == 5


def test_an_entry_before_the_checkpoint_is_found_by_the_whole_walk(session):
    noted(session, 5)
    audit_log.walk(session)
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    assert audit_log.walk(session, anew=False).broken is None
    assert audit_log.walk(session).broken == 2


def test_a_broken_chain_leaves_no_checkpoint(session):
    noted(session, 5)
    session.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    audit_log.walk(session)
    assert session.scalars(select(AuditCheckpoint)).all() == []
