"""Reconciliation of a demo: the platforms' counts against the hub's database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.runner.sandboxes import Sandbox
from models import Case, Decision, Delivery, Order, Report
from models.states import (
    IN_FLIGHT,
    ON_THE_WAY,
    TAKEN_BACK,
    TERMINAL,
    UNDECIDED,
    DecisionState,
    DeliveryState,
    OrderExecution,
    ReportState,
)

SETTLED = ("triage", "merged", "decided", "dismissed", "revoked", "superseded")


@dataclass
class SendingResult:
    """The hub's responses to the reports that were sent."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    quarantined: int = 0
    receipts: dict[tuple[str, str], str] = field(default_factory=dict)
    # No response yet: the platform keeps sending, and its own counts give the outcome later.
    unsettled: list[tuple[str, str]] = field(default_factory=list)

    def count(self, slug: str, report_id: Any, status: int, answer: Any) -> None:
        """Count one response: 2xx accepted, 422 quarantined, anything else refused."""
        self.sent += 1
        if 200 <= status < 300:
            self.accepted += 1
            self.receipts[(slug, str(report_id))] = answer["receipt"]
        elif status == 422:
            self.quarantined += 1
        elif status == 0 and slug:
            self.unsettled.append((slug, str(report_id)))
        else:
            self.refused += 1

    def settle(self, states: dict[str, dict[str, Any]]) -> None:
        """Resolve unsettled reports by each platform's current state."""
        for slug, report_id in self.unsettled:
            receipt = states[slug]["receipts"].get(report_id)
            if receipt:
                self.accepted += 1
                self.receipts[(slug, report_id)] = receipt
            else:
                self.refused += 1
        self.unsettled.clear()


def lost(sent: SendingResult, sandboxes: dict[str, Sandbox], base_url: str) -> int:
    """Accepted reports that their platform cannot read back as settled, over HTTP."""

    def missing(key: tuple[str, str]) -> bool:
        slug, report_id = key
        answer = requests.get(
            f"{base_url}/api/v1/reports/{requests.utils.quote(report_id, safe='')}",
            headers={"Authorization": f"Bearer {sandboxes[slug].token}"},
            timeout=30,
        )
        return answer.status_code != 200 or answer.json()["status"] not in SETTLED

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(missing, sent.receipts))


def ledger(session: Session) -> dict[str, Any]:
    """The counts in the hub's database."""

    def count(query: Any) -> int:
        return session.scalar(query) or 0

    stood = Decision.state.in_((DecisionState.APPROVED, DecisionState.REVOKED))
    # Penalties; a revocation is counted with the penalty it undoes.
    orders = select(func.count()).select_from(Order).where(Order.revokes_id.is_(None))
    wait = func.extract("epoch", Report.settled_at - Report.received_at)
    return {
        "duplicates": count(select(func.count()).where(Report.state == ReportState.MERGED)),
        "cases": count(select(func.count()).select_from(Case)),
        "decisions": count(select(func.count()).where(stood)),
        "orders": count(orders),
        "delivered": count(
            orders.join(Delivery, Delivery.order_id == Order.id).where(
                Delivery.state == DeliveryState.DELIVERED
            )
        ),
        "acknowledged": count(orders.where(Order.acknowledged_at.is_not(None))),
        "executed": count(orders.where(Order.execution == OrderExecution.EXECUTED)),
        "partial": count(orders.where(Order.execution == OrderExecution.PARTIAL)),
        "absent": count(orders.where(Order.execution == OrderExecution.ABSENT)),
        "taken_back": count(orders.where(Order.execution.in_(TAKEN_BACK))),
        "refused_by_platform": count(orders.where(Order.execution == OrderExecution.REFUSED)),
        "p99_receive_to_case_s": round(
            float(session.scalar(select(func.percentile_cont(0.99).within_group(wait))) or 0), 3
        ),
    }


def unfinished(session: Session, officers: bool) -> dict[str, int]:
    """Outstanding work by name; empty when the hub is idle."""
    waiting: dict[str, Any] = {
        "reports": select(func.count()).where(Report.state.in_(IN_FLIGHT)),
        "deliveries": select(func.count()).where(Delivery.state.in_(ON_THE_WAY)),
        "answers": select(func.count()).where(Order.execution.not_in(TERMINAL)),
    }
    if officers:
        waiting["cases"] = select(func.count()).where(Case.state.in_(UNDECIDED))
    counted = {name: session.scalar(query) or 0 for name, query in waiting.items()}
    return {name: n for name, n in counted.items() if n}


def live_counts(session: Session) -> dict[str, int]:
    """The numbers of the demo's live line."""
    numbers = ledger(session)
    numbers["reports"] = session.scalar(select(func.count()).select_from(Report)) or 0
    return numbers


def imbalance(books: dict[str, Any], platforms: int) -> list[str]:
    """Every rule that the counts violate; empty when they reconcile."""
    rules = {
        "sent = accepted + refused + quarantined": books["sent"]
        == books["accepted"] + books["refused"] + books["quarantined"],
        "no accepted report lost": books["lost"] == 0,
        "nothing executed twice": books["executed_twice"] == 0,
        "orders = decisions x platforms": books["orders"] == books["decisions"] * platforms,
        "every order delivered": books["delivered"] == books["orders"],
        "every order acknowledged": books["acknowledged"] == books["orders"],
        "every order answered": books["executed"]
        + books["partial"]
        + books["absent"]
        + books["taken_back"]
        + books["refused_by_platform"]
        == books["orders"],
        "the hub went quiet": not books.get("unfinished"),
    }
    return [rule for rule, holds in rules.items() if not holds]
