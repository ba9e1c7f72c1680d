"""Two approvers press the button at once: one wins, the other hears 409, orders go out once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from hub.database import session_scope
from hub.runner.demo import PASSWORD
from hub.runner.officers import Officer
from hub.services.people import accounts
from models import AuditEntry, Order, User
from tests.drills import desk
from tests.drills.harness import Row, hub

RIVAL = "approver-2"


def run(size: int) -> Row:
    """`size` proposals, each approved by two officers in the same moment."""
    row, house = Row("two approvers at once", tries=size), hub()
    with session_scope() as session:
        if not session.scalar(select(User.id).where(User.username == RIVAL)):
            accounts.create(session, RIVAL, "审批人老吴", "approver", PASSWORD)
    rivals = [Officer(house.base_url, name, PASSWORD) for name in ("approver", RIVAL)]
    outcomes: Counter[tuple[int, ...]] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(size):
            with session_scope() as session:
                decision = desk.proposed(session)
            outcomes[_race(pool, rivals, decision.case_id)] += 1
            _count(row, decision.id, decision.case_id, len(house.platforms))
    row.check(set(outcomes) == {(303, 409)}, f"answers {dict(outcomes)}")
    return row


def _race(pool: ThreadPoolExecutor, rivals: list[Officer], case_id: int) -> tuple[int, ...]:
    """What both hear, in ascending order."""
    path, together = f"/cases/{case_id}", Barrier(2)
    forms = [officer.read(path).forms["form-approve"] for officer in rivals]

    def press(officer: Officer, form) -> int:
        together.wait()
        answer = officer.http.post(
            officer.base_url + form.action, data=form.fields, timeout=60, allow_redirects=False
        )
        return answer.status_code

    return tuple(sorted(pool.map(press, rivals, forms)))


def _count(row: Row, decision: int, case: int, platforms: int) -> None:
    """One order a platform, one entry in the log."""
    with session_scope() as session:
        orders = session.scalar(select(func.count()).where(Order.decision_id == decision))
        noted = session.scalar(
            select(func.count()).where(AuditEntry.case_id == case, AuditEntry.action == "approve")
        )
    row.lost += max(0, platforms - orders)
    row.doubled += max(0, orders - platforms) + max(0, noted - 1)
    row.check(noted > 0, f"case {case}: the approval is not in the log")
