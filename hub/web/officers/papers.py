"""Papers of a case: generated on request, stored, downloaded as Word or PDF."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from hub.database import reading_scope, session_scope
from hub.desk.case_page import case_file, paper_facts
from hub.desk.queue.case_lines import platform_names
from hub.problems import invalid, not_found
from hub.services.office import papers
from hub.services.review import second_review
from hub.web.common import forms
from hub.web.common.access import READERS, personal, roles
from models import Paper, User

blueprint = Blueprint("papers", __name__)
_ID = f"<int(max={forms.MAX_ID}):id_>"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.post(f"/cases/{_ID}/papers")
@roles("clerk", "handler")
def make(id_: int) -> ResponseReturnValue:
    """Generate a paper of the requested kind, addressed to a platform where it needs one.

    Raises Problem 404 or 422.
    """
    kind = papers.KINDS.get(forms.line("kind", 16))
    if kind is None:
        raise invalid("kind", "请选择文书种类。")
    with session_scope() as session:
        slug = _addressee(session, kind)
        case = case_file.read(session, id_)
        if kind.of_merchant and case.content.merchant is None:
            raise invalid("kind", f"本案没有当事人，不能生成{kind.label}。")
        words = paper_facts.facts(session, case, slug)
        to = platform_names(session)[slug] if slug else None
        paper = papers.make(session, session.get_one(User, current_user.id), id_, kind, words, to)
        number = papers.number_of(kind, paper.year, paper.number)
    flash(f"已生成{kind.label}（{number}）。")
    return redirect(url_for("cases.show", case_id=id_, _anchor="papers"), 303)


def _addressee(session: Session, kind: papers.Kind) -> str | None:
    if not kind.to_platform:
        return None
    slug = forms.line("platform", 32)
    if slug not in platform_names(session):
        raise invalid("platform", f"{kind.label}须选择送达平台。")
    return slug


@blueprint.get(f"/papers/{_ID}.docx")
@roles(*READERS)
@personal
def word(id_: int) -> ResponseReturnValue:
    """The paper as Word."""
    body, name = _stored(id_)
    return send_file(io.BytesIO(body), _WORD, as_attachment=True, download_name=f"{name}.docx")


@blueprint.get(f"/papers/{_ID}.pdf")
@roles(*READERS)
@personal
def pdf(id_: int) -> ResponseReturnValue:
    """The paper as PDF, where LibreOffice is installed."""
    body, name = _stored(id_)
    made = papers.pdf(body)
    return send_file(
        io.BytesIO(made), "application/pdf", as_attachment=True, download_name=f"{name}.pdf"
    )


def _stored(id_: int) -> tuple[bytes, str]:
    with reading_scope() as session:
        paper = session.get(Paper, id_)
        if paper is None:
            raise not_found("没有这份文书。")
        second_review.not_blind(session, current_user.id, paper.case_id)
        kind = papers.KINDS[paper.kind]
        name = f"{kind.label}{papers.number_of(kind, paper.year, paper.number)}"
        return bytes(paper.body), name
