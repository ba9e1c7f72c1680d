"""Reports find their case: one rumor in many words is one line in the queue."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, text

from hub.database import session_scope
from hub.jobs import assess, sweep
from hub.services.assessment import lifecycle
from models import Case, Claim, Delivery, Link, Merchant, Report, Shop
from tests.hub.conftest import report_data

RUMOR = "紧急提醒：本市明天零点起全面封城，所有超市停止营业，请大家赶快去囤积米面粮油"
COPY = "【转发】緊急提醒：本市明天零點起全面封城，所有超市停止營業，請大家趕快去囤積米面糧油！！"
NEAR = "紧急提醒：本市明天零点起全面封城，全部超市停止营业，请大家赶快去囤积米面粮油啊"
OTHER = "多吃大蒜和白酒可以杀死体内的新型病毒，专家亲测三天见效，快告诉家里的老人"
CODE = "91110105MA5T7FBCX8"


def gouging(shop: str, **more):
    merchant = {"shop_id": shop, "shop_name": "康宁护具", **more}
    return {"kind": "violation", "subject": merchant}


def cases(session) -> list[Case]:
    session.rollback()
    return list(session.scalars(select(Case).order_by(Case.id)))


def test_copies_and_near_copies_join_one_case(platforms, session):
    platforms["jd"].report("J1", RUMOR)
    platforms["weidian"].report("W1", COPY)
    platforms["weidian"].report("W2", NEAR)
    assert assess.drain() == 3
    (case,) = cases(session)
    assert (case.demand, case.spread) == (3, {"jd": 1, "weidian": 2})
    states = session.scalars(select(Report.state).order_by(Report.id)).all()
    assert states == ["TRIAGE", "MERGED", "MERGED"]


def test_another_rumor_is_another_case(jd, session):
    jd.report("J1", RUMOR)
    jd.report("J2", OTHER)
    assess.drain()
    assert len(cases(session)) == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_a_rumor_told_in_few_words_is_one_case_and_its_near_miss_another(
    platforms, session, at_once
):
    """Read as one batch or one after the other, by the models that ship."""
    said = [
        ("jd", "喝姜汤可以赶走流感"),
        ("weidian", "听说喝姜汤能赶走流感"),
        ("jd", "喝鸡汤可以赶走流感"),
    ]
    for n, (slug, words) in enumerate(said):
        platforms[slug].report(f"R{n}", words)
        if not at_once:
            assess.drain()
    assess.drain()
    assert [case.spread for case in cases(session)] == [{"jd": 1, "weidian": 1}, {"jd": 1}]
    suggested = session.scalars(select(Link).where(Link.status == "suggested")).one()
    assert suggested.claim_id == cases(session)[0].claim_id


def test_every_link_says_method_model_and_score(jd, session):
    jd.report("J1", RUMOR)
    assess.drain()
    jd.report("J2", NEAR)
    assess.drain()
    link = session.scalars(select(Link).where(Link.status == "joined")).one()
    assert link.method in ("minhash", "embedding") and link.model and 0 < link.score <= 1


def test_one_merchant_under_one_code_on_two_platforms_is_one_case(platforms, session):
    words = "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格"
    platforms["jd"].report("J1", words, **gouging("jd-1", uscc=CODE))
    platforms["weidian"].report("W1", words + "，请查处", **gouging("wd-9", uscc=CODE))
    assess.drain()
    (case,) = cases(session)
    assert case.demand == 2
    merchant = session.scalars(select(Merchant)).one()
    assert merchant.uscc == CODE
    assert session.scalar(select(func.count()).select_from(Shop)) == 2


def test_without_a_code_platform_and_shop_decide(platforms, session):
    words = "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格"
    platforms["jd"].report("J1", words, **gouging("1001"))
    platforms["jd"].report("J2", words + "！", **gouging("1001"))
    platforms["weidian"].report("W1", words, **gouging("1001"))
    assess.drain()
    assert sorted(c.demand for c in cases(session)) == [1, 2]


def test_words_first_said_of_a_merchant_find_the_rumor_in_other_words(platforms, session):
    platforms["jd"].report("J1", NEAR, **gouging("1001"))
    platforms["weidian"].report("W1", RUMOR)
    assess.drain()
    platforms["weidian"].report("W2", NEAR)  # read before: its stored vector serves
    assess.drain()
    assert [(c.kind, c.demand) for c in cases(session)] == [("violation", 1), ("rumor", 2)]


def test_a_wrong_code_joins_nobody(platforms, session):
    words = "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格"
    wrong = CODE[:-1] + "9"
    platforms["jd"].report("J1", words, **gouging("a", uscc=wrong))
    platforms["weidian"].report("W1", words, **gouging("b", uscc=wrong))
    assess.drain()
    assert len(cases(session)) == 2
    assert session.scalars(select(Merchant.uscc)).all() == [None, None]


def test_a_shop_known_by_id_gets_its_code_later(jd, session):
    words = "口罩平时两元一只，这家店卖五十元一只，趁疫情哄抬价格"
    jd.report("J1", words, **gouging("1001"))
    assess.drain()
    jd.report("J2", words, **gouging("1001", uscc=CODE))
    assess.drain()
    assert session.scalars(select(Merchant.uscc)).all() == [CODE]
    assert len(cases(session)) == 1


def test_a_new_version_takes_the_place_of_the_old(jd, session):
    jd.report("J1", RUMOR)
    assess.drain()
    jd.report("J1", OTHER)
    assess.drain()
    first, second = cases(session)
    assert (first.demand, second.demand) == (0, 1)
    states = session.scalars(select(Report.state).order_by(Report.version)).all()
    assert states == ["SUPERSEDED", "TRIAGE"]


def test_platforms_are_told_of_their_own_reports_only(platforms, session):
    platforms["jd"].report("J1", RUMOR)
    platforms["weidian"].report("W1", COPY)
    assess.drain()
    bodies = [bytes(b).decode() for b in session.scalars(select(Delivery.body))]
    assert len(bodies) == 2
    assert not any("J1" in b and "W1" in b for b in bodies)


RUMORS = [
    RUMOR,
    OTHER,
    "自来水厂昨夜检出放射性物质，三天之内千万不要喝家里的自来水",
    "小区门口停着一辆外地面包车，专门抢走单独回家的小学生，已经丢了两个孩子",
    "银行系统下周全面瘫痪，存款超过五万元的储户将无法取现，抓紧时间把钱取出来",
]
WRAPPINGS = ["{}", "【转发】{}", "{}！！！", "刚看到的消息，{}", "{}，请互相转告"]


def test_four_workers_meeting_wordings_of_new_rumors_open_one_claim_each(platforms, session):
    """100 reports of 5 new rumors in 5 wrappings each, taken by four workers at once."""
    for n in range(100):
        words = WRAPPINGS[n // 5 % 5].format(RUMORS[n % 5])
        assert platforms["jd"].report(f"R{n}", words).status_code == 202
    barrier = threading.Barrier(4)

    def worker():
        barrier.wait()
        assess.drain()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assess.drain()
    found = cases(session)
    assert [c.demand for c in found] == [20] * 5
    assert session.scalar(select(func.count()).select_from(Claim)) == 5


def test_a_stale_worker_writes_nothing(jd, session):
    jd.report("J1", RUMOR)
    with session_scope() as s:
        (stale,) = lifecycle.lease(s)
    session.execute(text("UPDATE report SET lease_until = now() - interval '1 second'"))
    session.commit()
    sweep.sweep()
    session.execute(text("UPDATE report SET next_at = now()"))
    session.commit()
    assert assess.drain() == 1
    before = cases(session)[0].demand
    assess._settle(assess.loaded_models(), [stale])
    assert cases(session)[0].demand == before == 1


def test_the_fifth_failure_puts_a_report_into_a_persons_hands(jd, session, monkeypatch):
    jd.report("J1", RUMOR)
    monkeypatch.setattr(lifecycle, "settle", lambda *_: 1 / 0)
    for _ in range(lifecycle.MAX_FAILURES):
        session.execute(text("UPDATE report SET next_at = now()"))
        session.commit()
        assess.drain()
    session.rollback()
    report = session.scalars(select(Report)).one()
    assert (report.state, report.failures) == ("QUARANTINED", 5)
    assert "ZeroDivisionError" in report.last_error
    monkeypatch.undo()
    assert lifecycle.release_quarantined(session, report.id)
    session.commit()
    assert assess.drain() == 1


def test_one_bad_report_stops_no_other(platforms, session, monkeypatch):
    platforms["jd"].report("BAD", "这一条会让处理失败的举报内容")
    platforms["jd"].report("GOOD", RUMOR)
    real = lifecycle.settle

    def settle(s, loaded, leased):
        if any("失败" in item.text for item in leased):
            raise ValueError("cannot")
        real(s, loaded, leased)

    monkeypatch.setattr(lifecycle, "settle", settle)
    assess.drain()
    states = dict(session.execute(select(Report.external_id, Report.state)).all())
    assert states == {"BAD": "RECEIVED", "GOOD": "TRIAGE"}


@pytest.mark.parametrize("words", ["。", "😀😀😀", "a", "​​x", "口 罩 涨 价", "‮ابجد", "x" * 50_000])
def test_strange_texts_find_a_case_all_the_same(jd, session, words):
    assert jd.report("J1", words).status_code == 202
    assert assess.drain() == 1
    assert len(cases(session)) == 1


def test_the_sweeper_rings_for_what_waits(jd, session, monkeypatch):
    from hub import job_queue

    jd.report("J1", RUMOR)
    job_queue.connection().flushall()
    notified = []
    monkeypatch.setattr(job_queue, "notify", lambda name, key=None: notified.append(name))
    sweep.sweep()
    assert notified[0] == "assess" and "deliver" not in notified


def test_intake_goes_on_without_the_queue_server(jd, session, monkeypatch):
    import redis

    from hub import job_queue

    away = redis.Redis(unix_socket_path="/nonexistent", socket_timeout=0.2)
    monkeypatch.setattr(job_queue, "connection", lambda: away)
    assert jd.report("J1", RUMOR).status_code == 202
    job_queue._paused_until = 0.0
    assert session.scalar(select(func.count()).select_from(Report)) == 1


def test_batch_reports_are_assessed_like_single_ones(jd, session):
    items = [report_data(f"B{i}", RUMOR) for i in range(40)]
    assert jd.send("report.batch", {"reports": items}).json["accepted"] == 40
    assert assess.drain() == 40
    assert [c.demand for c in cases(session)] == [40]
