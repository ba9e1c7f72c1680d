"""One line of a file of debunks.

{"claim", "verdict", "source"} and, where known, "date" (YYYY-MM-DD or 2020/2/9), "explanation" (or
"explain"), "url". Verdicts: 谣言, 不实, 部分属实, 属实, 无法核实, or as fact-checking sites mark
them, 假, 真, 论, 疑.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from models import VERDICTS, Debunk

# 论 is disputed or true under conditions, 疑 is doubtful.
MARKS = {"假": "谣言", "真": "属实", "论": "部分属实", "疑": "无法核实"}
FALSE = ("谣言", "不实")
SOURCES = {"guokr": "果壳", "jiaozhen": "较真", "toutiao": "今日头条", "dxy": "丁香医生"}
MAX_CLAIM, MAX_SOURCE, MAX_EXPLANATION, MAX_URL = 2_000, 64, 20_000, 2_000
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.A)
_URL = re.compile(r"https?://[^\s]+")
# Empty cells in tables exported by pandas.
_MISSING = ("", "nan", "NaN", "None", "null")
# PostgreSQL stores no NUL, and UTF-8 no lone surrogate.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True)
class Record:
    """A checked line, as it is stored and shown on pages."""

    claim: str
    verdict: str
    source: str
    date: datetime.date | None
    explanation: str
    url: str | None

    @property
    def refutes(self) -> bool:
        """Whether it found the claim false."""
        return self.verdict in FALSE


def columns(record: Record | Debunk) -> dict[str, Any]:
    """The values of a record, or of its database row, by column."""
    return {field.name: getattr(record, field.name) for field in fields(Record)}


def read(lines: Sequence[bytes], first: int = 1) -> tuple[list[Record], list[str]]:
    """Records of the lines, and a complaint ("12: what is wrong") for each that is none.

    `first` is the number of the first line; blank lines are passed over.
    """
    records, complaints = [], []
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            records.append(parse(line.decode("utf-8-sig")))
        except ValueError as error:  # UnicodeDecodeError is one
            complaints.append(f"{number}: {error}")
    return records, complaints


def parse(line: str) -> Record:
    """The record of one line. Raises ValueError saying what is wrong."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if not isinstance(row, dict):
        raise ValueError("a JSON object is needed")
    source = _words(row, "source", MAX_SOURCE)
    explained = "explanation" if "explanation" in row else "explain"
    return Record(
        claim=_words(row, "claim", MAX_CLAIM),
        verdict=_verdict(_words(row, "verdict", 16)),
        source=SOURCES.get(source, source),
        date=_date(row.get("date")),
        explanation=_words(row, explained, MAX_EXPLANATION, needed=False),
        url=_url(_words(row, "url", MAX_URL, needed=False)),
    )


def _words(row: dict[str, Any], name: str, most: int, needed: bool = True) -> str:
    value = row.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name!r} must be text")
    value = value.strip()
    if not needed and value in _MISSING:
        return ""
    if needed and not value:
        raise ValueError(f"{name!r} is empty")
    if len(value) > most:
        raise ValueError(f"{name!r} has {len(value)} characters, at most {most} are kept")
    if _UNSTORABLE.search(value):
        raise ValueError(f"{name!r} holds a character that cannot be kept")
    return value


def _verdict(word: str) -> str:
    verdict = MARKS.get(word, word)
    if verdict not in VERDICTS:
        raise ValueError(f"'verdict' is {word!r}, not one of {'、'.join((*VERDICTS, *MARKS))}")
    return verdict


def _date(value: Any) -> datetime.date | None:
    if value is None or value in _MISSING:
        return None
    try:
        year, month, day = _DATE.fullmatch(value).groups()  # type: ignore[union-attr]
        return datetime.date(int(year), int(month), int(day))
    except (TypeError, AttributeError, ValueError):
        raise ValueError(f"'date' is {value!r}, not YYYY-MM-DD") from None


def _url(value: str) -> str | None:
    if value and not _URL.fullmatch(value):
        raise ValueError("'url' is no http(s) address")
    return value or None
