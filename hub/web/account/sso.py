"""Login through the office's own identity provider: OpenID Connect, authorization code with PKCE.

The provider says who it is; the hub says what they may do. An account is matched by the subject
an administrator entered for it beforehand, and is never made here. State, nonce and the PKCE
verifier are kept in the browser's session by Authlib, which also checks issuer, audience, times
and the signature of the ID token against the provider's published keys.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from authlib.oidc.core import CodeIDToken
from flask import Blueprint, current_app, render_template, session, url_for
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
    """The provider of these settings; its addresses and keys are read from discovery once."""
    return OAuth(current_app._get_current_object()).register(  # type: ignore[attr-defined]
        "oidc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid", "code_challenge_method": "S256", "default_timeout": _TIMEOUT,
        },
    )  # fmt: skip


def _asked() -> Any:
    known = settings()
    if not known.oidc_issuer:
        raise Problem(404, "not_found", "没有启用统一登录。")
    return _provider(known.oidc_issuer, known.oidc_client_id, known.oidc_secret)


@blueprint.get("/login")
@open_to_all
def begin():
    """To the provider, with a fresh state, nonce and PKCE challenge."""
    try:
        return _asked().authorize_redirect(url_for("sso.callback", _external=True))
    except (AuthlibBaseError, RequestException, ValueError) as error:
        return _refused(error)


@blueprint.get("/callback")
@open_to_all
def callback():
    """Back from the provider. Every failure reads the same."""
    provider = _asked()
    try:
        told = provider.authorize_access_token(
            claims_options={"iss": {"values": [settings().oidc_issuer]}}, claims_cls=CodeIDToken
        )
        subject = told["userinfo"]["sub"]
    except (AuthlibBaseError, JoseError, RequestException, ValueError, KeyError) as error:
        return _refused(error)
    with session_scope() as db:
        user = accounts.by_subject(db, subject)
        token = auth.welcome(db, user, "sso") if user else ""
    if user is None:
        return _refused(LookupError("no account is registered for this subject"))
    return auth.let_in(user, token)


def _refused(error: Exception):
    log.warning("sso_refused", error=type(error).__name__, detail=str(error)[:200])
    session.clear()
    return render_template("account/login.html", next="", failed=_FAILED), 401
