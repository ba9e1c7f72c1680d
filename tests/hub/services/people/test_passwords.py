"""Which passwords are refused."""

from __future__ import annotations

import pytest

from hub.services.people import passwords


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("nine char", "at least 10"),
        ("x" * 1025, "too long"),
        ("wang.xiaoming", "username"),
        ("gnimoaix.gnaw", "username"),
        ("Wang.Xiaoming1", "username"),
        ("P@ssw0rd2020", "common"),
        ("Password!!!!", "common"),
        ("passwordpassword", "common"),
        ("2020administrator", "common"),
        ("13900001111", "common"),
        ("1234567890", "common"),
        ("qwertyuiopas", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abababababab", "common"),
        ("woaizhongguo", "common"),
    ],
)
def test_weak(password, reason):
    with pytest.raises(passwords.WeakPassword, match=reason):
        passwords.check(password, "wang.xiaoming")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "hub-demo-2020", "九月的雨落在旧书店的屋檐", "a long password"],
)
def test_good(password):
    passwords.check(password, "handler")
