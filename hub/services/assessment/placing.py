"""Which case a report belongs to: by claim for a rumor, by merchant and violation otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from classifiers import reasons
from hub.database import among
from hub.locks import CHANGING, Lock, under
from hub.services.cases import counts
from hub.services.office import case_clocks
from hub.services.reports.leased_report import Leased
from models import Case, CaseType, Report, Wording, case_type
from models.states import COUNTED, ReportState


class CaseGroup(NamedTuple):
    """The key of a live case: a claim, or a merchant and a type of offence.

    A merchant's next offence after a decision is a new case; a rumor stays one case forever.
    """

    kind: str
    claim_id: int | None
    merchant_id: int | None
    violation: str | None


@under(Lock.CLAIMS)
def place(session: Session, items: Sequence[Leased], now: datetime) -> None:
    """Attach each report, its merchant and wording known, to the live case of its group, opening
    one where there is none. Each case is counted once, however many of its reports are here."""
    live = _live(session, [_group(item) for item in items])
    opened = {}
    for item in items:
        group = _group(item)
        if group not in live:
            live[group] = _new(item, group)
            opened[item] = live[group]
        item.case, item.opened = live[group], item in opened
    session.add_all(opened.values())
    session.flush()
    case_clocks.opened(session, {case.id: item.received_at for item, case in opened.items()})
    for item in items:
        _take_in(session, item, now)
    for case in live.values():
        counts.rank(case)
    session.flush()


def _group(item: Leased) -> CaseGroup:
    wording = item.wording
    assert wording is not None
    if item.of_merchant:
        return CaseGroup(item.kind, None, item.merchant_id, _offence(item).code)
    return CaseGroup(item.kind, wording.claim_id, None, None)


def _offence(item: Leased) -> CaseType:
    """The type of violation a report is about, by which a merchant's cases are kept apart."""
    assert item.wording is not None
    chosen = reasons.type_of(item.payload.get("reason"))
    return case_type.of_report(item.wording.assessment, chosen)


def _live(session: Session, groups: Sequence[CaseGroup]) -> dict[CaseGroup, Case]:
    """Their cases, locked: officers and trust rounds write to the same rows."""
    claims = {g.claim_id for g in groups if g.claim_id}
    merchants = {g.merchant_id for g in groups if g.merchant_id}
    query = (
        select(Case)
        .where(Case.live, or_(Case.claim_id == among(claims), Case.merchant_id == among(merchants)))
        .order_by(Case.id)
        .with_for_update(of=Case, **CHANGING)
        .execution_options(populate_existing=True)
    )
    found = {}
    for case in session.scalars(query):
        violation = case.violation if case.merchant_id else None
        found[CaseGroup(case.kind, case.claim_id, case.merchant_id, violation)] = case
    return {group: found[group] for group in groups if group in found}


def _new(item: Leased, group: CaseGroup) -> Case:
    wording = item.wording
    assert wording is not None
    return Case(
        kind=group.kind,
        claim_id=group.claim_id,
        merchant_id=group.merchant_id,
        violation_type=_offence(item) if group.kind == "violation" else None,
        title=counts.case_title(item),
        theme_type=case_type.theme_of(wording.assessment),
        assessment=wording.assessment,
        urgency=0.0,  # raised when reports are counted
        demand=0,
        spread={},
        denied={},
        priority=0.0,
        live=True,
    )


def _take_in(session: Session, item: Leased, now: datetime) -> None:
    case, wording = item.case, item.wording
    assert case is not None and wording is not None
    denial = counts.denies(case, wording)
    counts.count(case, item.slug, +1, denial)
    if not denial:
        case.urgency = max(case.urgency, counts.urgency(wording.assessment))
        if counts.led_by_denial(case):
            counts.lead(session, case, item, wording)
        elif case.violation_type and _shows(item, case.violation_type):
            case.title = counts.case_title(item)
            case.read_as(wording.assessment)
    case.last_report_at = now


def _shows(item: Leased, kept: CaseType) -> bool:
    """Whether the report's text shows the type that only a reason names so far; it then represents
    the case."""
    said = _offence(item)
    return said.code == kept.code and said.outranks(kept)


def withdraw_older_versions(session: Session, items: Sequence[Leased]) -> None:
    """Withdraw older versions of a report when a newer one comes: they stay readable but are
    not counted. Call after the rows of `items` are written: an older one may be among them."""
    newest = {(i.platform_id, i.external_id): i.version for i in items if i.version > 1}
    if not newest:
        return
    older = session.scalars(
        select(Report)
        .where(
            tuple_(Report.platform_id, Report.external_id).in_(newest),
            Report.state.in_(COUNTED),
        )
        .order_by(Report.id)
        .with_for_update(of=Report, **CHANGING)
    ).all()
    for old in older:
        if old.version >= newest[old.platform_id, old.external_id]:
            continue
        case = session.get(Case, old.case_id)
        old.state = ReportState.SUPERSEDED
        if case:
            denial = counts.denies(case, session.get(Wording, old.wording_id))
            counts.count(case, old.platform.slug, -1, denial)
            counts.rank(case)
    session.flush()
