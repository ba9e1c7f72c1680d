"""Lists as XLSX and CSV, safe against formula injection.

A cell that begins with = + - @, tab or return is a formula to a spreadsheet, whoever wrote it
(OWASP, CSV injection). In XLSX such a cell is typed as text; in CSV, which has no types, it gets
an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from hub import beijing

MOST_ROWS = 50_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST = 32_000  # characters of a cell; Excel takes 32,767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet with a frozen head; numbers stay numbers, all else is text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"

    def cell(value: Any, bold: bool = False) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, _plain(value))
        if isinstance(made.value, str):
            made.data_type = "s"  # never a formula
        if bold:
            made.font = Font(bold=True)
        return made

    sheet.append([cell(name, bold=True) for name in head])
    for row in rows:
        sheet.append([cell(value) for value in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def comma(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV in UTF-8 with a byte order mark, as Excel reads Chinese."""
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(head)
    writer.writerows([_without_formula(_plain(value)) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return beijing.local(value).strftime("%Y-%m-%d %H:%M:%S")
    # XML does not allow control characters.
    return "".join(c for c in str(value)[:_LONGEST] if c >= " " or c in "\n\t")


def _without_formula(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
