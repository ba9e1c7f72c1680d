"""A surge is told before the first officer opens the case, once, with what it rests on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from hub.problems import Problem
from hub.services.office import notices
from hub.services.warnings import early_warnings, prices, report_counts, surges
from models import EarlyWarning, Notice, PriceQuote, Pulse, Report
from tests.hub.web import seed


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian", "pdd")


@pytest.fixture
def yesterday(session, p):
    """The hub was there before, and has a baseline."""
    old = seed.rumor_case(session, [("地铁停运", [p["jd"]] * 3)])
    _arrived(session, old, timedelta(hours=15))


def _arrived(session, case, ago: timedelta):
    """Let the reports of a case have come in a while ago."""
    session.execute(
        update(Report).where(Report.case_id == case.id).values(received_at=func.now() - ago)
    )


# --- the rule ------------------------------------------------------------------------------


def _judged(window, past=0.0, busy=1.0, strict=0.0):
    evidence = surges.weight(surges.MEMORY)
    return surges.judge(window, past, evidence, 2.0, busy, 100, strict)


def test_many_reports_of_something_new_on_two_platforms_surge():
    verdict = _judged({1: 15, 2: 10})
    assert verdict.surges and verdict.expected < 1 and verdict.tail < verdict.level


def test_one_platform_alone_is_no_surge():
    assert not _judged({1: 25}).surges
    assert not _judged({1: 24, 2: 1}).surges


def test_what_was_always_loud_does_not_surge():
    steady = 12 * surges.weight(surges.MEMORY)  # a dozen every quarter of an hour
    assert not _judged({1: 15, 2: 10}, past=steady).surges


def test_a_busy_hour_for_all_is_nobodys_surge():
    busy = surges.busyness(900, 100.0, surges.weight(surges.MEMORY), 2.0)
    assert busy > 20
    assert not _judged({1: 15, 2: 10}, busy=busy).surges
    assert surges.busyness(1, 1000.0, surges.weight(surges.MEMORY), 2.0) == 1.0


def test_the_tail_is_that_of_the_negative_binomial():
    from scipy.stats import nbinom

    verdict = _judged({1: 6, 2: 5}, past=3.0)
    shape, rate = 3.0 + surges.PRIOR_COUNT, surges.weight(surges.MEMORY) + surges.PRIOR_BINS
    assert verdict.tail == pytest.approx(nbinom.sf(10, shape, rate / (rate + 2.0)), rel=1e-9)


def test_false_alarms_make_it_stricter_and_quiet_days_ease_it():
    assert surges.strictness([], 10.0) == 0.0
    assert surges.strictness([9.9, 9.95], 10.0) == pytest.approx(2 - surges.TARGET * 0.1)
    assert surges.strictness([1.0, 2.0], 10.0) == 0.0
    # Two false alarms a day for ever are more than TARGET: it grows until they stop.
    assert surges.strictness([half / 2 for half in range(60)], 30.0) > 30
    assert _judged({1: 7, 2: 6}).surges and not _judged({1: 7, 2: 6}, strict=20.0).surges


# --- what the worker does every minute -----------------------------------------------------


def test_a_surge_is_warned_of_once_with_its_numbers(session, p, yesterday, monkeypatch):
    monkeypatch.setattr(notices, "channels", lambda of: ("mail",))
    case = seed.rumor_case(session, [("口罩三天后断货", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    quiet = seed.rumor_case(session, [("小区停水", [p["jd"], p["weidian"]])])
    assert early_warnings.look(session) == 1
    (warning,) = session.scalars(select(EarlyWarning))
    assert warning.case_id == case.id != quiet.id
    assert warning.found["count"] == 15 and warning.found["platforms"] == 2
    line = early_warnings.one(session, warning.id)
    assert "2 个平台共举报 15 件" in line.why
    (notice,) = session.scalars(select(Notice))
    assert f"C{case.id}" in notice.title and "15 件" in notice.lines[0]
    assert early_warnings.look(session) == 0
    assert [w.id for w in early_warnings.of_case(session, case.id)] == [warning.id]


def test_after_it_was_seen_the_same_day_brings_no_second_warning(session, p, yesterday):
    officer = seed.officers(session)["clerk"]
    case = seed.rumor_case(session, [("口罩三天后断货", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    early_warnings.look(session)
    (warning,) = session.scalars(select(EarlyWarning))
    early_warnings.acknowledge(session, officer, warning.id, "已派人核实")
    with pytest.raises(Problem) as refused:
        early_warnings.acknowledge(session, officer, warning.id, "")
    assert refused.value.status == 409
    assert early_warnings.look(session) == 0
    session.execute(
        update(EarlyWarning).values(
            raised_at=func.now() - early_warnings.QUIET - timedelta(hours=1)
        )
    )
    assert early_warnings.look(session) == 1
    assert len(early_warnings.of_case(session, case.id)) == 2


def test_a_debunk_going_round_is_no_surge(session, p, yesterday):
    case = seed.rumor_case(session, [("口罩断货是谣言", [p["jd"]] * 9 + [p["weidian"]] * 6)])
    from models import Wording

    for wording in session.scalars(select(Wording)):
        wording.assessment = {**wording.assessment, "stance": {"stance": "denies"}}
    assert early_warnings.look(session) == 0
    assert report_counts.denials(session, case.id, datetime.now(UTC) - timedelta(hours=1))


def test_counts_follow_reports_that_moved_and_are_the_same_counted_twice(session, p):
    one = seed.rumor_case(session, [("停水三天", [p["jd"]] * 3)])
    other = seed.rumor_case(session, [("停水五天", [p["jd"]] * 2)])
    now = session.scalar(select(func.now()))
    report_counts.recount(session, now)
    report_counts.recount(session, now)
    assert _pulse(session) == {one.id: 3, other.id: 2}
    session.execute(update(Report).where(Report.case_id == other.id).values(case_id=one.id))
    report_counts.recount(session, now)
    assert _pulse(session) == {one.id: 5}


def test_a_merged_case_brings_its_past_along(session, p):
    one = seed.rumor_case(session, [("停水三天", [p["jd"]] * 3)])
    other = seed.rumor_case(session, [("停水五天", [p["jd"]] * 2)])
    for case in (one, other):
        _arrived(session, case, timedelta(minutes=50))
    now = session.scalar(select(func.now()))
    report_counts.recount(session, now)
    start = report_counts.fresh(session, now).start
    before = report_counts.past(session, start, [one.id])[one.id]
    other.merged_into_id = one.id
    session.flush()
    after = report_counts.past(session, start, [one.id])[one.id]
    assert after == pytest.approx(before * 5 / 3)
    total, evidence = report_counts.stream_past(session, start)
    assert total == pytest.approx(report_counts.past(session, start, [one.id])[one.id])
    assert 0 < evidence < 4


def _pulse(session) -> dict[int, int]:
    rows = session.execute(select(Pulse.case_id, func.sum(Pulse.n)).group_by(Pulse.case_id))
    return {case_id: n for case_id, n in rows}


# --- prices --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("N95口罩一只卖58元，平时才9块9", [("N95口罩", "只", 58.0)]),
        ("3M口罩50一只，酒精一瓶30元", [("口罩", "只", 50.0), ("酒精", "瓶", 30.0)]),
        ("一次性口罩50只卖200元", [("口罩", "只", 4.0)]),
        ("鸡蛋一斤涨到12块", [("鸡蛋", "斤", 12.0)]),
        ("态度恶劣，要求退款200元", []),
        ("口罩太贵了", []),
    ],
)
def test_unit_prices_are_read_from_reports(text, told):
    assert [(q.product, q.unit, q.price) for q in prices.quotes(text)] == told


def _quotes(session, platform, values, at):
    for price in values:
        report = seed.report(session, platform, "口罩", "violation")
        session.add(
            PriceQuote(report_id=report.id, platform_id=platform.id, product="口罩", unit="只",
                       price=price, at=at)
        )  # fmt: skip
    session.flush()


def test_a_price_beyond_the_seven_day_lowest_is_warned_of(session, p):
    now = session.scalar(select(func.now()))
    for day in range(2, 8):
        _quotes(session, p["jd"], [2.0, 2.2, 2.4], now - timedelta(days=day))
    _quotes(session, p["jd"], [5.0] * 7, now - timedelta(hours=2))
    assert prices.risen(session, now) == []  # one platform
    _quotes(session, p["weidian"], [6.0] * 5, now - timedelta(hours=1))
    (found,) = prices.risen(session, now)
    assert (found.against, found.reference, found.quotes) == ("week", 2.2, 12)
    assert early_warnings.look(session) == 1 and early_warnings.look(session) == 0
    (line,), _ = early_warnings.page(session, True)
    assert "近7日最低" in line.why and line.product == "口罩"


def test_a_price_beyond_that_of_19_january_is_warned_of(session, p):
    officer = seed.officers(session)["handler"]
    now = session.scalar(select(func.now()))
    prices.set_baseline(session, officer, "口罩", "只", 1.0, "某市监测点公布")
    for platform in (p["jd"], p["pdd"]):
        _quotes(session, platform, [3.0] * 6, now - timedelta(hours=2))
    (found,) = prices.risen(session, now)
    assert (found.against, found.reference) == ("baseline", 1.0)
    with pytest.raises(Problem):
        prices.set_baseline(session, officer, "飞机", "架", 1.0, "")


def test_nine_quotes_prove_nothing(session, p):
    assert prices.sign_test(9, 9) > prices.CHANCE > prices.sign_test(10, 10)


def test_prices_of_a_merchants_reports_are_kept_once(session, p):
    said = "N95口罩一只卖58元"
    case = seed.merchant_case(session, [(said, [p["jd"], p["weidian"]])], None)
    now = session.scalar(select(func.now()))
    assert prices.gather(session, now) == 2 and prices.gather(session, now) == 0
    (told,) = prices.history(session, case.merchant_id)
    assert told.product == "N95口罩" and told.series["本商户"] == [58.0]
