"""Who gets in, and how a session ends."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from hub.services.people import accounts, sessions
from hub.web.account import auth
from models import AuditEntry, LoginSession, User
from tests.hub.web.conftest import Desk


@pytest.fixture
def stranger(app, officers) -> Desk:
    return Desk(app.test_client(), "handler")


def _age(session, minutes: int, *columns: str) -> None:
    """Let the only session there is have begun, or been seen, so many minutes ago."""
    ago = func.now() - func.make_interval(0, 0, 0, 0, 0, minutes)
    session.execute(update(LoginSession).values(dict.fromkeys(columns, ago)))
    session.commit()


def _seen(session):
    session.expire_all()
    return session.scalars(select(LoginSession.seen_at)).one()


def test_login_and_logout(stranger, session):
    answer = stranger.login()
    assert (answer.status_code, answer.location) == (303, "/")
    assert stranger.get("/queue").status_code == 200
    assert "handler甲" in stranger.page
    stranger.submit("form-logout")
    assert stranger.get("/queue").location.startswith("/login?next=")
    assert session.scalars(select(AuditEntry.action)).all() == ["login", "logout"]


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("handler", "wrong password"),
        ("nobody", "correct horse battery"),
        ("", ""),
        ("a\x00b\ud800", "x" * 5000),
    ],
)
def test_every_failure_reads_the_same(stranger, username, password):
    stranger.get("/login")
    stranger.username = "handler"
    answer = stranger.submit(
        "form-login",
        username=username.encode("utf-8", "surrogatepass"),
        password=password,
    )
    assert answer.status_code == 401
    assert auth._FAILED in stranger.page


def test_a_deactivated_officer_is_out_at_once(desk, session, officers):
    handler = desk("handler")
    officers["handler"].active = False
    session.merge(officers["handler"])
    session.commit()
    assert handler.get("/queue").status_code == 302
    assert handler.login().status_code == 401
    assert auth._FAILED in handler.page


def test_five_failures_lock_the_account_even_for_the_right_password(stranger, session):
    for _ in range(accounts.MAX_FAILURES):
        assert stranger.login("wrong password").status_code == 401
    assert stranger.login().status_code == 401
    user = session.scalar(select(User).where(User.username == "handler"))
    user.locked_until = func.now()
    session.commit()
    assert stranger.login().status_code == 303


def test_too_many_tries_from_one_address(stranger, monkeypatch):
    monkeypatch.setattr(auth, "TRIES", (0.001, 20.0))
    statuses = [stranger.login("wrong password").status_code for _ in range(21)]
    assert statuses == [401] * 20 + [429]
    assert "尝试过于频繁" in stranger.page


def test_idle_session_ends(desk, session):
    handler = desk("handler")
    _age(session, sessions.IDLE + 1, "seen_at")
    assert handler.get("/queue").status_code == 302


def test_old_session_ends_however_busy(desk, session):
    handler = desk("handler")
    _age(session, sessions.LONGEST + 1, "began_at")
    assert handler.get("/queue").status_code == 302


def test_a_page_that_renews_itself_keeps_no_session_alive(desk, session):
    handler = desk("handler")
    _age(session, 10, "seen_at")
    before = _seen(session)
    handler.client.get("/queue", headers={"X-Background": "1"})
    assert _seen(session) == before
    handler.get("/queue")
    assert _seen(session) > before


def test_logout_ends_this_session_alone(app, desk):
    here, there = desk("handler"), Desk(app.test_client(), "handler")
    there.login()
    there.get("/queue")
    there.submit("form-logout")
    assert there.get("/queue").status_code == 302
    assert here.get("/queue").status_code == 200


def test_a_cookie_kept_from_before_logout_opens_nothing(app, desk):
    handler = desk("handler")
    handler.get("/queue")
    cookie = handler.client.get_cookie("session")
    handler.submit("form-logout")
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/queue").status_code == 302


def test_a_new_password_ends_sessions(desk, session):
    handler = desk("handler")
    user = session.scalar(select(User).where(User.username == "handler"))
    accounts.set_password(session, user, "another long password")
    session.commit()
    assert handler.get("/queue").status_code == 302


def test_the_session_is_a_new_one_after_login(stranger):
    stranger.get("/login")
    with stranger.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        token = cookie["csrf_token"]
    stranger.submit("form-login", username="handler", password="correct horse battery")
    stranger.get("/queue")
    with stranger.client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["csrf_token"] != token


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"],
)
def test_login_never_leads_elsewhere(stranger, target):
    stranger.get("/login")
    answer = stranger.submit(
        "form-login", username="handler", password="correct horse battery", next=target
    )
    assert answer.location == "/"


def test_login_goes_on_to_the_page_asked_for(stranger):
    answer = stranger.get("/queue?state=all")
    stranger.get(answer.location)
    answer = stranger.submit("form-login", username="handler", password="correct horse battery")
    assert answer.location == "/queue?state=all"


def test_the_cookie_is_kept_from_scripts_and_other_sites(stranger):
    answer = stranger.login()
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_home_by_role(desk):
    assert desk("clerk").get("/").location == "/queue"
    assert desk("approver").get("/").location == "/queue?state=proposed"
    assert desk("admin").get("/").location == "/platforms"
