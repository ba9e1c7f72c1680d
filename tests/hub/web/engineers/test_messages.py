"""Engineers see what their platform sent and why it was refused."""

from __future__ import annotations

import re

from models import Delivery, InboundMessage


def test_what_was_refused_is_shown_with_the_reason(desk, both, session):
    of = session.get_one(Delivery, both["jd"]).platform_id
    session.add(
        InboundMessage(
            platform_id=of, webhook_id="m1", sha256=b"0", raw=b'{"type": "x<y>"}', headers={},
            key_id=1, type=None, receipt="rc_1", status=422,
            answer={"detail": "kind is missing", "status": 422},
        )
    )  # fmt: skip
    session.commit()
    jd, pdd = desk("jd-eng"), desk("pdd-eng")
    jd.get("/platform/messages?refused=1")
    assert "kind is missing" in jd.text
    one = re.search(r"/platform/messages/(\d+)", jd.page)[0]
    jd.get(one)
    assert "x&lt;y&gt;" in jd.page and "kind is missing" in jd.text
    assert pdd.get(one).status_code == 404
