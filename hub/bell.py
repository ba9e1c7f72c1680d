"""The bell: tells idle workers that rows are waiting. Losing a ring loses no work.

A ring coalesces: while a bell is already ringing no second job is queued, so that a burst
of a thousand reports costs a thousand SETs and a handful of jobs. The sweeper rings too,
for whatever is due and for rings that were lost with the queue server.
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

# bell -> the job it rings for; each queue has its own pool of workers
BELLS = {
    "assess": "hub.jobs.assess.drain",
    "deliver": "hub.jobs.deliver.drain",
    "remind": "hub.jobs.remind.drain",
}
# How redis-py says that the server is away; a connection closed under a reader loses its socket.
_AWAY = (redis.RedisError, OSError, AttributeError)
_PAUSE = 2.0  # seconds without another try after the queue server did not answer
_silent_until = 0.0
# A ring so soon after this process's last is left to that one, or to the sweeper's next round.
_SOON = 0.02  # seconds
_last_ring: dict[str, float] = {}


@cache
def connection() -> redis.Redis:
    """The queue server. Raises NotConfigured without an address for it.

    The timeouts are short: intake must not wait for a notification.
    """
    url = settings().redis_url
    if not url:
        raise NotConfigured("set REDIS_URL, or start with `python -m hub`")
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5)


def ring(bell: str, key: str | None = None) -> bool:
    """Wake one worker of `bell`; call only after commit. Never raises.

    `key` makes rings distinct (one per drain that wants a helper). Returns whether it rang.
    """
    global _silent_until
    now, name = time.monotonic(), _name(bell, key)
    if now < _silent_until or now - _last_ring.get(name, 0.0) < _SOON:
        return False
    _last_ring[name] = now
    try:
        with connection().pipeline(transaction=False) as both:
            both.set(name, 1, nx=True, ex=5)
            both.publish(_name(bell, None), 1)
            first, _ = both.execute()
        if not first:
            return False
        Queue(bell, connection=connection(), serializer="json").enqueue(
            BELLS[bell], args=(key,), job_timeout=3600, result_ttl=0, failure_ttl=3600
        )
        return True
    except (*_AWAY, NotConfigured) as error:
        _silent_until = time.monotonic() + _PAUSE
        log.warning("bell_silent", bell=bell, error=str(error))
        return False


def ring_soon(bell: str) -> None:
    """`ring` for who must not wait: a thread of this process rings, once for all that asked
    meanwhile. What it had not rung when the process died is found by the sweeper."""
    asked = _ringer(bell)
    if not asked.is_set():
        asked.set()


@cache
def _ringer(bell: str) -> threading.Event:
    asked = threading.Event()
    name = f"ring {bell}"
    threading.Thread(target=_ring_when_asked, args=(bell, asked), name=name, daemon=True).start()
    return asked


def _ring_when_asked(bell: str, asked: threading.Event) -> None:
    while asked.wait():
        asked.clear()
        ring(bell)
        time.sleep(_SOON)


@cache
def heard(bell: str) -> threading.Event:
    """Set at every ring from now on, in a process that works on `bell` already and cannot take
    the job that was queued. A thread listens; while the queue server is away it hears nothing."""
    event = threading.Event()
    name = f"hear {bell}"
    threading.Thread(target=_listen, args=(bell, event), name=name, daemon=True).start()
    return event


def _listen(bell: str, event: threading.Event) -> None:
    while True:
        try:
            server = redis.Redis.from_url(settings().redis_url or "")
            with server.pubsub(ignore_subscribe_messages=True) as ears:
                ears.subscribe(_name(bell, None))
                for _ in ears.listen():
                    event.set()
        except (*_AWAY, ValueError):
            time.sleep(_PAUSE)


def answered(bell: str, key: str | None = None) -> None:
    """A worker came: from now on a new ring queues a new job."""
    try:
        connection().delete(_name(bell, key))
    except (*_AWAY, NotConfigured) as error:
        log.warning("bell_silent", bell=bell, error=str(error))


def _name(bell: str, key: str | None) -> str:
    return f"hub:bell:{bell}:{key or ''}"
