"""Responses of the webhook endpoint."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class FieldProblem(BaseModel):
    """One invalid field."""

    field: str
    problem: str
    send: str


class ProblemBody(BaseModel):
    """RFC 9457 application/problem+json."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []


class ReportReceipt(BaseModel):
    """202 for report.created."""

    receipt: str
    report: str
    status: Literal["received", "unchanged", "new_version"]
    warnings: list[str] = []


class ItemReceipt(BaseModel):
    """The status of one report of a batch; `problem` where it was refused."""

    index: int
    report: str | None
    status: Literal["received", "unchanged", "new_version", "refused"]
    warnings: list[str] = []
    problem: ProblemBody | None = None


class BatchReceipt(BaseModel):
    """202 for report.batch."""

    receipt: str
    accepted: int
    refused: int
    reports: list[ItemReceipt]


class AnswerReceipt(BaseModel):
    """202 for order.*, appeal.filed and platform.capabilities."""

    receipt: str
    status: str
