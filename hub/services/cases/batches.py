"""Several cases dismissed or merged at once 批量处理, with one undo for the whole batch.

Each case is a transaction of its own: one that has changed meanwhile is reported, the others go
through. Each step is recorded with what undoing it needs.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.locks import CHANGING
from hub.problems import conflict, not_found
from hub.services.cases import actions
from models import Batch, Case, User

ACTIONS = {"dismiss": "不予受理", "merge": "并案"}


def open_(session: Session, user: User, action: str) -> Batch:
    """An empty batch."""
    batch = Batch(user_id=user.id, action=action, done=[])
    session.add(batch)
    session.flush()
    return batch


def dismiss(
    session: Session, user: User, batch_id: int, case_id: int, version: int, reason: str
) -> None:
    """Dismiss one case of the batch. Raises Problem 404, 409, 422."""
    _refuse_owned_by_another(session, user, case_id)
    case = actions.dismiss(session, user, case_id, version, reason)
    _record_step(session, batch_id, case)


def merge(
    session: Session, user: User, batch_id: int, case_id: int, version: int, into: int, why: str
) -> None:
    """Merge one case of the batch into another. Raises Problem 404, 409, 422."""
    _refuse_owned_by_another(session, user, case_id)
    actions.merge(session, user, case_id, version, into, why)
    _record_step(session, batch_id, session.get_one(Case, case_id))


def of(session: Session, user: User, batch_id: int) -> Batch:
    """The officer's own batch. Raises Problem 404."""
    batch = session.get(Batch, batch_id)
    if batch is None or batch.user_id != user.id:
        raise not_found("没有这一批操作。")
    return batch


def undo(session: Session, user: User, batch: Batch, step: dict[str, int]) -> None:
    """Undo one step. Raises Problem 409 when the case has changed since."""
    if batch.action == "merge":
        actions.unmerge(session, user, step["case"], step["version"])
        return
    actions.reopen(session, user, step["case"], step["version"], "撤销批量操作")


def close(session: Session, batch: Batch) -> None:
    """Mark the batch as undone. Raises Problem 409 when it already is."""
    fresh = session.scalars(
        select(Batch)
        .where(Batch.id == batch.id, Batch.undone_at.is_(None))
        .with_for_update(**CHANGING)
    ).one_or_none()
    if fresh is None:
        raise conflict("这一批操作已经撤销过了。")
    fresh.undone_at = func.now()


def _record_step(session: Session, batch_id: int, case: Case) -> None:
    batch = session.scalars(
        select(Batch).where(Batch.id == batch_id).with_for_update(**CHANGING)
    ).one()
    batch.done = [*batch.done, {"case": case.id, "version": case.version}]
    session.flush()


def _refuse_owned_by_another(session: Session, user: User, case_id: int) -> None:
    """A batch does not touch cases owned by a colleague."""
    held = select(Case.id).where(
        Case.id == case_id,
        Case.owner_id.is_not(None),
        Case.owner_id != user.id,
        Case.owner_until.is_(None) | (Case.owner_until > func.now()),
    )
    if session.scalar(held):
        raise conflict("正由他人承办。")
