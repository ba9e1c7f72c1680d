"""A button is on the page where its POST is accepted, and nowhere else: every action of the table,
in every state of a case, by officers of every role, through the real routes."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from hub.database import engine
from hub.services.cases import actions, assignment, permitted, relations
from hub.services.enforcement import appeals, approving, platform_answers, proposing
from hub.services.office import clocks
from hub.web.officers import cases
from models import Appeal, Case, Order, Platform, Report, User
from models.states import UNSETTLED, CaseState
from tests.hub.web import seed

ACCEPTED, REFUSED = {303}, {403, 404, 409, 422}
BECAUSE = "理由"


class Bureau:
    """Cases brought to their states by the services, as officers do it."""

    def __init__(self, session: Session, officers: dict[str, User], p: dict[str, Platform]) -> None:
        self.session, self.of, self.p = session, officers, p
        self.made: dict[str, int] = {}

    def rumor(self, reports: int = 2) -> Case:
        said = f"第{len(self.made)}种说法：口罩断货"
        spread = [(said, [self.p["jd"]]), (f"{said}了", [self.p["pdd"]])]
        return seed.rumor_case(self.session, spread[:reports])

    def merchant(self) -> Case:
        return seed.merchant_case(self.session, [("涨价", [self.p["jd"], self.p["pdd"]])], None)

    def does(self, case: Case, who: str, act: Callable, *more) -> Case:
        self.session.commit()
        act(self.session, self.of[who], case.id, case.version, *more)
        self.session.commit()
        return case

    def proposed(self, case: Case | None = None) -> Case:
        codes = ["label_content"] if case is None or case.kind == "rumor" else ["close_shop"]
        return self.does(case or self.rumor(), "handler", proposing.propose, codes, "事实")

    def ordered(self, case: Case | None = None) -> Case:
        return self.does(self.proposed(case), "approver", approving.approve)

    def answered(self, case: Case, platforms: int | None = None) -> Case:
        query = select(Order).where(Order.decision.has(case_id=case.id), Order.revokes_id.is_(None))
        for order in self.session.scalars(query.order_by(Order.id)).all()[:platforms]:
            data = {"order_id": order.public_id, "result": "executed"}
            platform_answers.take(self.session, order.platform_id, "-", "order.executed", data)
        self.session.flush()
        return case

    def appealed(self, case: Case) -> Case:
        query = select(Order).where(Order.decision.has(case_id=case.id))
        order = self.session.scalars(query.order_by(Order.id).limit(1)).one()
        data = {"order_id": order.public_id, "appeal_id": f"A{case.id}", "reason": BECAUSE}
        platform_answers.take(self.session, order.platform_id, "-", "appeal.filed", data)
        self.session.flush()
        return case

    def stayed(self) -> Case:
        case = self.appealed(self.ordered())
        return self.does(case, "approver", appeals.stay, appeal_of(self.session, case.id), BECAUSE)

    def upheld(self) -> Case:
        case = self.appealed(self.ordered())
        return self.does(
            case, "approver", appeals.uphold, appeal_of(self.session, case.id), BECAUSE
        )

    def change(self, case: Case) -> Case:
        return self.does(case, "handler", proposing.propose, ["label_content"], "另一事实")

    def everything(self) -> dict[str, int]:
        """One case for each way in which a case may stand, by name."""
        does = self.does
        lapsed = does(self.rumor(), "clerk", assignment.take)
        gone = update(Case).where(Case.id == lapsed.id)
        self.session.execute(gone.values(owner_until=func.now() - text("interval '1 minute'")))
        until = clocks.today(self.session) + timedelta(days=1)
        merged, into = self.rumor(), self.rumor()
        lost, decided = self.rumor(), self.rumor()
        suggested, other = self.rumor(), self.rumor()
        seed.suggest(self.session, suggested, other)
        replaced = self.merchant()
        does(replaced, "clerk", actions.dismiss, BECAUSE)
        newer = self.merchant()
        self.session.execute(
            update(Case).where(Case.id == newer.id).values(merchant_id=replaced.merchant_id)
        )
        related, partner = self.rumor(), self.merchant()
        relations.relate(self.session, self.of["clerk"], related, partner.id, BECAUSE)
        does(merged, "clerk", actions.merge, into.id)
        does(lost, "clerk", actions.merge, decided.id)
        self.proposed(decided)
        made = {
            "open": self.rumor(),
            "one report": self.rumor(1),
            "of a merchant": self.merchant(),
            "in hand": does(self.rumor(), "clerk", assignment.take),
            "in hand, lapsed": lapsed,
            "on file": does(self.rumor(), "handler", actions.file),
            "parked": does(self.rumor(), "clerk", assignment.park, until, BECAUSE),
            "suggested": suggested,
            "related": related,
            "dismissed": does(self.rumor(), "clerk", actions.dismiss, BECAUSE),
            "dismissed, replaced": replaced,
            "merged": merged,
            "merged into a decided one": lost,
            "proposed": self.proposed(),
            "rejected": does(self.proposed(), "approver", proposing.reject, BECAUSE),
            "withdrawn": does(self.proposed(), "handler", proposing.withdraw, BECAUSE),
            "ordered": self.ordered(),
            "partly executed": self.answered(self.ordered(), 1),
            "executed": self.answered(self.ordered()),
            "appealed": self.appealed(self.ordered()),
            "upheld": self.upheld(),
            "stayed": self.stayed(),
            "change proposed": self.change(self.appealed(self.ordered())),
            "overturning proposed": does(
                self.ordered(), "approver2", proposing.overturn, BECAUSE, None
            ),
            "revoked": does(self.ordered(), "approver", approving.revoke, BECAUSE),
            "reopened, in force": does(
                self.appealed(self.answered(self.ordered())), "clerk", actions.reopen, BECAUSE
            ),
        }
        made["reopened"] = does(
            does(self.rumor(), "clerk", actions.dismiss, BECAUSE), "clerk", actions.reopen, BECAUSE
        )
        self.session.commit()
        return {name: case.id for name, case in made.items()}


def appeal_of(session: Session, case_id: int) -> int:
    """The appeal of a case that waits for an answer; 0 where none does."""
    query = select(func.max(Appeal.id)).join(Order, Order.id == Appeal.order_id)
    waits = Appeal.state.in_(UNSETTLED)
    return session.scalar(query.where(Order.decision.has(case_id=case_id), waits)) or 0


@contextmanager
def undone():
    """A transaction like `session_scope`, of which nothing stays."""
    with Session(engine()) as session:
        yield session
        session.flush()
        session.rollback()


@pytest.fixture
def quick(monkeypatch):
    """Whatever is accepted is undone; a refusal is its status, without the page around it."""
    whole = cases._page
    monkeypatch.setattr(cases, "session_scope", undone)
    monkeypatch.setattr(
        cases,
        "_page",
        lambda case_id, problem=None, doing="": ("", problem.status) if problem else whole(case_id),
    )


def buttons(page: str, case_id: int) -> set[str]:
    """The actions whose forms stand on the page of a case."""
    return set(re.findall(rf'action="/cases/{case_id}/(\w+)"', page)) - {"care", "papers"}


def test_a_button_is_shown_where_its_action_is_accepted(desk, session, officers, p, quick):
    bureau = Bureau(session, officers, p)
    made = bureau.everything()
    rumor, merchant = bureau.rumor().id, bureau.merchant().id
    session.commit()
    suggested = session.get_one(Case, made["suggested"])
    other = session.scalars(select(Case.id).where(Case.id == suggested.id + 1)).one()
    states = {session.get_one(Case, id_).state for id_ in made.values()}
    assert states == set(CaseState)

    differing = []
    shown_ever: set[str] = set()
    for name, case_id in made.items():
        case = session.get_one(Case, case_id)
        typed = {
            "version": case.version,
            "reason": BECAUSE,
            "facts": "事实",
            "measures": "label_content" if case.kind == "rumor" else "close_shop",
            "into": rumor if case.kind == "rumor" else merchant,
            "to": "handler2",
            "until": str(clocks.today(session) + timedelta(days=2)),
            "theme": "health",
            "reports": session.scalar(select(func.min(Report.id)).filter_by(case_id=case_id)) or "",
            "appeal": appeal_of(session, case_id) or "",
        }
        into = {
            "apart": other,
            "relate": merchant if case.kind == "rumor" else rumor,
            "unrelate": max((c.id for c, _ in relations.related(session, case)), default=rumor),
        }
        for who in ("clerk", "handler", "approver", "approver2", "auditor"):
            browser = desk(who)
            browser.get(f"/cases/{case_id}?shown=1")
            shown = buttons(browser.page, case_id)
            shown_ever |= shown
            token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page)
            assert token, browser.page[:500]
            for action in permitted.ACTIONS:
                sent = (
                    typed
                    | {"csrf_token": token[1]}
                    | ({"into": into[action]} if action in into else {})
                )
                status = browser.client.post(f"/cases/{case_id}/{action}", data=sent).status_code
                assert status in ACCEPTED | REFUSED, (name, who, action, status)
                if (status in ACCEPTED) != (action in shown):
                    differing.append(f"{name}, {who}: {action} {status}")
    assert not differing, "\n".join(differing)
    assert shown_ever == set(permitted.ACTIONS), "no case of the walk shows these"
