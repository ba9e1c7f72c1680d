"""The tables of the hub: one aggregate a file. Knows no Flask and no classifier."""

from models.allowance import Allowance
from models.audit import AuditCheckpoint, AuditEntry, Viewing
from models.base import Base
from models.case import Case
from models.claim import Claim, Link, Wording, WordingBand
from models.clock import Clock
from models.debunk import VERDICTS, Debunk, WordingDebunk
from models.decision import Appeal, Decision, Order
from models.delivery import Attempt, Delivery
from models.learning import Label, Promotion, TrainedModel
from models.message import InboundMessage, SecurityEvent
from models.notice import Notice
from models.paper import Paper
from models.platform import Platform, PlatformKey
from models.report import Report
from models.subject import Shop, Subject
from models.user import ENGINEER, ROLES, User

__all__ = [
    "ENGINEER",
    "ROLES",
    "VERDICTS",
    "Allowance",
    "Appeal",
    "Attempt",
    "AuditCheckpoint",
    "AuditEntry",
    "Base",
    "Case",
    "Claim",
    "Clock",
    "Debunk",
    "Decision",
    "Delivery",
    "InboundMessage",
    "Label",
    "Link",
    "Notice",
    "Order",
    "Paper",
    "Platform",
    "PlatformKey",
    "Promotion",
    "Report",
    "SecurityEvent",
    "Shop",
    "Subject",
    "TrainedModel",
    "User",
    "Viewing",
    "Wording",
    "WordingBand",
    "WordingDebunk",
]
