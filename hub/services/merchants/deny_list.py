"""The deny-list 限制入驻名单: kept by decisions that bar a merchant from onboarding.

Every change takes the next version of the list at the end of its transaction, one transaction at
a time, so that a client that asks for the changes since a version misses nothing. The change
behind each version is kept, and which platform fetched which version.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.at_commit import at_commit
from hub.database import changed
from hub.locks import Lock
from models import Case, Decision, DenyChange, DenyEntry, DenyPull, Order

BAR = "bar_onboarding"
_A_WHILE_AGO = DenyPull.last_at < func.now() - text("interval '1 minute'")


def version(session: Session) -> int:
    """The version of the list: that of its last change, 0 for an empty one."""
    return session.scalar(select(func.max(DenyEntry.version))) or 0


@at_commit(Lock.DENY_LIST)
def enter(session: Session, case: Case, decision: Decision) -> None:
    """Put the merchant of an approved decision on the list, if the decision bars it."""
    bar = next((m for m in decision.measures if m["code"] == BAR), None)
    if bar is None or case.merchant_id is None or decision.approved_at is None:
        return
    days = bar["term_days"]
    number = version(session) + 1
    entry = DenyEntry(
        version=number,
        merchant_id=case.merchant_id,
        decision_id=decision.id,
        reason=decision.facts,
        starts_at=decision.approved_at,
        expires_at=decision.approved_at + timedelta(days=days) if days else None,
    )
    session.add(entry)
    session.flush()
    session.add(DenyChange(version=number, entry_id=entry.id, what="entered"))
    session.flush()


@at_commit(Lock.DENY_LIST)
def end(session: Session, decision: Decision, because: str) -> None:
    """The decision no longer bars its merchant."""
    for entry in _entries(session, decision.id):
        if entry.ended_at is None:
            entry.ended_at, entry.ended_because = func.now(), because[:5000]
            _changed(session, entry, "ended", entry.ended_because)


@at_commit(Lock.DENY_LIST)
def note_appeal(session: Session, order: Order, state: str) -> None:
    """Record at the entry the state of the appeal against its decision."""
    for entry in _entries(session, order.decision_id):
        entry.appeal_state = state
        _changed(session, entry, "appeal", state)


@at_commit(Lock.DENY_LIST)
def follow_cases(session: Session, case_ids: Sequence[int]) -> None:
    """Move the entries of cases that changed merchant when merchants were joined or split."""
    rows = session.execute(
        select(DenyEntry, Case.merchant_id)
        .join(Decision, Decision.id == DenyEntry.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .where(Case.id.in_(case_ids), Case.merchant_id != DenyEntry.merchant_id)
        .order_by(DenyEntry.id)
    )
    for entry, merchant_id in rows.all():
        if merchant_id is not None:
            said = f"M{entry.merchant_id} → M{merchant_id}"
            entry.merchant_id = merchant_id
            _changed(session, entry, "moved", said)


def _changed(session: Session, entry: DenyEntry, what: str, said: str | None) -> None:
    entry.version = version(session) + 1
    session.add(DenyChange(version=entry.version, entry_id=entry.id, what=what, said=said))
    session.flush()


def pulled(session: Session, platform_id: int, version: int) -> None:
    """Record that a platform fetched the list up to a version; repeats once a minute."""
    kept = insert(DenyPull).values(platform_id=platform_id, version=version)
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["platform_id", "version"],
            set_={"last_at": func.now()},
            where=_A_WHILE_AGO,
        )
    )


def asked_again(session: Session, platform_id: int) -> None:
    """Record that a platform asked and nothing had changed since its last fetch."""
    last = select(func.max(DenyPull.version)).where(DenyPull.platform_id == platform_id)
    its_last = update(DenyPull).where(
        DenyPull.platform_id == platform_id, DenyPull.version == last.scalar_subquery()
    )
    changed(session, its_last.where(_A_WHILE_AGO).values(last_at=func.now()))


def _entries(session: Session, decision_id: int) -> list[DenyEntry]:
    return list(session.scalars(select(DenyEntry).where(DenyEntry.decision_id == decision_id)))
