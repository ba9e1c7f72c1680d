"""Cases follow their merchant when two merchants become one, or one becomes two."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.locks import CHANGING, Lock, under
from hub.services.cases import merging
from hub.services.merchants import deny_list
from models import Case, Report, Shop
from models.states import BEFORE_DECISION, COUNTED


@under(Lock.CLAIMS)
def move_cases(session: Session, from_id: int, to_id: int) -> list[int]:
    """Give all cases of one merchant to another; returns their ids.

    Two live cases of one violation are merged, as by 并案, and can be unmerged again. One that
    waits for an approver stays separate and collects no more reports. The version of every
    case touched is incremented: whoever has it open gets a conflict.
    """
    cases = _locked(session, from_id, to_id)
    theirs = {c.violation: c for c in cases if c.merchant_id == to_id and c.live}
    moved = []
    for case in cases:
        if case.merchant_id != from_id:
            continue
        twin = theirs.get(case.violation) if case.live else None
        if twin:
            _unite(session, case, twin)
        session.flush()  # the old case leaves the index of live cases before it changes hands
        case.merchant_id, case.version = to_id, case.version + 1
        moved.append(case.id)
    session.flush()
    deny_list.follow_cases(session, moved)
    return moved


@under(Lock.CLAIMS)
def take_cases_along(session: Session, from_id: int, to_id: int) -> list[int]:
    """After a split: the cases whose every report is about a shop of `to_id` go there."""
    theirs = {
        (platform_id, shop_id)
        for platform_id, shop_id in session.execute(
            select(Shop.platform_id, Shop.shop_id).where(Shop.merchant_id == to_id)
        )
    }
    moved = []
    for case in _locked(session, from_id):
        about = select(Report.platform_id, Report.payload["subject"]["shop_id"].astext).where(
            Report.case_id == case.id, Report.state.in_(COUNTED)
        )
        shops = {(p, s) for p, s in session.execute(about.distinct())}
        if shops and shops <= theirs:
            case.merchant_id, case.version = to_id, case.version + 1
            moved.append(case.id)
    session.flush()
    deny_list.follow_cases(session, moved)
    return moved


def _locked(session: Session, *merchant_ids: int) -> list[Case]:
    return list(
        session.scalars(
            select(Case)
            .where(Case.merchant_id.in_(merchant_ids))
            .order_by(Case.id)
            .with_for_update(of=Case, **CHANGING)
            .execution_options(populate_existing=True)
        )
    )


def _unite(session: Session, case: Case, twin: Case) -> None:
    """Merge `case` into `twin` where both are before a decision; else keep one of them live."""
    if case.state not in BEFORE_DECISION or twin.state not in BEFORE_DECISION:
        # The one that is decided about keeps its reports; the other takes the new ones.
        (twin if case.state in BEFORE_DECISION else case).live = False
        return
    merging.absorb(session, case, twin)
