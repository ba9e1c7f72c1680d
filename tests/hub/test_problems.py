"""A refusal says what was wrong, where, and what to send instead."""

from hub.problems import FieldError, Problem, conflict, not_found


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
