"""Notifications through the job queue: they wake idle workers when rows are waiting.

The database is the source of truth, so a lost notification loses no work: the sweeper notifies
again of whatever is due. Notifications coalesce: while one is pending no second job is queued, so
that a burst of a thousand reports costs a thousand SETs and a handful of jobs.
"""

from __future__ import annotations

import threading
import time
from functools import cache

import redis
import structlog
from rq import Queue

from hub.config import NotConfigured, settings

log = structlog.get_logger()

# queue -> its job; each queue has its own pool of workers
JOBS = {
    "assess": "hub.jobs.assess.drain",
    "deliver": "hub.jobs.deliver.drain",
    "remind": "hub.jobs.remind.drain",
}
# What redis-py raises when the server is away; AttributeError: a connection closed under a reader.
_AWAY = (redis.RedisError, OSError, AttributeError)
_PAUSE = 2.0  # seconds without another attempt after the queue server did not answer
_paused_until = 0.0
# A notification this soon after the process's last one is left to that, or to the sweeper.
_SOON = 0.02  # seconds
_last_notified: dict[str, float] = {}


@cache
def connection() -> redis.Redis:
    """The queue server, with short timeouts: intake must not wait for it.

    Raises NotConfigured.
    """
    url = settings().redis_url
    if not url:
        raise NotConfigured("set REDIS_URL, or start with `python -m hub`")
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5)


def notify(queue: str, key: str | None = None) -> bool:
    """Wake one worker of `queue`; call only after commit. Never fails.

    `key` makes notifications distinct (a job that wants a helper). Returns whether a job was
    queued.
    """
    global _paused_until
    now, name = time.monotonic(), _name(queue, key)
    if now < _paused_until or now - _last_notified.get(name, 0.0) < _SOON:
        return False
    _last_notified[name] = now
    try:
        with connection().pipeline(transaction=False) as both:
            both.set(name, 1, nx=True, ex=5)
            both.publish(_name(queue, None), 1)
            first, _ = both.execute()
        if not first:
            return False
        Queue(queue, connection=connection(), serializer="json").enqueue(
            JOBS[queue], args=(key,), job_timeout=3600, result_ttl=0, failure_ttl=3600
        )
        return True
    except (*_AWAY, NotConfigured) as error:
        _paused_until = time.monotonic() + _PAUSE
        log.warning("queue_unreachable", queue=queue, error=str(error))
        return False


def notify_soon(queue: str) -> None:
    """`notify` for callers that must not wait: a thread of this process sends one notification for
    all requests meanwhile. What it had not sent when the process died is found by the sweeper."""
    requested = _notifier(queue)
    if not requested.is_set():
        requested.set()


@cache
def _notifier(queue: str) -> threading.Event:
    requested = threading.Event()
    name = f"notify {queue}"
    arguments = (queue, requested)
    threading.Thread(target=_notify_on_request, args=arguments, name=name, daemon=True).start()
    return requested


def _notify_on_request(queue: str, requested: threading.Event) -> None:
    while requested.wait():
        requested.clear()
        notify(queue)
        time.sleep(_SOON)


@cache
def notified(queue: str) -> threading.Event:
    """An event set by every notification from now on, for a process that is already working on
    `queue` and cannot take the queued job. A thread listens; it misses notifications while the
    queue server is away."""
    event = threading.Event()
    name = f"listen {queue}"
    threading.Thread(target=_listen, args=(queue, event), name=name, daemon=True).start()
    return event


def _listen(queue: str, event: threading.Event) -> None:
    while True:
        try:
            server = redis.Redis.from_url(settings().redis_url or "")
            with server.pubsub(ignore_subscribe_messages=True) as subscription:
                subscription.subscribe(_name(queue, None))
                for _ in subscription.listen():
                    event.set()
        except (*_AWAY, ValueError):
            time.sleep(_PAUSE)


def acknowledge(queue: str, key: str | None = None) -> None:
    """A worker has started: from now on a notification queues a new job."""
    try:
        connection().delete(_name(queue, key))
    except (*_AWAY, NotConfigured) as error:
        log.warning("queue_unreachable", queue=queue, error=str(error))


def _name(queue: str, key: str | None) -> str:
    return f"hub:notified:{queue}:{key or ''}"
