"""Rows as the pipeline would leave them, for tests of pages: officers, platforms, cases."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from hub.services.cases import counts
from hub.services.people import accounts
from hub.services.platforms import keys
from models import (
    Case,
    Claim,
    InboundMessage,
    Link,
    Merchant,
    Platform,
    Report,
    Shop,
    Wording,
    case_type,
)
from models.user import ROLES, User

PASSWORD = "correct horse battery"
NAMES = {"jd": "京东", "alibaba": "阿里巴巴", "pdd": "拼多多", "weidian": "微店", "suning": "苏宁"}
_numbers = itertools.count(1)


def officers(session: Session, more: dict[str, str] | None = None) -> dict[str, User]:
    """One officer of each role, named as the role; `more` maps further usernames to roles."""
    wanted = {role: role for role in ROLES} | (more or {})
    return {
        name: accounts.create(session, name, f"{name}甲", role, PASSWORD)
        for name, role in wanted.items()
    }


def platforms(session: Session, *slugs: str) -> dict[str, Platform]:
    """Platforms that can be sent to (nobody listens there)."""
    made = {}
    for slug in slugs or NAMES:
        made[slug] = Platform(slug=slug, name=NAMES.get(slug, slug), endpoint="http://127.0.0.1:9/")
        session.add(made[slug])
        session.flush()
        keys.issue(session, made[slug], "outbound_ed25519")
    return made


def assessment(text: str, cues: dict[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
    """The JSON that classifiers leave; `cues` maps a label to words of `text`."""
    findings = [
        {
            "type": "price_gouging",
            "label": label,
            "law": ["价格法第十四条第（三）项", "价格违法行为行政处罚规定第六条"],
            "score": 0.81,
            "cues": [
                {"text": w, "start": text.find(w), "end": text.find(w) + len(w)} for w in words
            ],
            "source": "rule:gouge-hoard",
        }
        for label, words in (cues or {}).items()
    ]
    return {
        "violations": findings,
        "theme": {"code": "health", "label": "医疗健康", "score": 0.77},
        "rumor": {"score": 0.64, "abstained": True, "cues": [], "note": ""},
        "urgency": {"score": 0.72, "reasons": ["涉及防疫物资", "煽动抢购"]},
        "entities": {
            "uscc": [
                {"text": "91110000X", "start": 0, "end": 1, "value": "91110000X", "valid": False,
                 "reason": "应为18位，实为9位", "region": ""}
            ],
            "prices": [{"text": "15元", "start": 0, "end": 3, "value": 15.0}],
            "party": None,
        },
        "versions": {"rules": "2"},
        "degraded": ["rumor"],
        **more,
    }  # fmt: skip


def wording(session: Session, text: str, **more: Any) -> Wording:
    """One wording; its vector is a stand-in that nothing here compares."""
    key = hashlib.sha256(f"{text}{next(_numbers)}".encode()).hexdigest()
    made = Wording(
        key=key,
        text=text,
        signature=b"",
        embedding=[0.6, 0.8],
        encoder="e5@1",
        **({"assessment": {}} | more),
    )
    session.add(made)
    session.flush()
    return made


def report(session: Session, platform: Platform, text: str, kind: str, **payload: Any) -> Report:
    """One report as it came in; payload parts go beside its text."""
    n = next(_numbers)
    message = InboundMessage(
        platform_id=platform.id, webhook_id=f"m{n}", sha256=b"", raw=b"{}", headers={}, key_id=1,
        type="report.created", receipt=f"rc_{n}", status=202, answer={},
    )  # fmt: skip
    session.add(message)
    session.flush()
    content = {"text": text, **payload.pop("content", {})}
    made = Report(
        platform_id=platform.id, external_id=payload.pop("external_id", f"{platform.slug}-{n}"),
        version=1, message_id=message.id, kind=kind, text=text, flags=payload.pop("flags", []),
        reported_at=datetime(2020, 2, 20, 1, 30, tzinfo=UTC), content_hash="",
        payload={"content": content, **payload},
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def rumor_case(
    session: Session,
    wordings: list[tuple[str, list[Platform]]],
    cues: dict[str, list[str]] | None = None,
    **payload: Any,
) -> Case:
    """A rumor's case: each (text, platforms that reported it); the first is the centre."""
    claim = Claim()
    session.add(claim)
    session.flush()
    case = _open(session, "rumor", wordings[0][0], cues, claim_id=claim.id)
    for text, reporters in wordings:
        told = assessment(text, cues if text == wordings[0][0] else None)
        said = wording(session, text, claim_id=claim.id, assessment=told)
        if claim.centre_id is None:
            claim.centre_id = said.id
        else:
            session.add(
                Link(wording_id=said.id, claim_id=claim.id, near_wording_id=claim.centre_id,
                     status="joined", method="embedding", score=0.93, model="e5@1")
            )  # fmt: skip
        _attach(session, case, said, text, reporters, payload)
    return case


def merchant_case(
    session: Session, texts: list[tuple[str, list[Platform]]], uscc: str | None, **payload: Any
) -> Case:
    """A merchant's case; it has one shop on every platform that reported it."""
    merchant = Merchant(uscc=uscc, name=payload.pop("name", "南浦市康宁药业有限公司"))
    session.add(merchant)
    session.flush()
    case = _open(session, "violation", texts[0][0], {"哄抬价格": []}, merchant_id=merchant.id)
    for text, reporters in texts:
        said = wording(session, text, assessment=case.assessment)
        _attach(session, case, said, text, reporters, payload)
    for platform in {p.id: p for _, ps in texts for p in ps}.values():
        session.add(
            Shop(merchant_id=merchant.id, platform_id=platform.id,
                 shop_id=f"{platform.slug}-88{merchant.id}", name="康宁大药房旗舰店")
        )  # fmt: skip
    session.flush()
    return case


def suggest(session: Session, one: Case, other: Case, score: float = 0.84) -> None:
    """A link a person is asked about."""
    centre = session.get_one(Claim, one.claim_id).centre_id
    session.add(
        Link(wording_id=centre, claim_id=other.claim_id, status="suggested",
             method="embedding", score=score, model="e5@1")
    )  # fmt: skip
    session.flush()


def put(session: Session, case: Case, state: str) -> None:
    """The case in this state, however it came there."""
    session.execute(update(Case).where(Case.id == case.id).values(state=state))


def _open(
    session: Session, kind: str, text: str, cues: dict[str, list[str]] | None, **group: Any
) -> Case:
    told = assessment(text, cues)
    case = Case(
        kind=kind, title=text[:120], assessment=told,
        violation_type=case_type.of_report(told, None) if kind == "violation" else None,
        theme_type=case_type.theme_of(told) if kind == "rumor" else None,
        urgency=0.72, demand=0, spread={}, priority=0.0,
        live=True, state="OPEN", version=1, last_report_at=func.now(), **group,
    )  # fmt: skip
    session.add(case)
    session.flush()
    return case


def _attach(
    session: Session, case: Case, said: Wording, text: str, reporters: list[Platform],
    payload: dict[str, Any],
) -> None:  # fmt: skip
    for platform in reporters:
        made = report(session, platform, text, case.kind, **{**payload})
        made.wording_id, made.case_id, made.state = said.id, case.id, "MERGED"
        session.flush()
        session.refresh(made)
        counts.count(case, platform.slug, +1)
    counts.rank(case)
    session.flush()
