"""What the hub sent to the platform: the list, one message, resending, a test message."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from hub import job_queue
from hub.database import reading_scope, session_scope
from hub.desk import words
from hub.desk.oversight import platform_lines, platform_view
from hub.problems import conflict
from hub.services.audit import audit_log
from hub.services.platforms import delivery, directory
from hub.web.common import forms
from hub.web.common.access import roles
from hub.web.engineers.blueprint import ID, blueprint, own
from models import ENGINEER


@blueprint.get("/deliveries")
@roles(ENGINEER)
def deliveries() -> ResponseReturnValue:
    """What the hub sent, newest first."""
    state = forms.query("state")
    state = state if state in words.DELIVERY else ""
    with reading_scope() as session:
        found, more = platform_lines.deliveries(session, own(session).slug, state, forms.page())
    return render_template(
        "engineers/own_deliveries.html", deliveries=found, more=more, state=state, page=forms.page()
    )


@blueprint.get(f"/deliveries/{ID}")
@roles(ENGINEER)
def one_delivery(id_: int) -> ResponseReturnValue:
    """One message with its body, attempts and responses."""
    with reading_scope() as session:
        found = platform_view.sent(session, own(session).id, id_)
        return render_template("engineers/own_delivery.html", sent=found)


@blueprint.post(f"/deliveries/{ID}/resend")
@roles(ENGINEER)
def resend(id_: int) -> ResponseReturnValue:
    """Send the same bytes under the same webhook id again, even if they were delivered.

    Raises Problem 404 or 409.
    """
    with session_scope() as session:
        platform_view.sent(session, own(session).id, id_)  # 404 for another platform's
        if not delivery.replay(session, id_):
            raise conflict("这条投递正在发送或即将发送，无需重发。")
        audit_log.note(session, current_user.username, "delivery_resent", delivery=id_)
    job_queue.notify("deliver")
    flash("已重新排队，沿用原来的 webhook-id。")
    return redirect(url_for("platform.one_delivery", id_=id_), 303)


@blueprint.post("/test")
@roles(ENGINEER)
def test() -> ResponseReturnValue:
    """Send a test message to the endpoint."""
    with session_scope() as session:
        sent = directory.ping(session, own(session))
        session.flush()
        audit_log.note(session, current_user.username, "test_sent", delivery=sent.id)
        id_ = sent.id
    job_queue.notify("deliver")
    flash("测试消息已排队；刷新本页查看答复。")
    return redirect(url_for("platform.one_delivery", id_=id_), 303)
