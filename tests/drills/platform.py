"""A platform that reports without pause, sends again until it is answered, and keeps books."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import func, select, text

from hub.database import session_scope
from hub.outbound import signing
from models import InboundMessage, Report
from tests.drills.harness import Hub, Row, wait_until

WORDS = (
    "紧急通知：本市明天零点起全面封城，超市停止营业，请大家赶快囤积米面粮油",
    "每天用浓盐水漱口就能杀死新型病毒，钟院士已经证实，转给家人",
    "喝高度白酒可以预防新型肺炎，医院内部都在这样做",
    "某小区昨夜拉走十几名病人，物业封锁消息不让外传",
)


@dataclass
class Signer:
    """Signs and posts as one platform of the hub."""

    hub: Hub
    slug: str = "jd"
    secret: str = ""
    _local: threading.local = field(default_factory=threading.local)

    def __post_init__(self) -> None:
        self.secret = self.secret or self.hub.secret(self.slug)

    @property
    def _http(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        return self._local.session

    def post(self, webhook_id: str, body: bytes, off: int = 0, secret: str = "") -> Any:
        """One attempt, signed now (`off` seconds beside the clock). Raises RequestException."""
        timestamp = str(int(time.time()) + off)
        signature = signing.sign_v1(secret or self.secret, webhook_id, timestamp, body)
        return self._http.post(
            f"{self.hub.base_url}/webhooks/{self.slug}", data=body, timeout=15,
            headers={
                "Content-Type": "application/json", "webhook-id": webhook_id,
                "webhook-timestamp": timestamp, "webhook-signature": signature,
            },
        )  # fmt: skip


def report_body(report_id: str, words: str, type_: str = "report.created") -> bytes:
    """A report as its platform would send it."""
    data = {
        "report_id": report_id,
        "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": words},
    }
    return json.dumps(
        {"type": type_, "timestamp": "2020-02-20T01:30:00Z", "data": data}, ensure_ascii=False
    ).encode()


class Flow:
    """Reports on and on from `threads` threads, for as long as the block lasts.

    What was not answered when the block ends is sent until it is.
    """

    def __init__(self, hub: Hub, threads: int = 4, pause: float = 0.01) -> None:
        self.signer = Signer(hub)
        self.run = uuid.uuid4().hex[:10]
        self.acknowledged: dict[str, tuple[str, str]] = {}  # webhook id: report id, receipt
        self.answers: Counter[int] = Counter()  # 0: no answer
        self.last_yes = 0.0
        self.no_retry_after = 0
        self.pause = pause
        self._numbers = itertools.count()
        self._ending, self._given_up = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=self._send_on) for _ in range(threads)]

    def __enter__(self) -> Flow:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(60)
        self._given_up.set()

    def flows(self, since: float) -> bool:
        """Whether a report was accepted after the moment `since` (time.monotonic)."""
        return self.last_yes > since

    def _send_on(self) -> None:
        while not self._ending.is_set():
            number = next(self._numbers)
            report_id = f"{self.run}-{number}"
            self._send(report_id, report_body(report_id, WORDS[number % len(WORDS)]))
            self._ending.wait(self.pause)

    def _send(self, report_id: str, body: bytes) -> None:
        webhook_id = f"d_{report_id}".replace("-", "_")
        while not self._given_up.is_set():
            try:
                answer = self.signer.post(webhook_id, body)
            except requests.RequestException:
                self.answers[0] += 1
            else:
                self.answers[answer.status_code] += 1
                if answer.status_code == 202:
                    self.acknowledged[webhook_id] = (report_id, answer.json()["receipt"])
                    self.last_yes = time.monotonic()
                    return
                self.no_retry_after += (
                    answer.status_code == 503 and "Retry-After" not in answer.headers
                )
            time.sleep(random.uniform(0.02, 0.2))

    def balance(self, row: Row) -> None:
        """Compare with what the hub holds: every receipt stored, nothing stored twice."""
        with session_scope() as session:
            stored = dict(
                session.execute(
                    select(InboundMessage.webhook_id, InboundMessage.receipt).where(
                        InboundMessage.webhook_id.startswith(f"d_{self.run}_")
                    )
                ).all()
            )
            rows = session.scalars(
                select(Report.external_id).where(Report.external_id.startswith(self.run + "-"))
            ).all()
        held = Counter(rows)
        row.tries += len(self.acknowledged)
        row.lost += sum(
            stored.get(webhook_id) != receipt or not held[report_id]
            for webhook_id, (report_id, receipt) in self.acknowledged.items()
        )
        row.doubled += sum(times > 1 for times in held.values())
        odd = {code for code in self.answers if code not in (0, 202, 503)}
        row.check(not odd, f"answers {sorted(odd)}")
        row.check(not self.no_retry_after, f"{self.no_retry_after} x 503 without Retry-After")

    def waiting(self) -> int:
        """How many of these reports have not found their case."""
        with session_scope() as session:
            return session.scalar(
                select(func.count())
                .select_from(Report)
                .where(Report.external_id.startswith(self.run + "-"))
                .where(Report.state.in_(("RECEIVED", "PROCESSING")))
            )

    def settle(self, row: Row, seconds: float = 120) -> float:
        """Wait until every report found its case; seconds it took."""
        took = wait_until(lambda: self.waiting() == 0, "every report finds its case", seconds)
        with session_scope() as session:
            quarantined = session.scalar(
                text("SELECT count(*) FROM report WHERE external_id LIKE :run AND state = :q"),
                {"run": self.run + "-%", "q": "QUARANTINED"},
            )
        row.check(not quarantined, f"{quarantined} reports quarantined")
        return took
