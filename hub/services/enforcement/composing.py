"""What each platform will get: composed by the same code for the preview and the order.

The two differ only in ids, seq and times. The preview is sealed: the approver's form carries the
newest report it counted and a digest, so that what is approved is what was seen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.services.cases import relations
from hub.services.enforcement import measures
from models import Case, Decision, Merchant, Platform, Report, Wording
from models.states import COUNTED, Effect

_MOST_REPORTS = 500  # of a platform's own reports named in one order


@dataclass(frozen=True)
class OrderIdentity:
    """What only issuing knows; the preview uses placeholders."""

    order_id: str
    now: datetime
    supersedes: str | None = None


@dataclass(frozen=True)
class PlatformOrder:
    """What one platform gets: a body, or the reason why it gets none."""

    platform: Platform
    fits: list[measures.Fit]
    withheld: str | None
    body: dict[str, Any] | None = None

    @property
    def changed(self) -> list[measures.Fit]:
        """Measures this platform cannot do as decided."""
        return [f for f in self.fits if f.changed]


def asked(case: Case, decision: Decision, platform: Platform) -> PlatformOrder:
    """What the decision means for this platform; the body is not composed yet."""
    fits = measures.fitted(decision.measures, platform.kind, platform.capabilities or None)
    return PlatformOrder(platform, fits, _why_withheld(case, decision, platform, fits))


def _why_withheld(
    case: Case, decision: Decision, platform: Platform, fits: list[measures.Fit]
) -> str | None:
    level = decision.sharing.get("level", "all")
    if not platform.active:
        return "inactive"
    if level == "own" and platform.slug not in case.spread:
        return "sharing"
    if level == "named" and platform.slug not in decision.sharing.get("platforms", ()):
        return "sharing"
    if not any(f.done for f in fits):
        return "incapable"
    return None


def body(
    session: Session,
    case: Case,
    decision: Decision,
    what: PlatformOrder,
    named: OrderIdentity,
    last_report_id: int | None = None,
) -> dict[str, Any]:
    """`data` of order.issued; reports after `last_report_id` (an id) are left out."""
    done: dict[str, dict[str, Any]] = {}
    for fit in what.fits:
        if fit.done:
            entry = {k: v for k, v in fit.done.items() if k != "on"}
            done.setdefault(entry["code"], entry)
    ordered = list(done.values())
    rumor, merchant = _about(session, case, ordered)
    return {
        "order_id": named.order_id,
        "decision_id": f"C{case.id}-{decision.version}",
        "kind": case.kind,
        "measures": ordered,
        "subject": _merchant_there(session, merchant, what.platform),
        "claim": _claim_there(session, rumor, what.platform, last_report_id),
        "facts": decision.facts,
        "grounds": decision.grounds,
        "answer_by": (named.now + timedelta(days=decision.answer_days)).isoformat(),
        "not_before": named.now.isoformat(),
        "expires_at": _ends(decision, ordered, named.now),
        "supersedes": named.supersedes,
    }


def _ends(decision: Decision, ordered: list[dict[str, Any]], now: datetime) -> str | None:
    """When the last measure of a decision expires, counted from the approval, so that a platform
    that gets the order late does not apply it longer than the others."""
    terms = [m["term_days"] for m in ordered]
    # A measure without a term that cannot be undone, such as a warning, is done at once.
    if not terms or not all(terms):
        return None
    return ((decision.approved_at or now) + timedelta(days=max(terms))).isoformat()


def _about(
    session: Session, case: Case, ordered: list[dict[str, Any]]
) -> tuple[Case | None, Case | None]:
    """The rumor's case and the merchant's that the order names: of two related cases the other
    one only where a measure acts on it."""
    targets = {m["target"] for m in ordered}
    other = relations.counterpart(session, case)
    if case.kind == "rumor":
        return case, other if other and "shop" in targets else None
    return (other if other and targets & {"content", "audience"} else None), case


def _merchant_there(
    session: Session, case: Case | None, platform: Platform
) -> dict[str, Any] | None:
    """The merchant with its shops on this platform; shops elsewhere are left out."""
    if case is None or case.merchant_id is None:
        return None
    merchant = session.get_one(Merchant, case.merchant_id)
    shops = [
        {"shop_id": s.shop_id, "shop_name": s.name}
        for s in merchant.shops
        if s.platform_id == platform.id
    ]
    return {
        "uscc": merchant.uscc,
        "merchant_name": merchant.name,
        "license_no": merchant.license_no,
        "shops": shops,
    }


def _claim_there(
    session: Session, case: Case | None, platform: Platform, last_report_id: int | None
) -> dict[str, Any] | None:
    """The rumor with this platform's own reports and URLs of it, newest 500.

    The text is the platform's own wording where it has one, so that no platform reads
    another's report; else the centre as the hub normalised it.
    """
    if case is None or case.claim_id is None:
        return None
    query = (
        select(Report)
        .where(Report.case_id == case.id, Report.platform_id == platform.id)
        .where(Report.state.in_(COUNTED))
        .order_by(Report.id.desc())
        .limit(_MOST_REPORTS)
    )
    reports = session.scalars(
        query if last_report_id is None else query.where(Report.id <= last_report_id)
    ).all()
    contents = [r.payload.get("content") or {} for r in reports]
    text = reports[-1].text if reports else _centre_text(session, case)
    return {
        "text": text,
        "reports": [r.external_id for r in reports],
        "urls": [c["url"] for c in contents if c.get("url")],
    }


def _centre_text(session: Session, case: Case) -> str:
    wording = session.scalar(
        select(Wording).where(Wording.claim_id == case.claim_id).order_by(Wording.id).limit(1)
    )
    return wording.text if wording else case.title


@dataclass(frozen=True)
class OrdersPreview:
    """What every platform will get, and the seal that the approver's form returns."""

    asked: list[PlatformOrder]
    seal: str


def preview(
    session: Session, case: Case, decision: Decision, last_report_id: int | None = None
) -> OrdersPreview:
    """What approving `decision` would send, with placeholders for what only issuing knows."""
    if last_report_id is None:
        last_report_id = session.scalar(select(func.max(Report.id))) or 0
    now = session.scalars(select(func.now())).one()
    named = OrderIdentity("od_" + "·" * 24, now)
    found = []
    for platform in session.scalars(select(Platform).order_by(Platform.id)):
        what = asked(case, decision, platform)
        if what.withheld is None and decision.effect == Effect.PENALTY:
            composed = body(session, case, decision, what, named, last_report_id)
            what = PlatformOrder(platform, what.fits, None, composed)
        found.append(what)
    return OrdersPreview(found, f"{last_report_id}.{_digest(found)}")


def _digest(found: list[PlatformOrder]) -> str:
    """A digest of everything but ids and times."""
    told = [
        (a.platform.slug, a.withheld, {k: v for k, v in (a.body or {}).items() if k not in MOVING})
        for a in found
    ]
    canonical = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


# What differs between a preview and the order made from it.
MOVING = frozenset({"order_id", "answer_by", "not_before", "expires_at", "supersedes"})


def sealed_last_report_id(seal: str) -> int | None:
    """The newest report a preview counted; None for a malformed seal."""
    last_report_id = seal.partition(".")[0]
    return (
        int(last_report_id)
        if last_report_id.isascii() and last_report_id.isdigit() and len(last_report_id) < 19
        else None
    )
