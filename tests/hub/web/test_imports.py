"""Reports taken on paper: a sheet is shown before it is taken; wrong rows stop nobody else."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from sqlalchemy import func, select

from hub.jobs import assess
from hub.services import paper_reports
from models import Delivery, PaperImport, Platform, Report

HEAD = list(paper_reports.COLUMNS)


def line(number: str, **change: object) -> list:
    cells = dict.fromkeys(HEAD, "")
    cells |= {"编号*": number, "类别*": "违法行为", "举报时间*": "2026-01-31 09:30",
              "举报内容*": f"{number}号：口罩平时2元一只，现在卖到15元一只",
              "商户名称": "安心护具店", "是否实名": "是"}  # fmt: skip
    return list((cells | change).values())


def sheet(*lines: list, head: list | None = None) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    for each in (head or HEAD, *lines):
        page.append(each)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def upload(desk, body: bytes):
    desk.get("/import")
    return desk.submit("form-import", file=(io.BytesIO(body), "登记.xlsx"))


def test_nothing_is_made_before_a_person_says_yes(desk, session):
    clerk = desk("clerk")
    upload(clerk, sheet(line("A1"), line("A2", **{"类别*": "投诉"}), line("A3")))
    assert "将导入 2 件举报" in clerk.text and "类别应为" in clerk.text
    assert session.scalar(select(func.count()).select_from(Report)) == 0
    assert clerk.submit("form-take").status_code == 303
    stored = session.scalars(select(Report).order_by(Report.id)).all()
    assert [r.external_id for r in stored] == ["A1", "A3"]
    assert stored[0].payload["reporter"]["real_name"] is True
    assess.drain()
    clerk.get("/queue")
    assert "窗口登记" in clerk.text


def test_the_same_sheet_again_changes_nothing_and_a_mended_row_is_a_version(desk, session):
    clerk = desk("clerk")
    for body in (sheet(line("A1")), sheet(line("A1"))):
        upload(clerk, body)
        clerk.submit("form-take")
    assert "1 件编号已登记过" not in clerk.text
    upload(clerk, sheet(line("A1", **{"举报内容*": "改正：卖到50元一只"})))
    assert "1 件编号已登记过" in clerk.text
    clerk.submit("form-take")
    assert session.scalars(select(Report.version).order_by(Report.id)).all() == [1, 2]


def test_the_wrong_rows_come_back_with_what_is_wrong(desk, session):
    clerk = desk("clerk")
    bad = [
        line("", 标题="-1+1"), line("B 2"), line("B3", **{"举报时间*": "明天"}),
        line("B4", **{"举报时间*": "2099-01-01"}), line("B5", **{"举报内容*": " "}),
        line("B6", 标题="长" * 501), line("B7", 是否实名="不清楚"), line("A1"),
    ]  # fmt: skip
    upload(clerk, sheet(line("A1"), *bad))
    kept = session.scalar(select(PaperImport.id))
    book = openpyxl.load_workbook(io.BytesIO(clerk.client.get(f"/import/{kept}/errors.xlsx").data))
    rows = list(book.active.iter_rows(min_row=2))
    problems = [row[len(HEAD)].value for row in rows]
    assert len(rows) == len(bad) and "与第 2 行重复" in problems[-1]
    for said, part in zip(
        problems, ("编号", "空格", "应写作", "晚于现在", "为空", "超过 500", "实名"), strict=False
    ):
        assert part in said
    assert rows[0][HEAD.index("标题")].data_type == "s"


def test_the_template_is_a_sheet_that_can_be_taken(desk, session):
    clerk = desk("clerk")
    upload(clerk, clerk.client.get("/import/template.xlsx").data)
    assert "将导入 1 件举报" in clerk.text


def test_a_report_on_paper_gets_no_order_and_no_message(desk, session):
    clerk = desk("clerk")
    upload(clerk, sheet(line("A1")))
    clerk.submit("form-take")
    assess.drain()
    office = session.scalar(select(Platform).where(Platform.slug == paper_reports.SLUG))
    assert not office.active
    sent = select(func.count()).where(Delivery.platform_id == office.id)
    assert session.scalar(sent) == 0


def _bomb() -> bytes:
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/worksheets/sheet1.xml", "w") as page,
    ):
        for _ in range(410):
            page.write(b"0" * 2**20)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "不是可以读取"),
        (b"PK\x03\x04 no zip", "不是可以读取"),
        (sheet(), "没有数据行"),
        (sheet(["1"], head=["姓名"]), "缺少栏目"),
        (_bomb(), "过大"),
    ],
    ids=["empty", "no zip", "no rows", "other head", "bomb"],
)
def test_what_is_no_sheet_is_refused_in_words(desk, session, body, said):
    clerk = desk("clerk")
    assert upload(clerk, body).status_code == 422
    assert said in clerk.text
    assert session.scalar(select(func.count()).select_from(PaperImport)) == 0


def test_thousands_of_rows_with_three_bad_ones(session, officers):
    lines = [line(f"N{n}") for n in range(5000)]
    for n in (7, 1234, 4999):
        lines[n][1] = "?"
    read = paper_reports.read(sheet(*lines))
    assert len(read.good) == 4997 and [row.place for row in read.bad] == [9, 1236, 5001]
    file = PaperImport(name="x", body=b"", made_by_id=officers["clerk"].id)
    session.add(file)
    session.flush()
    assert paper_reports.take(session, file, read) == 4997
    assert paper_reports.take(session, file, read) == 0
    session.rollback()


def test_anothers_upload_is_not_mine(desk, session):
    clerk, handler = desk("clerk"), desk("handler")
    upload(clerk, sheet(line("A1")))
    kept = session.scalar(select(PaperImport.id))
    assert handler.get(f"/import/{kept}/errors.xlsx").status_code == 404
