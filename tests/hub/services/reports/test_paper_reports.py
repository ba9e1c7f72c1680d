"""A sheet of reports taken on paper is checked row by row before anything is stored."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from openpyxl import Workbook

from hub import beijing
from hub.problems import Problem
from hub.services.privacy import identities
from hub.services.reports import paper_reports
from hub.services.reports.paper_reports import COLUMNS

GOOD = {"编号*": "A1", "类别*": "谣言", "举报时间*": "2020-02-20 09:30", "举报内容*": "口罩断货"}


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    """Hashes are not what these tests are about."""
    monkeypatch.setattr(identities, "hash_numbers", lambda subject, path: [])


def sheet(*rows: dict, head: tuple[str, ...] = tuple(COLUMNS)) -> bytes:
    book = Workbook()
    book.active.append(head)
    for row in rows:
        book.active.append([row.get(name) for name in head])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_good_row_is_a_report_like_any_platforms():
    told = GOOD | {
        "编号*": 3.0,
        "店铺编号": "s1",
        "是否实名": "是",
        "举报理由": "涨价",
        "标题": "急",
    }
    (report,) = paper_reports.read(sheet(told)).good
    assert (report.report_id, report.kind, report.text) == ("3", "rumor", "口罩断货")
    assert report.reported_at == datetime(2020, 2, 20, 9, 30, tzinfo=beijing.ZONE)
    assert report.payload["subject"] == {"shop_id": "s1"} and report.payload["reason"] == "涨价"
    assert report.payload["reporter"]["real_name"] is True
    assert report.payload["content"] == {"images": [], "text": "口罩断货", "title": "急"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"编号*": None}, "编号为空"),
        ({"编号*": "A 1"}, "含空格"),
        ({"类别*": "投诉"}, "类别"),
        ({"举报时间*": "昨天"}, "举报时间应写作"),
        ({"举报时间*": "2020-13-40 09:30"}, "举报时间应写作"),
        ({"举报时间*": datetime.now(UTC).replace(tzinfo=None) + timedelta(days=2)}, "晚于现在"),
        ({"举报内容*": " "}, "举报内容为空"),
        ({"是否实名": "也许"}, "是否实名"),
        ({"标题": "长" * 501}, "标题超过 500 字"),
    ],
)
def test_what_is_wrong_with_a_row_is_named_and_the_others_are_read(change, why):
    found = paper_reports.read(sheet(GOOD, GOOD | {"编号*": "A2"} | change))
    assert [report.report_id for report in found.good] == ["A1"]
    (bad,) = found.bad
    assert bad.place == 3 and why in "".join(bad.problems)


def test_a_number_that_stands_twice_counts_for_its_first_row():
    found = paper_reports.read(sheet(GOOD, GOOD | {"举报内容*": "另一件"}))
    assert [r.text for r in found.good] == ["口罩断货"]
    assert found.bad[0].problems == ["编号与第 2 行重复"]


@pytest.mark.parametrize(
    "typed",
    [
        "2020-02-20", "2020/2/20", "2020年2月20日", date(2020, 2, 20), datetime(2020, 2, 20),
        "2020-02-20 00:00:00",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(typed):
    (report,) = paper_reports.read(sheet(GOOD | {"举报时间*": typed})).good
    assert report.reported_at == datetime(2020, 2, 20, tzinfo=beijing.ZONE)


def test_columns_may_stand_in_any_order_and_empty_rows_are_passed_over():
    head = ("举报内容*", "别的", "类别*", "举报时间*", "编号*")
    found = paper_reports.read(sheet({}, GOOD, head=head))
    assert [(row.place, row.report.report_id) for row in found.rows] == [(3, "A1")]


def _bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(5):
            file.writestr(f"{n}.xml", b"\0" * (100 * 2**20))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (lambda: b"no sheet", "不是可以读取"),
        (lambda: sheet(), "没有数据行"),
        (lambda: sheet(GOOD, head=("编号*", "类别*")), "缺少栏目：举报时间*、举报内容*"),
        (_bomb, "解压后过大"),
    ],
)
def test_what_is_no_sheet_of_this_shape_is_refused(body, why):
    with pytest.raises(Problem) as refused:
        paper_reports.read(body())
    assert why in refused.value.detail


def test_no_more_rows_than_an_office_can_mean(monkeypatch):
    monkeypatch.setattr(paper_reports, "MOST_ROWS", 1)
    with pytest.raises(Problem, match="至多导入"):
        paper_reports.read(sheet(GOOD, GOOD | {"编号*": "A2"}))
