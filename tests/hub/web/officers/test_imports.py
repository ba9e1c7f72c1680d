"""Reports taken on paper: a sheet is shown before it is taken; wrong rows stop nobody else."""

from __future__ import annotations

import io
import os
import zipfile

import openpyxl
import pytest
from sqlalchemy import func, select

from hub.database import session_scope
from hub.jobs import assess, sheets
from hub.services.reports import paper_imports, paper_reports
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
    """Upload, let the worker read, and look at the preview."""
    desk.get("/import")
    answer = desk.submit("form-import", file=(io.BytesIO(body), "登记.xlsx"))
    if answer.status_code != 303:
        return answer
    sheets.work()
    return desk.get(answer.headers["Location"])


def say_yes(desk):
    """Take what the preview shows, let the worker store it, and look again."""
    answer = desk.submit("form-take")
    assert answer.status_code == 303
    sheets.work()
    return desk.get(answer.headers["Location"])


def test_nothing_is_made_before_a_person_says_yes(desk, session):
    clerk = desk("clerk")
    upload(clerk, sheet(line("A1"), line("A2", **{"类别*": "投诉"}), line("A3")))
    assert "将导入 2 件举报" in clerk.text and "类别应为" in clerk.text
    assert session.scalar(select(func.count()).select_from(Report)) == 0
    assert "已导入 2 件举报，0 件" in say_yes(clerk).text
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
        say_yes(clerk)
    assert "1 件编号已登记过" not in clerk.text
    upload(clerk, sheet(line("A1", **{"举报内容*": "改正：卖到50元一只"})))
    assert "1 件编号已登记过" in clerk.text
    say_yes(clerk)
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
    say_yes(clerk)
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
    upload(clerk, body)
    assert said in clerk.text and "form-take" not in clerk.forms
    assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_thousands_of_rows_with_three_bad_ones_make_nothing_double(desk, session):
    """`make sheet` asks for 50,000."""
    n = int(os.environ.get("HUB_SHEET_ROWS", "2000"))
    lines = [line(f"N{i}") for i in range(n)]
    for i in (7, 1234, n - 1):
        lines[i][1] = "?"
    body, clerk = sheet(*lines), desk("clerk")
    for stored in (n - 3, 0):
        upload(clerk, body)
        assert f"将导入 {n - 3} 件举报" in clerk.text and "3 行有误" in clerk.text
        bad = clerk.page.split('id="bad"')[1].split("</section>")[0]
        assert all(f'data-label="行">{row}<' in bad for row in (9, 1236, n + 1))
        assert f"已导入 {stored} 件举报" in say_yes(clerk).text
    kept = session.execute(select(func.count(), func.max(Report.version)).select_from(Report))
    assert kept.one() == (n - 3, 1)


def test_no_page_waits_for_a_sheet(desk, session):
    clerk = desk("clerk")
    clerk.get("/import")
    answer = clerk.submit("form-import", file=(io.BytesIO(sheet(line("A1"))), "登记.xlsx"))
    waiting = clerk.get(answer.headers["Location"])
    assert "正在读取" in clerk.text and waiting.headers["Refresh"] == "2"
    sheets.work()
    ready = clerk.get(answer.headers["Location"])
    assert "Refresh" not in ready.headers
    clerk.submit("form-take")
    assert "正在导入 1 件举报" in clerk.get(answer.headers["Location"]).text
    sheets.work()
    assert session.scalar(select(func.count()).select_from(Report)) == 1


def test_a_worker_that_died_goes_on_where_it_was(desk, session, monkeypatch):
    monkeypatch.setattr(paper_reports, "LOT", 2)
    clerk = desk("clerk")
    upload(clerk, sheet(*(line(f"A{n}") for n in range(5))))
    clerk.submit("form-take")
    with session_scope() as other:
        good = paper_imports.checked(other, 1)["good"]
        assert not paper_imports.store_some(other, 1, good)
    clerk.get("/import/1")
    assert "2／5" in clerk.text
    with pytest.raises(ZeroDivisionError), session_scope() as other:
        paper_imports.store_some(other, 1, good)
        1 / 0  # noqa: B018
    sheets.work()
    ids = session.scalars(select(Report.external_id).order_by(Report.id)).all()
    assert ids == [f"A{n}" for n in range(5)]
    assert "已导入 5 件举报" in clerk.get("/import/1").text


def test_a_file_broken_in_its_middle_is_told(desk, session):
    whole = zipfile.ZipFile(io.BytesIO(sheet(*(line(f"A{n}") for n in range(300)))))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as book:
        for name in whole.namelist():
            data = whole.read(name)
            book.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    clerk = desk("clerk")
    upload(clerk, kept.getvalue())
    assert "不能导入" in clerk.text and 'id="problem"' in clerk.page
    assert "form-take" not in clerk.forms


def test_anothers_upload_is_not_mine(desk, session):
    clerk, handler = desk("clerk"), desk("handler")
    upload(clerk, sheet(line("A1")))
    kept = session.scalar(select(PaperImport.id))
    assert handler.get(f"/import/{kept}/errors.xlsx").status_code == 404
