"""The outbox: a message to a platform is a row, written in the transaction that it reports."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from hub.config import settings
from hub.locks import CHANGING
from models import Delivery, Platform


def lock_platforms(session: Session, ids: list[int] | None = None) -> list[Platform]:
    """Active platforms, row-locked in a common order (two approvals never deadlock)."""
    query = select(Platform).where(Platform.active).order_by(Platform.id)
    if ids is not None:
        query = query.where(Platform.id.in_(ids))
    query = query.with_for_update(**CHANGING)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def next_seq(session: Session, platform: Platform) -> int:
    """The next sequence number of a platform. The lock on its row keeps commit order, so that
    a reader who asks for `after=n` misses nothing."""
    return session.scalars(
        update(Platform)
        .where(Platform.id == platform.id)
        .values(last_seq=Platform.last_seq + 1)
        .returning(Platform.last_seq)
        .execution_options(synchronize_session=False)
    ).one()


def put(
    session: Session,
    platform: Platform,
    type_: str,
    seq: int,
    data: dict[str, Any],
    order_id: int | None = None,
) -> Delivery:
    """Add a message to the outbox. Its bytes are fixed now; the signature is made per attempt."""
    delivery = Delivery(
        platform_id=platform.id,
        webhook_id="msg_" + secrets.token_hex(12),
        type=type_,
        body=message(platform.slug, type_, seq, data),
        order_id=order_id,
    )
    session.add(delivery)
    return delivery


def message(slug: str, type_: str, seq: int, data: dict[str, Any]) -> bytes:
    """The bytes that are signed and sent.

    `iss` and `aud` are inside, so that one platform's message is not accepted by
    another.
    """
    body = {
        "type": type_,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "iss": settings().issuer,
        "aud": slug,
        "seq": seq,
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
