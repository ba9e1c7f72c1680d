"""The viral stream through the job itself: leases, classifiers, PostgreSQL and outbox included.

One worker on two cores; its PostgreSQL takes what it needs of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import insert, select

from classifiers.encoder import default_encoder_dir


def way(texts: Sequence[str]) -> list[int]:
    """The claim of each text, as the position of the first report that joined it. Call between
    `started` and its end."""
    from hub.database import session_scope
    from models import Report, Wording

    settle(texts)
    joined = (
        select(Report.external_id, Wording.claim_id)
        .join(Wording, Wording.id == Report.wording_id)
        .order_by(Report.id)
    )
    with session_scope() as session:
        claims = [claim for _, claim in session.execute(joined)]
    first = {claim: n for n, claim in reversed([*enumerate(claims)])}
    return [first[claim] for claim in claims]


def settle(texts: Sequence[str], first: int = 0) -> None:
    """Store reports of these texts, numbered from `first`, and settle every one."""
    from hub.database import session_scope
    from hub.jobs import assess
    from models import Report

    with session_scope() as session:
        session.execute(insert(Report), [report(n, said) for n, said in enumerate(texts, first)])
    while assess.drain():
        pass


def report(n: int, said: str) -> dict[str, object]:
    """A row of `report` that a worker may take."""
    return {
        "platform_id": 1, "external_id": f"r{n}", "message_id": 1, "kind": "rumor",
        "reported_at": "2020-02-20T09:30:00+08:00", "payload": {"content": {"text": said}},
        "content_hash": "-", "text": said,
    }  # fmt: skip


@contextmanager
def started() -> Iterator[None]:
    """An empty hub with one platform and one message, its models loaded."""
    from hub.database import dispose
    from hub.runner.embedded import Postgres, Valkey

    with tempfile.TemporaryDirectory(prefix="hubbench-") as home:
        os.environ.update(HUB_INSTANCE=home, HUB_ENCODER=str(default_encoder_dir().resolve()))
        postgres, valkey = Postgres(Path(home) / "pg"), Valkey(Path(home) / "valkey")
        os.environ.update(DATABASE_URL=postgres.start(), REDIS_URL=valkey.start())
        try:
            _prepare()
            yield
        finally:
            dispose()
            valkey.stop()
            postgres.stop()


def _prepare() -> None:
    from hub.config import settings
    from hub.database import engine, session_scope
    from hub.services.assessment import loaded_models
    from hub.services.installation import schema
    from hub.services.platforms import directory
    from hub.services.rumors import matching
    from models import InboundMessage

    settings.cache_clear()
    engine.cache_clear()
    schema.upgrade(engine())
    with session_scope() as session:
        directory.register(session, "jd", "京东", "http://127.0.0.1:9/")
        session.flush()
        session.add(
            InboundMessage(
                platform_id=1, webhook_id="m1", sha256=b"", raw=b"", headers={}, key_id=1,
                receipt="m1", status=202, answer={},
            )
        )  # fmt: skip
    loaded = loaded_models.loaded_models()
    loaded.read(["预热"])
    with session_scope() as session:
        matching.ensure_index(session, loaded.encoder)
