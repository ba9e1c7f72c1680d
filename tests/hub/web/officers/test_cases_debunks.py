"""The page of a rumor leads with what was found out before, and who denies it."""

from __future__ import annotations

import datetime
import re

import pytest

from hub.services.cases import counts
from models import Debunk, WordingDebunk
from tests.hub.web import seed

RUMOR = "石塘镇明天零点起停电五天，快买蜡烛"
DENIAL = "【辟谣】网传石塘镇停电五天不实"
EVIL = "<script>alert(1)</script>https://evil.example/"


def debunk(session, wording_id: int, close: bool = True, **more) -> Debunk:
    given = {"claim": "石塘镇停电五天", "verdict": "谣言", "source": "石塘镇政府",
             "date": datetime.date(2020, 2, 19), "explanation": "变电站运行正常。",
             "url": "https://shitang.example/1"} | more  # fmt: skip
    made = Debunk(key=given["claim"], **given)
    session.add(made)
    session.flush()
    session.add(WordingDebunk(wording_id=wording_id, debunk_id=made.id, likeness=0.71, close=close))
    session.commit()
    return made


def told(stance: str) -> dict:
    return {"stance": {"stance": stance, "score": 0.9, "cues": []}}


@pytest.fixture
def case(session, officers):
    """One rumor, two wordings; the second denies it and came twice."""
    p = seed.platforms(session, "jd", "weidian")
    made = seed.rumor_case(session, [(RUMOR, [p["jd"]])])
    made.assessment = {**made.assessment, **told("asserts")}
    denial = seed.wording(session, DENIAL, claim_id=made.claim_id, assessment=told("denies"))
    seed._attach(session, made, denial, DENIAL, [p["weidian"], p["weidian"]], {})
    made.denied = {"weidian": 2}
    counts.rank(made)
    session.commit()
    return made


def wording_of(session, case) -> int:
    return session.get_one(counts.Claim, case.claim_id).centre_id


def test_the_debunk_stands_before_the_reports(desk, session, case):
    debunk(session, wording_of(session, case))
    page = desk("handler").get(f"/cases/{case.id}").text
    assert page.index('id="h-debunks"') < page.index('id="h-evidence"')
    for words in ("石塘镇政府", "2020-02-19", "变电站运行正常", "0.71", "很可能是同一说法"):
        assert words in page
    assert "已辟谣" in page and "hxxps://shitang.example/1" in page
    facts = re.search(r'id="facts".*?>(.*?)</textarea>', page, re.S)[1]
    assert "石塘镇政府2020年2月19日查证结论为“谣言”：变电站运行正常。" in facts


def test_each_wording_says_whether_it_denies(desk, case):
    page = desk("handler").get(f"/cases/{case.id}").text
    assert "其中辟谣 2" in page
    assert page.count('class="stance stance-denies"') == 2  # in the tally and at the wording
    assert "否认<b>2</b>" in page
    assert "举报 1 ×" in page and "√平台 1" in page  # what the priority counts


def test_what_is_only_alike_is_shown_and_not_believed(desk, session, case):
    debunk(session, wording_of(session, case), close=False)
    page = desk("handler").get(f"/cases/{case.id}").text
    assert "说法相近，请核对" in page and "已辟谣" not in page
    assert "查证结论" not in re.search(r'id="facts".*?>(.*?)</textarea>', page, re.S)[1]
    assert "已辟谣" not in desk("clerk").get("/queue").text


def test_a_claim_found_true_is_never_drafted_as_false(desk, session, case):
    debunk(session, wording_of(session, case), verdict="属实", explanation="检修停电五天。")
    page = desk("handler").get(f"/cases/{case.id}").text
    facts = re.search(r'id="facts".*?>(.*?)</textarea>', page, re.S)[1]
    assert "不实" not in facts and "查证结论为“属实”" in facts
    assert "曾查证：属实" in page and "已辟谣" not in page


def test_the_queue_says_what_was_debunked_and_counts_denials(desk, session, case):
    debunk(session, wording_of(session, case))
    page = desk("clerk").get("/queue").text
    assert "已辟谣" in page and "辟谣 2" in page


def test_a_case_of_nothing_but_denials_says_so(desk, session, officers):
    p = seed.platforms(session, "jd")
    made = seed.rumor_case(session, [(DENIAL, [p["jd"]])])
    made.denied = {"jd": 1}
    session.commit()
    assert "均为辟谣" in desk("clerk").get("/queue").text
    assert "均为辟谣" in desk("clerk").get(f"/cases/{made.id}").text


def test_a_merchants_case_has_no_debunks(desk, session, officers):
    p = seed.platforms(session, "jd")
    made = seed.merchant_case(session, [("口罩五十元一只", [p["jd"]])], None)
    session.commit()
    page = desk("handler").get(f"/cases/{made.id}").text
    assert "查证资料" not in page and 'class="stance' not in page


def test_imported_words_are_harmless(desk, session, case):
    debunk(session, wording_of(session, case), claim=EVIL, source=EVIL, explanation=EVIL * 9)
    for path in (f"/cases/{case.id}", "/queue"):
        page = desk("handler").get(path).text
        assert "<script>alert" not in page
        shown = re.sub(r"<textarea.*?</textarea>", "", page, flags=re.S)  # what is typed stays
        assert "https://evil" not in shown
