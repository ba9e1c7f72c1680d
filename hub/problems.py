"""Problem: every refusal states what was wrong, where, and what to send instead.

Rendered as RFC 9457 `application/problem+json` for machines and as a page for people.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One invalid field. `field` is a path such as ``data.reports[3].content.text``."""

    field: str
    problem: str
    send: str

    def to_json(self) -> dict[str, str]:
        return {"field": self.field, "problem": self.problem, "send": self.send}


@dataclass
class Problem(Exception):
    """A refusal. `code` is stable and documented; `detail` is for a person."""

    status: int
    code: str
    detail: str
    errors: list[FieldError] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": f"/docs#{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [e.to_json() for e in self.errors]
        return body


def conflict(detail: str) -> Problem:
    """The state changed meanwhile, or does not allow this; the detail says how."""
    return Problem(409, "conflict", detail)


def invalid(field: str, problem: str, send: str = "") -> Problem:
    """One field was wrong. `send` says what to send instead, if `problem` does not."""
    return Problem(422, "invalid_fields", problem, [FieldError(field, problem, send or problem)])


def required(field: str, value: str, problem: str, most: int | None = None) -> str:
    """`value` without blanks around it, and its first `most` characters.

    Raises Problem 422 when nothing is left.
    """
    if not value.strip():
        raise invalid(field, problem)
    return value.strip()[:most]


def not_found(detail: str = "没有这一项，或您无权查看。") -> Problem:
    """No such thing, or none the user may see; the answer does not tell which."""
    return Problem(404, "not_found", detail)
