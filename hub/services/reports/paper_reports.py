"""Reports taken on paper 窗口登记: rows of a spreadsheet, checked one by one, stored like any
platform's.

They belong to a platform of their own, which gets no orders. A row's number is its report id: the
same sheet again changes nothing, a corrected row is a new version of its report.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from hub import beijing
from hub.problems import Problem, invalid
from hub.services.platforms.door import Sender
from hub.services.privacy import identities
from hub.services.reports import intake
from hub.services.reports.intake import NewReport, StoredAnswer
from models import Platform, Report

SLUG = "office"
MOST_ROWS = 60_000
MOST_BYTES = 20 * 2**20
_MOST_UNPACKED = 400 * 2**20
LOT = 500  # reports of one message
_ASKED = 10_000  # ids looked up at once

# Heading of a column -> field of the report; a star marks required ones.
COLUMNS = {
    "编号*": "report_id",
    "类别*": "kind",
    "举报时间*": "reported_at",
    "举报内容*": "content.text",
    "标题": "content.title",
    "网址": "content.url",
    "店铺编号": "subject.shop_id",
    "店铺名称": "subject.shop_name",
    "商户名称": "subject.merchant_name",
    "统一社会信用代码": "subject.uscc",
    "地址": "subject.address",
    "举报理由": "reason",
    "是否实名": "reporter.real_name",
}
_KINDS = {"谣言": "rumor", "违法行为": "violation", "违法": "violation"}
_YES, _NO = ("是", "实名", "y", "yes", "1", "true"), ("", "否", "匿名", "n", "no", "0", "false")
_LIMITS = {"report_id": 128, "content.text": 60_000, "content.url": 2000}
_LINE = 500
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_USUAL = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?", re.ASCII)
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y/%m/%d",
            "%Y年%m月%d日")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row: its place in the sheet, its raw cells, and what is wrong with it."""

    place: int
    cells: list[Any]
    report: NewReport | None = None
    problems: list[str] = field(default_factory=list)


@dataclass
class Sheet:
    """A checked sheet."""

    rows: list[Row]

    @property
    def good(self) -> list[NewReport]:
        return [row.report for row in self.rows if row.report]

    @property
    def bad(self) -> list[Row]:
        return [row for row in self.rows if not row.report]


def read(body: bytes, tell: Callable[[int], None] = lambda place: None) -> Sheet:
    """Check every row of an XLSX; `tell` is called with the place of each. Raises Problem 422
    when it is no sheet of this shape."""
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for place, cells in _cells(body):
        tell(place)
        row = _checked(place, cells)
        if row.report and row.report.report_id in seen:
            first = seen[row.report.report_id]
            row = Row(place, cells, problems=[f"编号与第 {first} 行重复"])
        elif row.report:
            seen[row.report.report_id] = place
        rows.append(row)
    if not rows:
        raise _unreadable("表中没有数据行。")
    return Sheet(rows)


def _cells(body: bytes) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook

    check_unpacked_size(body)
    try:
        sheet = load_workbook(io.BytesIO(body), read_only=True, data_only=True).worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        head = [str(cell or "").strip() for cell in next(lines, ())]
    except Exception as error:  # an uploaded file may be wrong in any way
        raise _unreadable("不是可以读取的 Excel 文件（.xlsx）。") from error
    columns = _columns(head)
    for place, line in enumerate(lines, 2):
        if place > MOST_ROWS + 1:
            raise _unreadable(f"一次至多导入 {MOST_ROWS} 行，请分开上传。")
        cells = [line[at] if at is not None and at < len(line) else None for at in columns]
        if any(str(cell).strip() for cell in cells if cell is not None):
            yield place, cells


def _columns(head: list[str]) -> list[int | None]:
    """Where in a line each of `COLUMNS` is. Raises Problem 422 when a required one is missing."""
    missing = [name for name in COLUMNS if name.endswith("*") and name not in head]
    if missing:
        raise _unreadable(f"第一行缺少栏目：{'、'.join(missing)}。请使用模板。")
    return [head.index(name) if name in head else None for name in COLUMNS]


def check_unpacked_size(body: bytes) -> None:
    """Raises Problem 422 for what is no XLSX, or unpacks to more than MOST_ROWS rows can need."""
    try:
        size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(body)).infolist())
    except zipfile.BadZipFile as error:
        raise _unreadable("不是可以读取的 Excel 文件（.xlsx）。") from error
    if size > _MOST_UNPACKED:
        raise _unreadable("文件解压后过大。")


def _checked(place: int, cells: list[Any]) -> Row:
    given = dict(zip(COLUMNS.values(), cells, strict=True))
    problems: list[str] = []
    values = {path: _text(value) for path, value in given.items() if path != "reported_at"}
    at = _moment(given["reported_at"])
    if not values["report_id"] or any(c.isspace() for c in values["report_id"]):
        problems.append("编号为空或含空格")
    if values["kind"] not in _KINDS:
        problems.append("类别应为“谣言”或“违法行为”")
    if at is None:
        problems.append("举报时间应写作 2026-01-31 09:30")
    elif at > datetime.now(UTC) + timedelta(minutes=5):
        problems.append("举报时间晚于现在")
    if not values["content.text"]:
        problems.append("举报内容为空")
    named = values["reporter.real_name"].lower()
    if named not in _YES + _NO:
        problems.append("是否实名应为“是”或“否”")
    problems += _too_long(values)
    if problems or at is None:
        return Row(place, cells, problems=problems)
    return Row(place, cells, _report(values, at, named in _YES))


def _too_long(values: dict[str, str]) -> list[str]:
    limits = [(name, path, _LIMITS.get(path, _LINE)) for name, path in COLUMNS.items()]
    return [
        f"{name.rstrip('*')}超过 {most} 字"
        for name, path, most in limits
        if len(values.get(path, "")) > most
    ]


def _report(values: dict[str, str], at: datetime, real_name: bool) -> NewReport:
    payload: dict[str, Any] = {
        "report_id": values["report_id"],
        "kind": _KINDS[values["kind"]],
        "reported_at": at.isoformat(),
        "content": {"images": []},
        "reporter": {"kind": "user", "ref": None, "real_name": real_name},
        "reason": values["reason"] or None,
        "evidence": [],
    }
    for path in COLUMNS.values():
        room, _, name = path.partition(".")
        if name and room != "reporter" and (value := values[path]):
            payload.setdefault(room, {})[name] = value
    identities.hash_numbers(payload.get("subject"), "subject")
    text = payload["content"]["text"]
    return NewReport(values["report_id"], payload["kind"], at, text, payload)


def plain(value: Any) -> str | float | int | None:
    """A cell as a JSON value, dates in the usual notation."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return value if value is None or isinstance(value, int | float) else _text(value)


def _text(value: Any) -> str:
    """A cell as text, without characters PostgreSQL cannot store; 3.0 was typed as 3."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value)
    return _UNSTORABLE.sub("", text).strip()


def _moment(value: Any) -> datetime | None:
    """Beijing time, from a date cell or one of the usual notations."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=beijing.ZONE)
    if isinstance(value, date):
        return beijing.midnight(value)
    said = _text(value)
    if _USUAL.fullmatch(said):  # fifty times as fast as strptime
        try:
            return datetime.fromisoformat(said).replace(tzinfo=beijing.ZONE)
        except ValueError:
            return None
    for form in _FORMATS:
        try:
            return datetime.strptime(said, form).replace(tzinfo=beijing.ZONE)
        except ValueError:
            continue
    return None


def platform(session: Session) -> Platform:
    """The platform of the reception counter; created on first use, gets no messages."""
    found = session.scalar(select(Platform).where(Platform.slug == SLUG))
    if found is None:
        found = Platform(
            slug=SLUG, name="窗口登记", endpoint="https://office.invalid/", active=False
        )
        session.add(found)
        session.flush()
    return found


def known(session: Session, sheet: Sheet) -> int:
    """How many of the sheet's numbers were stored before."""
    own = platform(session).id
    ids = [report.report_id for report in sheet.good]
    known = 0
    for start in range(0, len(ids), _ASKED):
        query = select(func.count(func.distinct(Report.external_id))).where(
            Report.platform_id == own, Report.external_id.in_(ids[start : start + _ASKED])
        )
        known += session.scalar(query) or 0
    return known


def store(session: Session, file_id: int, start: int, lot: list[NewReport]) -> int:
    """Store a lot of a file's good rows, which begins at `start`, once; returns how many are new
    or changed."""
    own = platform(session)
    sender = Sender(own.id, SLUG, 0, f"import-{file_id}-{start}", {})
    raw = json.dumps([r.payload for r in lot], ensure_ascii=False).encode()
    answer = StoredAnswer(202, {"receipt": intake.new_receipt()})
    message = intake.open_message(session, sender, raw, "report.batch", answer)
    if message is None:  # stored before
        return 0
    same = _hashes(session, own.id, [report.report_id for report in lot])
    changed = [r for r in lot if same.get(r.report_id) != r.content_hash]
    statuses = intake.store_reports(session, message, sender, changed)
    return sum(status != "unchanged" for status in statuses)


def _hashes(session: Session, platform_id: int, ids: list[str]) -> dict[str, str]:
    """The content hash of each report's newest version, by report id, in few queries: most rows
    of a repeated sheet are unchanged."""
    rows = session.execute(
        select(Report.external_id, Report.content_hash)
        .ext(distinct_on(Report.external_id))
        .where(Report.platform_id == platform_id, Report.external_id.in_(ids))
        .order_by(Report.external_id, Report.version.desc())
    )
    return {external_id: content_hash for external_id, content_hash in rows}


def _unreadable(said: str) -> Problem:
    return invalid("file", said, "按模板填写的 .xlsx")
