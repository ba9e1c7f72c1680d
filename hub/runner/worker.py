"""One rq worker. SimpleWorker does not fork per job, so models stay loaded."""

from __future__ import annotations

import logging
import time
from types import FrameType

import redis
import structlog
from rq import Queue, SimpleWorker
from rq.worker.base import StopRequested

from hub.config import settings
from hub.database import session_scope

log = structlog.get_logger()


class Worker(SimpleWorker):
    """Retries a lost queue server every two seconds; rq's own pauses grow to a minute."""

    max_connection_wait_time = 2.0
    stop_requested = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """On SIGINT or SIGTERM: finish the current job, then stop."""
        self.stop_requested = True
        super().request_stop(signum, frame)


def work(queue: str) -> int:
    """Work on one queue until SIGTERM or SIGINT. Job arguments are JSON, never pickles.

    rq gives up when the queue server goes away during a job. Then a new worker takes over in this
    process, where the models are loaded.
    """
    if queue == "assess":
        _warm_up()
    logging.getLogger("rq").setLevel(logging.WARNING)
    while True:
        try:
            worker = _worker(queue)
            worker.work(logging_level="WARNING")
            if worker.stop_requested:
                return 0
        except StopRequested:  # between two workers
            return 0
        except (redis.RedisError, OSError) as error:
            log.warning("queue_server_away", queue=queue, error=str(error)[:200])
        time.sleep(1)


def _worker(queue: str) -> Worker:
    connection = redis.Redis.from_url(settings().redis_url or "", health_check_interval=30)
    return Worker(
        [Queue(queue, connection=connection, serializer="json")],
        connection=connection,
        serializer="json",
        maintenance_interval=15,
        worker_ttl=30,
    )


def _warm_up() -> None:
    """Load the models and ensure the vector index before the first job."""
    from hub.services.assessment.loaded_models import loaded_models
    from hub.services.rumors import matching

    loaded = loaded_models()
    loaded.read(["预热"])
    with session_scope() as session:
        matching.ensure_index(session, loaded.encoder)
    log.info("models_loaded", versions=loaded.assessor.versions)
