"""The queue shows what waits, most pressing first, in a handful of queries."""

from __future__ import annotations

import re
from datetime import date

import pytest

from hub.desk.queue import queue as desk_queue
from hub.services.cases import actions, assignment
from hub.services.enforcement import proposing
from hub.services.office import clocks
from models import CaseType, Merchant, TypeSource
from tests.hub.web import seed
from tests.hub.web.conftest import queries


@pytest.fixture
def world(session, officers):
    """Five platforms; a wave, a single rumor, and a merchant."""
    p = seed.platforms(session)
    made = {
        "wave": seed.rumor_case(
            session,
            [("口罩三天后全国断货，赶紧囤", [*p.values(), p["jd"]])],
            {"哄抬价格": ["断货"]},
        ),
        "single": seed.rumor_case(session, [("喝白酒能杀死病毒", [p["jd"]])]),
        "merchant": seed.merchant_case(
            session, [("口罩从2元涨到15元", [p["weidian"], p["jd"]])], "91110102MA4712GN19"
        ),
    }
    made["single"].theme_type = CaseType("science", TypeSource.OFFICER)
    session.commit()
    return made


def _ids(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'class="case-link" href="/cases/(\d+)"', page)]


def test_most_pressing_first_with_spread_and_reasons(desk, world):
    clerk = desk("clerk")
    clerk.get("/queue")
    assert _ids(clerk.page) == [world["wave"].id, world["merchant"].id, world["single"].id]
    for shown in (
        "口罩三天后全国断货",
        "京东<b>2</b>",
        "涉及防疫物资；煽动抢购",
        "哄抬价格",
        "待研判",
    ):
        assert shown in clerk.page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=violation", ["merchant"]),
        ("kind=rumor", ["wave", "single"]),
        ("platform=weidian", ["wave", "merchant"]),
        ("about=v:price_gouging", ["wave", "merchant"]),
        ("about=t:science", ["single"]),
        ("q=白酒", ["single"]),
        ("q=C3", ["merchant"]),
        ("q=100%25", []),
        ("mine=1", []),
        ("state=dismissed", []),
        ("state=all&kind=rumor&platform=jd&q=口罩", ["wave"]),
        ("kind=nonsense&page=99999&state=nonsense", ["wave", "merchant", "single"]),
        ("q=%00&page=-1", ["wave", "merchant", "single"]),
    ],
)
def test_filters(desk, world, query, found):
    clerk = desk("clerk")
    assert clerk.get(f"/queue?{query}").status_code == 200
    assert _ids(clerk.page) == [world[name].id for name in found]


@pytest.mark.parametrize("query", ["platform=%ff%fe", "about=::", "about=v:%27", "q=%ed%a0%80"])
def test_strange_filters_find_nothing_and_break_nothing(desk, world, query):
    clerk = desk("clerk")
    assert clerk.get(f"/queue?{query}").status_code == 200
    assert "没有符合筛选条件的案件" in clerk.text


def test_tabs_count_and_hold_what_was_done(desk, world, session, officers):
    actions.dismiss(session, officers["clerk"], world["single"].id, 1, "玩笑")
    proposing.propose(session, officers["handler"], world["wave"].id, 1, ["label_content"], "事实")
    session.commit()
    clerk = desk("clerk")
    clerk.get("/queue")
    assert _ids(clerk.page) == [world["merchant"].id]
    for tab, name in (("proposed", "wave"), ("dismissed", "single")):
        clerk.get(f"/queue?state={tab}")
        assert _ids(clerk.page) == [world[name].id]
    with_counts = re.sub(r"\s+", "", clerk.text)
    assert "待办1已暂缓0待审批1已下达0已执行0不予受理1" in with_counts


@pytest.mark.parametrize("mine", ["owner=@me", "mine=1"])  # the latter in older saved views
def test_taken_cases_are_mine(desk, world, session, officers, mine):
    assignment.take(session, officers["clerk"], world["single"].id, 1)
    session.commit()
    clerk, handler = desk("clerk"), desk("handler")
    clerk.get(f"/queue?{mine}")
    handler.get(f"/queue?{mine}")
    assert (_ids(clerk.page), _ids(handler.page)) == ([world["single"].id], [])
    assert "clerk甲" in clerk.page
    assert '<option value="@me" selected>' in clerk.page


def test_cases_are_found_by_whoever_has_them_or_by_nobody(desk, world, session, officers):
    clerk = officers["clerk"]
    assignment.take(session, clerk, world["single"].id, 1)
    session.commit()
    handler = desk("handler")
    handler.get(f"/queue?owner={clerk.username}")
    assert _ids(handler.page) == [world["single"].id]
    handler.get("/queue?owner=@nobody")
    assert _ids(handler.page) == [world[name].id for name in ("wave", "merchant")]
    handler.get("/queue?owner=nobody-of-that-name")
    assert "没有符合筛选条件的案件" in handler.text


def test_fifty_a_page(desk, session, officers):
    (jd,) = seed.platforms(session, "jd").values()
    for i in range(53):
        seed.rumor_case(session, [(f"第{i}条传言", [jd])])
    session.commit()
    clerk = desk("clerk")
    clerk.get("/queue")
    first = _ids(clerk.page)
    clerk.get("/queue?page=2")
    second = _ids(clerk.page)
    assert (len(first), len(second)) == (desk_queue.PAGE, 3)
    assert not set(first) & set(second)
    assert "第 2 / 2 页" in clerk.text


def test_the_number_of_queries_does_not_grow_with_the_queue(session, officers):
    (jd,) = seed.platforms(session, "jd").values()
    counted = []
    for n in (1, 12):
        for i in range(n):
            seed.rumor_case(session, [(f"传言{n}-{i}", [jd])])
        session.commit()
        session.expire_all()
        with queries() as asked:
            desk_queue.page(session, desk_queue.Filters())
        counted.append(len(asked))
    assert counted[0] == counted[1] <= 9


def test_an_empty_hub_says_where_work_comes_from(desk):
    clerk = desk("clerk")
    clerk.get("/queue")
    assert "还没有收到举报" in clerk.text and "导入窗口登记" in clerk.text


def test_an_empty_queue_says_so(desk, session, rumor):
    clerk = desk("clerk")
    clerk.get(f"/cases/{rumor.id}")
    clerk.submit("form-dismiss", reason="重复举报")
    clerk.get("/queue")
    assert "没有待办案件，队列已清空" in clerk.text


def test_the_list_is_exported_as_filtered(desk, session, rumor, merchant):
    merchant.title = '=HYPERLINK("http://evil.example")'
    session.commit()
    clerk = desk("clerk")
    clerk.get("/queue?kind=violation")
    got = clerk.client.get("/queue.csv?kind=violation").get_data(as_text=True)
    assert "'=HYPERLINK" in got and f"C{rumor.id}," not in got
    book = clerk.client.get("/queue.xlsx")
    assert book.status_code == 200 and book.data[:2] == b"PK"
    assert clerk.client.get("/queue.exe").status_code == 404


def test_the_clock_that_ends_first_stands_in_the_line(desk, session, rumor, merchant):
    clocks.start(session, rumor.id, "tell", date(2025, 3, 3))
    clocks.start(session, merchant.id, "verify")
    session.commit()
    clerk = desk("clerk")
    clerk.get("/queue")
    assert "逾期" in clerk.text and "剩 15 工作日" in clerk.text
    clerk.get("/queue?clock=overdue")
    assert f"/cases/{rumor.id}" in clerk.page and f"/cases/{merchant.id}" not in clerk.page
    clerk.get("/queue?clock=soon")
    assert f"/cases/{rumor.id}" not in clerk.page


def test_a_region_is_the_merchants_else_the_one_the_text_names(desk, session, world):
    """A rumor stands where its text says; what names no place is found as unknown."""
    places = {"places": [{"text": "武汉", "start": 0, "end": 2, "value": "420100"}]}
    rumor, merchant = world["single"], world["merchant"]
    for case in (rumor, merchant):
        case.assessment = case.assessment | {"entities": places}
    merchant.merchant.region = "110105"
    session.commit()
    clerk = desk("clerk")
    found = {}
    for code in ("42", "11", "13", "00"):
        clerk.get(f"/queue?region={code}")
        found[code] = _ids(clerk.page)
    assert found == {"42": [rumor.id], "11": [merchant.id], "13": [], "00": [world["wave"].id]}
    merchant.merchant.region = None
    session.commit()
    clerk.get("/queue?region=42")
    assert set(_ids(clerk.page)) == {rumor.id, merchant.id}
    clerk.submit("form-view", name="湖北")
    clerk.get("/queue")
    assert "/queue?region=42" in clerk.page


def test_a_violations_line_names_its_merchant(desk, session, merchant, rumor):
    session.get_one(Merchant, merchant.merchant_id).name = "南浦市康宁药业有限公司" * 9
    session.commit()
    reader = desk("clerk")
    reader.get("/queue")
    assert "南浦市康宁药业有限公司南浦市康宁药…" in reader.text
    assert reader.page.count(f"/merchants/{merchant.merchant_id}") == 1  # the rumor has none
    session.get_one(Merchant, merchant.merchant_id).name = None
    session.commit()
    reader.get("/queue")
    assert "91110102MA4712GN19" in reader.text
