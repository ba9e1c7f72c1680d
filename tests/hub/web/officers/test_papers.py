"""Papers and clocks on the page of a case."""

from __future__ import annotations

import io
import shutil
import zipfile

import docx
import pytest
from sqlalchemy import select

from hub.config import settings
from hub.services.office import clocks, papers
from models import Clock, Paper


def words(body: bytes) -> str:
    document = docx.Document(io.BytesIO(body))
    cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return "\n".join([p.text for p in document.paragraphs] + cells)


@pytest.mark.parametrize("kind", papers.KINDS)
def test_every_kind_of_paper_is_made_and_kept(desk, session, merchant, kind):
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    answer = handler.submit("form-paper", kind=kind, platform="jd")
    assert answer.status_code == 303, handler.text
    paper = session.scalar(select(Paper))
    assert f"〔{paper.year}〕1号" in words(paper.body)
    handler.get(f"/cases/{merchant.id}")
    assert papers.KINDS[kind].label in handler.text
    got = handler.client.get(f"/papers/{paper.id}.docx")
    assert got.status_code == 200 and got.data == paper.body
    if papers.KINDS[kind].to_platform:
        assert "京东：" in words(paper.body)


def test_a_penalty_is_drafted_against_a_merchant_and_leaves_blanks_for_what_nobody_decided(
    desk, session, merchant, rumor
):
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    handler.submit("form-paper", kind="penalty")
    said = words(session.scalar(select(Paper)).body)
    assert "行政处罚决定书（草稿）" in said and "六十日内" in said
    assert "【罚则条款】" in said and "【证据名称、来源和证明的内容】" in said
    handler.get(f"/cases/{rumor.id}")
    assert 'value="penalty"' not in handler.text
    assert handler.submit("form-paper", kind="penalty").status_code == 422
    assert "没有当事人" in handler.text


def test_numbers_run_on_by_kind(desk, session, merchant):
    handler = desk("handler")
    for kind in ("filing", "filing", "registration"):
        handler.get(f"/cases/{merchant.id}")
        handler.submit("form-paper", kind=kind)
    rows = session.execute(select(Paper.kind, Paper.number).order_by(Paper.id)).all()
    assert rows == [("filing", 1), ("filing", 2), ("registration", 1)]


def test_markup_in_a_report_stays_text(desk, session, merchant):
    merchant.title = '<w:p>&amp;{{ office }} "引号" \x0b\u202e'
    session.commit()
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    assert handler.submit("form-paper", kind="registration").status_code == 303
    body = session.scalar(select(Paper)).body
    assert '<w:p>&amp;{{ office }} "引号"' in words(body)


def test_a_paper_needs_its_platform(desk, session, merchant):
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    assert handler.submit("form-paper", kind="order", platform="").status_code == 422
    assert session.scalar(select(Paper.id)) is None


def test_the_office_may_edit_a_template_and_cannot_break_out_of_it(desk, session, merchant):
    own = settings().instance / "papers"
    own.mkdir(exist_ok=True)
    try:
        document = docx.Document()
        document.add_paragraph("本局格式 {{ case.number }}")
        document.save(own / "filing.docx")
        handler = desk("handler")
        handler.get(f"/cases/{merchant.id}")
        handler.submit("form-paper", kind="filing")
        assert f"本局格式 C{merchant.id}" in words(session.scalar(select(Paper)).body)
        document.add_paragraph("{{ ''.__class__.__mro__[1].__subclasses__() }}")
        document.save(own / "filing.docx")
        handler.get(f"/cases/{merchant.id}")
        answer = handler.submit("form-paper", kind="filing")
        assert answer.status_code == 409 and "无法套用" in handler.text
        (own / "filing.docx").write_bytes(b"no zip")
        handler.get(f"/cases/{merchant.id}")
        assert handler.submit("form-paper", kind="filing").status_code == 409
    finally:
        shutil.rmtree(own)


def test_the_shipped_templates_are_word_files():
    for kind in papers.KINDS.values():
        assert zipfile.is_zipfile(papers.template(kind))


def test_without_libreoffice_pdf_says_so(desk, session, merchant, monkeypatch):
    monkeypatch.setattr(papers.shutil, "which", lambda name: None)
    handler = desk("handler")
    handler.get(f"/cases/{merchant.id}")
    handler.submit("form-paper", kind="filing")
    id_ = session.scalar(select(Paper.id))
    handler.get(f"/cases/{merchant.id}")
    assert f"/papers/{id_}.pdf" not in handler.page
    assert handler.get(f"/papers/{id_}.pdf").status_code == 503
    assert "LibreOffice" in handler.text


def test_clocks_stand_on_the_page_and_take_two_to_extend(desk, session, merchant):
    clocks.start(session, merchant.id, "verify")
    session.commit()
    handler, approver = desk("handler"), desk("approver")
    handler.get(f"/cases/{merchant.id}")
    assert "剩 15 个工作日" in handler.text and "第十八条" in handler.text
    clock = session.scalar(select(Clock.id))
    assert handler.submit(f"form-clock-extend-{clock}", reason="案情复杂").status_code == 303
    handler.get(f"/cases/{merchant.id}")
    assert f"form-clock-grant-{clock}" not in handler.forms
    approver.get(f"/cases/{merchant.id}")
    assert approver.submit(f"form-clock-grant-{clock}").status_code == 303
    approver.get(f"/cases/{merchant.id}")
    assert "剩 30 个工作日" in approver.text
    handler.get(f"/cases/{merchant.id}")
    handler.submit(f"form-clock-stop-{clock}", reason="口罩送检")
    handler.get(f"/cases/{merchant.id}")
    assert "起暂停" in handler.text
    handler.submit(f"form-clock-resume-{clock}")
    handler.get(f"/cases/{merchant.id}")
    assert "剩 30 个工作日" in handler.text


def test_a_handler_puts_a_case_on_file(desk, session, merchant):
    handler = desk("handler")
    handler.act(merchant.id, "file")
    handler.get(f"/cases/{merchant.id}")
    assert "立案后作出处理决定" in handler.text and "form-file" not in handler.forms
