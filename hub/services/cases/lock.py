"""A case locked for one change, if it is still as the officer saw it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub import beijing
from hub.locks import CHANGING
from hub.problems import conflict, not_found
from hub.services.audit import audit_log
from models import Case, User


def locked_case(session: Session, case_id: int, version: int) -> Case:
    """The case, locked, if it still is at `version`.

    Raises Problem 404 when there is none, 409 naming who changed it meanwhile, and how.
    """
    case = session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update(**CHANGING)
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise not_found("没有这个案件。")
    if case.version != version:
        raise conflict(f"案件已被他人更改{_by_whom(session, case_id)}。请查看最新情况后再操作。")
    return case


def _by_whom(session: Session, case_id: int) -> str:
    last = audit_log.last(session, case_id)
    if last is None:
        return ""
    name = session.scalar(select(User.name).where(User.username == last.actor)) or last.actor
    return f"：{name} 于 {beijing.local(last.at):%H:%M:%S} 已{audit_log.word(last.action)}"
