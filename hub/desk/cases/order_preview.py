"""The orders that approving a proposal would send, shown to the approver beforehand."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.desk import words
from hub.services.enforcement import composing
from hub.services.enforcement.measures import PLATFORM_KINDS, Fit
from models import Case, Decision


@dataclass(frozen=True)
class PreviewLine:
    """One platform's order; `body` is its JSON, without the fields that are set on issuing."""

    platform: str
    kind: str
    withheld: str | None
    measures: list[str]
    changed: list[Fit]
    reports: int
    shops: list[str]
    body: str


@dataclass(frozen=True)
class Preview:
    """Every platform, and the seal that the approval form hands back."""

    lines: list[PreviewLine]
    seal: str


def of(session: Session, case: Case, decision: Decision) -> Preview:
    """The preview of a proposal of the case."""
    made = composing.preview(session, case, decision)
    return Preview([_line(asked) for asked in made.asked], made.seal)


def _line(asked: composing.PlatformOrder) -> PreviewLine:
    body = asked.body or {}
    shops = (body.get("subject") or {}).get("shops", [])
    return PreviewLine(
        platform=asked.platform.name,
        kind=PLATFORM_KINDS.get(asked.platform.kind, asked.platform.kind),
        withheld=words.WITHHELD[asked.withheld] if asked.withheld else None,
        measures=[m["label"] for m in body.get("measures", [])],
        changed=asked.changed,
        reports=len((body.get("claim") or {}).get("reports", [])),
        shops=[f"{s['shop_name'] or '店铺'}（{s['shop_id']}）" for s in shops],
        body=json.dumps(body, ensure_ascii=False, indent=1) if body else "",
    )
