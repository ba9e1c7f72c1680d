"""A draft says what was reported and who found what; what was verified is left to a person."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from hub.desk.case_page import decision_draft
from hub.desk.cases.related_debunks import RelatedDebunk
from hub.services.enforcement import measures
from hub.services.enforcement.proposing import BLANK
from models import Case, CaseType
from models.case_type import TypeSource

EVIDENCE = SimpleNamespace(wordings=2, centre="口罩断货\u202e 快囤")


def case(kind: str, **more) -> Case:
    return Case(kind=kind, spread={"jd": 2, "pdd": 1}, demand=3, denied={}, assessment={}, **more)


def debunk(close: bool) -> RelatedDebunk:
    return RelatedDebunk(
        "口罩断货", "谣言", "某市网信办", date(2020, 2, 20), "库存充足。", None, 0.9, close
    )


def test_a_rumor_is_quoted_with_what_a_named_source_found():
    said = decision_draft.facts(case("rumor"), EVIDENCE, None, [debunk(True)])
    assert said.startswith("2个平台共转来相关举报3件，共2种表述。")
    assert "网传“口罩断货 快囤”" in said
    assert "某市网信办2020年2月20日查证结论为“谣言”：库存充足。" in said
    assert said.endswith(BLANK)
    unsure = decision_draft.facts(case("rumor"), EVIDENCE, None, [debunk(False)])
    assert "网信办" not in unsure and "正在多平台传播。" in unsure


def test_an_offence_is_charged_as_reported_and_quotes_nobody():
    merchant = SimpleNamespace(name="康宁药房", uscc="91110105MA5T7FBCX8")
    charged = case("violation", violation_type=CaseType("fraud", TypeSource.OFFICER))
    said = decision_draft.facts(charged, EVIDENCE, merchant, [])
    assert "当事人康宁药房（统一社会信用代码91110105MA5T7FBCX8）涉嫌诈骗（" in said
    assert "由举报反映。" in said and "口罩" not in said
    nameless = decision_draft.facts(case("violation"), EVIDENCE, None, [])
    assert "当事人涉嫌违法经营，由举报反映。" in nameless


def test_a_first_draft_ticks_the_mildest_usual_measures():
    made = decision_draft.of(case("rumor"), EVIDENCE, None, [debunk(True)], [], {"jd": "京东"})
    assert made.codes == list(measures.usual("rumor")) and made.sharing == "all"
    assert made.evidence == [
        "京东转来举报 2 件", "pdd转来举报 1 件", "辟谣：某市网信办，结论“谣言”"
    ]  # fmt: skip


@pytest.mark.parametrize("some", [True, False])
def test_what_was_proposed_last_is_proposed_again(some):
    entry = next(m for m in measures.ENTRIES if len(m.on) > 1)
    on = list(entry.on[:1]) if some else list(entry.on)
    last = SimpleNamespace(
        measures=[entry.ordered(7, on)], facts="认定", grounds=["法"], evidence=["证"],
        answer_days=5, sharing={"level": "named", "platforms": ["jd"]},
    )  # fmt: skip
    decided = [
        SimpleNamespace(effect="OVERTURN", decision=None),
        SimpleNamespace(effect="PENALTY", decision=last),
    ]
    made = decision_draft.of(case("rumor"), EVIDENCE, None, [], decided, {})
    assert made.codes == ([f"{entry.code}@{on[0]}"] if some else [entry.code])
    assert (made.terms, made.facts, made.platforms) == ({entry.code: 7}, "认定", ["jd"])
