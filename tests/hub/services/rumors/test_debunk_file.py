"""A line of a file of debunks is read whole, or its fault is named."""

from __future__ import annotations

import datetime

import pytest

from hub.services.rumors import debunk_file
from tests.hub.services.rumors.debunk_lines import CHECKED, FAR, line


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"{", "not JSON"),
        (b"[1]", "object"),
        (b"\xff\xfe", "utf-8"),
        (line(**{**CHECKED, "verdict": "也许"}), "也许"),
        (line(**{**CHECKED, "claim": " "}), "'claim' is empty"),
        (line(**{**CHECKED, "claim": "长" * 2001}), "at most 2000"),
        (line(**{**CHECKED, "claim": "a\x00b"}), "cannot be kept"),
        (line(**{**CHECKED, "source": None}), "'source' must be text"),
        (line(**{**CHECKED, "date": "昨天"}), "YYYY-MM-DD"),
        (line(**{**CHECKED, "date": "2020-02-30"}), "YYYY-MM-DD"),
        (line(**{**CHECKED, "date": 20200219}), "YYYY-MM-DD"),
        (line(**{**CHECKED, "url": "javascript:alert(1)"}), "http(s)"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_read(raw, complaint):
    records, complaints = debunk_file.read([line(**CHECKED), b"", raw, line(**FAR)], 7)
    assert len(records) == 2
    (said,) = complaints
    assert said.startswith("9: ") and complaint in said


@pytest.mark.parametrize("date", ["2020-02-19", "2020/2/19", "2020.2.19"])
def test_dates_as_people_write_them(date):
    (record,), _ = debunk_file.read([line(**{**CHECKED, "date": date})])
    assert record.date == datetime.date(2020, 2, 19)
