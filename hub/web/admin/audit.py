"""The audit log with its hash chain, and the log of who viewed personal data."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub.database import reading_scope, session_scope
from hub.desk.oversight import records
from hub.services.audit import audit_log as log
from hub.web.admin.blueprint import blueprint
from hub.web.common import forms
from hub.web.common.access import roles


@blueprint.get("/audit")
@roles("auditor")
def audit_log() -> ResponseReturnValue:
    """The log, and whether its chain is intact."""
    case, actor = forms.query("case", 20), forms.query("actor", 80)
    number = case.lstrip("Cc")
    case_id = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None
    with session_scope() as session:  # the walk may store a checkpoint
        chain = log.walk(session, whole=False)
        lines, more = records.log(session, case_id, actor, forms.page())
    return render_template(
        "admin/audit.html", lines=lines, more=more, chain=chain,
        case=case, actor=actor, page=forms.page(),
    )  # fmt: skip


@blueprint.post("/audit/verify")
@roles("auditor")
def verify_chain() -> ResponseReturnValue:
    """Verify the whole chain again, from its first entry."""
    with session_scope() as session:
        walked = log.walk(session)
        log.note(session, current_user.username, "chain_walked", entries=walked.held)
    if walked.broken is None:
        flash(f"已从头核对 {walked.held} 条记录，逐条相扣。")
    else:
        flash(f"第 {walked.broken} 号记录处链条断裂。", "danger")
    return redirect(url_for("admin.audit_log"), 303)


@blueprint.get("/audit/viewings")
@roles("auditor")
def viewings() -> ResponseReturnValue:
    """Who viewed whose personal data."""
    who = forms.query("who", 64)
    with reading_scope() as session:
        lines, more = records.viewings(session, who, forms.page())
    return render_template(
        "admin/viewings.html", lines=lines, more=more, who=who, page=forms.page()
    )
