"""What the platform sent to the hub, and how the hub answered."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from hub.database import reading_scope
from hub.desk.oversight import platform_view
from hub.web.common import forms
from hub.web.common.access import roles
from hub.web.engineers.blueprint import ID, blueprint, own
from models import ENGINEER


@blueprint.get("/messages")
@roles(ENGINEER)
def messages() -> ResponseReturnValue:
    """The platform's messages, newest first; on request only those refused."""
    refused = request.args.get("refused") == "1"
    with reading_scope() as session:
        found, more = platform_view.messages(session, own(session).id, refused, forms.page())
    return render_template(
        "engineers/own_messages.html", messages=found, more=more, refused=refused, page=forms.page()
    )


@blueprint.get(f"/messages/{ID}")
@roles(ENGINEER)
def one_message(id_: int) -> ResponseReturnValue:
    """One message of the platform with its body and the hub's response."""
    with reading_scope() as session:
        found = platform_view.message(session, own(session).id, id_)
    return render_template("engineers/own_message.html", message=found)
