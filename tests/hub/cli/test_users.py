"""Accounts are made with a password of one's own or a made one."""

from __future__ import annotations

from sqlalchemy import select

from models import User


def test_an_officer_is_made_with_a_password_of_ones_own_or_a_made_one(run, session):
    assert "password:" in run("users", "create", "lin", "handler").output
    assert (
        "password:"
        not in run("users", "create", "wu", "clerk", "--password", "green bottles").output
    )
    assert set(session.scalars(select(User.username))) == {"lin", "wu"}
