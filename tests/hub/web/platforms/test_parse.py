"""Whatever comes in, the parser answers with a value or a named refusal, never a crash."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.problems import Problem
from hub.web.platforms import parse
from hub.web.platforms.schemas import INBOUND, Envelope, ReportData
from tests.hub.conftest import report_data

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=300))
@example(b'{"a":' * 2000)
@example(b'"\\ud800"')
@example(b'{"\\ud800\\udc00":"\\udc00"}')
def test_any_bytes_are_an_object_or_a_problem_in_the_400s(raw):
    try:
        assert isinstance(parse.strict_json(raw), dict)
    except Problem as problem:
        assert problem.status == 400 and problem.detail
        problem.detail.encode()  # what is told can be sent


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(), values, max_size=5))
def test_what_is_accepted_is_what_python_reads_too(document):
    raw = json.dumps(document).encode()
    try:
        parsed = parse.strict_json(raw)
    except Problem as problem:
        assert problem.code in {"not_a_number", "lone_surrogate", "nul_character", "too_deep",
                                "number_too_long"}  # fmt: skip
    else:
        assert parsed == document


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(INBOUND)),
    st.dictionaries(
        st.sampled_from(
            ["report_id", "kind", "reported_at", "content", "subject", "reporter", "reports",
             "order_id", "at", "result", "reason", "appeal_id", "evidence", "done", "reached"]
        ),
        values,
    ),
)  # fmt: skip
def test_any_data_fits_or_its_fields_are_named(type_, data):
    try:
        parse.validated(INBOUND[type_], data, "data")
    except Problem as problem:
        assert problem.status == 422
        assert all(e.field.startswith("data") and e.problem and e.send for e in problem.errors)


@settings(max_examples=200, deadline=None)
@given(values, st.sampled_from(["report_id", "kind", "reported_at", "content", "subject"]))
def test_one_field_of_any_kind_spoils_no_more_than_itself(value, field):
    data = {**report_data("1", "文"), field: value}
    try:
        parse.validated(ReportData, data, "data")
    except Problem as problem:
        assert {e.field.split(".")[1].split("[")[0] for e in problem.errors} == {field}


def test_an_envelope_needs_its_three_parts():
    try:
        parse.validated(Envelope, {}, "")
    except Problem as problem:
        assert {e.field for e in problem.errors} == {"type", "timestamp", "data"}
