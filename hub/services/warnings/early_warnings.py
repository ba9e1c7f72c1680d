"""Early warnings 苗头预警: computed once a minute, announced at once, acknowledged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import conflict, not_found
from hub.services.audit import audit_log
from hub.services.office import notices
from hub.services.warnings import prices, report_counts, surges
from hub.services.warnings.surges import Verdict
from models import Case, EarlyWarning, Platform, User

QUIET = timedelta(hours=24)  # after a warning, without another one about the same thing
PAGE = 50
_ALONE = 0x7761726E  # advisory lock: one run at a time


def raise_warnings(session: Session) -> int:
    """Count, judge and warn; returns how many warnings were raised."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_ALONE))):
        return 0
    now = session.scalars(select(func.now())).one()
    report_counts.recount(session, now)
    prices.gather(session, now)
    raised = [*_of_cases(session, now), *_of_products(session, now)]
    for warning, title in raised:
        session.add(warning)
        notices.put(session, f"苗头预警：{title[:60]}", [explain(warning.found)])
    session.flush()
    for warning, _ in raised:
        audit_log.note(session, "系统", "warned", warning.case_id, warning=warning.id)
    return len(raised)


def _of_cases(session: Session, now: datetime) -> list[tuple[EarlyWarning, str]]:
    window = report_counts.fresh(session, now)
    large = [c for c, of in window.counts.items() if _large(of)]
    told = _warned(session, EarlyWarning.case_id, large) if large else set()
    large = [case_id for case_id in large if case_id not in told]
    if not large:
        return []
    before = report_counts.past(session, window.start, large)
    total, evidence = report_counts.stream_past(session, window.start)
    strict = _strictness(session)
    raised = []
    for case_id in large:
        counts, own = window.counts[case_id], before.get(case_id, 0.0)
        others = window.total - sum(counts.values())
        busy = surges.busyness(others, total - own, evidence, window.exposure)
        denied = report_counts.denials(session, case_id, window.start)
        told_on = {p: n - denied.get(p, 0) for p, n in counts.items()}
        tested = len(window.counts)
        verdict = surges.judge(told_on, own, evidence, window.exposure, busy, tested, strict)
        if verdict.surges:
            found = _found(verdict, window, told_on)
            case = session.get_one(Case, case_id)
            raised.append((EarlyWarning(case_id=case_id, found=found), f"C{case_id} {case.title}"))
    return raised


def _strictness(session: Session) -> float:
    """The strictness that follows from officers' verdicts of the last two months."""
    day = func.extract("epoch", EarlyWarning.acknowledged_at - func.now()) / 86400
    rows = session.scalars(
        select(day)
        .where(EarlyWarning.false.is_(True), EarlyWarning.case_id.is_not(None))
        .where(EarlyWarning.acknowledged_at > func.now() - timedelta(days=60))
        .order_by(EarlyWarning.acknowledged_at)
    )
    return surges.strictness([float(at) for at in rows], 0.0)


def _large(of: Mapping[int, int]) -> bool:
    """A cheap precondition of the rule."""
    spread = sum(n >= surges.EACH for n in of.values())
    return sum(of.values()) >= surges.FEWEST and spread >= surges.PLATFORMS


def _found(verdict: Verdict, window: report_counts.Fresh, counts: dict[int, int]) -> dict[str, Any]:
    return {
        "kind": "reports",
        **asdict(verdict),
        "since": window.start.isoformat(),
        "until": window.now.isoformat(),
        "minutes": round((window.now - window.start).total_seconds() / 60),
        "by_platform": {str(p): n for p, n in counts.items() if n},
    }


def _of_products(session: Session, now: datetime) -> list[tuple[EarlyWarning, str]]:
    raised = []
    for found in prices.risen(session, now):
        key = f"{found.product}/{found.unit}"
        name = EarlyWarning.product + "/" + EarlyWarning.unit
        if not _warned(session, name, [key]):
            row = EarlyWarning(
                product=found.product, unit=found.unit, found={"kind": "price", **asdict(found)}
            )
            raised.append((row, f"{found.product}每{found.unit}{found.median:g}元"))
    return raised


def _warned(session: Session, column: Any, values: list[Any]) -> set[Any]:
    """The values about which a warning is open or recent."""
    lately = EarlyWarning.raised_at > func.now() - QUIET
    query = select(column).where(
        column.in_(values), or_(EarlyWarning.acknowledged_at.is_(None), lately)
    )
    return set(session.scalars(query))


def odds(chance: float) -> str:
    """A probability in words."""
    if chance < 1e-6:
        return "不到百万分之一"
    return f"约 {1 / chance:,.0f} 分之一"


def explain(found: Mapping[str, Any]) -> str:
    """Why the warning was raised, in one sentence that a person can check."""
    if found["kind"] == "price":
        than = "1月19日" if found["against"] == "baseline" else "近7日最低"
        return (
            f"近24小时 {found['quotes']} 件举报（{found['platforms']} 个平台）所称单价中位数"
            f" {found['median']:g} 元，为{than}价 {found['reference']:g} 元的"
            f" {found['median'] / found['reference']:.1f} 倍。"
        )
    busy = f"（全网举报为平时 {found['busy']:.1f} 倍，已扣除）" if found["busy"] >= 1.1 else ""
    return (
        f"{found['minutes']} 分钟内 {found['platforms']} 个平台共举报 {found['count']} 件，"
        f"按其自身基线应为 {found['expected']:.1f} 件{busy}，偶然达到的可能{odds(found['tail'])}。"
    )


@dataclass(frozen=True)
class WarningLine:
    """One warning as pages show it."""

    id: int
    case_id: int | None
    title: str
    why: str
    found: dict[str, Any]
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    false: bool | None
    note: str | None
    product: str | None
    unit: str | None


def page(session: Session, open_: bool, number: int = 1) -> tuple[list[WarningLine], int]:
    """One page of warnings, newest first, and how many there are."""
    standing = EarlyWarning.acknowledged_at.is_(None)
    where = standing if open_ else ~standing
    total = session.scalar(select(func.count()).select_from(EarlyWarning).where(where)) or 0
    rows = session.execute(
        _lines().where(where).order_by(EarlyWarning.id.desc()).limit(PAGE).offset(
            PAGE * (number - 1))
    )  # fmt: skip
    return [_line(*row) for row in rows], total


def one(session: Session, id_: int) -> WarningLine:
    """A warning. Raises Problem 404."""
    row = session.execute(_lines().where(EarlyWarning.id == id_)).one_or_none()
    if row is None:
        raise not_found("没有这条预警。")
    return _line(*row)


def of_case(session: Session, case_id: int) -> list[WarningLine]:
    """The warnings of a case, newest first."""
    rows = session.execute(
        _lines().where(EarlyWarning.case_id == case_id).order_by(EarlyWarning.id.desc()).limit(5)
    )
    return [_line(*row) for row in rows]


def _lines() -> Select[EarlyWarning, str, str]:
    return (
        select(EarlyWarning, Case.title, User.name)
        .outerjoin(Case, Case.id == EarlyWarning.case_id)
        .outerjoin(User, User.id == EarlyWarning.acknowledged_by_id)
    )


def _line(warning: EarlyWarning, title: str | None, by: str | None) -> WarningLine:
    return WarningLine(
        warning.id,
        warning.case_id,
        title or f"{warning.product}（每{warning.unit}）价格",
        explain(warning.found),
        warning.found,
        warning.raised_at,
        warning.acknowledged_at,
        by,
        warning.false,
        warning.note,
        warning.product,
        warning.unit,
    )


def acknowledge(
    session: Session, user: User, id_: int, note: str, false: bool = False
) -> EarlyWarning:
    """Acknowledge a warning as true or false, with an optional note.

    Raises Problem 404, 409.
    """
    warning = session.get(EarlyWarning, id_, with_for_update=dict(CHANGING))
    if warning is None:
        raise not_found("没有这条预警。")
    if warning.acknowledged_at is not None:
        raise conflict("此预警已由他人确认。")
    warning.acknowledged_at, warning.acknowledged_by_id = func.now(), user.id
    warning.note, warning.false = note.strip()[:2000] or None, false
    session.flush()
    audit_log.note(
        session, user.username, "warning_seen", warning.case_id,
        warning=id_, false=false, why=warning.note or "",
    )  # fmt: skip
    return warning


def names(session: Session) -> dict[int, str]:
    """Platform names by id."""
    return dict(session.execute(select(Platform.id, Platform.name)).all())
