"""Accounts are created, closed and opened again by administrators alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models import AuditEntry, User


def test_create_and_deactivate_an_officer(app, desk, session):
    from tests.hub.web.conftest import Desk

    admin = desk("admin")
    admin.get("/users")
    new = {"username": "zhang", "name": "张三", "role": "clerk", "password": "a long password"}
    assert admin.submit("form-user", **new).status_code == 303
    zhang = Desk(app.test_client(), "zhang")
    assert zhang.login("a long password").status_code == 303
    user = session.scalar(select(User).where(User.username == "zhang"))
    admin.get("/users")
    assert "张三" in admin.text
    admin.submit(f"form-deactivate-{user.id}")
    assert zhang.get("/queue").status_code == 302
    admin.get("/users")
    admin.submit(f"form-activate-{user.id}")
    assert zhang.login("a long password").status_code == 303
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == "admin")).all()
    assert actions == ["login", "user_created", "user_deactivated", "user_activated"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "clerk"}, "用户名已被使用"),
        ({"username": " "}, "请填写用户名"),
        ({"role": "emperor"}, "请选择角色"),
        ({"password": "short"}, "密码至少 10 位"),
    ],
)
def test_a_bad_account_is_refused_and_what_was_typed_is_kept(desk, change, said):
    admin = desk("admin")
    admin.get("/users")
    new = {"username": "li", "name": "李四", "role": "clerk", "password": "a long password"}
    assert admin.submit("form-user", **(new | change)).status_code == 422
    assert said in admin.text and 'value="李四"' in admin.page
    assert "a long password" not in admin.page


def test_an_admin_cannot_lock_himself_out(desk, session, officers):
    admin = desk("admin")
    admin.get("/users")
    own = officers["admin"].id
    assert f"form-deactivate-{own}" not in admin.forms
    token = admin.page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = admin.client.post(f"/users/{own}/deactivate", data={"csrf_token": token})
    assert answer.status_code == 409
    assert session.scalar(select(User.active).where(User.id == own))
