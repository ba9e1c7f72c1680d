"""A platform as the hub knows it, and messages signed as it would sign them."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.outbound import signing


@dataclass
class Sender:
    """Signs and posts as one platform."""

    client: Any
    slug: str
    secret: str
    token: str = ""
    hub_key: str = ""
    sent: list[str] = field(default_factory=list)

    def headers(self, raw: bytes, **change: str) -> dict[str, str]:
        """Standard Webhooks headers for `raw`; `change` overrides id, timestamp, signature."""
        id_ = change.get("id", "m_" + uuid.uuid4().hex)
        timestamp = change.get("timestamp", str(int(time.time())))
        signature = change.get("signature") or signing.sign_v1(self.secret, id_, timestamp, raw)
        return {
            "Content-Type": change.get("content_type", "application/json"),
            "webhook-id": id_,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature,
        }

    def post(self, raw: bytes, **change: str):
        return self.client.post(
            f"/webhooks/{self.slug}", data=raw, headers=self.headers(raw, **change)
        )

    def send(self, type_: str, data: Any, **change: str):
        body = {"type": type_, "timestamp": datetime.now(UTC).isoformat(), "data": data}
        return self.post(json.dumps(body, ensure_ascii=False).encode(), **change)

    def report(self, report_id: str, text: str, **more: Any):
        return self.send("report.created", report_data(report_id, text, **more))


def report_data(report_id: str, text: str, kind: str = "rumor", **more: Any) -> dict[str, Any]:
    """`data` of a report.created."""
    return {
        "report_id": report_id,
        "kind": kind,
        "reported_at": "2020-02-20T09:30:00+08:00",
        "content": {"text": text, **more.pop("content", {})},
        **more,
    }


@pytest.fixture
def platforms(session, client) -> dict[str, Sender]:
    """Two registered platforms."""
    from hub.services.platforms import directory

    made = {}
    for slug, name in (("jd", "京东"), ("weidian", "微店")):
        new = directory.register(session, slug, name, f"http://127.0.0.1:9/{slug}")
        made[slug] = Sender(client, slug, new.secret, new.token, new.hub_key)
    session.commit()
    return made


@pytest.fixture
def jd(platforms) -> Sender:
    return platforms["jd"]


@pytest.fixture
def run(app):
    """`run(*words)`: what `flask words...` says."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=list(words))
