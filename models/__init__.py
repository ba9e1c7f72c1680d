"""The tables of the hub: one aggregate per file. Knows neither Flask nor classifiers."""

from models.allowance import Allowance
from models.appeal import Appeal
from models.audit import AuditCheckpoint, AuditEntry, Viewing
from models.base import Base
from models.care import CareMark, CareWish
from models.case import Case, CaseRelation, CaseTally
from models.case_type import CaseType, TypeSource
from models.claim import Claim, Link, Wording, WordingBand
from models.clock import Clock
from models.debunk import VERDICTS, Debunk, WordingDebunk
from models.decision import Decision, Order, Withheld
from models.delivery import Attempt, Delivery
from models.deny import DenyChange, DenyEntry, DenyPull
from models.desk import Batch, SavedView
from models.identity import (
    Clue,
    Identity,
    MerchantConflict,
    MerchantLookup,
    MerchantPair,
    SharedValue,
)
from models.learning import Label, Promotion, TrainedModel
from models.login import LoginSession
from models.merchant import Merchant, Shop
from models.message import InboundMessage, SecurityEvent
from models.notice import Notice
from models.paper import Paper
from models.paper_import import PaperImport
from models.platform import Platform, PlatformKey
from models.report import Report
from models.review import GoldenCase, Recusal, Review, ReviewRule
from models.second_factor import SecondFactor
from models.standing import Standing, Weighing
from models.user import ENGINEER, OFFICERS, ROLES, User
from models.warning import DayCount, EarlyWarning, PriceBaseline, PriceQuote, Pulse

__all__ = [
    "ENGINEER",
    "OFFICERS",
    "ROLES",
    "VERDICTS",
    "Allowance",
    "Appeal",
    "Attempt",
    "AuditCheckpoint",
    "AuditEntry",
    "Base",
    "Batch",
    "CareMark",
    "CareWish",
    "Case",
    "CaseRelation",
    "CaseTally",
    "CaseType",
    "Claim",
    "Clock",
    "Clue",
    "Debunk",
    "DayCount",
    "Decision",
    "Delivery",
    "DenyChange",
    "DenyEntry",
    "DenyPull",
    "GoldenCase",
    "Identity",
    "EarlyWarning",
    "InboundMessage",
    "Label",
    "Link",
    "LoginSession",
    "Notice",
    "Order",
    "Paper",
    "PaperImport",
    "Platform",
    "PlatformKey",
    "PriceBaseline",
    "PriceQuote",
    "Promotion",
    "Pulse",
    "Recusal",
    "Report",
    "Review",
    "ReviewRule",
    "SavedView",
    "SecondFactor",
    "SecurityEvent",
    "SharedValue",
    "Shop",
    "Standing",
    "Merchant",
    "MerchantConflict",
    "MerchantLookup",
    "MerchantPair",
    "TrainedModel",
    "TypeSource",
    "User",
    "Viewing",
    "Weighing",
    "Withheld",
    "Wording",
    "WordingBand",
    "WordingDebunk",
]
