"""Login by OpenID Connect, against a provider that speaks HTTP."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from hub import config
from hub.services.people import accounts
from hub.web.account import auth, sso
from hub.web.common import show
from models import ROLES, AuditEntry, LoginSession, User
from tests.hub.web import identity_provider


@pytest.fixture
def provider(monkeypatch, session, officers):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # of the provider: it is on loopback
    with identity_provider.provider() as mind:
        known = replace(
            config.settings(), oidc_issuer=mind.issuer,
            oidc_client_id=identity_provider.CLIENT_ID, oidc_secret=identity_provider.SECRET,
        )  # fmt: skip
        for module in (sso, show):
            monkeypatch.setattr(module, "settings", lambda: known)
        accounts.set_subject(session, session.merge(officers["handler"]), mind.subject)
        session.commit()
        yield mind


def _come_back(client) -> str:
    """Press the button and follow the provider's answer: the path and query it leads to."""
    there = client.get("/sso/login").location
    back = requests.get(there, allow_redirects=False, timeout=10).headers["Location"]
    return back.removeprefix("http://localhost")


def _login(client):
    return client.get(_come_back(client))


def _refused(answer, client, session) -> bool:
    assert answer.status_code == 401 and sso._FAILED in answer.text
    assert session.scalar(select(func.count()).select_from(LoginSession)) == 0
    return client.get("/queue").location.startswith("/login")


def test_a_registered_officer_gets_in_with_the_role_of_the_hub(client, provider, session):
    assert "统一身份登录" in client.get("/login").text
    answer = _login(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "handler甲" in client.get("/queue").text
    assert session.scalars(select(LoginSession.by)).one() == "sso"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "login")).one()
    assert (entry.actor, entry.detail) == ("handler", {"by": "sso"})


def test_the_request_carries_state_nonce_and_challenge(client, provider):
    _login(client)
    (asked,) = provider.asked
    assert asked["response_type"] == "code" and asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 16 and len(asked["nonce"]) >= 16


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "of another login"},
        {"audience": "another client"},
        {"lifetime": -3600},
        {"claimed_issuer": "http://127.0.0.1:9"},
        {"sign_with": RSAKey.generate_key(2048, {"kid": "one"})},
        {"subject": "u-78"},
        {"subject": "handler"},
    ],
    ids=["nonce", "audience", "expired", "issuer", "signature", "unknown", "username"],
)
def test_what_the_provider_says_must_hold(client, provider, session, wrong):
    for name, value in wrong.items():
        setattr(provider, name, value)
    assert _refused(_login(client), client, session)
    assert session.scalar(select(func.count()).select_from(User)) == len(ROLES) + 2  # none was made


def test_a_code_counts_once(app, client, provider):
    back = _come_back(client)
    with client.session_transaction() as cookie:
        before = dict(cookie)
    assert client.get(back).status_code == 303
    again = app.test_client()
    with again.session_transaction() as cookie:
        cookie.update(before)
    assert again.get(back).status_code == 401


def test_an_answer_to_another_browser_is_refused(app, client, provider, session):
    victim = app.test_client()
    victim.get("/sso/login")
    back = _come_back(client)
    assert _refused(victim.get(back), victim, session)


def test_a_changed_state_and_a_refusal_are_refused(client, provider, session):
    back = _come_back(client)
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert _refused(client.get(f"/sso/callback?code={code}&state=x"), client, session)
    assert _refused(client.get("/sso/callback?error=access_denied"), client, session)


def test_a_closed_account_stays_closed(client, provider, session):
    user = session.scalars(select(User).where(User.username == "handler")).one()
    user.active = False
    session.commit()
    assert _refused(_login(client), client, session)


def test_a_provider_that_is_away(client, provider, session, monkeypatch):
    away = replace(sso.settings(), oidc_issuer="http://127.0.0.1:9")
    monkeypatch.setattr(sso, "settings", lambda: away)
    assert _refused(client.get("/sso/login"), client, session)


def test_without_a_provider_there_is_no_such_login(client):
    assert client.get("/sso/login").status_code == 404
    assert "统一身份登录" not in client.get("/login").text
    assert auth._FAILED not in client.get("/login").text
