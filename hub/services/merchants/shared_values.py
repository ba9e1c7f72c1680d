"""Values that too many merchants share: an agent's address, a market's phone. They join nobody."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from hub.database import changed
from hub.problems import not_found, required
from hub.services.audit import audit_log
from hub.services.privacy.identities import Fact
from models import SharedValue, User

# Merchants that may show one value before it is stopped. Those that joined by it count as one,
# so a number is only ever held by several where something spoke against joining them.
LIMITS = {"id_number": 3, "license_no": 3, "payout_account": 3, "phone": 3, "address": 12}


def stop_at_limit(session: Session, told: list[Fact], holders: dict[str, set[int]]) -> set[str]:
    """Stop values of a report that reached their limit; returns their kinds. A value that
    a person released stays released."""
    over = [f for f in told if len(holders.get(f.kind, ())) >= LIMITS.get(f.kind, 1 << 30)]
    if not over:
        return set()
    rows = [{"kind": f.kind, "value": f.value, "holders": len(holders[f.kind])} for f in over]
    statement = pg_insert(SharedValue).values(rows)
    stopped = session.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "value"], set_={"holders": statement.excluded.holders}
        ).returning(SharedValue.kind, SharedValue.stopped)
    )
    return {kind for kind, is_stopped in stopped if is_stopped}


def set_stopped(
    session: Session, user: User, kind: str, value: str, stopped: bool, reason: str
) -> None:
    """Stop a value from joining, or let it join again. Raises Problem 404 or 422."""
    reason = required("reason", reason, "请写明理由。", most=2000)
    n = changed(
        session,
        update(SharedValue)
        .where(SharedValue.kind == kind, SharedValue.value == value)
        .values(stopped=stopped, by_user_id=user.id, reason=reason),
    )
    if n == 0:
        raise not_found("没有这一项。")
    verb = "value_stopped" if stopped else "value_freed"
    audit_log.note(session, user.username, verb, kind=kind, value=value, reason=reason[:500])


def listed(session: Session, limit: int = 200) -> list[SharedValue]:
    """Shared values, the most widely shared first."""
    query = select(SharedValue).order_by(SharedValue.stopped.desc(), SharedValue.holders.desc())
    return list(session.scalars(query.limit(limit)))
