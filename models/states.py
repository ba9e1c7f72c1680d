"""Every state that a row may be in: the enums, their named sets, and the steps between them.

A column keeps the member's name; what is read from it is a plain string, which compares equal.
`step` guards the columns that are assigned to; statements that change many rows at once name the
state they expect in their WHERE clause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum, auto
from typing import Any


class State(StrEnum):
    """A state. Its value is its name, as it is kept in the database."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name


class CaseState(State):
    """Where a case stands 案件状态."""

    OPEN = auto()
    INVESTIGATING = auto()
    PROPOSED = auto()
    REJECTED = auto()
    WITHDRAWN = auto()
    REOPENED = auto()
    UNDER_REVIEW = auto()  # a version to replace the decision in force waits for approval
    ORDERED = auto()
    PARTLY_EXECUTED = auto()
    EXECUTED = auto()
    STAYED = auto()
    DISMISSED = auto()
    MERGED = auto()
    REVOKED = auto()


class DecisionState(State):
    """Where a version of a decision stands."""

    PROPOSED = auto()
    APPROVED = auto()
    REJECTED = auto()
    WITHDRAWN = auto()
    STAYED = auto()
    REVOKED = auto()
    SUPERSEDED = auto()
    OVERTURNED = auto()


class Effect(State):
    """What a decision does: order measures, or only undo the version before it."""

    PENALTY = auto()
    OVERTURN = auto()


class OrderExecution(State):
    """What a platform answered to an order, or what overtook it."""

    NONE = auto()
    ACKNOWLEDGED = auto()
    EXECUTED = auto()
    PARTIAL = auto()
    ABSENT = auto()
    REFUSED = auto()
    CANCELLED = auto()
    REVERSED = auto()


class DeliveryState(State):
    """How far a message to a platform came."""

    PENDING = auto()
    LEASED = auto()
    WAIT = auto()
    DELIVERED = auto()
    BLOCKED = auto()
    DEAD_LETTER = auto()


class ReportState(State):
    """How far a report came."""

    RECEIVED = auto()
    PROCESSING = auto()
    TRIAGE = auto()  # opened a case
    MERGED = auto()  # joined one
    SUPERSEDED = auto()  # the platform sent a newer version
    QUARANTINED = auto()


class AppealState(State):
    """How an appeal stands."""

    FILED = auto()
    STAYED = auto()
    UPHELD = auto()
    MODIFIED = auto()
    OVERTURNED = auto()


class ImportState(State):
    """How far a sheet of paper reports came."""

    WAITING = auto()
    READ = auto()
    REFUSED = auto()
    TAKING = auto()
    TAKEN = auto()


class LookupState(State):
    """What a platform answered to a question for a merchant."""

    ASKED = auto()
    FOUND = auto()
    ABSENT = auto()


class ConflictState(State):
    """Whether a person settled which of two statements holds."""

    OPEN = auto()
    RESOLVED = auto()


class LinkStatus(State):
    """How a wording relates to a claim; kept in small letters since the first release."""

    joined = auto()
    suggested = auto()
    dismissed = auto()


class PairState(State):
    """How two merchants relate; kept in small letters since the first release."""

    suggested = auto()
    joined = auto()
    apart = auto()


# Cases.
BEFORE_DECISION = (
    CaseState.OPEN,
    CaseState.INVESTIGATING,
    CaseState.REJECTED,
    CaseState.WITHDRAWN,
    CaseState.REOPENED,
)
UNDECIDED = (*BEFORE_DECISION, CaseState.PROPOSED)
RUNNING = (CaseState.ORDERED, CaseState.PARTLY_EXECUTED)  # answers of platforms move it on
# A decision is in force and may be changed or overturned.
DECIDED = (*RUNNING, CaseState.EXECUTED, CaseState.STAYED)
CONFIRMED = (*DECIDED, CaseState.UNDER_REVIEW)  # the reports were right
WITH_OUTCOME = (CaseState.DISMISSED, *CONFIRMED, CaseState.REVOKED)
IN_HAND = (*(s for s in UNDECIDED if s != CaseState.OPEN), CaseState.UNDER_REVIEW)
REOPENABLE = (CaseState.DISMISSED, CaseState.EXECUTED, CaseState.REVOKED)
# Where a case stands in the queue; every other state waits for an officer.
STAGES = {
    CaseState.PROPOSED: "proposed",
    CaseState.UNDER_REVIEW: "proposed",
    CaseState.ORDERED: "ordered",
    CaseState.PARTLY_EXECUTED: "ordered",
    CaseState.STAYED: "ordered",
    CaseState.EXECUTED: "executed",
    CaseState.DISMISSED: "dismissed",
    CaseState.MERGED: "merged",
    CaseState.REVOKED: "revoked",
}

# Decisions.
NEVER_APPROVED = (DecisionState.PROPOSED, DecisionState.REJECTED, DecisionState.WITHDRAWN)
IN_FORCE = (DecisionState.APPROVED, DecisionState.STAYED)  # something to change or to undo
ONCE_APPROVED = (
    *IN_FORCE,
    DecisionState.REVOKED,
    DecisionState.SUPERSEDED,
    DecisionState.OVERTURNED,
)

# Orders.
UNANSWERED = (OrderExecution.NONE, OrderExecution.ACKNOWLEDGED)
DONE = (OrderExecution.EXECUTED, OrderExecution.PARTIAL, OrderExecution.ABSENT)
TAKEN_BACK = (OrderExecution.REVERSED, OrderExecution.CANCELLED)
TERMINAL = (*DONE, OrderExecution.REFUSED, *TAKEN_BACK)  # no answer is owed any more

# Deliveries.
TO_SEND = (DeliveryState.PENDING, DeliveryState.WAIT)
ON_THE_WAY = (*TO_SEND, DeliveryState.LEASED)
STUCK = (DeliveryState.BLOCKED, DeliveryState.DEAD_LETTER)
RESENDABLE = (*STUCK, DeliveryState.WAIT)

COUNTED = (ReportState.TRIAGE, ReportState.MERGED)  # reports that their case counts
IN_FLIGHT = (ReportState.RECEIVED, ReportState.PROCESSING)
UNSETTLED = (AppealState.FILED, AppealState.STAYED)  # appeals that wait for an answer
AT_WORK = (ImportState.WAITING, ImportState.TAKING)  # a worker reads or stores the file


# From each state, those that may follow. A case keeps its decision in force when it is reopened,
# so that the steps of a decided case stay open to it until it is decided again.
_STILL_IN_FORCE = (CaseState.UNDER_REVIEW, CaseState.STAYED, CaseState.REVOKED)
_DECIDE = (CaseState.PROPOSED, CaseState.DISMISSED, CaseState.MERGED)
CASE_STEPS: Mapping[CaseState, Collection[CaseState]] = {
    CaseState.OPEN: (CaseState.INVESTIGATING, *_DECIDE, *_STILL_IN_FORCE),
    CaseState.INVESTIGATING: (*_DECIDE, *_STILL_IN_FORCE),
    CaseState.REJECTED: _DECIDE,
    CaseState.WITHDRAWN: _DECIDE,
    CaseState.REOPENED: (*_DECIDE, *_STILL_IN_FORCE),
    CaseState.PROPOSED: (CaseState.ORDERED, CaseState.REJECTED, CaseState.WITHDRAWN),
    # Approved, or back to where the decision in force stands.
    CaseState.UNDER_REVIEW: (*DECIDED, CaseState.REVOKED),
    CaseState.ORDERED: (CaseState.PARTLY_EXECUTED, CaseState.EXECUTED, *_STILL_IN_FORCE),
    CaseState.PARTLY_EXECUTED: (CaseState.EXECUTED, *_STILL_IN_FORCE),
    CaseState.EXECUTED: (CaseState.REOPENED, *_STILL_IN_FORCE),
    CaseState.STAYED: (CaseState.UNDER_REVIEW, CaseState.ORDERED),
    CaseState.DISMISSED: (CaseState.REOPENED, CaseState.STAYED, CaseState.REVOKED),
    CaseState.MERGED: (CaseState.OPEN,),
    CaseState.REVOKED: (CaseState.REOPENED,),
}
_FALLEN = (DecisionState.SUPERSEDED, DecisionState.OVERTURNED)
DECISION_STEPS: Mapping[DecisionState, Collection[DecisionState]] = {
    DecisionState.PROPOSED: (
        DecisionState.APPROVED,
        DecisionState.REJECTED,
        DecisionState.WITHDRAWN,
    ),
    DecisionState.APPROVED: (DecisionState.STAYED, DecisionState.REVOKED, *_FALLEN),
    DecisionState.STAYED: _FALLEN,
}
_ANSWERS = (*DONE, OrderExecution.REFUSED, OrderExecution.CANCELLED)
ORDER_STEPS: Mapping[OrderExecution, Collection[OrderExecution]] = {
    OrderExecution.NONE: (OrderExecution.ACKNOWLEDGED, *_ANSWERS),
    OrderExecution.ACKNOWLEDGED: _ANSWERS,
    **{done: (OrderExecution.REVERSED,) for done in DONE},
    OrderExecution.REFUSED: (OrderExecution.CANCELLED,),
    OrderExecution.CANCELLED: (OrderExecution.REVERSED,),  # it was done after all, and undone
}
_SETTLED = (AppealState.UPHELD, AppealState.MODIFIED, AppealState.OVERTURNED)
APPEAL_STEPS: Mapping[AppealState, Collection[AppealState]] = {
    AppealState.FILED: (AppealState.STAYED, *_SETTLED),
    AppealState.STAYED: _SETTLED,
}
IMPORT_STEPS: Mapping[ImportState, Collection[ImportState]] = {
    ImportState.WAITING: (ImportState.READ, ImportState.REFUSED),
    ImportState.READ: (ImportState.TAKING,),
    ImportState.TAKING: (ImportState.TAKEN,),
}


class ImpossibleStep(ValueError):
    """A state was to follow another that it cannot follow: a fault of the program."""


def step(steps: Mapping[Any, Collection[Any]], old: str | None, new: str) -> str:
    """`new`, where it may follow `old` (None: the row is new). Raises ImpossibleStep."""
    if old is None or new == old or new in steps.get(old, ()):
        return new
    raise ImpossibleStep(f"{new} cannot follow {old}")


def in_sql(states: Iterable[State]) -> str:
    """`states` for the text of a statement: ``('TRIAGE', 'MERGED')``."""
    return "(" + ", ".join(f"'{state}'" for state in states) + ")"
