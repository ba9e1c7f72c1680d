"""Papers 文书 of a case: Word files from templates that an office may edit.

The templates are in `hub/papers/`; one of the same name in `<instance>/papers/` overrides it. They
are Jinja in Word (docxtpl), run in a sandbox: an edited template can lay out its variables and
nothing more.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub import locks
from hub.config import settings
from hub.locks import Lock
from hub.problems import Problem
from hub.services.audit import audit_log
from hub.services.office import clocks
from models import Paper, User

_SHIPPED = Path(__file__).parents[2] / "papers"
_PDF_SECONDS = 60


@dataclass(frozen=True)
class Kind:
    """One kind of paper. `mark` is part of its number; `to_platform`: addressed to one;
    `of_merchant`: only for cases that have a merchant."""

    code: str
    label: str
    mark: str
    to_platform: bool = False
    of_merchant: bool = False


KINDS = {
    kind.code: kind
    for kind in (
        Kind("registration", "举报登记表", "联举登"),
        Kind("filing", "立案审批表", "联立审"),
        Kind("assistance", "协查函", "联协查", to_platform=True),
        Kind("decision", "处理决定书（草稿）", "联处决"),
        Kind("penalty", "行政处罚决定书（草稿）", "联罚", of_merchant=True),
        Kind("order", "处置指令", "联处指", to_platform=True),
    )
}


def template(kind: Kind) -> Path:
    """The office's own template, or the shipped one."""
    own = settings().instance / "papers" / f"{kind.code}.docx"
    return own if own.is_file() else _SHIPPED / f"{kind.code}.docx"


def number_of(kind: Kind, year: int, number: int) -> str:
    """The number as it is printed."""
    return f"{kind.mark}〔{year}〕{number}号"


def make(
    session: Session,
    officer: User,
    case_id: int,
    kind: Kind,
    facts: dict[str, Any],
    to: str | None = None,
) -> Paper:
    """Assign the next number and store the paper. `facts` are the template's variables.

    Raises Problem 409 when the office's template cannot be filled.
    """
    day = clocks.today(session)
    locks.hold(session, Lock.PAPER_NUMBERS)
    last = session.scalar(
        select(func.max(Paper.number)).where(Paper.kind == kind.code, Paper.year == day.year)
    )
    number = (last or 0) + 1
    body = fill(
        kind,
        facts
        | {
            "office": settings().office,
            "number": number_of(kind, day.year, number),
            "date": f"{day.year}年{day.month}月{day.day}日",
            "officer": officer.name,
            "platform": to or "",
        },
    )
    paper = Paper(
        case_id=case_id, kind=kind.code, year=day.year, number=number, to=to, body=body,
        made_by_id=officer.id,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    audit_log.note(session, officer.username, "paper_made", case_id, paper=paper.id, kind=kind.code)
    return paper


def fill(kind: Kind, words: dict[str, Any]) -> bytes:
    """The template filled in, as a .docx. Raises Problem 409."""
    from docxtpl import DocxTemplate

    try:
        document = DocxTemplate(template(kind))
        document.render(words, SandboxedEnvironment(), autoescape=True)
        kept = io.BytesIO()
        document.save(kept)
    except Exception as error:  # an edited file may be wrong in any way
        said = f"文书模板 {kind.code}.docx 无法套用：{error}"
        raise Problem(409, "bad_template", said) from error
    return kept.getvalue()


def of_case(session: Session, case_id: int) -> list[tuple[Paper, str]]:
    """(paper, who made it) of a case, newest first."""
    rows = session.execute(
        select(Paper, User.name)
        .join(User, User.id == Paper.made_by_id)
        .where(Paper.case_id == case_id)
        .order_by(Paper.id.desc())
    )
    return [(paper, name) for paper, name in rows]


def can_pdf() -> bool:
    """Whether LibreOffice is installed."""
    return _office() is not None


def pdf(body: bytes) -> bytes:
    """A .docx as PDF, by LibreOffice. Raises Problem 503."""
    program = _office()
    if program is None:
        raise Problem(503, "no_libreoffice", "本机没有安装 LibreOffice，请下载 Word 文件。")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "paper.docx")
        source.write_bytes(body)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", folder]
        try:
            subprocess.run(
                [*command, source], capture_output=True, timeout=_PDF_SECONDS, check=True
            )
            return source.with_suffix(".pdf").read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            raise Problem(503, "no_libreoffice", "转换 PDF 失败，请下载 Word 文件。") from error


def _office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")
