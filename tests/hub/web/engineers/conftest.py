"""Two platforms, each with an engineer."""

from __future__ import annotations

import pytest

from hub.services.people import accounts
from hub.services.platforms import directory, outbox
from models import Attempt
from tests.hub.web import seed


@pytest.fixture
def both(session, officers):
    """Two registered platforms, each with one engineer and one message; ids by slug."""
    sent = {}
    for slug in ("jd", "pdd"):
        made = directory.register(session, slug, seed.NAMES[slug], "http://127.0.0.1:9/")
        accounts.create_engineer(session, f"{slug}-eng", "工程师", made.platform, seed.PASSWORD)
        seq = outbox.next_seq(session, made.platform)
        row = outbox.put(session, made.platform, "report.updated", seq, {"reports": [slug]})
        session.flush()
        row.state, row.attempts = "DELIVERED", 1
        session.add(Attempt(delivery_id=row.id, number=1, status=200, milliseconds=12, reply="ok"))
        sent[slug] = row.id
    session.commit()
    return sent
