"""A sender gets its share: over all processes, after a rest some more, and nothing without the
database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from hub.problems import Problem
from hub.services.platforms import rate_limits
from models import Allowance


def taken(name: str, tries: int, rate: float, burst: float, cost: float = 1) -> int:
    """How many of `tries` pass."""
    return sum(rate_limits.allows(name, cost, rate, burst) for _ in range(tries))


def test_a_burst_passes_and_no_more(session):
    assert taken("door:jd", 500, 0.001, 300) == 300


def test_the_bucket_is_one_for_all_processes(session):
    """Another process is one that holds nothing of it."""
    passed = 0
    for _ in range(8):
        rate_limits.forget()
        passed += taken("door:jd", 60, 0.001, 300)
    assert passed <= 300


def test_many_threads_get_no_more_than_the_burst(session):
    with ThreadPoolExecutor(16) as pool:
        passed = sum(pool.map(lambda _: taken("door:jd", 40, 0.001, 200), range(16)))
    # What one drew while the others were told that the bucket was empty is spent now.
    assert passed + taken("door:jd", 200, 0.001, 200) == 200


def test_it_fills_again_with_time_and_never_above_the_burst(session):
    assert taken("door:jd", 10, 1, 10) == 10
    session.execute(update(Allowance).values(at=func.now() - func.make_interval(0, 0, 0, 0, 1)))
    session.commit()
    rate_limits.forget()
    assert taken("door:jd", 30, 1, 10) in (10, 11)


def test_a_refusal_says_when_to_come_again(session):
    taken("door:jd", 4, 0.1, 4)
    with pytest.raises(Problem) as refused:
        rate_limits.spend("door:jd", 2, 0.1, 4)
    assert refused.value.status == 429
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 21


def test_a_refused_flood_costs_the_database_nothing(session, monkeypatch):
    taken("door:jd", 5, 0.01, 4)
    monkeypatch.setattr(rate_limits, "autocommit", lambda: pytest.fail("asked the database"))
    assert taken("door:jd", 100, 0.01, 4) == 0


def test_one_name_s_flood_takes_nothing_of_another_s(session):
    taken("door:jd", 50, 0.01, 4)
    assert taken("door:weidian", 4, 0.01, 4) == 4


def test_what_costs_more_than_a_full_bucket_passes_when_it_is_full(session):
    assert rate_limits.allows("door:jd", 100, 0.01, 10)
    assert not rate_limits.allows("door:jd", 1, 0.01, 10)


def test_without_the_database_nobody_passes(session, monkeypatch):
    def away():
        raise OperationalError("draw", {}, OSError("away"))

    monkeypatch.setattr(rate_limits, "autocommit", away)
    with pytest.raises(OperationalError):
        rate_limits.spend("door:jd", 1, 100, 100)


def test_old_buckets_are_dropped(session):
    taken("login:192.0.2.1", 1, 1, 1)
    taken("login:192.0.2.2", 1, 1, 1)
    session.execute(
        update(Allowance)
        .where(Allowance.name == "login:192.0.2.1")
        .values(at=func.now() - func.make_interval(0, 0, 0, 2))
    )
    assert rate_limits.tidy(session) == 1
    assert session.scalars(select(Allowance.name)).all() == ["login:192.0.2.2"]


def test_at_the_door_a_flood_hears_429_and_others_are_served(platforms, session):
    jd, weidian = platforms["jd"], platforms["weidian"]
    session.execute(text("UPDATE platform SET rate = 0.01, burst = 5 WHERE slug = 'jd'"))
    session.commit()
    answers = [jd.report(f"r{n}", "口罩涨价") for n in range(8)]
    assert [a.status_code for a in answers] == [202] * 5 + [429] * 3
    assert answers[-1].json["code"] == "too_many_requests"
    assert answers[-1].mimetype == "application/problem+json"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert weidian.report("w1", "口罩涨价").status_code == 202
    stored = session.scalar(text("SELECT count(*) FROM inbound_message"))
    assert stored == 6


def test_a_stranger_cannot_use_up_a_platform_s_share(platforms, session):
    jd, weidian = platforms["jd"], platforms["weidian"]
    session.execute(text("UPDATE platform SET rate = 0.01, burst = 5 WHERE slug = 'jd'"))
    session.commit()
    for _ in range(10):
        forged = jd.headers(b"{}", signature="v1," + "A" * 43 + "=")
        assert jd.client.post("/webhooks/jd", data=b"{}", headers=forged).status_code == 401
    assert jd.report("r1", "口罩涨价").status_code == 202
    assert weidian.report("r1", "口罩涨价").status_code == 202


def test_logins_are_limited_over_all_web_processes(app, monkeypatch):
    from hub.web.account import auth
    from tests.hub.web.conftest import Desk

    monkeypatch.setattr(auth, "TRIES", (0.001, 4.0))
    desk = Desk(app.test_client(), "nobody")
    statuses = []
    for _ in range(6):
        rate_limits.forget()
        statuses.append(desk.login("wrong password").status_code)
    assert statuses == [401] * 4 + [429] * 2
