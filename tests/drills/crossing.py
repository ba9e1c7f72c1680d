"""Services that write to the audit log while they need other locks run against each other, with
every decision drawn for review: none may find itself waiting in a circle.

An approval and an incoming appeal both change the deny-list; a dismissal and an officer who stops
a clock both change the clock. The quick one is repeated until the slow one is through, so that
they meet at every place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from threading import Barrier, Event

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from hub.database import dispose, engine, session_scope
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.cases import actions
from hub.services.enforcement import approving, platform_answers
from hub.services.office import clocks
from hub.services.platforms import directory
from models import Appeal, AuditEntry, Case, Clock, Decision, Order, Review, ReviewRule, User
from tests.drills import desk
from tests.drills.harness import Row, aside, hub

PLATFORMS = ("one", "two", "three")


def run(size: int) -> Row:
    """`size` rounds of both races."""
    row = Row("decisions, appeals and clocks at once", tries=2 * size)
    hub()
    with aside("crossing"), ThreadPoolExecutor(2) as pool:
        order = _prepare()
        for number in range(size):
            _approve_beside_appeal(pool, row, order, number)
            _dismiss_beside_clock(pool, row)
        _count(row, size)
    row.lost = sum(row.figures.values())
    return row


def _prepare() -> Order:
    """Officers, platforms, a rule that draws everything; an order of a decision that bars its
    merchant, to be appealed against. The database looks for circles soon."""
    with engine().begin() as connection:
        connection.execute(text("ALTER DATABASE crossing SET deadlock_timeout = '50ms'"))
    dispose()
    with session_scope() as session:
        for role in ("handler", "approver", "supervisor"):
            session.add(User(username=role, name=role, role=role, password_hash="-"))
        for slug in PLATFORMS:
            directory.register(session, slug, slug, f"http://127.0.0.1:9/{slug}")
        session.flush()
        by = desk.officer(session, "supervisor").id
        session.add(ReviewRule(share=1.0, golden_share=1.0, by_user_id=by, why="drill"))
        session.flush()
        decision = desk.ordered(session)
        return session.scalars(select(Order).where(Order.decision_id == decision.id)).first()


def _approve_beside_appeal(pool: ThreadPoolExecutor, row: Row, order: Order, number: int) -> None:
    with session_scope() as session:
        decision = desk.proposed(session)
    said = {"order_id": order.public_id, "reason": "drill"}

    def approve(session: Session) -> None:
        approving.approve(session, desk.officer(session, "approver"), decision.case_id, 2)

    def appeal(session: Session, n: int) -> None:
        data = said | {"appeal_id": f"A{number}.{n}"}
        platform_answers.take(session, order.platform_id, PLATFORMS[0], "appeal.filed", data)

    _race(pool, row, "approve/appeal", approve, appeal)


def _dismiss_beside_clock(pool: ThreadPoolExecutor, row: Row) -> None:
    with session_scope() as session:
        case = Case(kind="violation", title="drill", violation="unspecified", assessment={})
        session.add(case)
        session.flush()
        actions.file(session, desk.officer(session, "handler"), case.id, 1)
        clock = session.scalars(
            select(Clock.id).where(Clock.case_id == case.id, Clock.rule == "decide")
        ).one()

    def dismiss(session: Session) -> None:
        actions.dismiss(session, desk.officer(session, "handler"), case.id, 2, "drill")

    def stop(session: Session, n: int) -> None:
        handler = desk.officer(session, "handler")
        if n % 2:
            clocks.resume(session, handler, clock)
        else:
            clocks.stop(session, handler, clock, "drill")

    _race(pool, row, "dismiss/stop", dismiss, stop)


def _race(
    pool: ThreadPoolExecutor,
    row: Row,
    name: str,
    slow: Callable[[Session], None],
    quick: Callable[[Session, int], None],
) -> None:
    """`slow` once, `quick` until it is through, each in a transaction of its own. That one comes
    too late is no fault; anything else is counted."""
    together, over = Barrier(2), Event()

    def once() -> list[str]:
        together.wait()
        try:
            return [_outcome(slow)]
        finally:
            over.set()

    def repeated() -> list[str]:
        together.wait()
        found = []
        for n in count():
            found.append(_outcome(partial(quick, n=n)))
            if over.is_set():
                return found
        return found

    running = [pool.submit(once), pool.submit(repeated)]
    for said in (said for each in running for said in each.result() if said):
        key = f"{name}: {said}"
        row.figures[key] = row.figures.get(key, 0) + 1


def _outcome(step: Callable[[Session], None]) -> str:
    """What went wrong; "" if nothing did."""
    try:
        with session_scope() as session:
            step(session)
    except Problem as problem:
        return "" if problem.status == 409 else repr(problem)
    except Exception as error:
        return type(getattr(error, "orig", error)).__name__
    return ""


def _count(row: Row, size: int) -> None:
    """Whatever happened is in the log, and the log holds."""
    with session_scope() as session:
        noted = Counter(session.scalars(select(AuditEntry.action)))
        held = audit_log.verify(session)
        happened = {
            "approve": select(func.count()).where(Decision.state == "APPROVED"),
            "dismiss": select(func.count()).where(Case.state == "DISMISSED"),
            "appeal": select(func.count()).select_from(Appeal),
            "review_drawn": select(func.count()).where(Review.golden_id.is_(None)),
        }
        for action, query in happened.items():
            n = session.scalar(query)
            row.check(noted[action] == n, f"{action}: {n} happened, {noted[action]} noted")
    row.check(held == (noted.total(), None), "the log does not hold")
    if row.kept and not row.figures:
        row.check(noted["approve"] == size + 1, "an approval did not take place")
