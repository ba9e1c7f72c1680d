"""A person with a login 用户: an officer of the hub, or an engineer of one platform."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Created, Key, Moment

OFFICERS = ("clerk", "handler", "approver", "auditor", "admin")
ROLES = (*OFFICERS, "department")  # 部门协查: reads decisions shared with departments, nothing else
ENGINEER = "engineer"  # 对接工程师: sees the own platform's messages and keys, nothing else


class User(Base):
    __tablename__ = "user"
    __table_args__ = (
        # Engineers, and only they, belong to a platform.
        CheckConstraint("(role = 'engineer') = (platform_id IS NOT NULL)", "engineer_platform"),
    )

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    password_hash: Mapped[str]
    # The subject at the identity provider (`sub` of OpenID Connect), entered beforehand.
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    failed_logins: Mapped[int] = mapped_column(server_default="0")
    locked_until: Mapped[Moment | None]
    created_at: Mapped[Created]
