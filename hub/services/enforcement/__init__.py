"""Enforcement 联合惩戒: propose, approve by another, an order for every platform; stay, change,
overturn, revoke.

Everything a decision sets in motion is written in the decision's own transaction: orders,
deliveries, the deny-list, what the reporting platforms are told, and the audit entry.
"""

from hub.services.enforcement.appeals import stay, uphold
from hub.services.enforcement.approving import approve, revoke
from hub.services.enforcement.common import (
    IN_FORCE,
    OPEN_FOR_PROPOSAL,
    TERMINAL,
    locked_case,
    tell_dismissed,
)
from hub.services.enforcement.composing import Asked, preview
from hub.services.enforcement.proposing import Draft, overturn, propose, reject, withdraw

__all__ = [
    "IN_FORCE",
    "OPEN_FOR_PROPOSAL",
    "TERMINAL",
    "Asked",
    "Draft",
    "approve",
    "locked_case",
    "overturn",
    "preview",
    "propose",
    "reject",
    "revoke",
    "stay",
    "tell_dismissed",
    "uphold",
    "withdraw",
]
