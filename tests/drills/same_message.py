"""The same message many times at once, changed, signed by another: one row, all else refused."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from hub.database import session_scope
from models import InboundMessage, Report, SecurityEvent
from tests.drills.harness import Row, hub
from tests.drills.platform import WORDS, Signer, report_body


def run(size: int) -> Row:
    """One message `size` times at once, with as many forgeries shuffled in."""
    row, house = Row("one message many times at once", tries=2 * size), hub()
    jd, other = Signer(house), Signer(house, "weidian")
    name = "same-" + uuid.uuid4().hex[:12]
    body = report_body(name, WORDS[0])
    forgeries = [
        # (expected status, what is sent)
        (422, lambda: jd.post(name, report_body(name, WORDS[1]))),
        (422, lambda: jd.post(name, report_body(name, WORDS[0], "order.acknowledged"))),
        (401, lambda: jd.post(name, body, secret=other.secret)),
        (401, lambda: jd.post(name, body, off=-86_400)),
    ]
    first = jd.post(name, body)
    sends = [(202, lambda: jd.post(name, body))] * (size - 1)
    sends += [forgeries[i % 4] for i in range(size)]
    random.shuffle(sends)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda send: (send[0], send[1]()), sends))
    receipts = Counter(a.json()["receipt"] for expected, a in answers if expected == 202)
    row.check(first.status_code == 202, f"first: {first.status_code}")
    row.check(set(receipts) == {first.json()["receipt"]}, f"{len(receipts)} receipts for one")
    through = [a.status_code for expected, a in answers if a.status_code != expected]
    row.check(not through, f"not as expected: {Counter(through)}")
    with session_scope() as session:
        count = select(func.count())
        messages = session.scalar(
            count.select_from(InboundMessage).where(InboundMessage.webhook_id == name)
        )
        reports = session.scalar(count.select_from(Report).where(Report.external_id == name))
        events = session.scalar(
            count.select_from(SecurityEvent).where(
                SecurityEvent.detail["webhook_id"].astext == name
            )
        )
    row.lost, row.doubled = int(not messages or not reports), messages + reports - 2
    row.check(events > 0, "no security event tells of the forgeries")
    return row
