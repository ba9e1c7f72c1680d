"""Papers are Word files out of templates that an office may edit, and cannot break out of."""

from __future__ import annotations

import io
import zipfile
from types import SimpleNamespace

import pytest
from docx import Document

from hub.problems import Problem
from hub.services.office import papers
from hub.services.office.papers import KINDS


@pytest.fixture
def office(tmp_path, monkeypatch):
    """The folder of the office's own templates."""
    monkeypatch.setattr(papers, "settings", lambda: SimpleNamespace(instance=tmp_path))
    folder = tmp_path / "papers"
    folder.mkdir()
    return folder


def _template(folder, text: str) -> None:
    document = Document()
    document.add_paragraph(text)
    document.save(folder / "filing.docx")


def _text(body: bytes) -> str:
    return "\n".join(p.text for p in Document(io.BytesIO(body)).paragraphs)


def test_the_offices_own_template_goes_before_the_shipped_one(office):
    assert papers.template(KINDS["filing"]).parent.name == "papers"
    assert all(papers.template(kind).is_file() for kind in KINDS.values())
    _template(office, "本局 {{ number }}")
    assert papers.template(KINDS["filing"]).parent == office
    number = papers.number_of(KINDS["filing"], 2020, 7)
    assert _text(papers.fill(KINDS["filing"], {"number": number})) == "本局 联立审〔2020〕7号"


def test_what_is_filled_in_stays_text(office):
    _template(office, "{{ title }}")
    body = papers.fill(KINDS["filing"], {"title": "<w:p/> {{ 7*7 }} & 口罩"})
    assert _text(body) == "<w:p/> {{ 7*7 }} & 口罩"
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


@pytest.mark.parametrize(
    "text", ["{{ ''.__class__.__mro__[1].__subclasses__() }}", "{% if %}", "{{ 1/0 }}"]
)
def test_a_template_that_is_wrong_or_wants_more_is_refused_by_name(office, text):
    _template(office, text)
    with pytest.raises(Problem, match="filing.docx") as refused:
        papers.fill(KINDS["filing"], {})
    assert refused.value.status == 409


def test_without_libreoffice_the_word_file_is_all(monkeypatch):
    monkeypatch.setattr(papers.shutil, "which", lambda name: None)
    assert not papers.can_pdf()
    with pytest.raises(Problem, match="LibreOffice") as refused:
        papers.pdf(b"")
    assert refused.value.status == 503


def test_a_conversion_that_fails_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(papers.shutil, "which", lambda name: "/bin/false")
    with pytest.raises(Problem, match="转换"):
        papers.pdf(b"")
