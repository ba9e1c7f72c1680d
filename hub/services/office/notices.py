"""Notices 提醒 to people: stored in the transaction they report, sent by a worker afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from hub.config import Settings, settings
from hub.locks import CHANGING
from hub.outbound import robots
from hub.outbound.robots import Notification, NotSent
from models import Notice

MAX_ATTEMPTS = 12  # with doubling pauses: about eleven hours
_PAUSE = 20  # seconds after the first failure
_LONGEST = 2 * 3600
_LEASE = 60  # seconds a worker has for one notice
_DUE = (Notice.ended_at.is_(None), Notice.next_at <= func.now())


def channels(of: Settings) -> tuple[str, ...]:
    """The configured channels."""
    known = {"dingtalk": of.dingtalk, "wecom": of.wecom, "mail": of.smtp and of.mail_to}
    return tuple(name for name, address in known.items() if address)


def put(session: Session, title: str, lines: Sequence[str]) -> int:
    """Store a notice for every configured channel; returns for how many."""
    names = channels(settings())
    session.add_all(Notice(channel=name, title=title, lines=list(lines)) for name in names)
    return len(names)


def waiting(session: Session) -> bool:
    """Whether a notice is due."""
    return bool(session.scalar(select(exists().where(*_DUE))))


def take(session: Session) -> Notice | None:
    """One due notice, leased for the time that sending it may take."""
    found = session.scalar(
        select(Notice)
        .where(*_DUE)
        .order_by(Notice.next_at, Notice.id)
        .limit(1)
        .with_for_update(skip_locked=True, **CHANGING)
    )
    if found is not None:
        found.attempts += 1
        found.next_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, _LEASE)
        session.flush()
        session.refresh(found)
        session.expunge(found)
    return found


def tell(notice: Notice) -> str | None:
    """Send it; returns what went wrong. Holds no transaction."""
    notification, of = Notification(notice.title, tuple(notice.lines)), settings()
    try:
        if notice.channel == "dingtalk":
            robots.dingtalk(of.dingtalk, of.dingtalk_secret, notification)
        elif notice.channel == "wecom":
            robots.wecom(of.wecom, notification)
        else:
            robots.mail(of.smtp, of.mail_from, of.mail_to, notification)
    except NotSent as error:
        return str(error)
    return None


def finish(session: Session, notice: Notice, error: str | None) -> None:
    """Record the result; after MAX_ATTEMPTS the notice is given up and its error kept."""
    over = error is None or notice.attempts >= MAX_ATTEMPTS
    pause = min(_PAUSE * 2 ** (notice.attempts - 1), _LONGEST)
    session.execute(
        update(Notice)
        .where(Notice.id == notice.id, Notice.ended_at.is_(None))
        .values(
            error=error,
            ended_at=func.now() if over else None,
            next_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, pause),
        )
        .execution_options(synchronize_session=False)
    )
