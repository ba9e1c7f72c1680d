"""Deliveries reach every platform once and lose nothing, whatever the endpoint does."""

from __future__ import annotations

import base64
import dataclasses
import time

import pytest
from sqlalchemy import func, select, text

from hub.config import settings
from hub.database import session_scope
from hub.jobs import deliver, sweep
from hub.outbound import signing
from hub.services.platforms import delivery, delivery_leases, directory, keys, outbox
from models import Attempt, Delivery, Platform
from tests.hub.receiver import receiving, status


@pytest.fixture
def receiver(monkeypatch, session):
    with receiving() as made:
        allowed = dataclasses.replace(settings(), outbound_allow=frozenset({made.allow}))
        monkeypatch.setattr(delivery, "settings", lambda: allowed)
        yield made


@pytest.fixture
def registered(session, receiver):
    made = directory.register(session, "jd", "京东", receiver.url)
    session.commit()
    return made


def put(session, slug: str = "jd") -> int:
    platform = session.scalar(select(Platform).where(Platform.slug == slug))
    sent = outbox.put(
        session, platform, "report.updated", outbox.next_seq(session, platform), {"reports": []}
    )
    session.commit()
    return sent.id


def state(session, delivery_id: int) -> Delivery:
    session.rollback()
    session.expire_all()
    return session.get_one(Delivery, delivery_id)


def again(session) -> None:
    session.execute(text("UPDATE delivery SET next_at = now() WHERE state = 'WAIT'"))
    session.commit()
    deliver.drain()


def test_a_delivery_is_signed_with_the_hubs_key_for_that_platform(session, receiver, registered):
    put(session)
    deliver.drain()
    ((headers, body),) = receiver.got
    (version, signature), *_ = signing.signatures(headers["webhook-signature"])
    public = base64.b64decode(registered.hub_key.removeprefix("whpk_"))
    signed = signing.content(headers["webhook-id"], headers["webhook-timestamp"], body)
    assert version == "v1a" and signing.verify_v1a(public, signature, signed)
    assert b'"aud":"jd"' in body and b'"seq":1' in body


def test_a_platform_that_asks_for_hmac_gets_it(session, receiver):
    from standardwebhooks.webhooks import Webhook

    made = directory.register(session, "suning", "苏宁", receiver.url, scheme="v1")
    put(session, "suning")
    deliver.drain()
    ((headers, body),) = receiver.got
    assert Webhook(made.hub_key).verify(body, headers)["aud"] == "suning"


def test_it_is_tried_again_with_the_same_id_and_a_new_signature(session, receiver, registered):
    one = put(session)
    receiver.answer = status(500)
    deliver.drain()
    assert state(session, one).state == "WAIT"
    receiver.answer = status(204)
    time.sleep(1.1)  # the next signature carries another second
    again(session)
    assert (state(session, one).state, state(session, one).attempts) == ("DELIVERED", 2)
    (first, body1), (second, body2) = receiver.got
    assert first["webhook-id"] == second["webhook-id"] and body1 == body2
    assert first["webhook-signature"] != second["webhook-signature"]
    log = session.execute(select(Attempt.number, Attempt.status).order_by(Attempt.number)).all()
    assert [tuple(a) for a in log] == [(1, 500), (2, 204)]


def test_retry_after_is_honoured(session, receiver, registered):
    one = put(session)
    receiver.answer = status(429, Retry_After="3600")
    deliver.drain()
    wait = session.scalar(
        select(Delivery.next_at - text("now()")).where(Delivery.id == one)
    ).total_seconds()
    assert 3500 < wait <= 3600


def test_gone_pauses_the_endpoint_until_a_person_resumes_it(session, receiver, registered):
    one, two = put(session), None
    receiver.answer = status(410)
    deliver.drain()
    two = put(session)
    deliver.drain()
    assert (state(session, one).state, state(session, two).state) == ("BLOCKED", "PENDING")
    assert len(receiver.got) == 1
    receiver.answer = status(200)
    with session_scope() as s:
        platform = s.scalar(select(Platform))
        assert "410" in platform.paused_because
        assert delivery.resume(s, platform) == 1
    deliver.drain()
    assert state(session, one).state == state(session, two).state == "DELIVERED"


def test_a_private_endpoint_is_never_contacted(session, receiver, registered, monkeypatch):
    monkeypatch.setattr(delivery, "settings", settings)
    one = put(session)
    deliver.drain()
    assert state(session, one).state == "BLOCKED"
    assert receiver.got == []
    assert "not public" in session.scalar(select(Platform.paused_because))


def test_redirects_are_never_followed(session, receiver, registered):
    one = put(session)
    receiver.answer = status(302, Location=receiver.url.replace("hooks", "elsewhere"))
    deliver.drain()
    assert state(session, one).state == "WAIT" and len(receiver.got) == 1


def test_a_sender_that_died_is_fenced_by_its_epoch(session, receiver, registered):
    one = put(session)
    with session_scope() as s:
        ((stale,),) = delivery_leases.lease(s, 5)
    session.execute(text("UPDATE delivery SET lease_until = now() - interval '1 second'"))
    session.commit()
    assert sweep.sweep()["deliveries_taken_back"] == 1
    deliver.drain()
    assert state(session, one).state == "DELIVERED"
    with session_scope() as s:
        assert not delivery.finish(s, [(stale, delivery.Outcome(500, None, None, 1))])
    assert state(session, one).attempts == 1


def test_after_seven_days_it_waits_for_a_person_and_keeps_its_id(session, receiver, registered):
    one = put(session)
    webhook_id = state(session, one).webhook_id
    session.execute(text("UPDATE delivery SET created_at = now() - interval '8 days'"))
    session.commit()
    receiver.answer = status(500)
    deliver.drain()
    assert state(session, one).state == "DEAD_LETTER"
    receiver.answer = status(200)
    with session_scope() as s:
        assert delivery.resend(s, one)
    deliver.drain()
    assert state(session, one).state == "DELIVERED"
    assert receiver.got[-1][0]["webhook-id"] == webhook_id


def test_a_dead_platform_takes_one_slot_and_the_others_go_on(session, receiver, registered):
    dead = directory.register(session, "suning", "苏宁", receiver.url)
    dead.platform.failures = 3
    session.commit()
    for _ in range(6):
        put(session, "suning")
        put(session, "jd")
    with session_scope() as s:
        taken = [p.platform_id for lot in delivery_leases.lease(s, 16) for p in lot]
    assert taken.count(dead.platform.id) == 1
    assert taken.count(registered.platform.id) == delivery_leases.PER_PLATFORM


def test_a_platform_that_fails_half_way_gets_the_rest_later(session, receiver, registered):
    ids = [put(session) for _ in range(8)]
    deliver._pace[registered.platform.id] = 0.001  # it answered quickly before

    def full(handler) -> None:
        status(200 if len(receiver.got) < 2 else 503)(handler)

    receiver.answer = full
    deliver.drain()
    states = [state(session, one) for one in ids]
    tried = session.scalar(select(func.count()).select_from(Attempt))
    assert {d.state for d in states} == {"DELIVERED", "WAIT"}
    assert sum(d.attempts for d in states) == tried == len(receiver.got)
    receiver.answer = status(200)
    again(session)
    assert {state(session, one).state for one in ids} == {"DELIVERED"}
    ok = session.scalar(select(func.count()).where(Attempt.status == 200))
    assert ok == len(ids)


def test_one_answer_that_cannot_be_written_stops_no_other(session, receiver, registered):
    good, bad = put(session), put(session)
    with session_scope() as s:
        parcels = {p.id: p for lot in delivery_leases.lease(s, 5) for p in lot}
    reply = {good: "taken", bad: "NUL \0"}  # PostgreSQL takes no NUL in a text
    deliver._done.extend(
        (p, delivery.Outcome(200, None, reply[id_], 1)) for id_, p in parcels.items()
    )
    deliver._write()
    assert (state(session, good).state, state(session, bad).state) == ("DELIVERED", "LEASED")


def test_many_attempts_are_written_at_once_each_fenced_by_its_own_epoch(
    session, receiver, registered
):
    ids = [put(session) for _ in range(4)]
    with session_scope() as s:
        parcels = [p for lot in delivery_leases.lease(s, 5) for p in lot]
    stale = dataclasses.replace(parcels[0], epoch=parcels[0].epoch - 1)
    done = [(p, delivery.Outcome(200, None, None, 1)) for p in (stale, *parcels[1:])]
    with session_scope() as s:
        assert delivery.finish(s, done) == {p.id for p in parcels[1:]}
    states = {one: state(session, one).state for one in ids}
    assert states.pop(parcels[0].id) == "LEASED" and set(states.values()) == {"DELIVERED"}


def test_senders_are_dealt_out_in_turn(session, receiver, registered):
    """More platforms than senders: each gets one before any gets two."""
    slugs = ["jd", *(f"p{n}" for n in range(5))]
    for slug in slugs[1:]:
        directory.register(session, slug, slug, receiver.url)
    session.commit()
    for slug in slugs * 3:
        put(session, slug)
    with session_scope() as s:
        lots = delivery_leases.lease(s, 6)
    assert len({lot[0].platform_id for lot in lots}) == 6


def test_delivery_goes_on_after_the_queue_server_forgot_everything(session, receiver, registered):
    from hub import job_queue

    put(session)
    job_queue.connection().flushall()
    sweep.sweep()
    assert job_queue.connection().llen("rq:queue:deliver") == 1


def test_during_a_rotation_a_message_bears_both_signatures(session, receiver, registered):
    new = keys.rotate(session, registered.platform, "outbound_ed25519")
    put(session)
    deliver.drain()
    ((headers, body),) = receiver.got
    signed = signing.content(headers["webhook-id"], headers["webhook-timestamp"], body)
    given = [signature for _, signature in signing.signatures(headers["webhook-signature"])]
    assert len(given) == 2
    for public in (registered.hub_key, new):
        raw = signing.key_bytes(public, "whpk_")
        assert any(signing.verify_v1a(raw, each, signed) for each in given)
