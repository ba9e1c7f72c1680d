"""Single sign-on through the office's identity provider: OpenID Connect, code flow with PKCE.

The provider authenticates, the hub authorises. An account is matched by the subject that an
administrator entered for it, and is never created here. Authlib keeps state, nonce and PKCE
verifier in the browser's session and checks issuer, audience, times and the signature of the ID
token against the provider's published keys.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from authlib.oidc.core import CodeIDToken
from flask import Blueprint, current_app, render_template, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests import RequestException

from hub.config import settings
from hub.database import session_scope
from hub.problems import Problem
from hub.services.people import accounts
from hub.web.account import auth
from hub.web.common.access import open_to_all

log = structlog.get_logger()
blueprint = Blueprint("sso", __name__, url_prefix="/sso")
_FAILED = "统一登录未成功：身份未通过核验，或没有为您登记的账号。请重试，或联系管理员。"
_TIMEOUT = 10.0  # seconds an identity provider may take


@cache
def _provider(issuer: str, client_id: str, secret: str) -> Any:
    """The provider of these settings; its endpoints and keys are discovered once."""
    return OAuth(current_app._get_current_object()).register(  # type: ignore[attr-defined]
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid", "code_challenge_method": "S256", "default_timeout": _TIMEOUT,
        },
    )  # fmt: skip


def _configured() -> Any:
    known = settings()
    if not known.oidc_issuer:
        raise Problem(404, "not_found", "没有启用统一登录。")
    return _provider(known.oidc_issuer, known.oidc_client_id, known.oidc_secret)


@blueprint.get("/login")
@open_to_all
def begin() -> ResponseReturnValue:
    """Redirect to the provider with a new state, nonce and PKCE challenge."""
    try:
        return _configured().authorize_redirect(url_for("sso.callback", _external=True))
    except (AuthlibBaseError, RequestException, ValueError) as error:
        return _refused(error)


@blueprint.get("/callback")
@open_to_all
def callback() -> ResponseReturnValue:
    """The provider's redirect back. Every failure gives the same message."""
    provider = _configured()
    try:
        response = provider.authorize_access_token(
            claims_options={"iss": {"values": [settings().oidc_issuer]}}, claims_cls=CodeIDToken
        )
        subject = response["userinfo"]["sub"]
    except (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError) as error:
        return _refused(error)
    with session_scope() as db:
        user = accounts.by_subject(db, subject)
        token = auth.open_session(db, user, "sso") if user else ""
    if user is None:
        return _refused(LookupError("no account is registered for this subject"))
    return auth.log_in(user, token)


def _refused(error: Exception) -> ResponseReturnValue:
    log.warning("sso_refused", error=type(error).__name__, detail=str(error)[:200])
    session.clear()
    return render_template("account/login.html", next="", failed=_FAILED), 401
