"""A person's own account: the list of sessions, and the password."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from hub.services.people import accounts
from models import AuditEntry, LoginSession, User, Viewing
from tests.hub.web import seed
from tests.hub.web.conftest import Desk

NEW = "seven green bottles"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0"


@pytest.fixture
def elsewhere(app, desk) -> Desk:
    """A second device of the handler, beside `desk("handler")`."""
    desk("handler")
    other = Desk(app.test_client(), "handler")
    other.client.environ_base["HTTP_USER_AGENT"] = EDGE
    other.login()
    return other


def test_the_list_tells_devices_apart_and_ends_one(desk, elsewhere, session):
    handler = desk("handler")
    handler.get("/account")
    assert "Edge · Windows" in handler.text
    assert handler.text.count("本会话") == 1
    theirs = session.scalar(select(LoginSession.id).where(LoginSession.device == EDGE))
    assert handler.submit(f"form-end-{theirs}").status_code == 303
    assert elsewhere.get("/queue").status_code == 302
    assert handler.get("/queue").status_code == 200


def test_all_others_end_at_once(desk, elsewhere, session):
    handler = desk("handler")
    handler.get("/account")
    handler.submit("form-end-others")
    assert elsewhere.get("/queue").status_code == 302
    assert handler.get("/account").status_code == 200
    assert "form-end-others" not in handler.forms
    said = session.scalars(select(AuditEntry).where(AuditEntry.action == "session_ended")).one()
    assert said.detail == {"sessions": 1}


def test_nobody_ends_another_persons_session(desk, elsewhere, session):
    clerk = desk("clerk")
    clerk.get("/account")
    id_ = session.scalar(select(LoginSession.id).where(LoginSession.device == EDGE))
    token = {"csrf_token": clerk.page.split('name="csrf_token" value="')[1].split('"')[0]}
    assert clerk.client.post(f"/account/sessions/{id_}/end", data=token).status_code == 404
    assert elsewhere.get("/queue").status_code == 200


def test_tokens_are_kept_as_hashes(desk, session):
    handler = desk("handler")
    with handler.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    kept = session.scalars(select(LoginSession.token)).one()
    assert len(kept) == 32 and token.encode() not in kept


def test_a_new_password_keeps_this_session_and_ends_the_others(desk, elsewhere):
    handler = desk("handler")
    handler.get("/account")
    typed = {"password": seed.PASSWORD, "new": NEW, "again": NEW}
    assert handler.submit("form-password", **typed).status_code == 303
    assert handler.get("/queue").status_code == 200
    assert elsewhere.get("/queue").status_code == 302
    assert elsewhere.login().status_code == 401
    assert elsewhere.login(NEW).status_code == 303


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"password": "not my password"}, "原密码不正确"),
        ({"again": "seven green bottlez"}, "不一致"),
        ({"new": seed.PASSWORD, "again": seed.PASSWORD}, "不能与原密码相同"),
        ({"new": "short", "again": "short"}, "至少 10 位"),
        ({"new": "handler2020", "again": "handler2020"}, "用户名"),
        ({"new": "Password2020!", "again": "Password2020!"}, "太常见"),
    ],
)
def test_what_is_no_good_new_password(desk, change, said):
    handler = desk("handler")
    handler.get("/account")
    typed = {"password": seed.PASSWORD, "new": NEW, "again": NEW} | change
    assert handler.submit("form-password", **typed).status_code == 422
    assert said in handler.text


def test_guessing_the_old_password_locks_the_account(desk, session):
    handler = desk("handler")
    handler.get("/account")
    for _ in range(accounts.MAX_FAILURES):
        handler.submit("form-password", password="a wrong guess", new=NEW, again=NEW)
    typed = {"password": seed.PASSWORD, "new": NEW, "again": NEW}
    assert handler.submit("form-password", **typed).status_code == 422


def test_a_change_of_role_ends_sessions(desk, session, officers):
    handler, admin = desk("handler"), desk("admin")
    admin.get("/users")
    id_ = officers["handler"].id
    assert admin.submit(f"form-role-{id_}", role="clerk").status_code == 303
    assert handler.get("/queue").status_code == 302
    handler.login()
    handler.get("/queue")
    assert "受理员" in handler.text
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "user_role")).one()
    assert entry.detail == {"user": "handler", "before": "handler", "role": "clerk"}
    admin.get("/users")
    assert admin.submit(f"form-role-{id_}", role="engineer").status_code == 422
    assert session.scalar(select(User.role).where(User.id == id_)) == "clerk"


def test_merchant_pages_are_noted_before_they_are_shown(desk, merchant, session):
    handler = desk("handler")
    for path in ("/merchants", "/merchants?q=康宁", f"/merchants/{merchant.merchant_id}"):
        assert handler.get(path).status_code == 200
    pages = session.scalars(select(Viewing.page)).all()
    assert pages == ["merchants.index", "merchants.index", "merchants.show"]
