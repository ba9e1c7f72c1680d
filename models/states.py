"""States of cases, decisions and orders: their named sets, in one place."""

from __future__ import annotations

# Execution states after which a platform owes no answer to the order.
TERMINAL = frozenset({"EXECUTED", "PARTIAL", "ABSENT", "REFUSED", "CANCELLED", "REVERSED"})
IN_FORCE = ("APPROVED", "STAYED")  # decision states: there is something to change or to undo
OPEN_FOR_PROPOSAL = ("OPEN", "INVESTIGATING", "REJECTED", "WITHDRAWN", "REOPENED")
# Case states in which a decision is in force and may be changed or overturned.
DECIDED = ("ORDERED", "PARTLY_EXECUTED", "EXECUTED", "STAYED")
