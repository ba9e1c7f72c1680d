"""The classifiers' JSON in words; what is missing is empty, not an error."""

from hub.desk.cases import findings
from models import Case, CaseType
from models.case_type import TypeSource
from tests.hub.web import seed


def test_each_part_is_read_and_named():
    found = findings.of(seed.assessment("赶紧囤口罩", {"哄抬价格": ["赶紧囤", "赶紧囤"]}))
    (line,) = found.findings
    assert line.label == "哄抬价格" and line.cues == ["赶紧囤"] and line.law
    assert (found.theme, found.rumor, found.abstained) == ("医疗健康", 0.64, True)
    assert [(c.value, c.valid) for c in found.codes] == [("91110000X", False)]
    assert found.entities == [("价格", ["15元"])]  # codes stand apart, and nobody is party
    assert found.versions == [("rules", "2")] and found.degraded == ["谣言模型"]


def test_an_empty_assessment_reads_as_nothing_known():
    found = findings.of({})
    assert found.rumor is None and found.abstained and not found.findings and found.urgency == 0


def test_dates_and_articles_stand_in_their_normal_form():
    spans = {"dates": [{"text": "3月6号", "value": "--03-06"}], "articles": [{"text": "第四十条"}]}
    assert findings.of({"entities": spans}).entities == [
        ("日期", ["--03-06"]),
        ("法条", ["第四十条"]),
    ]


def test_an_officers_word_is_what_is_charged():
    machine = seed.assessment("x", {"哄抬价格": []})
    found = CaseType("counterfeit", TypeSource.RULE, 0.81)
    case = Case(kind="violation", assessment=machine, violation_type=found)
    assert [label for label, _ in findings.charges(case)] == ["哄抬价格"]
    case.violation_type = CaseType("fraud", TypeSource.OFFICER)
    assert findings.charges(case) == [("诈骗", findings.laws(case))]
    assert findings.laws(case) == ["刑法第二百六十六条", "治安管理处罚法"]
