"""What a case is about is said together with who says so."""

import pytest

from hub.desk.cases import case_type
from models import Case, CaseType
from models.case_type import TypeSource

RULE = {"type": "price_gouging", "label": "哄抬价格", "score": 0.81, "source": "rule:gouge"}
MODEL = {"type": "no_clear_price", "label": "不明码标价", "score": 0.7, "source": "model:price@1"}

GOUGING = CaseType("price_gouging", TypeSource.RULE, 0.81)


def about(**case) -> list[tuple[str, str, str]]:
    assessment = case.pop("assessment", {})
    return [(a.label, a.sure, a.why) for a in case_type.of(Case(assessment=assessment, **case))]


def test_a_violation_leads_with_its_own_type_and_shows_what_else_was_found():
    found = {"violations": [MODEL, RULE]}
    assert about(kind="violation", violation_type=GOUGING, assessment=found) == [
        ("哄抬价格", "0.81", "规则，强度 0.81"),
        ("不明码标价", "0.70", "模型，把握 0.70"),
    ]


@pytest.mark.parametrize(("by", "said"), [("officer", "人工认定"), ("reporter", "举报人所选")])
def test_a_type_that_people_named_carries_no_score(by, said):
    (own, *_) = about(
        kind="violation", violation_type=CaseType("price_gouging", TypeSource(by)),
        assessment={"violations": [RULE]},
    )  # fmt: skip
    assert own == ("哄抬价格", said, "")


def test_a_rumor_leads_with_its_theme_the_machines_or_an_officers():
    machine = CaseType("health", TypeSource.MODEL, 0.9)
    assert about(kind="rumor", theme_type=machine) == [("医药健康", "0.90", "模型，把握 0.90")]
    officer = CaseType("politics", TypeSource.OFFICER)
    assert about(kind="rumor", theme_type=officer) == [("政治", "人工认定", "")]


def test_what_nobody_knows_yet_is_said():
    assert about(kind="rumor") == [("主题未定", "", "")]
    assert about(kind="violation") == [("类型未定", "", "")]
