"""A case is found by any word of its reports, its merchant or its decisions, and says why."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select

from classifiers.normalize import normalize
from hub.database import engine
from hub.desk.queue import masked_search, search
from hub.services.cases import actions
from hub.services.privacy import identities, masking
from models import Decision, Identity, Platform, Report, Viewing
from tests.hub.web import seed

CODE = "91110102MA4712GN19"


@pytest.fixture
def world(session, officers):
    p = seed.platforms(session)
    made = {
        "masks": seed.rumor_case(
            session, [("下周起全城断供", [p["jd"]]), ("n95口罩涨价到每只五十元", [p["weidian"]])]
        ),
        "merchant": seed.merchant_case(session, [("卖家坐地起价", [p["jd"]])], CODE),
        "other": seed.rumor_case(session, [("喝白酒能杀死病毒", [p["jd"]])]),
    }
    session.commit()
    return made


def _found(desk, q: str) -> tuple[list[int], str]:
    clerk = desk("clerk")
    clerk.page = clerk.client.get("/queue", query_string={"q": q, "state": "all"}).text
    ids = [int(n) for n in re.findall(r'class="case-link" href="/cases/(\d+)"', clerk.page)]
    return ids, clerk.text


@pytest.mark.parametrize(
    ("q", "name", "where"),
    [
        ("口罩", "masks", "微店举报 weidian-"),
        ("N95", "masks", "微店举报"),
        ("口罩漲價", "masks", "微店举报"),  # in the other script
        ("口罩 五十元", "masks", "微店举报"),
        (CODE.lower(), "merchant", "商户"),
        ("MA4712GN", "merchant", "商户"),
        ("康宁大药房", "merchant", "京东店铺"),
        ("jd-88", "merchant", "京东店铺"),
        ("坐地", "merchant", ""),
    ],
)
def test_two_characters_are_enough_and_the_line_says_where(desk, world, q, name, where):
    ids, text = _found(desk, q)
    assert ids == [world[name].id]
    assert where in text


@pytest.mark.parametrize("q", ["口罩 白酒", "罩", "%%", "__", "口口", "\\\\", "😀😀", "'); --"])
def test_what_no_text_says_finds_nothing(desk, world, q):
    assert _found(desk, q)[0] == []


def test_a_single_character_is_told_to_be_too_short(desk, world):
    assert "请至少输入两个字" in _found(desk, "罩")[1]


def test_a_decision_is_searched_too(desk, world, session, officers):
    facts = "经查，当事人囤积居奇。"
    session.add(
        Decision(
            case_id=world["merchant"].id, version=1, measures=[], facts=facts,
            proposed_by_id=officers["handler"].id,
        )
    )  # fmt: skip
    session.commit()
    ids, text = _found(desk, "囤积居奇")
    assert ids == [world["merchant"].id] and "处理决定第 1 版" in text


def test_a_platforms_number_of_a_report_finds_its_case(desk, world, session):
    external = session.query(Report).filter_by(case_id=world["other"].id).one().external_id
    assert world["other"].id in _found(desk, external)[0]


def test_a_word_in_too_many_texts_walks_the_queue_and_finds_the_same(
    desk, world, session, monkeypatch
):
    monkeypatch.setattr(search, "MOST", dict.fromkeys(search.MOST, 1))
    suning = session.query(Platform).filter_by(slug="suning").one()
    more = [seed.rumor_case(session, [(f"口罩传言{i}", [suning])]) for i in range(3)]
    session.commit()
    ids, text = _found(desk, "口罩")
    assert set(ids) == {world["masks"].id, *(c.id for c in more)}
    assert "不计总数" in text


def test_a_word_of_too_many_merchants_or_decisions_loses_none(
    desk, world, session, officers, monkeypatch
):
    monkeypatch.setattr(search, "MOST", dict.fromkeys(search.MOST, 1))
    jd = session.query(Platform).filter_by(slug="jd").one()
    sold = [seed.merchant_case(session, [(f"加价{i}", [jd])], None) for i in range(3)]
    for case in sold:
        facts = "经查，当事人囤积居奇。"
        made = {"measures": [], "facts": facts, "proposed_by_id": officers["handler"].id}
        session.add(Decision(case_id=case.id, version=1, **made))
    session.commit()
    for word in ("康宁大药房", "jd-88"):  # the shop's name and number, in every one
        ids, text = _found(desk, word)
        assert set(ids) == {world["merchant"].id, *(case.id for case in sold)}, word
        assert "不计总数" in text
    assert set(_found(desk, "囤积居奇")[0]) == {case.id for case in sold}


def test_a_case_that_moved_is_found_where_it_went(desk, world, session, officers):
    actions.merge(session, officers["clerk"], world["masks"].id, 1, world["other"].id)
    session.commit()
    assert _found(desk, "五十元")[0] == [world["other"].id]


@pytest.mark.parametrize(
    ("said", "words", "shown"),
    [
        ("口罩涨价", ("涨价",), ["口罩", "涨价", ""]),
        ("甲" * 40 + "口罩" + "乙" * 40, ("口罩",), ["…" + "甲" * 24, "口罩", "乙" * 24 + "…"]),
        ("没有", ("口罩",), ["", "没有"]),
    ],
)
def test_the_snippet_is_the_words_around(said, words, shown):
    assert [s.text for s in search.snippet(said, words)] == shown


# --- what a page hides no search tells -------------------------------------------------------

PHONE, CARD, ID = "13987651234", "6222020200112233445", "11010519900307123X"


@pytest.fixture
def told(session, p):
    """Numbers of persons in a title, a wording, a name and a shop's name."""
    case = seed.merchant_case(
        session,
        [(f"卖家{PHONE[:3]}-{PHONE[3:7]}-{PHONE[7:]}收款卡{CARD}，身份证{ID}", [p["jd"]])],
        None,
        name=f"刘某{PHONE}",
    )
    rumor = seed.rumor_case(session, [(f"断货了快打{PHONE}抢口罩", [p["jd"]])])
    session.commit()
    return {case.id, rumor.id}


@pytest.mark.parametrize("number", [PHONE, CARD, ID])
def test_no_hidden_number_is_found_digit_by_digit(desk, told, number):
    """An officer who walks the prefixes, or any other part, learns no digit that is masked."""
    parts = {number[:n] for n in range(4, len(number))}
    parts |= {number[n : n + 4] for n in range(len(number) - 4)}
    for part in sorted(parts):
        assert _found(desk, part)[0] == [], part
        assert _found(desk, f"抢口罩 {part}")[0] == [], part
        handler = desk("clerk")
        handler.page = handler.client.get("/merchants", query_string={"q": part}).text
        assert "刘某" not in handler.page, part


def test_a_whole_number_is_found_and_the_search_is_written_down(desk, told, session):
    for typed in (PHONE, "139 8765 1234", "+86 139-8765-1234"):
        assert set(_found(desk, typed)[0]) == told
    assert _found(desk, "13987651235")[0] == []
    seen = session.scalars(select(Viewing.what).where(Viewing.page == "queue.show")).all()
    assert seen == ["按完整号码搜索 139******34"] * 3 + ["按完整号码搜索 139******35"]
    assert _found(desk, "口罩")[0]
    assert session.scalar(select(func.count(Viewing.id))) == len(seen)


def test_a_merchant_is_found_by_its_hashed_phone(desk, world, session):
    told = {"phone": "13700001111"}
    identities.hash_numbers(told, "subject")
    merchant = world["merchant"].merchant_id
    jd = session.query(Platform).filter_by(slug="jd").one()
    session.add(
        Identity(
            merchant_id=merchant, kind="phone", value=told["hashed"]["phone"][0], platform_id=jd.id
        )
    )
    session.commit()
    assert _found(desk, "137-0000-1111")[0] == [world["merchant"].id]
    assert _found(desk, "1370000111")[0] == []


@given(digits=st.text("0123456789 -", min_size=9, max_size=24))
@example(digits="10000000-1300-000")  # one number within another
@settings(max_examples=300, deadline=None)
def test_what_is_masked_is_never_searched(database_url, digits):
    """PostgreSQL hides at least what the pages hide, in raw texts and in their common form."""
    for said in (f"电话{digits}号", f"打{digits}", normalize(f"电话 {digits} 号")):
        masked = masking.mask(said)
        with engine().connect() as connection:
            kept = connection.scalar(select(masked_search.shown(literal(said))))
        stretches = [m.span() for m in re.finditer(r"\*+", masked)]
        for hidden_part in (said[begin - 2 : end + 1] for begin, end in stretches):
            # The same few signs may stand again where nothing is hidden.
            assert hidden_part not in kept or said.count(hidden_part) > 1
