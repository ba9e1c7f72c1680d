"""What is published cannot tell of a few people, and a closed day does not change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from hub.desk.cases import spread
from hub.desk.oversight import statistics
from hub.services.openness import daily_counts, public_figures, published_debunks
from hub.services.privacy import suppression
from hub.web.common import plots
from models import DayCount, Debunk, Report
from tests.hub.web import seed

# --- small counts --------------------------------------------------------------------------


def test_small_numbers_are_hidden_and_nought_is_not():
    assert [suppression.shown(n) for n in (0, 1, 4, 5)] == [0, "<5", "<5", 5]


def test_a_hidden_cell_cannot_be_found_by_subtraction():
    assert suppression.table([[3, 50]]) == [["<5", "—"]]
    shown = suppression.table([[3, 50, 20], [8, 60, 30]])
    assert shown[0] == ["<5", 50, "—"] and shown[1][0] == "—"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda wide: st.lists(
            st.lists(st.integers(0, 30), min_size=wide, max_size=wide), min_size=1, max_size=5
        )
    )
)
def test_no_line_hides_one_cell_alone_or_a_small_sum(cells):
    shown = suppression.table(cells)
    lines = [list(zip(*pair, strict=True)) for pair in zip(cells, shown, strict=True)]
    columns = [list(column) for column in zip(*lines, strict=True)]
    for line in lines + columns:
        gone = [n for n, said in line if isinstance(said, str)]
        everything_left = [n for n, said in line if n and not isinstance(said, str)]
        if gone and everything_left:
            assert len(gone) > 1 and sum(gone) >= suppression.FEW
        assert all(said == n for n, said in line if not isinstance(said, str))
        assert not any(0 < n < suppression.FEW and said == n for n, said in line)


# --- days ----------------------------------------------------------------------------------


@pytest.fixture
def p(session):
    return seed.platforms(session, "jd", "weidian")


def _ago(session, case, days):
    session.execute(
        update(Report)
        .where(Report.case_id == case.id)
        .values(received_at=func.now() - timedelta(days=days))
    )


def test_a_closed_day_does_not_change(session, p):
    case = seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6)])
    _ago(session, case, 3)
    assert daily_counts.close(session) >= 2 and daily_counts.close(session) == 0
    assert session.scalar(select(func.sum(DayCount.n))) == 6
    session.execute(update(Report).values(state="SUPERSEDED"))
    daily_counts.close(session)
    assert session.scalar(select(func.sum(DayCount.n))) == 6


def test_today_is_not_published(session, p):
    seed.rumor_case(session, [("口罩断货", [p["jd"]] * 6)])
    daily_counts.close(session)
    assert not session.scalar(select(func.sum(DayCount.n)))
    assert public_figures.headline(session).reports == 0


def test_provinces_come_from_the_merchant_or_the_place_named(session, p):
    case = seed.merchant_case(
        session, [("天价", [p["jd"]] * 7)], None, subject={"region": "320505"}
    )
    rumor = seed.rumor_case(session, [("武汉封路", [p["jd"]] * 6)])
    from models import Wording

    for wording in session.scalars(select(Wording).where(Wording.claim_id.is_not(None))):
        places = {"places": [{"text": "武汉", "start": 0, "end": 2, "value": "420100"}]}
        wording.assessment = {**wording.assessment, "entities": places}
    session.flush()
    for each in (case, rumor):
        _ago(session, each, 2)
    daily_counts.close(session)
    rows = {row[1]: row[2:] for row in public_figures.by_province(session)}
    assert rows["江苏省"] == [0, 7, 7] and rows["湖北省"] == [6, 0, 6]
    found = statistics.read(session, 7)
    assert dict(found.regions) == {"江苏省": 7, "湖北省": 6} and found.total == 13
    assert sum(found.cases["新案件"]) == 0  # opened today, which is not over


# --- debunks -------------------------------------------------------------------------------


def _debunk(session, claim, verdict="谣言", **more):
    row = Debunk(key=claim, source="某市网信办", claim=claim, verdict=verdict,
                 **({"explanation": "没有这回事。"} | more))  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_a_debunk_is_found_by_every_word_and_by_nothing_else(session):
    one = _debunk(session, "口罩三天后断货", date=date(2020, 2, 20))
    _debunk(session, "盐水漱口防病毒")
    assert [d.id for d in published_debunks.search(session, "断货 口罩").debunks] == [one.id]
    assert published_debunks.search(session, "100%").total == 0
    assert published_debunks.search(session, "").total == 2


def test_claim_review_rates_what_can_be_rated(session):
    false = published_debunks.one(session, _debunk(session, "甲").id)
    review = published_debunks.claim_review(false, "https://hub.example/public/debunks/1")
    assert review["reviewRating"]["ratingValue"] == 1 and review["claimReviewed"] == "甲"
    open_ = published_debunks.one(session, _debunk(session, "乙", "无法核实").id)
    assert "ratingValue" not in published_debunks.claim_review(open_, "")["reviewRating"]


def test_an_address_that_is_no_address_is_not_linked(session):
    row = _debunk(session, "丙", url="javascript:alert(1)")
    assert published_debunks.one(session, row.id).url is None


# --- how a case spread ---------------------------------------------------------------------


def test_a_case_is_plotted_by_platform_and_province_over_time(session, p):
    case = seed.merchant_case(
        session, [("天价", [p["jd"]] * 4 + [p["weidian"]])], None, subject={"region": "320505"}
    )
    ids = list(session.scalars(select(Report.id).order_by(Report.id)))
    for hours, id_ in zip((30, 20, 10, 1, 0), ids, strict=True):
        session.execute(
            update(Report)
            .where(Report.id == id_)
            .values(received_at=func.now() - timedelta(hours=hours))
        )
    found = spread.of_case(session, case)
    assert {name: sum(counts) for name, counts in found.by_platform.items()} == {
        "京东": 4,
        "微店": 1,
    }
    assert sum(found.by_province["江苏省"]) == 5 and len(found.wide) <= 12
    drawn = plots.spread(found)
    assert len(drawn) == 2 and "京东" in drawn[0] and "江苏省" in drawn[1]
