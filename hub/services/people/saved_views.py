"""An officer's saved views 常用视图 of the queue."""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.problems import invalid
from models import SavedView

MOST = 30


def of(session: Session, user_id: int) -> list[SavedView]:
    """The officer's views by name."""
    query = select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name)
    return list(session.scalars(query))


def save(session: Session, user_id: int, name: str, query: str) -> None:
    """Save filters under a name, replacing those of the same name. Raises Problem 422."""
    if not name:
        raise invalid("name", "请给视图起个名字。")
    n = session.scalar(select(func.count()).where(SavedView.user_id == user_id)) or 0
    if n >= MOST:
        raise invalid("name", f"最多保存 {MOST} 个视图，请先删除不用的。")
    statement = insert(SavedView).values(user_id=user_id, name=name, query=query)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "name"], set_={"query": statement.excluded.query}
        )
    )


def forget(session: Session, user_id: int, view_id: int) -> None:
    """Remove one of the officer's own views."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == user_id))
