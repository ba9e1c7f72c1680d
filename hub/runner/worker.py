"""One rq worker. SimpleWorker does not fork per job, so models stay loaded."""

from __future__ import annotations

import logging

import redis
import structlog
from rq import Queue, SimpleWorker

from hub.config import settings
from hub.database import session_scope

log = structlog.get_logger()


def work(queue: str) -> int:
    """Work on one queue until told to stop. Jobs carry ids, as JSON; never pickles."""
    if queue == "assess":
        _warm_up()
    connection = redis.Redis.from_url(settings().redis_url or "", health_check_interval=30)
    worker = SimpleWorker(
        [Queue(queue, connection=connection, serializer="json")],
        connection=connection,
        serializer="json",
        maintenance_interval=15,
        worker_ttl=30,
    )
    logging.getLogger("rq").setLevel(logging.WARNING)
    worker.work(logging_level="WARNING")
    return 0


def _warm_up() -> None:
    """Load the models and see to the index before the first job."""
    from hub.services import matching
    from hub.services.brain import brain

    mind = brain()
    mind.read(["预热"])
    with session_scope() as session:
        matching.ensure_index(session, mind.encoder)
    log.info("models_loaded", versions=mind.assessor.versions)
