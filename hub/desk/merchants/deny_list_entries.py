"""The deny-list 限制入驻名单 as officers read it: who is barred, why and until when.

Administrators need the versions but no names: to them a merchant is shown by its number, its name
and code masked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select, text, true
from sqlalchemy.orm import Session

from hub.desk.cases import execution_ledger
from hub.desk.merchants import merchant_list
from hub.problems import not_found
from hub.services.merchants import deny_list
from hub.services.privacy import masking
from hub.services.review import second_review
from models import Case, Decision, DenyEntry, Merchant, Order
from models.states import OrderExecution

PAGE = 50
SOON = 30  # days before its end that an entry is shown as expiring
TABS = {
    "in_force": "有效",
    "soon": "即将到期",
    "expired": "已到期",
    "lifted": "已解除",
    "all": "全部",
}
_NUMBER = re.compile(r"([CcMm])(\d{1,18})\Z", re.ASCII)
_OPEN = and_(DenyEntry.ended_at.is_(None), DenyEntry.starts_at <= func.now())
_EXPIRED = and_(_OPEN, func.coalesce(DenyEntry.expires_at <= func.now(), False))
_NEAR = DenyEntry.expires_at <= func.now() + text(f"interval '{SOON} days'")
_IN_FORCE = and_(_OPEN, ~_EXPIRED)
_WHERE: dict[str, ColumnElement[bool]] = {
    "in_force": _IN_FORCE,
    "soon": and_(_IN_FORCE, func.coalesce(_NEAR, False)),
    "expired": _EXPIRED,
    "lifted": DenyEntry.ended_at.is_not(None),
}


@dataclass(frozen=True)
class Viewer:
    """Who reads: `named` may see who the merchants are; what `id` has yet to answer in a second
    review is hidden from them."""

    id: int
    named: bool = True


@dataclass(frozen=True)
class DenyListLine:
    """One entry. Of `ordered` platforms that were ordered to bar, `done` have confirmed it."""

    id: int
    version: int
    merchant_id: int
    name: str | None
    uscc: str | None
    reason: str | None
    grounds: list[str]
    case_id: int
    decision: int
    state: str  # a key of TABS, the nearest
    starts_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    ended_because: str | None
    appeal: str | None
    ordered: int = 0
    done: int = 0


@dataclass(frozen=True)
class DenyListPage:
    """One page of the list."""

    lines: list[DenyListLine]
    more: bool
    counts: dict[str, int]


@dataclass(frozen=True)
class Entry:
    """One entry with the orders to every platform and their execution."""

    line: DenyListLine
    orders: list[execution_ledger.OrderLine]
    withheld: list[tuple[str, str]]


def page(session: Session, viewer: Viewer, tab: str, q: str, number: int = 1) -> DenyListPage:
    """The `number`-th page of a tab's entries that `q` finds."""
    query = visible(viewer, tab, q).offset((number - 1) * PAGE).limit(PAGE + 1)
    found = _read(session, viewer, query)
    return DenyListPage(
        found[:PAGE],
        len(found) > PAGE,
        _counts(session, viewer, q),
    )


def every(session: Session, viewer: Viewer, tab: str, q: str, most: int) -> list[DenyListLine]:
    """All entries of a tab that `q` finds, at most `most`, for an export."""
    return _read(session, viewer, visible(viewer, tab, q).limit(most))


def one(session: Session, viewer: Viewer, id_: int) -> Entry:
    """One entry. Raises Problem 404, also while the viewer owes a second review of its case."""
    found = _read(session, viewer, visible(viewer, "all", "").where(DenyEntry.id == id_))
    if not found:
        raise not_found("名单中没有这一条。")
    (line,) = found
    decided = execution_ledger.decisions(session, session.get_one(Case, line.case_id))
    own = next(d for d in decided if d.version == line.decision)
    revoking = [
        o for d in decided if d.replaces_id == own.decision.id for o in d.orders if o.revokes
    ]
    return Entry(line, own.orders + revoking, own.withheld)


def visible(viewer: Viewer, tab: str, q: str) -> Select[DenyEntry, Merchant, Decision]:
    """The entries of a tab that `q` finds and the viewer may see."""
    query = (
        select(DenyEntry, Merchant, Decision)
        .join(Merchant, Merchant.id == DenyEntry.merchant_id)
        .join(Decision, Decision.id == DenyEntry.decision_id)
        .where(Decision.case_id.not_in(second_review.unanswered_by(viewer.id)))
    )
    if tab in _WHERE:
        query = query.where(_WHERE[tab])
    return query.where(_found(viewer, q)) if q else query


def _found(viewer: Viewer, q: str) -> ColumnElement[bool]:
    """C12 is a case, M12 a merchant; anything else is searched in names, codes and shops."""
    if number := _NUMBER.match(q.strip()):
        column = Decision.case_id if number[1] in "Cc" else DenyEntry.merchant_id
        return column == int(number[2])
    return merchant_list.matches(q) if viewer.named else false()


def _counts(session: Session, viewer: Viewer, q: str) -> dict[str, int]:
    sums = [func.count().filter(_WHERE.get(tab, true())) for tab in TABS]
    row = session.execute(visible(viewer, "all", q).with_only_columns(*sums)).one()
    return dict(zip(TABS, row, strict=True))


def _read(
    session: Session, viewer: Viewer, query: Select[DenyEntry, Merchant, Decision]
) -> list[DenyListLine]:
    """The lines of a query of `visible`, newest first, each with its orders counted."""
    stated = case((DenyEntry.ended_at.is_not(None), "lifted"), (_EXPIRED, "expired"),
                  (_WHERE["soon"], "soon"), else_="in_force")  # fmt: skip
    rows = session.execute(query.add_columns(stated).order_by(DenyEntry.id.desc())).all()
    executed = _executed(session, [entry.decision_id for entry, _, _, _ in rows])
    return [
        _line(viewer, entry, merchant, decision, state, executed.get(decision.id, (0, 0)))
        for entry, merchant, decision, state in rows
    ]


def _executed(session: Session, decision_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By decision: how many platforms were ordered, and how many of them executed the order or
    have no such shop and barred the merchant."""
    barred = Order.execution.in_((OrderExecution.EXECUTED, OrderExecution.ABSENT))
    rows = session.execute(
        select(Order.decision_id, func.count(), func.count().filter(barred))
        .where(Order.decision_id.in_(decision_ids), Order.revokes_id.is_(None))
        .group_by(Order.decision_id)
    )
    return {decision_id: (n, did) for decision_id, n, did in rows}


def _line(
    viewer: Viewer,
    entry: DenyEntry,
    merchant: Merchant,
    decision: Decision,
    state: str,
    executed: tuple[int, int],
) -> DenyListLine:
    barred = next(
        (m["legal_ground"] for m in decision.measures if m["code"] == deny_list.BAR), None
    )
    return DenyListLine(
        id=entry.id,
        version=entry.version,
        merchant_id=merchant.id,
        name=named(viewer, merchant.name),
        uscc=_coded(viewer, merchant.uscc),
        reason=entry.reason if viewer.named else None,
        grounds=[*decision.grounds, *([barred] if barred else [])],
        case_id=decision.case_id,
        decision=decision.version,
        state=state,
        starts_at=entry.starts_at,
        expires_at=entry.expires_at,
        ended_at=entry.ended_at,
        ended_because=entry.ended_because if viewer.named else None,
        appeal=entry.appeal_state,
        ordered=executed[0],
        done=executed[1],
    )


def named(viewer: Viewer, name: str | None) -> str | None:
    """A merchant's name as the viewer may see it."""
    return name if viewer.named or not name else f"{name[0]}**"


def _coded(viewer: Viewer, uscc: str | None) -> str | None:
    return uscc if viewer.named or not uscc else masking.starred(uscc)
