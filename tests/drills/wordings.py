"""Many wordings of a few new rumors meet several workers at once: each rumor is one claim."""

from __future__ import annotations

import hashlib
import itertools
from datetime import UTC, datetime

import redis
from rq import Worker
from sqlalchemy import func, select, text

from hub import job_queue
from hub.config import settings
from hub.database import session_scope
from hub.services.platforms import directory
from hub.services.platforms.door import Sender
from hub.services.reports import intake
from hub.services.reports.intake import NewReport, StoredAnswer
from models import Claim, Platform, Report
from tests.drills.harness import Row, aside, hub, parts, wait_until

WORKERS = 4
RUMORS = (
    "本市明天零点起全面封城，所有超市停止营业，大家赶快去囤积米面粮油",
    "每天用浓盐水漱口三次就能杀死喉咙里的新型病毒，老中医亲测有效",
    "五号小区昨夜拉走十几名发热病人，物业封锁消息不让业主外传",
    "今晚十一点军用直升机在城区上空喷洒消毒药水，居民务必关好门窗",
    "高速公路收费站明早八点全部关闭，私家车一律不得离开本省",
)
BEFORE = ("", "紧急通知：", "【转发】", "刚刚得到的消息，", "家人们注意：")
AFTER = ("", "！！！", "，请互相转告", "，速看")


def run(size: int) -> Row:
    """100 wordings of five rumors, `size` times, each time from nothing."""
    row = Row("wordings of new rumors at once")
    hub()
    with aside("wordings"):
        with session_scope() as session:
            directory.register(session, "jd", "京东", "http://127.0.0.1:9/")
        with parts(*[("hub", "worker", "assess")] * WORKERS, ("hub", "sweeper")):
            queue = redis.Redis.from_url(settings().redis_url)
            wait_until(lambda: Worker.count(connection=queue) == WORKERS, "the workers are up")
            for number in range(size):
                _forget_all()
                sent = _all_at_once(number)
                wait_until(lambda: _waiting() == 0, "every report finds its case")
                _count(row, sent)
    return row


def _forget_all() -> None:
    with session_scope() as session:
        tables = "report, wording, wording_band, claim, link, inbound_message"
        session.execute(text(f'TRUNCATE {tables}, "case" CASCADE'))


def _all_at_once(number: int) -> int:
    """All wordings in one commit, then a notification for every worker."""
    wordings = [b + r + a for r, b, a in itertools.product(RUMORS, BEFORE, AFTER)]
    # Neighbours in time are wordings of different rumors and of the same: both must do.
    wordings.sort(key=lambda w: hashlib.sha256(f"{number}{w}".encode()).digest())
    reports = [
        NewReport(
            f"w-{number}-{i}", "rumor", datetime.now(UTC), wording, {"content": {"text": wording}}
        )
        for i, wording in enumerate(wordings)
    ]
    with session_scope() as session:
        platform = session.scalars(select(Platform)).one()
        sender = Sender(platform.id, platform.slug, 1, f"w-{number}", {})
        message = intake.open_message(session, sender, b"", "report.batch", StoredAnswer(202, {}))
        intake.store_reports(session, message, sender, reports)
    for worker in range(WORKERS):
        job_queue.notify("assess", f"drill-{number}-{worker}")
    return len(reports)


def _waiting() -> int:
    with session_scope() as session:
        return session.scalar(
            select(func.count())
            .select_from(Report)
            .where(Report.state.in_(("RECEIVED", "PROCESSING")))
        )


def _count(row: Row, sent: int) -> None:
    with session_scope() as session:
        claims = session.scalar(select(func.count()).select_from(Claim))
        placed = session.scalar(
            select(func.count()).select_from(Report).where(Report.case_id.is_not(None))
        )
    row.tries += sent
    row.lost += sent - placed
    row.check(claims == len(RUMORS), f"{claims} claims of {len(RUMORS)} rumors")
