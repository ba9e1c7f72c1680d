"""A list leaves the hub as a spreadsheet that runs nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import openpyxl

from hub.services.office import spreadsheets

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


def test_cells_that_look_like_formulas_are_text():
    rows = [[text, 3, None] for text in EVIL]
    sheet = openpyxl.load_workbook(
        io.BytesIO(spreadsheets.xlsx("表", ["a", "b", "c"], rows))
    ).active
    for line, text in zip(list(sheet.iter_rows())[1:], EVIL, strict=True):
        assert line[0].data_type == "s" and line[0].value.strip() == text.strip()
        assert line[1].value == 3 and line[2].value is None
    found = list(csv.reader(io.StringIO(spreadsheets.comma(["a"], rows).decode("utf-8-sig"))))
    assert all(line[0][0] == "'" for line in found[1:])


def test_chinese_emoji_control_characters_and_long_text_survive():
    rows = [["口罩😷\x00\x0b断货", datetime(2026, 1, 1, tzinfo=UTC)], ["长" * 50_000, -5]]
    sheet = openpyxl.load_workbook(io.BytesIO(spreadsheets.xlsx("表", ["a", "b"], rows))).active
    first, second = list(sheet.iter_rows(values_only=True))[1:]
    assert first == ("口罩😷断货", "2026-01-01 08:00:00")
    assert len(second[0]) == 32_000 and second[1] == -5
