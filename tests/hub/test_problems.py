"""A refusal says what was wrong, where, and what to send instead."""

from __future__ import annotations

import pytest

from hub.problems import FieldError, Problem, conflict, invalid, not_found, required


def test_a_refusal_for_machines_names_its_document_and_its_fields():
    error = FieldError("data.kind", "is 'x'", "rumor or violation")
    body = Problem(422, "invalid_fields", "One field is wrong.", [error]).to_json()
    assert body == {
        "type": "/docs#invalid_fields",
        "title": "invalid fields",
        "status": 422,
        "code": "invalid_fields",
        "detail": "One field is wrong.",
        "errors": [{"field": "data.kind", "problem": "is 'x'", "send": "rumor or violation"}],
    }


def test_without_fields_none_are_listed_and_what_is_hidden_reads_as_what_is_not_there():
    assert "errors" not in conflict("已由他人更改。").to_json()
    assert (conflict("").status, not_found().status) == (409, 404)
    assert "或您无权查看" in not_found().detail


def test_what_was_wrong_also_says_what_to_send_unless_told():
    assert invalid("until", "暂缓日期应晚于今天。").to_json()["errors"] == [
        {"field": "until", "problem": "暂缓日期应晚于今天。", "send": "暂缓日期应晚于今天。"}
    ]
    assert invalid("into", "不是案件编号。", "案件编号").errors[0].send == "案件编号"


def test_a_required_text_is_trimmed_and_cut():
    assert required("reason", "  属实 ", "请写明理由。") == "属实"
    assert required("reason", "属实。" * 9, "请写明理由。", most=4) == "属实。属"


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_a_blank_text_is_refused(blank):
    with pytest.raises(Problem) as refused:
        required("reason", blank, "请写明理由。")
    assert (refused.value.status, refused.value.code) == (422, "invalid_fields")
    assert refused.value.errors[0].field == "reason"
