"""What happened to a case, in words."""

from datetime import UTC, datetime

import pytest

from hub.desk.cases import timeline
from hub.desk.cases.evidence import Arrival
from models import AuditEntry

AT, LATER = datetime(2020, 2, 20, tzinfo=UTC), datetime(2020, 2, 21, tzinfo=UTC)


def event(actor: str = "lin", action: str = "take", **detail):
    entry = AuditEntry(at=AT, actor=actor, action=action, detail=detail)
    return timeline.event(entry, {"lin": "林警官"}, {"jd": "京东"})


def test_people_and_platforms_are_named_and_strangers_as_they_are():
    assert event().who == "林警官"
    assert event("平台:jd").who == "京东" and event("平台:x").who == "x"
    assert event("sweeper").who == "sweeper"


@pytest.mark.parametrize(
    ("detail", "more", "case"),
    [
        ({"into": 7, "why": "同一件"}, "同一件", 7),
        ({"codes": ["close_shop", "x"]}, None, None),
        ({"platforms": ["jd", "pdd"], "reports": 3}, "下达2个平台；3件举报", None),
        ({"result": "EXECUTED"}, "已执行", None),
        ({"reason": "误报", "appeal": "A1"}, "误报；A1", None),
        ({}, "", None),
    ],
)
def test_the_rest_is_told_in_words_where_there_are_some(detail, more, case):
    found = event(**detail)
    assert found.case == case
    if more is None:
        more = f"{timeline.CATALOGUE['close_shop'].label}、x"
    assert found.more == more


def test_reports_of_a_platform_are_told_at_their_first_and_their_last():
    once, twice = Arrival("京东", 1, AT, AT), Arrival("微店", 9, AT, LATER)
    found = timeline._arrived([once, twice])
    assert [(e.who, e.at, e.more) for e in found] == [
        ("京东", AT, ""), ("微店", AT, ""), ("微店", LATER, "累计9件")
    ]  # fmt: skip
