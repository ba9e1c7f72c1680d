"""Quarantine: reports and messages that need a person."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub import job_queue
from hub.database import reading_scope, session_scope
from hub.desk.oversight import records
from hub.problems import conflict
from hub.services.assessment import lifecycle
from hub.services.audit import audit_log
from hub.web.admin.blueprint import ID, READERS, blueprint
from hub.web.common.access import personal, roles


@blueprint.get("/quarantine")
@roles(*READERS)
@personal
def quarantine() -> ResponseReturnValue:
    """Quarantined reports, refused messages and security events."""
    with reading_scope() as session:
        held, refused = records.quarantined(session), records.refused(session)
        alarms = records.alarms(session)
    return render_template("admin/quarantine.html", held=held, refused=refused, alarms=alarms)


@blueprint.post(f"/quarantine/{ID}/release")
@roles("admin")
def release(id_: int) -> ResponseReturnValue:
    """Send a quarantined report to assessment again. Raises Problem 409."""
    with session_scope() as session:
        if not lifecycle.release_quarantined(session, id_):
            raise conflict("这件举报已不在隔离区。")
        audit_log.note(session, current_user.username, "report_released", report=id_)
    job_queue.notify("assess")
    flash("已重新送入研判。")
    return redirect(url_for("admin.quarantine"), 303)
