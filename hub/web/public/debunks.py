"""Published debunks: search, one debunk, and its ClaimReview."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from hub.database import reading_scope
from hub.services.openness import published_debunks
from hub.web.common import forms
from hub.web.common.access import open_to_all
from hub.web.common.policy import CSP
from hub.web.public.blueprint import blueprint
from hub.web.public.cache import cached

_ONE = f"/debunks/<int(max={forms.MAX_ID}):id_>"


@blueprint.get("/debunks")
@open_to_all
def debunks() -> ResponseReturnValue:
    """Debunks by words of claim, explanation or source."""
    q, page = forms.query("q"), forms.page()
    if q:  # only a search is expensive enough to be rate-limited
        published_debunks.spend(request.remote_addr or "-")
    with reading_scope() as session:
        found = published_debunks.search(session, q, page)
    html = render_template("public/public_debunks.html", found=found, q=q, page=page)
    return cached(make_response(html))


@blueprint.get(_ONE)
@open_to_all
def debunk(id_: int) -> ResponseReturnValue:
    """One debunk with its ClaimReview.

    The content policy allows no inline script; the block of data is allowed by its hash.
    """
    found = _read(id_)
    data = _json(published_debunks.claim_review(found, _address_of(id_)))
    block = Markup('<script type="application/ld+json">{}</script>').format(Markup(data))
    digest = base64.b64encode(hashlib.sha256(data.encode()).digest()).decode()
    response = make_response(render_template("public/public_debunk.html", d=found, block=block))
    response.headers["Content-Security-Policy"] = CSP.replace(
        "script-src 'self'", f"script-src 'self' 'sha256-{digest}'"
    )
    return cached(response)


@blueprint.get(f"{_ONE}.json")
@open_to_all
def claim_review(id_: int) -> ResponseReturnValue:
    """The ClaimReview alone."""
    data = _json(published_debunks.claim_review(_read(id_), _address_of(id_)))
    return cached(Response(data, mimetype="application/ld+json"))


def _read(id_: int) -> published_debunks.Published:
    with reading_scope() as session:
        return published_debunks.one(session, id_)


def _address_of(id_: int) -> str:
    return url_for("public.debunk", id_=id_, _external=True)


def _json(data: dict[str, Any]) -> str:
    """JSON that can be embedded in a page: nothing in it ends a script element."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
