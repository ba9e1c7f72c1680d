"""The desk only reads: every public function of it runs where PostgreSQL refuses to write."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

import hub.desk
from hub.database import reading_scope
from hub.desk.case_page import case_content, case_file
from hub.desk.cases import evidence, execution_ledger
from hub.desk.merchants.deny_list_entries import Viewer
from hub.desk.queue import queue, search
from hub.services.cases import reliability
from hub.services.enforcement import approving, proposing
from hub.services.enforcement.proposing import ProposalTerms
from hub.services.review import second_review
from hub.services.warnings import early_warnings
from models import (
    AuditEntry,
    Case,
    Delivery,
    DenyEntry,
    EarlyWarning,
    InboundMessage,
    Platform,
    PriceQuote,
    Report,
    Review,
    User,
)
from tests.hub.web import seed

USCC = "91110102MA4712GN19"


@dataclass(frozen=True)
class World:
    """Ids of a rumor, two merchants' cases (one decided, one proposed) and what belongs to them."""

    rumor: int
    decided: int
    proposed: int
    merchant: int
    entry: int
    review: int
    warning: int
    officer: int
    platform: int


@pytest.fixture
def world(session) -> World:
    officers, p = seed.officers(session, {"reviewer": "handler"}), seed.platforms(session)
    second_review.set_rule(session, officers["approver"], 1.0, 0.0, "全部复核")
    rumor = seed.rumor_case(session, [("口罩断货", [p["jd"]]), ("口罩要断货", [p["pdd"]])])
    decided = seed.merchant_case(session, [("口罩从2元涨到15元", [p["jd"], p["pdd"]])], USCC)
    proposed = seed.merchant_case(session, [("卖假口罩", [p["jd"]])], None)
    terms = ProposalTerms(grounds=["价格法"])
    for case in (decided, proposed):
        proposing.propose(
            session, officers["handler"], case.id, case.version,
            ["close_shop", "bar_onboarding"], "口罩由2元涨至15元", terms,
        )  # fmt: skip
    session.commit()
    approving.approve(session, officers["approver"], decided.id, decided.version)
    session.commit()
    review = second_review.take(session, officers["reviewer"])
    second_review.answer(session, officers["reviewer"], review.id, "price_gouging", "")
    report = session.scalars(select(Report.id).where(Report.case_id == decided.id)).first()
    session.add(
        PriceQuote(report_id=report, platform_id=p["jd"].id, product="口罩", unit="只", price=15.0,
                   at=datetime.now(UTC))
    )  # fmt: skip
    now = datetime.now(UTC).isoformat()
    found = {
        "kind": "reports", "count": 11, "expected": 0.5, "tail": 1e-9, "level": 1e-6,
        "platforms": 2, "busy": 1.0, "surges": True, "minutes": 20, "since": now, "until": now,
        "by_platform": {str(p["jd"].id): 6},
    }  # fmt: skip
    warning = EarlyWarning(case_id=rumor.id, found=found)
    session.add(warning)
    session.commit()
    entry = session.scalars(select(DenyEntry.id)).one()
    return World(
        rumor.id, decided.id, proposed.id, decided.merchant_id, entry, review.id, warning.id,
        officers["handler"].id, p["jd"].id,
    )  # fmt: skip


def test_a_reading_scope_refuses_writes_and_row_locks(world):
    with reading_scope() as session:
        for forbidden in (
            insert(Platform).values(slug="x", name="x", endpoint="http://127.0.0.1:9/"),
            select(Case).with_for_update(),
        ):
            with pytest.raises(InternalError, match="read-only transaction"):
                session.execute(forbidden)
        session.add(AuditEntry(actor="x", action="x", detail={}, previous=b"", hash=b""))
        with pytest.raises(InternalError, match="read-only transaction"):
            session.flush()


# The arguments beside the session, by module below hub.desk and function.
CALLS: dict[str, Callable[[Session, World], tuple[Any, ...]]] = {
    "case_page.case_content.read": lambda s, w: (s.get(Case, w.decided), reliable(s), 1, w.officer),
    "case_page.case_ruling.read": lambda s, w: (s.get(Case, w.proposed), content(s, w), rows(s)),
    "case_page.case_file.read": lambda s, w: (w.proposed, 1, w.officer),
    "case_page.paper_facts.facts": lambda s, w: (case_file.read(s, w.decided), "jd"),
    "case_page.paper_facts.shelf": lambda s, w: (case_file.read(s, w.decided),),
    "cases.evidence.gather": lambda s, w: (s.get(Case, w.rumor), reliable(s)),
    "cases.execution_ledger.decisions": lambda s, w: (s.get(Case, w.decided),),
    "cases.order_preview.of": lambda s, w: (s.get(Case, w.proposed), proposal(s, w)),
    "cases.related_debunks.of_case": lambda s, w: (s.get(Case, w.rumor),),
    "cases.related_debunks.verdicts": lambda s, w: ([s.get(Case, w.rumor)],),
    "cases.spread.behind": lambda s, w: (early_warnings.one(s, w.warning),),
    "cases.spread.of_case": lambda s, w: (s.get(Case, w.rumor),),
    "cases.spread.products": lambda s, w: (),
    "cases.timeline.events": lambda s, w: (s.get(Case, w.decided), {}, arrivals(s, w)),
    "cases.timeline.people_of": lambda s, w: (s.scalars(select(AuditEntry)).all(),),
    "merchants.deny_list_entries.every": lambda s, w: (Viewer(w.officer), "all", "康宁", 10),
    "merchants.deny_list_entries.one": lambda s, w: (Viewer(w.officer), w.entry),
    "merchants.deny_list_entries.page": lambda s, w: (Viewer(w.officer), "in_force", USCC),
    "merchants.deny_list_versions.holdings": lambda s, w: (),
    "merchants.deny_list_versions.listed": lambda s, w: (Viewer(w.officer),),
    "merchants.deny_list_versions.of_entry": lambda s, w: (Viewer(w.officer), w.entry),
    "merchants.merchant_list.search": lambda s, w: ("康宁",),
    "merchants.merchant_page.of_case": lambda s, w: (s.get(Case, w.decided), w.officer),
    "merchants.merchant_page.read": lambda s, w: (w.merchant, w.officer),
    "oversight.model_figures.read": lambda s, w: (),
    "oversight.platform_lines.deliveries": lambda s, w: ("jd", "PENDING"),
    "oversight.platform_lines.every": lambda s, w: (),
    "oversight.platform_lines.names": lambda s, w: (),
    "oversight.platform_lines.one": lambda s, w: ("jd",),
    "oversight.platform_lines.platform_of": lambda s, w: (first(s, Delivery, w),),
    "oversight.platform_view.health": lambda s, w: (w.platform,),
    "oversight.platform_view.keys_in_force": lambda s, w: (s.get(Platform, w.platform),),
    "oversight.platform_view.message": lambda s, w: (w.platform, first(s, InboundMessage, w)),
    "oversight.platform_view.messages": lambda s, w: (w.platform, False, 1),
    "oversight.platform_view.sent": lambda s, w: (w.platform, first(s, Delivery, w)),
    "oversight.records.alarms": lambda s, w: (),
    "oversight.records.quarantined": lambda s, w: (),
    "oversight.records.log": lambda s, w: (w.decided, "handler"),
    "oversight.records.refused": lambda s, w: (),
    "oversight.records.users": lambda s, w: (),
    "oversight.records.viewings": lambda s, w: ("handler",),
    "oversight.records.waiting": lambda s, w: (),
    "oversight.review_figures.blind": lambda s, w: (s.get(Review, w.review),),
    "oversight.review_figures.line": lambda s, w: (w.review,),
    "oversight.review_figures.overview": lambda s, w: (),
    "oversight.review_figures.own": lambda s, w: (s.get(User, w.officer),),
    "oversight.statistics.read": lambda s, w: (30,),
    "queue.case_lines.of": lambda s, w: ([(s.get(Case, w.rumor), None)], {}, w.officer),
    "queue.case_lines.platform_names": lambda s, w: (),
    "queue.queue.every": lambda s, w: (queue.Filters(tab="all", viewer_id=w.officer), 10),
    "queue.queue.page": lambda s, w: (queue.Filters(tab="all", q="口罩", viewer_id=w.officer),),
    "queue.queue.unassigned": lambda s, w: (queue.Filters(region="11", clock="soon"),),
    "queue.search.explain": lambda s, w: (search.parse("康宁"), {w.decided: "口罩涨价"}),
    "queue.search.find": lambda s, w: (search.parse("口罩"),),
}  # fmt: skip


def reliable(session: Session) -> dict[str, reliability.Reliability]:
    return reliability.of_platforms(session, seed.NAMES)


def proposal(session: Session, world: World) -> Any:
    return execution_ledger.decisions(session, session.get_one(Case, world.proposed))[0].decision


def arrivals(session: Session, world: World) -> list[evidence.Arrival]:
    return evidence.gather(
        session, session.get_one(Case, world.decided), reliable(session)
    ).arrivals


def content(session: Session, world: World) -> case_content.CaseContent:
    case = session.get_one(Case, world.proposed)
    return case_content.read(session, case, reliable(session), 1, world.officer)


def rows(session: Session) -> Any:
    columns = (Platform.slug, Platform.name, Platform.kind, Platform.active)
    return session.execute(select(*columns).order_by(Platform.id)).all()


def first(session: Session, kind: Any, world: World) -> int:
    return session.scalars(select(kind.id).where(kind.platform_id == world.platform)).first()


def functions() -> dict[str, Callable[..., Any]]:
    """Every public function of the desk that is given a session."""
    found = {}
    for module in pkgutil.walk_packages(hub.desk.__path__, "hub.desk."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isfunction)
        for name, function in members:
            own = function.__module__ == module.name and not name.startswith("_")
            if own and "session" in inspect.signature(function).parameters:
                found[f"{module.name.removeprefix('hub.desk.')}.{name}"] = function
    return found


def test_every_function_of_the_desk_is_called_here():
    assert sorted(functions()) == sorted(CALLS)


def test_no_function_of_the_desk_writes_or_locks(world):
    for name, function in functions().items():
        with reading_scope() as reading:
            function(reading, *CALLS[name](reading, world))
