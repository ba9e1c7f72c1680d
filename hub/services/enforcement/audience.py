"""Who besides the platforms may see a decision 共享范围: departments and the public.

The sharing level decides, as in MISP. For an audience that may not, a code as in `Withheld` is
recorded; both go into the audit entry of the approval, beside those of the platforms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from hub import beijing
from hub.services.privacy import identities
from hub.services.review import second_review
from models import Case, Decision, Merchant, Order
from models.states import DecisionState, Effect

# Audience -> the sharing levels that reach it.
REACHED_BY = {"departments": ("departments", "public"), "public": ("public",)}
PAGE = 50


def withheld(sharing: Mapping[str, Any]) -> dict[str, str | None]:
    """For each audience None when it may see a decision shared like this, else a reason code."""
    level = sharing.get("level", "all")
    return {who: None if level in levels else "sharing" for who, levels in REACHED_BY.items()}


@dataclass(frozen=True)
class SharedDecision:
    """A decision as departments read it; `platforms` counts orders by execution state."""

    number: str
    state: str
    kind: str
    approved_at: datetime | None
    party: str | None
    uscc: str | None
    measures: list[dict[str, Any]]
    facts: str
    grounds: list[str]
    ended_because: str | None
    platforms: dict[str, int]


@dataclass(frozen=True)
class DecisionPage:
    """One page of decisions, newest first."""

    decisions: list[SharedDecision]
    more: bool


def with_departments(session: Session, page: int = 1, viewer_id: int | None = None) -> DecisionPage:
    """Penalties that departments may see, revoked ones too: who acted on one must learn of its
    end. Without those that the viewer has to review blind."""
    rows = session.execute(
        select(Decision, Case.kind, Merchant)
        .join(Case, Case.id == Decision.case_id)
        .outerjoin(Merchant, Merchant.id == Case.merchant_id)
        .where(
            _reaches("departments"),
            Decision.approved_at.is_not(None),
            second_review.seen_by(viewer_id),
        )
        .order_by(Decision.approved_at.desc(), Decision.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    done = _execution(session, [decision.id for decision, _, _ in rows])
    found = [
        SharedDecision(
            f"C{d.case_id}-{d.version}", d.state, kind, d.approved_at,
            merchant.name if merchant else None, merchant.uscc if merchant else None,
            d.measures, d.facts, d.grounds, d.ended_because, done.get(d.id, {}),
        )
        for d, kind, merchant in rows[:PAGE]
    ]  # fmt: skip
    return DecisionPage(found, len(rows) > PAGE)


def _execution(session: Session, decision_ids: list[int]) -> dict[int, dict[str, int]]:
    rows = session.execute(
        select(Order.decision_id, Order.execution, func.count())
        .where(Order.decision_id.in_(decision_ids), Order.revokes_id.is_(None))
        .group_by(Order.decision_id, Order.execution)
        .order_by(Order.execution)
    )
    found: dict[int, dict[str, int]] = {}
    for decision_id, execution, n in rows:
        found.setdefault(decision_id, {})[execution] = n
    return found


def published(session: Session) -> list[list[Any]]:
    """[number, date, kind, party, credit code, measures, grounds] of every penalty in force that
    the public may see, newest first. A party without a valid credit code is a person and is not
    named; facts are left out, as they may name persons."""
    rows = session.execute(
        select(Decision, Case.kind, Merchant)
        .join(Case, Case.id == Decision.case_id)
        .outerjoin(Merchant, Merchant.id == Case.merchant_id)
        .where(_reaches("public"), Decision.state == DecisionState.APPROVED)
        .order_by(Decision.approved_at.desc(), Decision.id.desc())
    )
    found = []
    for decision, kind, merchant in rows:
        code = identities.valid_uscc(merchant.uscc) if merchant else None
        found.append(
            [
                f"C{decision.case_id}-{decision.version}",
                _day(decision.approved_at),
                kind,
                merchant.name if merchant and code else None,
                code,
                "、".join(m["label"] for m in decision.measures),
                "；".join(decision.grounds),
            ]
        )
    return found


def _day(moment: datetime | None) -> str | None:
    return beijing.day_of(moment).isoformat() if moment else None


def _reaches(who: str) -> ColumnElement[bool]:
    level: ColumnElement[str] = Decision.sharing["level"].astext
    return (Decision.effect == Effect.PENALTY) & level.in_(REACHED_BY[who])
